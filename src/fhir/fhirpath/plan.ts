/**
 * Typed plan: the syntax tree with names resolved against the R4 model. Straight member chains are folded
 * into one `path`; a leading type name (`Patient.name`) becomes `root`. What the model forbids is refused
 * here, with near names; what depends on data stays for evaluation.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isSubtype, typeDefinition } from "../definitions/load.ts";
import type { Ast, BinaryOperator, TypeName } from "./ast.ts";
import { checkIndexed, checkInput, checkNarrowing, checkOperands, checkOrdered, checkRoot, checkSign, SemanticFault } from "./check.ts";
import { Decimal, parseDecimal } from "./decimal.ts";
import { functions, type FunctionDefinition } from "./functions/registry.ts";
import { nearNames } from "./near.ts";
import { position } from "./parser.ts";
import { memberNames, memberTypes, type Step } from "./path.ts";
import { parseDate, parseDateTime, parseTime } from "./temporal.ts";
import { isPrimitive, Quantity, systemTypes, type Item, type Items, empty } from "./values.ts";

/** Names of the types an expression can give ("HumanName", "System.Boolean"); undefined: any. */
export type Static = readonly string[] | undefined;

export type Plan = { types: Static } & (
  | { kind: "constant"; items: Items }
  | { kind: "this" }
  | { kind: "index" | "total" }
  | { kind: "external"; name: string }
  /** A variable that defineVariable() sets earlier in the chain. */
  | { kind: "local"; slot: number }
  /** The focus where it is of this type. */
  | { kind: "root"; type: string }
  | { kind: "path"; from: Plan; steps: readonly Step[] }
  | { kind: "call"; definition: FunctionDefinition; name: string; on: Plan; args: readonly Plan[]; type?: TypeName; descending?: readonly boolean[]; slot?: number }
  | { kind: "indexer"; on: Plan; index: Plan }
  | { kind: "negate"; operand: Plan }
  | { kind: "binary"; operator: BinaryOperator; left: Plan; right: Plan }
  | { kind: "type"; operator: "is" | "as"; operand: Plan; type: TypeName }
);

export type PlanOptions = {
  /** Type of the context, when known. */
  type?: string | undefined;
  /** Refuse also what can only give nothing, or an error, whatever the data: see check.ts. */
  strict?: boolean | undefined;
  /** Names of the environment's variables; strict mode refuses others. Undefined: any. */
  variables?: readonly string[] | undefined;
};

type Local = { slot: number; types: Static };

/** Where a part of the expression stands: variables in reach, and what holds for the whole. */
type Scope = { locals: Map<string, Local>; whole: { strict: boolean; slots: number; origins: boolean; variables: ReadonlySet<string> | undefined; context: Static } };

const inner = ({ locals, whole }: Scope): Scope => ({ locals: new Map(locals), whole });

/** `slots` is the number of variables the expression defines, `origins` whether a function asks where elements were found. */
export type Planned = { plan: Plan; slots: number; origins: boolean };

/** Types a parsed expression. Failure `invalid` names the place. */
export function plan(ast: Ast, expression: string, { type, strict = false, variables }: PlanOptions = {}): Result<Planned> {
  const context: Static = type === undefined ? undefined : [type];
  const whole: Scope["whole"] = { strict, slots: 0, origins: false, variables: variables && new Set(variables), context };
  try {
    const found = build(ast, context, { locals: new Map(), whole });
    return ok({ plan: found, slots: whole.slots, origins: whole.origins });
  } catch (fault) {
    if (!(fault instanceof SemanticFault)) throw fault;
    return fail("invalid", `FHIRPath ${position(expression, fault.at)}: ${fault.message}`);
  }
}

const booleanType: Static = ["System.Boolean"];

function build(ast: Ast, focus: Static, scope: Scope): Plan {
  const { strict } = scope.whole;
  switch (ast.kind) {
    case "literal": return literal(ast);
    case "focus":
      if (ast.name === "$this") return { kind: "this", types: focus };
      return ast.name === "$index" ? { kind: "index", types: ["System.Integer"] } : { kind: "total", types: undefined };
    case "external": return external(ast, scope);
    case "member": return member(ast, focus, scope);
    case "call": return call(ast, focus, scope);
    case "index": {
      const on = build(ast.on, focus, scope);
      if (strict) checkIndexed(on, ast.at);
      return { kind: "indexer", on, index: build(ast.index, focus, inner(scope)), types: on.types };
    }
    case "polarity": {
      const operand = build(ast.operand, focus, scope);
      if (operand.types?.every((t) => t === "System.Boolean" || t === "System.String"))
        throw new SemanticFault(ast.at, `a sign needs a number or quantity, not ${operand.types.join(" | ")}`);
      if (strict) checkSign(operand, ast.at);
      return ast.negative ? { kind: "negate", operand, types: operand.types } : operand;
    }
    case "binary": {
      const left = build(ast.left, focus, inner(scope));
      const right = build(ast.right, focus, inner(scope));
      if (strict) checkOperands(ast.operator, left, right, ast.at);
      return { kind: "binary", operator: ast.operator, left, right, types: binaryTypes(ast.operator, left, right, ast.at) };
    }
    case "type": {
      const operand = build(ast.operand, focus, scope);
      checkTypeName(ast.type, ast.at);
      if (strict) checkNarrowing(ast.type, operand.types, ast.at);
      if (ast.operator === "as" && isEmpty(operand)) return { ...operand, types: narrowed(ast.type, operand.types) };
      if (ast.operator === "as") { const path = narrowedPath(operand, ast.type); if (path) return path; }
      return { kind: "type", operator: ast.operator, operand, type: ast.type, types: ast.operator === "is" ? booleanType : narrowed(ast.type, operand.types) };
    }
  }
}

