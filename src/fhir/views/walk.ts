/**
 * Fast walks: the paths most columns have (members, first(), an index, where(), ofType(), extension(), keys) as
 * closures over the resource's JSON that hand each value found to a sink, without collections in between. What a
 * walk cannot do exactly as #fhir/fhirpath does is left to it: `compileWalk` answers undefined.
 */
import type { JsonObject } from "../resource.ts";
import { isSubtype, typeDefinition } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { referenceKey } from "../fhirpath/functions/keys.ts";
import { isPrimitive } from "../fhirpath/values.ts";
import { reader } from "./member.ts";

/**
 * Takes one value (undefined: a primitive that has extensions only) and its `_twin`, for walks compiled with `twins`;
 * true: no more are needed.
 */
export type Sink = (value: unknown, twin: unknown) => boolean;
/** A condition on one element's JSON; undefined: unknown. */
export type Test = (value: unknown) => boolean | undefined;
/** Compiles the criterion of a where(); undefined when it cannot be decided exactly here. */
export type TestCompiler = (ast: Ast, type: string) => Test | undefined;
/** Walks from one element. Not re-entrant: a sink must not start the walk it belongs to. */
export type Walk = (value: unknown) => void;

type Step =
  | { kind: "inner"; property: string }
  | { kind: "leaf"; property: string }
  | { kind: "first" }
  | { kind: "index"; at: number }
  | { kind: "where"; test: Test }
  | { kind: "extension"; url: string }
  | { kind: "resourceKey" }
  | { kind: "referenceKey"; type: string | undefined };

export type Path = {
  steps: readonly Step[];
  /** FHIR type of what is found; "System.String" for keys. */
  type: string;
  /** Whether more than one value can be found. */
  many: boolean;
};

type Choice = { path: Path; members: readonly { name: string; type: string }[]; many: boolean };

/** The steps of a path on an element of `type`; undefined when a walk cannot do it. */
export function readPath(ast: Ast, type: string, criterion: TestCompiler): Path | undefined {
  const found = read(ast, type, criterion);
  return found && "steps" in found ? found : undefined;
}

function read(ast: Ast, type: string, criterion: TestCompiler): Path | Choice | undefined {
  switch (ast.kind) {
    case "focus": return ast.name === "$this" ? { steps: [], type, many: false } : undefined;
    case "member": {
      if (ast.on === undefined && ast.name === type && !typeDefinition(type)?.byName.has(ast.name)) return { steps: [], type, many: false };
      const on = ast.on === undefined ? { steps: [], type, many: false } : readPath(ast.on, type, criterion);
      return on && member(on, ast.name);
    }
    case "index": {
      const on = readPath(ast.on, type, criterion);
      const { index } = ast;
      if (!on || index.kind !== "literal" || index.literal.type !== "number" || !/^\d{1,9}$/.test(index.literal.text)) return undefined;
      return { ...on, steps: [...on.steps, { kind: "index", at: Number(index.literal.text) }], many: false };
    }
    case "type": return ast.operator === "as" && ast.type.namespace !== "System" ? narrow(read(ast.operand, type, criterion), ast.type.name, true) : undefined;
    case "call": return call(ast, type, criterion);
    default: return undefined;
  }
}

function member(on: Path, name: string): Path | Choice | undefined {
  if (isPrimitive(on.type)) return undefined;
  const element = typeDefinition(on.type)?.byName.get(name);
  if (!element) return undefined;
  const many = on.many || element.max > 1;
  if (element.choice) return { path: on, members: element.members, many };
  return element.members.length === 1 ? to(on, element.members[0]!, many) : undefined;
}

function to(on: Path, { name, type }: { name: string; type: string }, many: boolean): Path | undefined {
  if (type === "Resource" || !typeDefinition(type)) return undefined;
  return { steps: [...on.steps, { kind: isPrimitive(type) ? "leaf" : "inner", property: name }], type, many };
}

/** `value.ofType(Quantity)`: one member of the choice. */
function narrow(found: Path | Choice | undefined, name: string, operator = false): Path | undefined {
  if (!found) return undefined;
  if ("steps" in found) return found.type === name && !operator ? found : undefined;
  const fitting = found.members.filter(({ type }) => isPrimitive(type) ? type === name : isSubtype(type, name));
  return fitting.length === 1 ? to(found.path, fitting[0]!, found.many) : undefined;
}

