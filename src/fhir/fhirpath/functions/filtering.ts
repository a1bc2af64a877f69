/** http://hl7.org/fhirpath/N1/index.html#filtering-and-projection, and FHIR's extension() and resolve(). */
import type { JsonObject } from "../../resource.ts";
import { noted } from "../path.ts";
import { spend } from "../budget.ts";
import type { Context, Eval, Projection } from "../emit.ts";
import { Seen } from "../distinct.ts";
import { resolveItem } from "../reference.ts";
import { booleanItems, empty, EvaluationFault, isPrimitiveKind, narrowingTest, Node, single, system, typeTest, type Item, type Items } from "../values.ts";
import type { Call, FunctionTable } from "./definition.ts";

/** Most items a repeat() may gather: data nests, so this is generous. */
const repeatItemsMax = 100_000;

/** Runs a lambda on each item with `$this` and `$index` set. */
export function eachItem(items: Items, context: Context, run: (focus: Items) => void): void {
  spend(context, items.length);
  const outer = context.index;
  for (let i = 0; i < items.length; i++) {
    context.index = i;
    run([items[i]!]);
  }
  context.index = outer;
}

function where({ on, test }: Call): Eval {
  const matches = test();
  return (focus, context) => {
    const items = on(focus, context);
    if (items.length === 0) return empty;
    spend(context, items.length);
    const outer = context.index;
    const kept: Item[] = [];
    for (let i = 0; i < items.length; i++) {
      context.index = i;
      if (matches(items[i]!, context) === true) kept.push(items[i]!);
    }
    context.index = outer;
    return kept;
  };
}

/** What the projection finds on each item, in order; `$index` is set. */
function projected(items: Items, context: Context, project: Projection): Item[] {
  spend(context, items.length);
  const outer = context.index;
  const out: Item[] = [];
  for (let i = 0; i < items.length; i++) {
    context.index = i;
    project(items[i]!, context, out);
  }
  context.index = outer;
  return out;
}

function select({ on, project }: Call): Eval {
  const projection = project();
  return (focus, context) => projected(on(focus, context), context, projection);
}

/** Breadth first; each new item once, or with `all` every item there is. */
function repeating({ on, project }: Call, all: boolean): Eval {
  const projection = project();
  return (focus, context) => {
    const found: Item[] = [];
    const seen = new Seen();
    let wave: Items = on(focus, context);
    while (wave.length > 0) {
      const next = projected(wave, context, projection);
      wave = all ? next : next.filter((item) => seen.add(item));
      for (let i = 0; i < wave.length; i++) found.push(wave[i]!);
      if (found.length > repeatItemsMax) throw new EvaluationFault(`repeat found more than ${repeatItemsMax} items; does it ever end?`);
    }
    return found;
  };
}

function extensions(item: Item, url: string, out: Item[]): void {
  if (!(item instanceof Node)) return;
  const holder = isPrimitiveKind(item.kind) ? item.twin : item.value as JsonObject;
  const list = holder?.extension;
  if (!Array.isArray(list)) return;
  for (const [i, extension] of list.entries())
    if (typeof extension === "object" && extension !== null && (extension as JsonObject).url === url) out.push(noted(new Node(extension, "Extension"), holder!, "extension", i, `${item.type}.extension`));
}

export const filtering: FunctionTable = {
  where: { min: 1, max: 1, argument: "lambda", result: "same", emit: where },
  select: { min: 1, max: 1, argument: "lambda", result: "argument", emit: select },
  repeat: { min: 1, max: 1, argument: "lambda", result: "unknown", emit: (call) => repeating(call, false) },
  repeatAll: { min: 1, max: 1, argument: "lambda", result: "unknown", emit: (call) => repeating(call, true) },
  ofType: {
    min: 1, max: 1, argument: "type", result: "narrowed",
    emit: ({ on, type }) => {
      const narrows = narrowingTest(type!);
      return (focus, context) => on(focus, context).filter(narrows);
    },
  },
  as: {
    min: 1, max: 1, argument: "type", result: "narrowed",
    emit: ({ on, type }) => {
      const narrows = narrowingTest(type!);
      return (focus, context) => {
        const item = single(on(focus, context), "as()");
        return item !== undefined && narrows(item) ? [item] : empty;
      };
    },
  },
  is: {
    min: 1, max: 1, argument: "type", result: "System.Boolean",
    emit: ({ on, type }) => {
      const is = typeTest(type!.name, type!.namespace);
      return (focus, context) => {
        const item = single(on(focus, context), "is()");
        return item === undefined ? empty : booleanItems(is(item));
      };
    },
  },
  extension: {
    min: 1, max: 1, result: "Extension",
    emit: ({ on, args }) => (focus, context) => {
      const wanted = single(args[0]!(focus, context), "extension()");
      const url = wanted === undefined ? undefined : system(wanted);
      if (typeof url !== "string") return empty;
      const out: Item[] = [];
      for (const item of on(focus, context)) extensions(item, url, out);
      return out;
    },
  },
  resolve: {
    min: 0, max: 0, result: "unknown",
    emit: ({ on }) => (focus, context) => on(focus, context).flatMap((item) => resolveItem(item, context) ?? []),
  },
};