/** Names every environment has (https://hl7.org/fhir/R4/fhirpath.html#variables). */
const standardNames = new Set(["context", "resource", "rootResource", "ucum", "sct", "loinc"]);
const isStandard = (name: string): boolean => standardNames.has(name) || name.startsWith("vs-") || name.startsWith("ext-");

function external({ name, at }: Extract<Ast, { kind: "external" }>, { locals, whole }: Scope): Plan {
  const local = locals.get(name);
  if (local) return { kind: "local", slot: local.slot, types: local.types };
  if (whole.strict && whole.variables && !isStandard(name) && !whole.variables.has(name)) {
    const near = nearNames(name, [...locals.keys(), ...whole.variables, ...standardNames]);
    throw new SemanticFault(at, `there is no variable %${name}${near.length ? `; did you mean ${near.map((n) => `%${n}`).join(" or ")}?` : ""}`);
  }
  const types: Static = name === "context" ? whole.context : isStandard(name) && name !== "resource" && name !== "rootResource" ? ["System.String"] : undefined;
  return { kind: "external", name, types };
}

function literal(ast: Extract<Ast, { kind: "literal" }>): Plan {
  const { literal: l, at } = ast;
  const constant = (item: Item | undefined, type: string): Plan => {
    if (item === undefined) throw new SemanticFault(at, "this date, time or number does not exist");
    return { kind: "constant", items: [item], types: [`System.${type}`] };
  };
  switch (l.type) {
    case "empty": return { kind: "constant", items: empty, types: [] };
    case "boolean": return constant(l.value, "Boolean");
    case "string": return constant(l.value, "String");
    case "number": return l.text.includes(".") ? constant(parseDecimal(l.text), "Decimal") : integer(l.text, at);
    case "date": return constant(parseDate(l.text), "Date");
    case "dateTime": return constant(parseDateTime(l.text), "DateTime");
    case "time": return constant(parseTime(l.text), "Time");
    case "quantity": return constant(new Quantity(parseDecimal(l.text) ?? new Decimal(0n, 0), l.unit, l.calendar), "Quantity");
  }
}

function integer(text: string, at: number): Plan {
  const n = Number(text);
  if (!Number.isSafeInteger(n)) throw new SemanticFault(at, `${text} is too large for an Integer`);
  return { kind: "constant", items: [n], types: ["System.Integer"] };
}

function member(ast: Extract<Ast, { kind: "member" }>, focus: Static, scope: Scope): Plan {
  const { name, at } = ast;
  if (ast.on === undefined) {
    const own = focus === undefined ? undefined : typesOfMember(focus, name);
    if (own === undefined || own.length === 0) {
      const definition = /^[A-Z]/.test(name) ? typeDefinition(name) : undefined;
      if (definition) return root(name, focus, scope, at);
      if (focus !== undefined && own === undefined) refuseMember(focus, name, at);
    }
    return extend({ kind: "this", types: focus }, name, focus === undefined ? undefined : own);
  }
  if (ast.on.kind === "member" && ast.on.on === undefined && (ast.on.name === "FHIR" || ast.on.name === "System") && typeDefinition(name)) return root(name, focus, scope, at);
  const on = build(ast.on, focus, scope);
  const types = on.types === undefined ? undefined : typesOfMember(on.types, name);
  if (on.types !== undefined && types === undefined) refuseMember(on.types, name, at);
  return extend(on, name, types);
}

function root(type: string, focus: Static, scope: Scope, at: number): Plan {
  if (scope.whole.strict) checkRoot(type, focus, at);
  if (focus === undefined) return { kind: "root", type, types: [type] };
  if (focus.some((t) => isSubtype(t, type))) return { kind: "root", type, types: focus.filter((t) => isSubtype(t, type)) };
  // A search parameter over many types: the branches of other types find nothing here.
  if (focus.some((t) => t === "Resource" || t === "DomainResource" || isSubtype(type, t))) return { kind: "root", type, types: [type] };
  return { kind: "constant", items: empty, types: [type] };
}

