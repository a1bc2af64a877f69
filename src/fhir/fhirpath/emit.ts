/**
 * Plan to closures. An `Eval` takes the focus (`$this`, a collection) and the evaluation's context; a
 * `Test` decides one item. Straight chains and the conditions search parameters use have closures of their own.
 */
import type { JsonObject, Resource } from "../resource.ts";
import type { BinaryOperator } from "./ast.ts";
import type { Environment } from "./compile.ts";
import { compileDescent } from "./descent.ts";
import { distinct } from "./distinct.ts";
import { equal } from "./equality.ts";
import { binary, negate } from "./operators.ts";
import { spend } from "./budget.ts";
import { folded, isFixed } from "./fold.ts";
import type { Plan } from "./plan.ts";
import { compilePath, dynamicPath, nothing, type Push, type Step } from "./path.ts";
import { referencedType, rootResource } from "./reference.ts";
import { booleanItems, condition, empty, EvaluationFault, hasValue, isFalse, isPrimitive, isPrimitiveKind, narrowingTest, Node, single, system, TypeInfo, typeTest, type Item, type Items } from "./values.ts";
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
/** Appends to `out` what an expression finds with one item as its focus. */
export type Projection = (item: Item, context: Context, out: Item[]) => void;

/** Once per plan: an argument may be asked for as a value, a test and a projection, at every level of nested lambdas. */
function once<T>(make: (plan: Plan) => T): (plan: Plan) => T {
  const made = new WeakMap<Plan, T>();
  return (plan) => {
    let found = made.get(plan);
    if (found === undefined) made.set(plan, found = make(plan));
    return found;
  };
}

export const emit: (plan: Plan) => Eval = once((plan) => {
  const evaluate = closure(plan);
  return plan.kind !== "constant" && isFixed(plan) ? folded(evaluate) : evaluate;
});

function closure(plan: Plan): Eval {
  switch (plan.kind) {
    case "constant": { const { items } = plan; return () => items; }
    case "this": return (focus) => focus;
    case "index": return (_, context) => [context.index];
    case "total": return (_, context) => context.total;
    case "external": return external(plan.name);
    case "local": { const { slot } = plan; return (_, context) => context.locals[slot] ?? empty; }
    case "root": { const is = typeTest(plan.type); return (focus) => focus.length === 1 ? is(focus[0]!) ? focus : empty : focus.filter(is); }
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
    case "binary": return plan.operator === "|" ? union(unionBranches(plan)) : equalsConstant(plan) ?? binary(plan.operator, emit(plan.left), emit(plan.right));
    case "type": {
      const operand = emit(plan.operand);
      if (plan.operator === "as") {
        const narrows = narrowingTest(plan.type);
        return (focus, context) => operand(focus, context).filter(narrows);
      }
      const is = typeTest(plan.type.name, plan.type.namespace);
      return (focus, context) => {
        const item = single(operand(focus, context), "is");
        return item === undefined ? empty : booleanItems(is(item));
      };
    }
  }
}

