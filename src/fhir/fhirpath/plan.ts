/**
 * Typed plan: the syntax tree with names resolved against the R4 model. Straight member chains are folded
 * into one `path`; a leading type name (`Patient.name`) becomes `root`. What the model forbids is refused
 * here, with near names; what depends on data stays for evaluation.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isSubtype, typeDefinition } from "../definitions/load.ts";
import type { Ast, BinaryOperator, TypeName } from "./ast.ts";
import { Decimal, parseDecimal } from "./decimal.ts";
import { functions, type FunctionDefinition } from "./functions/registry.ts";
import { nearNames } from "./near.ts";
import { position } from "./parser.ts";
import { memberNames, memberTypes } from "./path.ts";
import { parseDate, parseDateTime, parseTime } from "./temporal.ts";
import { isPrimitive, Quantity, systemTypes, type Item, type Items, empty } from "./values.ts";

/** Names of the types an expression can give ("HumanName", "System.Boolean"); undefined: any. */
export type Static = readonly string[] | undefined;

export type Plan = { types: Static } & (
  | { kind: "constant"; items: Items }
  | { kind: "this" }
  | { kind: "index" | "total" }
  | { kind: "external"; name: string }
  /** The focus where it is of this type. */
  | { kind: "root"; type: string }
  | { kind: "path"; from: Plan; steps: readonly string[] }
  | { kind: "call"; definition: FunctionDefinition; name: string; on: Plan; args: readonly Plan[]; type?: TypeName; descending?: readonly boolean[] }
  | { kind: "indexer"; on: Plan; index: Plan }
  | { kind: "negate"; operand: Plan }
  | { kind: "binary"; operator: BinaryOperator; left: Plan; right: Plan }
  | { kind: "type"; operator: "is" | "as"; operand: Plan; type: TypeName }
);

class SemanticFault extends Error {
  readonly at: number;
  constructor(at: number, text: string) {
    super(text);
    this.at = at;
  }
}

/** Types a parsed expression; `type` is the type of the context, when known. Failure `invalid` names the place. */
export function plan(ast: Ast, expression: string, type: string | undefined): Result<Plan> {
  try {
    return ok(build(ast, type === undefined ? undefined : [type]));
  } catch (fault) {
    if (!(fault instanceof SemanticFault)) throw fault;
    return fail("invalid", `FHIRPath ${position(expression, fault.at)}: ${fault.message}`);
  }
}

const booleanType: Static = ["System.Boolean"];

