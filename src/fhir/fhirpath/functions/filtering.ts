/** http://hl7.org/fhirpath/N1/index.html#filtering-and-projection, and FHIR's extension() and resolve(). */
import type { JsonObject } from "../../resource.ts";
import { noted } from "../path.ts";
import { spend } from "../budget.ts";
import type { Context, Eval } from "../emit.ts";
import { equal } from "../equality.ts";
import { resolveItem } from "../reference.ts";
import { booleanItems, empty, EvaluationFault, isOfType, isPrimitive, narrowsTo, Node, single, system, type Item, type Items } from "../values.ts";
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

/** Breadth first; each new item once, or with `all` every item there is. */
function repeating({ on, args }: Call, all: boolean): Eval {
  const project = args[0]!;
  return (focus, context) => {
    const found: Item[] = [];
    const isNew = all ? () => true : newItems(context);
    let wave: Items = on(focus, context);
    while (wave.length > 0) {
      const next: Item[] = [];
      eachItem(wave, context, (item) => {
        for (const child of project(item, context)) if (isNew(child)) { found.push(child); next.push(child); }
      });
      if (found.length > repeatItemsMax) throw new EvaluationFault(`repeat found more than ${repeatItemsMax} items; does it ever end?`);
      wave = next;
    }
    return found;
  };
}

function newItems(context: Context): (item: Item) => boolean {
  const seen = new Set<unknown>();
  const values: Item[] = [];
  return (item) => {
    const key = item instanceof Node && typeof item.value === "object" ? item.value : item instanceof Node ? undefined : typeof item === "object" ? undefined : item;
    if (key !== undefined) {
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    }
    spend(context, values.length);
    if (values.some((other) => equal(other, item) === true)) return false;
    values.push(item);
    return true;
  };
}

function extensions(item: Item, url: string, out: Item[]): void {
  if (!(item instanceof Node)) return;
  const holder = isPrimitive(item.type) ? item.twin : item.value as JsonObject;
  const list = holder?.extension;
  if (!Array.isArray(list)) return;
  for (const [i, extension] of list.entries())
    if (typeof extension === "object" && extension !== null && (extension as JsonObject).url === url) out.push(noted(new Node(extension, "Extension"), holder!, "extension", i, `${item.type}.extension`));
}

export const filtering: FunctionTable = {
  where: { min: 1, max: 1, argument: "lambda", result: "same", emit: where },
  select: {
    min: 1, max: 1, argument: "lambda", result: "argument",
    emit: ({ on, args }) => (focus, context) => {
      const out: Item[] = [];
      eachItem(on(focus, context), context, (item) => {
        const found = args[0]!(item, context);
        spend(context, found.length);
        for (let i = 0; i < found.length; i++) out.push(found[i]!);
      });
      return out;
    },
  },
  repeat: { min: 1, max: 1, argument: "lambda", result: "unknown", emit: (call) => repeating(call, false) },
  repeatAll: { min: 1, max: 1, argument: "lambda", result: "unknown", emit: (call) => repeating(call, true) },
  ofType: {
    min: 1, max: 1, argument: "type", result: "narrowed",
    emit: ({ on, type }) => (focus, context) => on(focus, context).filter((item) => narrowsTo(item, type!.name, type!.namespace)),
  },
  as: {
    min: 1, max: 1, argument: "type", result: "narrowed",
    emit: ({ on, type }) => (focus, context) => {
      const item = single(on(focus, context), "as()");
      return item !== undefined && narrowsTo(item, type!.name, type!.namespace) ? [item] : empty;
    },
  },
  is: {
    min: 1, max: 1, argument: "type", result: "System.Boolean",
    emit: ({ on, type }) => (focus, context) => {
      const item = single(on(focus, context), "is()");
      return item === undefined ? empty : booleanItems(isOfType(item, type!.name, type!.namespace));
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