function call(ast: Extract<Ast, { kind: "call" }>, type: string, criterion: TestCompiler): Path | undefined {
  const { name, args, on: before } = ast;
  const [argument] = args;
  if (name === "ofType") {
    if (args.length !== 1 || before === undefined || argument?.kind !== "member") return undefined;
    if (argument.on !== undefined && !(argument.on.kind === "member" && argument.on.on === undefined && argument.on.name === "FHIR")) return undefined;
    return narrow(read(before, type, criterion), argument.name);
  }
  const on = before === undefined ? { steps: [], type, many: false } : readPath(before, type, criterion);
  if (!on) return undefined;
  const step = (next: Step, result: string, many: boolean): Path => ({ steps: [...on.steps, next], type: result, many });
  switch (name) {
    case "first": return args.length === 0 ? step({ kind: "first" }, on.type, false) : undefined;
    case "where": {
      const test = args.length === 1 ? criterion(argument!, on.type) : undefined;
      return test && step({ kind: "where", test }, on.type, on.many);
    }
    case "extension":
      return args.length === 1 && argument!.kind === "literal" && argument!.literal.type === "string" && !isPrimitive(on.type)
        ? step({ kind: "extension", url: argument!.literal.value }, "Extension", true) : undefined;
    case "getResourceKey": return args.length === 0 && isSubtype(on.type, "Resource") ? step({ kind: "resourceKey" }, "System.String", on.many) : undefined;
    case "getReferenceKey": {
      if (on.type !== "Reference" || args.length > 1) return undefined;
      if (argument !== undefined && (argument.kind !== "member" || argument.on !== undefined || !typeDefinition(argument.name))) return undefined;
      return step({ kind: "referenceKey", type: argument?.name }, "System.String", on.many);
    }
    default: return undefined;
  }
}

/** Compiles the steps to a walk that ends in `sink`; `twins`: the sink looks at the `_twin` of primitives that have a value. */
export function compileWalk({ steps }: Path, sink: Sink, twins = false): Walk {
  const resets: (() => void)[] = [];
  let next = sink;
  for (let i = steps.length - 1; i >= 0; i--) next = stepSink(steps[i]!, next, resets, twins);
  const start = next;
  if (resets.length === 0) return (value) => { start(value, undefined); };
  return (value) => {
    for (let i = 0; i < resets.length; i++) resets[i]!();
    start(value, undefined);
  };
}

function stepSink(step: Step, next: Sink, resets: (() => void)[], twins: boolean): Sink {
  switch (step.kind) {
    case "inner": return inner(step.property, next);
    case "leaf": return leaf(step.property, next, twins);
    case "first": return (value, twin) => { next(value, twin); return true; };
    case "index": {
      const { at } = step;
      let passed = 0;
      resets.push(() => { passed = 0; });
      return (value, twin) => {
        if (passed++ < at) return false;
        next(value, twin);
        return true;
      };
    }
    case "where": { const { test } = step; return (value, twin) => test(value) === true && next(value, twin); }
    case "extension": {
      const { url } = step;
      return inner("extension", (value, twin) => (value as JsonObject).url === url && next(value, twin));
    }
    case "resourceKey": return (value) => { const { id } = value as JsonObject; return typeof id === "string" && next(id, undefined); };
    case "referenceKey": {
      const { type } = step;
      return (value) => {
        const key = referenceKey((value as JsonObject).reference, type);
        return key !== undefined && next(key, undefined);
      };
    }
  }
}

function inner(property: string, next: Sink): Sink {
  const read = reader(property);
  return (value) => {
    const child = read(value as JsonObject);
    if (typeof child !== "object" || child === null) return false;
    if (!Array.isArray(child)) return next(child, undefined);
    for (let i = 0; i < child.length; i++) {
      const item = child[i];
      if (typeof item === "object" && item !== null && next(item, undefined)) return true;
    }
    return false;
  };
}

/** Looking for a member that is absent costs several times a present one, so twins are read where they matter only. */
function leaf(property: string, next: Sink, twins: boolean): Sink {
  const read = reader(property);
  const readTwin = reader(`_${property}`);
  return (value) => {
    const own = read(value as JsonObject);
    if (own === undefined || own === null) {
      const twin = readTwin(value as JsonObject);
      return twin !== undefined && twin !== null && each(undefined, twin, next);
    }
    if (Array.isArray(own)) return each(own, readTwin(value as JsonObject), next);
    return next(own, twins ? readTwin(value as JsonObject) : undefined);
  };
}

/** Repeating primitives beside their twins: `given: ["A", null]`, `_given: [null, {extension…}]`. */
function each(own: readonly unknown[] | undefined, twin: unknown, next: Sink): boolean {
  const twins: readonly unknown[] = Array.isArray(twin) ? twin : [twin];
  for (let i = 0; i < Math.max(own?.length ?? 0, twins.length); i++) {
    const value = own?.[i] ?? undefined;
    const beside = typeof twins[i] === "object" && twins[i] !== null ? twins[i] : undefined;
    if ((value !== undefined || beside !== undefined) && next(value, beside)) return true;
  }
  return false;
}
