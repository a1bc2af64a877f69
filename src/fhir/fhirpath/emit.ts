/**
 * Plan to closures. An `Eval` takes the focus (`$this`, a collection) and the evaluation's context; a
 * `Test` decides one item. Straight chains and the conditions search parameters use have closures of their own.
 */
import type { JsonObject, Resource } from "../resource.ts";
import type { BinaryOperator } from "./ast.ts";
import type { Environment } from "./compile.ts";
import { compileDescent } from "./descent.ts";
import { distinct } from "./equality.ts";
import { binary, negate } from "./operators.ts";
import { spend } from "./budget.ts";
import { folded, isFixed } from "./fold.ts";
import type { Plan } from "./plan.ts";
import { compilePath, dynamicPath, pushMember, type Push, type Step } from "./path.ts";
import { referencedType, rootResource } from "./reference.ts";
import { booleanItems, condition, empty, EvaluationFault, isOfType, isPrimitive, narrowsTo, Node, single, system, TypeInfo, type Item, type Items } from "./values.ts";
import { isSubtype } from "../definitions/load.ts";

export type Context = {
  /** What the expression was given: `%context`. */
  root: Item;
  /** `%resource` */
  resource: Item;
  environment: Environment | undefined;
  /** Values of the variables the expression defines, by slot. */
  locals: Items[];
  /** Set at first use, so that one evaluation knows one moment. */
  now: Date | undefined;
  index: number;
  total: Items;
  /** Resources of a Bundle by fullUrl, once resolve() asked: see reference.ts. */
  entries: ReadonlyMap<string, Resource> | undefined;
  /** Items visited so far: see budget.ts. */
  spent: number;
};

export type Eval = (focus: Items, context: Context) => Items;
/** Undefined: unknown. */
export type Test = (item: Item, context: Context) => boolean | undefined;

export function emit(plan: Plan): Eval {
  const evaluate = closure(plan);
  return plan.kind !== "constant" && isFixed(plan) ? folded(evaluate) : evaluate;
}

function closure(plan: Plan): Eval {
  switch (plan.kind) {
    case "constant": { const { items } = plan; return () => items; }
    case "this": return (focus) => focus;
    case "index": return (_, context) => [context.index];
    case "total": return (_, context) => context.total;
    case "external": return external(plan.name);
    case "local": { const { slot } = plan; return (_, context) => context.locals[slot] ?? empty; }
    case "root": { const { type } = plan; return (focus) => focus.every((item) => isOfType(item, type)) ? focus : focus.filter((item) => isOfType(item, type)); }
    case "path": return path(plan);
    case "call": return call(plan);
    case "indexer": {
      const on = emit(plan.on);
      const index = emit(plan.index);
      return (focus, context) => {
        const at = single(index(focus, context), "an index");
        if (at === undefined) return empty;
        const n = system(at);
        if (typeof n !== "number") throw new EvaluationFault("an index must be an Integer");
        const found = on(focus, context)[n];
        return found === undefined ? empty : [found];
      };
    }
    case "negate": { const operand = emit(plan.operand); return (focus, context) => negate(operand(focus, context)); }
    case "binary": return plan.operator === "|" ? union(unionBranches(plan)) : binary(plan.operator, emit(plan.left), emit(plan.right));
    case "type": {
      const operand = emit(plan.operand);
      const { name, namespace } = plan.type;
      if (plan.operator === "as") return (focus, context) => operand(focus, context).filter((item) => narrowsTo(item, name, namespace));
      return (focus, context) => {
        const item = single(operand(focus, context), "is");
        return item === undefined ? empty : booleanItems(isOfType(item, name, namespace));
      };
    }
  }
}

function call(plan: Extract<Plan, { kind: "call" }>): Eval {
  return plan.definition.emit({
    on: emit(plan.on), args: plan.args.map((arg) => emit(arg)), name: plan.name,
    test: () => emitTest(plan.args[0]!),
    ...(plan.type ? { type: plan.type } : {}),
    ...(plan.slot === undefined ? {} : { slot: plan.slot }),
    ...(plan.descending ? { descending: plan.descending } : {}),
  });
}