function isEmpty(on: Plan): boolean {
  return on.kind === "constant" && on.items.length === 0;
}

function extend(from: Plan, name: string, types: Static): Plan {
  if (isEmpty(from)) return { kind: "constant", items: empty, types };
  if (from.kind === "path") return { kind: "path", from: from.from, steps: [...from.steps, { name }], types };
  return { kind: "path", from, steps: [{ name }], types };
}

/** `value as Quantity` as a path whose last step reads that type alone. */
function narrowedPath(operand: Plan, type: TypeName): Plan | undefined {
  if (operand.kind !== "path" || operand.types === undefined || operand.types.includes("Any")) return undefined;
  const last = operand.steps.at(-1)!;
  return last.as ? undefined : { ...operand, steps: [...operand.steps.slice(0, -1), { ...last, as: type }], types: narrowed(type, operand.types) };
}

/** Undefined: no type has the member. Any resource and System values answer nothing definite. */
function typesOfMember(types: readonly string[], name: string): Static {
  if (types.length === 0) return [];
  const found = new Set<string>();
  let known = false;
  for (const type of types) {
    if (type === "Resource" || type === "DomainResource") {
      const base = memberTypes(type, name);
      if (base === undefined) return ["Any"];
      for (const t of base) found.add(t);
      known = true;
      continue;
    }
    if (type === "Any") return ["Any"];
    for (const t of memberTypes(type, name) ?? []) { found.add(t); known = true; }
  }
  return known ? [...found] : undefined;
}

function refuseMember(types: readonly string[], name: string, at: number): never {
  const names = [...new Set(types.flatMap((type) => memberNames(isPrimitive(type) ? "Element" : type)))];
  const choice = names.find((n) => name.startsWith(n) && typeChoice(types, n, name));
  const near = choice ? [choice] : nearNames(name, names);
  const what = types.length > 3 ? `none of ${types.length} possible types` : types.join(" | ");
  throw new SemanticFault(at, `${what} has no element "${name}"${near.length ? `; did you mean ${near.map((n) => `"${n}"`).join(" or ")}?` : ""}`);
}

function typeChoice(types: readonly string[], element: string, name: string): boolean {
  return types.some((type) => typeDefinition(type)?.byName.get(element)?.members.some((m) => m.name === name && m.name !== element));
}

function call(ast: Extract<Ast, { kind: "call" }>, focus: Static, scope: Scope): Plan {
  const { name, at } = ast;
  const definition = functions.get(name);
  if (!definition) {
    const near = nearNames(name, [...functions.keys()]);
    throw new SemanticFault(at, `there is no function ${name}()${near.length ? `; did you mean ${near.map((n) => `${n}()`).join(" or ")}?` : ""}`);
  }
  const { min, max } = definition;
  if (ast.args.length < min || ast.args.length > max)
    throw new SemanticFault(at, `${name}() takes ${min === max ? min : max === Infinity ? `at least ${min}` : `${min} to ${max}`} argument${max === 1 ? "" : "s"}, found ${ast.args.length}`);
  if (definition.origins) scope.whole.origins = true;
  const on: Plan = ast.on === undefined ? { kind: "this", types: focus } : build(ast.on, focus, scope);
  if (scope.whole.strict) {
    checkInput(definition, name, on, at);
    checkOrdered(name, on, at);
  }
  if (definition.argument === "type" && ast.args.length > 0) {
    const type = typeArgument(ast.args[0]!, name);
    checkTypeName(type, at);
    if (scope.whole.strict) checkNarrowing(type, on.types, at);
    if (definition.result === "narrowed" && isEmpty(on)) return { ...on, types: narrowed(type, on.types) };
    if (name === "ofType") { const path = narrowedPath(on, type); if (path) return path; }
    return { kind: "call", definition, name, on, args: [], type, types: definition.result === "narrowed" ? narrowed(type, on.types) : resultTypes(definition, on, []) };
  }
  if (definition.result === "same" && isEmpty(on) && !definition.defines) return on;
  const lambda = definition.argument === "lambda" ? lambdaTypes(definition, on.types) : definition.defines ? on.types : focus;
  const keys = definition.signedKeys ? ast.args.map((arg) => (arg.kind === "polarity" ? arg.operand : arg)) : ast.args;
  const args = keys.map((arg, i) => build(arg, definition.plainArguments?.includes(i) ? focus : lambda, inner(scope)));
  if (definition.decides && args[0]!.types?.every((t) => t.startsWith("System.") && t !== "System.Boolean") && !(args[0]!.kind === "constant" && args[0]!.items.length === 0))
    throw new SemanticFault(at, `${name}() takes a Boolean criterion, not ${args[0]!.types.join(" | ")}`);
  const descending = definition.signedKeys ? ast.args.map((arg) => arg.kind === "polarity" && arg.negative) : undefined;
  const slot = definition.defines ? define(args, on.types, scope, at) : undefined;
  return { kind: "call", definition, name, on, args, types: resultTypes(definition, on, args), ...(descending ? { descending } : {}), ...(slot === undefined ? {} : { slot }) };
}