function build(ast: Ast, focus: Static): Plan {
  switch (ast.kind) {
    case "literal": return literal(ast);
    case "focus":
      if (ast.name === "$this") return { kind: "this", types: focus };
      return ast.name === "$index" ? { kind: "index", types: ["System.Integer"] } : { kind: "total", types: undefined };
    case "external": return { kind: "external", name: ast.name, types: ast.name === "context" ? undefined : undefined };
    case "member": return member(ast, focus);
    case "call": return call(ast, focus);
    case "index": {
      const on = build(ast.on, focus);
      return { kind: "indexer", on, index: build(ast.index, focus), types: on.types };
    }
    case "polarity": {
      const operand = build(ast.operand, focus);
      if (operand.types?.every((t) => t === "System.Boolean" || t === "System.String"))
        throw new SemanticFault(ast.at, `a sign needs a number or quantity, not ${operand.types.join(" | ")}`);
      return ast.negative ? { kind: "negate", operand, types: operand.types } : operand;
    }
    case "binary": {
      const left = build(ast.left, focus);
      const right = build(ast.right, focus);
      return { kind: "binary", operator: ast.operator, left, right, types: binaryTypes(ast.operator, left, right, ast.at) };
    }
    case "type": {
      const operand = build(ast.operand, focus);
      checkTypeName(ast.type, ast.at);
      if (ast.operator === "as" && isEmpty(operand)) return { ...operand, types: narrowed(ast.type, operand.types) };
      return { kind: "type", operator: ast.operator, operand, type: ast.type, types: ast.operator === "is" ? booleanType : narrowed(ast.type, operand.types) };
    }
  }
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

function member(ast: Extract<Ast, { kind: "member" }>, focus: Static): Plan {
  const { name, at } = ast;
  if (ast.on === undefined) {
    const own = focus === undefined ? undefined : typesOfMember(focus, name);
    if (own === undefined || own.length === 0) {
      const definition = /^[A-Z]/.test(name) ? typeDefinition(name) : undefined;
      if (definition) return root(name, focus);
      if (focus !== undefined && own === undefined) refuseMember(focus, name, at);
    }
    return extend({ kind: "this", types: focus }, name, focus === undefined ? undefined : own);
  }
  if (ast.on.kind === "member" && ast.on.on === undefined && (ast.on.name === "FHIR" || ast.on.name === "System") && typeDefinition(name)) return root(name, focus);
  const on = build(ast.on, focus);
  const types = on.types === undefined ? undefined : typesOfMember(on.types, name);
  if (on.types !== undefined && types === undefined) refuseMember(on.types, name, at);
  return extend(on, name, types);
}

function root(type: string, focus: Static): Plan {
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
  if (from.kind === "path") return { kind: "path", from: from.from, steps: [...from.steps, name], types };
  return { kind: "path", from, steps: [name], types };
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

function call(ast: Extract<Ast, { kind: "call" }>, focus: Static): Plan {
  const { name, at } = ast;
  const definition = functions.get(name);
  if (!definition) {
    const near = nearNames(name, [...functions.keys()]);
    throw new SemanticFault(at, `there is no function ${name}()${near.length ? `; did you mean ${near.map((n) => `${n}()`).join(" or ")}?` : ""}`);
  }
  const { min, max } = definition;
  if (ast.args.length < min || ast.args.length > max)
    throw new SemanticFault(at, `${name}() takes ${min === max ? min : max === Infinity ? `at least ${min}` : `${min} to ${max}`} argument${max === 1 ? "" : "s"}, found ${ast.args.length}`);
  const on: Plan = ast.on === undefined ? { kind: "this", types: focus } : build(ast.on, focus);
  if (definition.argument === "type" && ast.args.length > 0) {
    const type = typeArgument(ast.args[0]!, name);
    checkTypeName(type, at);
    if (definition.result === "narrowed" && isEmpty(on)) return { ...on, types: narrowed(type, on.types) };
    return { kind: "call", definition, name, on, args: [], type, types: definition.result === "narrowed" ? narrowed(type, on.types) : resultTypes(definition, on, []) };
  }
  const inner = definition.argument === "lambda" ? lambdaTypes(definition, on.types) : focus;
  if (definition.result === "same" && isEmpty(on)) return on;
  const keys = definition.signedKeys ? ast.args.map((arg) => (arg.kind === "polarity" ? arg.operand : arg)) : ast.args;
  const args = keys.map((arg, i) => build(arg, definition.argument === "lambda" && !(definition.plainArguments?.includes(i)) ? inner : focus));
  if (definition.decides && args[0]!.types?.every((t) => t.startsWith("System.") && t !== "System.Boolean") && !(args[0]!.kind === "constant" && args[0]!.items.length === 0))
    throw new SemanticFault(at, `${name}() takes a Boolean criterion, not ${args[0]!.types.join(" | ")}`);
  const descending = definition.signedKeys ? ast.args.map((arg) => arg.kind === "polarity" && arg.negative) : undefined;
  return { kind: "call", definition, name, on, args, types: resultTypes(definition, on, args), ...(descending ? { descending } : {}) };
}

/** Types of `$this` inside a lambda; repeat() meets its own results there, so nothing is known. */
function lambdaTypes(definition: FunctionDefinition, on: Static): Static {
  return definition.result === "unknown" ? undefined : on;
}

function resultTypes(definition: FunctionDefinition, on: Plan, args: readonly Plan[]): Static {
  switch (definition.result) {
    case "same": return on.types;
    case "argument": return args[0]?.types;
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
