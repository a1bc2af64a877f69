/** http://hl7.org/fhirpath/N1/index.html#tree-navigation, #utility-functions, iif(), aggregate(), and FHIR's hasValue() and getValue(). */
import { typeDefinition } from "../../definitions/load.ts";
import { spend } from "../budget.ts";
import type { Eval } from "../emit.ts";
import { pushChildren } from "../path.ts";
import { dateTimeOf, parseTime, Temporal } from "../temporal.ts";
import { booleanItems, condition, empty, EvaluationFault, isPrimitive, Node, system, systemTypeName, TypeInfo, type Item, type Items } from "../values.ts";
import { eachItem } from "./filtering.ts";
import type { Call, FunctionTable } from "./definition.ts";

/** Most items descendants() may gather. */
const descendantsMax = 1_000_000;

function children(items: Items, holdersOnly = false): Item[] {
  const out: Item[] = [];
  for (let i = 0; i < items.length; i++) pushChildren(items[i]!, out, holdersOnly);
  return out;
}

function descendants({ on, holdersOnly }: Call): Eval {
  return (focus, context) => {
    const out: Item[] = [];
    for (let wave = children(on(focus, context), holdersOnly); wave.length > 0; wave = children(wave, holdersOnly)) {
      for (let i = 0; i < wave.length; i++) out.push(wave[i]!);
      spend(context, wave.length);
      if (out.length > descendantsMax) throw new EvaluationFault(`descendants() found more than ${descendantsMax} items`);
    }
    return out;
  };
}

function iif({ on, args }: Call): Eval {
  const [test, then, otherwise] = args;
  return (focus, context) => {
    const items = on(focus, context);
    if (items.length > 1) throw new EvaluationFault("iif() takes one item");
    const decided = condition(test!(items, context), "iif()");
    return decided === true ? then!(items, context) : otherwise ? otherwise(items, context) : empty;
  };
}

function today(at: Date): Temporal {
  const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
  const parts = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()] as const;
  return new Temporal("date", `${String(parts[0]).padStart(4, "0")}-${two(parts[1])}-${two(parts[2])}`, parts, undefined, 0);
}

function aggregate({ on, args }: Call): Eval {
  const [step, start] = args;
  return (focus, context) => {
    const outer = context.total;
    let total: Items = start ? start(focus, context) : empty;
    eachItem(on(focus, context), context, (item) => {
      context.total = total;
      total = step!(item, context);
    });
    context.total = outer;
    return total;
  };
}

function typeOf(item: Item): TypeInfo {
  if (item instanceof Node) return new TypeInfo("FHIR", item.type.includes(".") ? typeDefinition(item.type)?.base ?? item.type : item.type);
  return item instanceof TypeInfo ? item : new TypeInfo("System", systemTypeName(item));
}

const value = (item: Item | undefined): Items => {
  if (!(item instanceof Node) || !isPrimitive(item.type)) return empty;
  const found = system(item);
  return found === undefined ? empty : [found];
};

export const utility: FunctionTable = {
  children: { min: 0, max: 0, result: "unknown", emit: ({ on }) => (focus, context) => children(on(focus, context)) },
  descendants: { min: 0, max: 0, result: "unknown", emit: descendants },
  iif: { min: 2, max: 3, argument: "lambda", decides: true, result: "branches", emit: iif },
  aggregate: { min: 1, max: 2, argument: "lambda", plainArguments: [1], result: "unknown", emit: aggregate },
  now: { min: 0, max: 0, result: "System.DateTime", emit: () => (_, context) => [dateTimeOf(context.now ??= context.environment?.now ?? new Date())] },
  today: { min: 0, max: 0, result: "System.Date", emit: () => (_, context) => [today(context.now ??= context.environment?.now ?? new Date())] },
  timeOfDay: { min: 0, max: 0, result: "System.Time", emit: () => (_, context) => [parseTime((context.now ??= context.environment?.now ?? new Date()).toISOString().slice(11, 23))!] },
  type: { min: 0, max: 0, result: "unknown", emit: ({ on }) => (focus, context) => on(focus, context).map(typeOf) },
  hasValue: { min: 0, max: 0, result: "System.Boolean", emit: ({ on }) => (focus, context) => { const items = on(focus, context); return booleanItems(items.length === 1 && value(items[0]).length === 1); } },
  getValue: { min: 0, max: 0, result: "unknown", emit: ({ on }) => (focus, context) => { const items = on(focus, context); return items.length === 1 ? value(items[0]) : empty; } },
};