const constants: Readonly<Record<string, Items>> = {
  ucum: ["http://unitsofmeasure.org"], sct: ["http://snomed.info/sct"], loinc: ["http://loinc.org"],
};

function external(name: string): Eval {
  if (name === "context") return (_, context) => [context.root];
  if (name === "resource") return (_, context) => [context.resource];
  if (name === "rootResource") return (_, context) => [rootResource(context)];
  if (Object.hasOwn(constants, name)) { const items = constants[name]!; return () => items; }
  if (name.startsWith("vs-")) { const items = [`http://hl7.org/fhir/ValueSet/${name.slice(3)}`]; return () => items; }
  if (name.startsWith("ext-")) { const items = [`http://hl7.org/fhir/StructureDefinition/${name.slice(4)}`]; return () => items; }
  return (_, context) => {
    const variables = context.environment?.variables;
    if (variables === undefined || !Object.hasOwn(variables, name)) throw new EvaluationFault(`%${name} is not defined`);
    return variables[name]!;
  };
}

/** Items a path finds from one item; types known at compile time have their closure ready. */
function itemPush(plan: Extract<Plan, { kind: "path" }>): (item: Item, out: Item[]) => void {
  const { from, steps } = plan;
  const closures = new Map<string, Push | undefined>();
  for (const type of from.types ?? []) closures.set(type, compilePath(isPrimitive(type) ? "Element" : type, steps));
  const only = closures.size === 1 ? [...closures][0] : undefined;
  const onlyType = only?.[0];
  const onlyPush = only?.[1];
  const resourcePath = dynamicPath(steps);
  return (item, out) => {
    if (!(item instanceof Node)) {
      if (item instanceof TypeInfo && steps.length === 1) pushMember(item, steps[0]!.name, out);
      return;
    }
    if (typeof item.value !== "object" && item.twin === undefined) return;
    const { type } = item;
    let push: Push | undefined;
    if (type === onlyType) push = onlyPush;
    else if (closures.has(type)) push = closures.get(type);
    else if (type === "Resource") push = resourcePath;
    else closures.set(type, push = compilePath(isPrimitive(type) ? "Element" : type, steps));
    if (push === undefined) return;
    const object = isPrimitive(type) ? item.twin : item.value;
    if (typeof object === "object" && object !== null) push(object as JsonObject, out);
  };
}

function path(plan: Extract<Plan, { kind: "path" }>): Eval {
  if (plan.from.kind === "call" && plan.from.name === "descendants") return belowPath(emit(plan.from.on), plan.steps);
  const from = emit(plan.from);
  const [{ name, as }, second] = plan.steps as [Step, Step?];
  const push = second === undefined && as === undefined && plan.from.types === undefined ? (item: Item, out: Item[]) => pushMember(item, name, out) : itemPush(plan);
  return (focus, context) => {
    const items = from(focus, context);
    const out: Item[] = [];
    for (let i = 0; i < items.length; i++) push(items[i]!, out);
    if (out.length === 0) return empty;
    spend(context, out.length);
    return out;
  };
}

/** `descendants().linkId` */
function belowPath(on: Eval, steps: readonly Step[]): Eval {
  const descent = compileDescent(steps);
  return (focus, context) => {
    const out: Item[] = [];
    spend(context, descent(on(focus, context), out) + out.length);
    return out.length === 0 ? empty : out;
  };
}

/** Operands of a chain of unions, without those that can give nothing: other types' paths in a search parameter. */
function unionBranches(plan: Plan): Plan[] {
  if (plan.kind === "binary" && plan.operator === "|") return [...unionBranches(plan.left), ...unionBranches(plan.right)];
  return plan.kind === "constant" && plan.items.length === 0 ? [] : [plan];
}