/** defineVariable(): the name must be written out, so that what follows can be resolved before any data is seen. */
function define(args: readonly Plan[], input: Static, { locals, whole }: Scope, at: number): number {
  const [name, value] = args;
  const text = name?.kind === "constant" ? name.items[0] : undefined;
  if (typeof text !== "string" || text === "") throw new SemanticFault(at, "defineVariable() expects the name as a text in quotes");
  if (isStandard(text)) throw new SemanticFault(at, `defineVariable(): %${text} belongs to the environment; choose another name`);
  if (locals.has(text)) throw new SemanticFault(at, `defineVariable(): %${text} is defined already; choose another name`);
  const slot = whole.slots++;
  locals.set(text, { slot, types: value ? value.types : input });
  return slot;
}

/** Types of `$this` inside a lambda; repeat() meets its own results there, so nothing is known. */
function lambdaTypes(definition: FunctionDefinition, on: Static): Static {
  return definition.result === "unknown" ? undefined : on;
}

function resultTypes(definition: FunctionDefinition, on: Plan, args: readonly Plan[]): Static {
  switch (definition.result) {
    case "same": return on.types;
    case "argument": return args[0]?.types;
    case "branches-all": return joined(args.map((arg) => arg.types));
    case "boundary": return on.types?.every((t) => t.startsWith("System.")) ? on.types.map((t) => (t === "System.Integer" ? "System.Decimal" : t)) : undefined;
    case "branches": return joined(args.slice(1).map((arg) => arg.types));
    case "joined": return joined([on.types, ...args.map((arg) => arg.types)]);
    case "narrowed": case "unknown": return undefined;
    default: return [definition.result];
  }
}

function joined(all: readonly Static[]): Static {
  return all.includes(undefined) ? undefined : [...new Set(all.flatMap((types) => types!))];
}

function typeArgument(ast: Ast, name: string): TypeName {
  if (ast.kind === "member") {
    if (ast.on === undefined) return { name: ast.name };
    if (ast.on.kind === "member" && ast.on.on === undefined) return { namespace: ast.on.name, name: ast.name };
  }
  throw new SemanticFault(ast.at, `${name}() takes a type such as Quantity or FHIR.Patient`);
}

function checkTypeName({ namespace, name }: TypeName, at: number): void {
  const known = namespace === "System" ? systemTypes.has(name) || typeDefinition(name) !== undefined // System.Patient is a name, of nothing
    : namespace === "FHIR" ? typeDefinition(name) !== undefined
    : namespace === undefined && (systemTypes.has(name) || typeDefinition(name) !== undefined || name === "SimpleQuantity");
  if (!known) throw new SemanticFault(at, `there is no type ${namespace ? `${namespace}.` : ""}${name}`);
}

/** Static types after `as`/`ofType`. */
function narrowed({ namespace, name }: TypeName, types: Static): Static {
  const asked = namespace === "System" || (namespace === undefined && typeDefinition(name) === undefined) ? `System.${name}` : name;
  const kept = types?.filter((type) => type === asked || isSubtype(type, asked));
  return kept?.length ? kept : [asked];
}

const logical = new Set<BinaryOperator>(["and", "or", "xor", "implies", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "contains"]);

function binaryTypes(operator: BinaryOperator, left: Plan, right: Plan, at: number): Static {
  if (operator === "<" || operator === "<=" || operator === ">" || operator === ">=") checkOrder(left.types, right.types, at);
  if (logical.has(operator)) return booleanType;
  if (operator === "|") return joined([left.types, right.types]);
  if (operator === "&") return ["System.String"];
  if (operator === "/") return undefined;
  return left.types && right.types && left.types.join() === right.types.join() ? left.types : undefined;
}

/** Both sides statically of one plain System type each, and not the same side of order. */
function checkOrder(left: Static, right: Static, at: number): void {
  const family = (types: Static) => {
    if (types?.length !== 1) return undefined;
    const type = types[0]!;
    if (type === "System.Boolean") return "boolean";
    if (type === "System.String") return "string";
    return type === "System.Integer" || type === "System.Decimal" ? "number" : undefined;
  };
  const a = family(left);
  const b = family(right);
  if (a && b && a !== b) throw new SemanticFault(at, `a ${a} and a ${b} have no order`);
}