function call(plan: Extract<Plan, { kind: "call" }>): Eval {
  return plan.definition.emit({
    on: emit(plan.on), args: plan.args.map((arg) => emit(arg)), name: `${plan.name}()`,
    test: () => emitTest(plan.args[0]!),
    project: () => emitProjection(plan.args[0]!),
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

/** `count() = 5`, `family = 'Li'` */
function equalsConstant({ operator, left, right }: Extract<Plan, { kind: "binary" }>): Eval | undefined {
  if (operator !== "=" || right.kind !== "constant" || right.items.length !== 1) return undefined;
  const evaluate = emit(left);
  const wanted = right.items[0]!;
  return (focus, context) => {
    const found = evaluate(focus, context);
    return found.length === 1 ? booleanItems(equal(found[0]!, wanted)) : found.length === 0 ? empty : isFalse;
  };
}

/** Appends what a path finds from one item. `first` is the type most items have, `firstPush` the path on their objects. */
type Steps = { push: (item: Item, out: Item[]) => void; first: string | undefined; firstPush: Push };

/** The path's closure is ready for types known at compile time. */
function stepsOf({ from, steps }: PathPlan): Steps {
  const closures = new Map<string, Push>([["Resource", dynamicPath(steps)]]);
  const closureFor = (type: string): Push => {
    let push = closures.get(type);
    if (push === undefined) closures.set(type, push = compilePath(isPrimitive(type) ? "Element" : type, steps) ?? nothing);
    return push;
  };
  from.types?.forEach(closureFor);
  const [first] = from.types ?? [];
  const firstPush = first === undefined ? nothing : closureFor(first);
  const name = steps.length === 1 ? steps[0]!.name : undefined;
  const push = (item: Item, out: Item[]): void => {
    if (!(item instanceof Node)) {
      if (item instanceof TypeInfo && (name === "name" || name === "namespace")) out.push(item[name]);
      return;
    }
    const { type, kind } = item;
    const object = isPrimitiveKind(kind) ? item.twin : item.value;
    if (typeof object !== "object" || object === null) return;
    const found = type === first ? firstPush : closureFor(type);
    found(object as JsonObject, out);
  };
  return { push, first, firstPush };
}

type PathPlan = Extract<Plan, { kind: "path" }>;

function path(plan: PathPlan): Eval {
  const { from, steps } = plan;
  if (from.kind === "call" && from.name === "descendants") return belowPath(emit(from.on), steps);
  // Most paths begin at the focus itself: `name`, `Patient.name`.
  const evaluate = from.kind === "this" || from.kind === "root" ? undefined : emit(from);
  const rootType = from.kind === "root" ? from.type : undefined;
  const isRoot = rootType === undefined ? undefined : typeTest(rootType);
  const { push, first, firstPush } = stepsOf(plan);
  return (focus, context) => {
    const items = evaluate === undefined ? focus : evaluate(focus, context);
    const out: Item[] = [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (item instanceof Node && item.type === first && typeof item.value === "object" && item.value !== null && !isPrimitiveKind(item.kind)) firstPush(item.value as JsonObject, out);
      else if (isRoot === undefined || isRoot(item)) push(item, out);
    }
    if (out.length === 0) return empty;
    spend(context, out.length);
    return out;
  };
}

/** The projection of select() and repeat(). */
const emitProjection = once((plan): Projection => {
  if (plan.kind === "path" && plan.from.kind === "this") {
    const { push } = stepsOf(plan);
    return (item, context, out) => {
      const before = out.length;
      push(item, out);
      spend(context, out.length - before);
    };
  }
  const evaluate = emit(plan);
  return (item, context, out) => {
    const found = evaluate([item], context);
    spend(context, found.length);
    for (let i = 0; i < found.length; i++) out.push(found[i]!);
  };
});

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

/** Straight chains on the context itself, as closures over the resource's JSON; `distinct`: of a union. */
export type Chain = { push: Push; distinct: boolean };

/** Undefined for other plans. */
export function emitChain(plan: Plan): Chain | undefined {
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
const emitTest: (plan: Plan) => Test = once((plan) => binaryTest(plan) ?? existenceTest(plan) ?? resolvesTo(plan) ?? general(plan));

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
  const { push } = stepsOf(left);
  return (item) => {
    const found: Item[] = [];
    push(item, found);
    if (found.length === 0) return undefined;
    if (found.length > 1) return false;
    const { value } = found[0] as Node;
    return value === undefined ? undefined : value === wanted;
  };
}

/** `given.exists()`, `given.empty()`, `birthDate.hasValue()` on one item, and `not()` of a test. */
function existenceTest(plan: Plan): Test | undefined {
  if (plan.kind !== "call" || plan.args.length > 0) return undefined;
  const { name, on } = plan;
  if (name === "not") {
    const test = emitTest(on);
    return (item, context) => { const value = test(item, context); return value === undefined ? undefined : !value; };
  }
  if ((name !== "exists" && name !== "empty" && name !== "hasValue") || on.kind !== "path" || on.from.kind !== "this") return undefined;
  const { push } = stepsOf(on);
  return (item, context) => {
    const found: Item[] = [];
    push(item, found);
    spend(context, found.length);
    return name === "hasValue" ? found.length === 1 && hasValue(found[0]!) : (found.length > 0) === (name === "exists");
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