/** All operands gathered, then told apart once. */
function union(plans: readonly Plan[]): Eval {
  const branches = plans.map((plan) => emit(plan));
  const [only] = branches;
  if (only === undefined) return () => empty;
  if (branches.length === 1) return (focus, context) => distinct(only(focus, context));
  return (focus, context) => {
    const items: Item[] = [];
    for (let i = 0; i < branches.length; i++) {
      const found = branches[i]!(focus, context);
      for (let k = 0; k < found.length; k++) items.push(found[k]!);
    }
    spend(context, items.length);
    return distinct(items);
  };
}

/** Straight chains on the context itself, as closures over the resource's JSON; undefined for other plans. */
export function emitChain(plan: Plan): { push: Push; distinct: boolean } | undefined {
  if (plan.kind !== "binary" || plan.operator !== "|") {
    const push = straightChain(plan);
    return push && { push, distinct: false };
  }
  const pushes: Push[] = [];
  for (const branch of unionBranches(plan)) {
    const push = straightChain(branch);
    if (push === undefined) return undefined;
    pushes.push(push);
  }
  const [first] = pushes;
  if (first === undefined) return undefined;
  return { push: pushes.length === 1 ? first : (object, out) => { for (let i = 0; i < pushes.length; i++) pushes[i]!(object, out); }, distinct: true };
}

function straightChain(plan: Plan): Push | undefined {
  if (plan.kind !== "path") return undefined;
  const { from, steps } = plan;
  if (from.kind !== "this" && from.kind !== "root") return undefined;
  const types = from.types;
  if (types === undefined) return dynamicPath(steps);
  if (types.length !== 1) return undefined;
  const type = types[0]!;
  if (type === "Resource" || type === "DomainResource") return dynamicPath(steps);
  const push = compilePath(type, steps);
  if (!push || !isSubtype(type, "Resource")) return undefined;
  return (object, out) => { if (object.resourceType === type) push(object, out); };
}

/** The criteria of where(), all(), exists(): one item at a time. */
export function emitTest(plan: Plan): Test {
  return binaryTest(plan) ?? resolvesTo(plan) ?? general(plan);
}

function general(plan: Plan): Test {
  const evaluate = emit(plan);
  return (item, context) => condition(evaluate([item], context), "a condition");
}

/** `system = 'phone'`, and `and`/`or` of such tests. */
function binaryTest(plan: Plan): Test | undefined {
  if (plan.kind !== "binary") return undefined;
  const { operator, left, right } = plan;
  if (operator === "and" || operator === "or") return logicTest(operator, emitTest(left), emitTest(right));
  if (operator !== "=" || left.kind !== "path" || left.from.kind !== "this" || right.kind !== "constant") return undefined;
  const wanted = right.items[0];
  if (typeof wanted !== "string" || right.items.length !== 1 || !left.types?.every(isText)) return undefined;
  const push = itemPush(left);
  return (item) => {
    const found: Item[] = [];
    push(item, found);
    if (found.length === 0) return undefined;
    if (found.length > 1) return false;
    const { value } = found[0] as Node;
    return value === undefined ? undefined : value === wanted;
  };
}

function logicTest(operator: BinaryOperator, left: Test, right: Test): Test {
  const decided = operator === "or";
  return (item, context) => {
    const a = left(item, context);
    if (a === decided) return decided;
    const b = right(item, context);
    if (b === decided) return decided;
    return a === undefined || b === undefined ? undefined : !decided;
  };
}

/** Types whose System value is the JSON string itself. */
function isText(type: string): boolean {
  return isSubtype(type, "string") || isSubtype(type, "uri");
}

/** `resolve() is Patient`: from the reference alone where no resolver is given. */
function resolvesTo(plan: Plan): Test | undefined {
  if (plan.kind !== "type" || plan.operator !== "is") return undefined;
  const { operand, type } = plan;
  if (operand.kind !== "call" || operand.name !== "resolve" || operand.on.kind !== "this" || type.namespace === "System") return undefined;
  return (item, context) => {
    const found = referencedType(item, context);
    return found === undefined ? undefined : found === type.name || isSubtype(found, type.name);
  };
}
