/** http://hl7.org/fhirpath/N1/index.html#tree-navigation, #utility-functions, iif(), aggregate(), and FHIR's hasValue() and getValue(). */
import { typeDefinition } from "../../definitions/load.ts";
import { spend } from "../budget.ts";
import { boundDescendants } from "../descent.ts";
import type { Eval } from "../emit.ts";
import { pushChildren } from "../path.ts";
import { dateTimeOf, parseTime, Temporal } from "../temporal.ts";
import { booleanItems, condition, empty, EvaluationFault, hasValue, isPrimitiveKind, Node, system, systemTypeName, TypeInfo, type Item, type Items, type System } from "../values.ts";
import { eachItem } from "./filtering.ts";
import type { Call, FunctionTable } from "./definition.ts";

function children(items: Items): Item[] {
  const out: Item[] = [];
  for (let i = 0; i < items.length; i++) pushChildren(items[i]!, out);
  return out;
}

function descendants({ on }: Call): Eval {
  return (focus, context) => {
    const out = children(on(focus, context));
    // Breadth first: what is found is gone over in its turn.
    for (let i = 0; i < out.length; i++) {
      pushChildren(out[i]!, out);
      boundDescendants(out.length);
    }
    spend(context, out.length);
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
  const parts = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  return new Temporal("date", () => parts.map((part, i) => String(part).padStart(i === 0 ? 4 : 2, "0")).join("-"), parts, undefined, 0);
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

function primitiveValue(item: Item | undefined): System | undefined {
  if (!(item instanceof Node) || !isPrimitiveKind(item.kind)) return undefined;
  const value = system(item);
  return value instanceof Node || value instanceof TypeInfo ? undefined : value;
}

export const utility: FunctionTable = {
  children: { min: 0, max: 0, result: "unknown", emit: ({ on }) => (focus, context) => children(on(focus, context)) },
  descendants: { min: 0, max: 0, result: "unknown", emit: descendants },
  iif: { min: 2, max: 3, argument: "lambda", decides: true, result: "branches", emit: iif },
  aggregate: { min: 1, max: 2, argument: "lambda", plainArguments: [1], result: "unknown", emit: aggregate },
  now: { min: 0, max: 0, result: "System.DateTime", emit: () => (_, context) => [dateTimeOf(context.now ??= context.environment?.now ?? new Date())] },
  today: { min: 0, max: 0, result: "System.Date", emit: () => (_, context) => [today(context.now ??= context.environment?.now ?? new Date())] },
  timeOfDay: { min: 0, max: 0, result: "System.Time", emit: () => (_, context) => [parseTime((context.now ??= context.environment?.now ?? new Date()).toISOString().slice(11, 23))!] },
  type: { min: 0, max: 0, result: "unknown", emit: ({ on }) => (focus, context) => on(focus, context).map(typeOf) },
  hasValue: { min: 0, max: 0, result: "System.Boolean", emit: ({ on }) => (focus, context) => { const items = on(focus, context); return booleanItems(items.length === 1 && hasValue(items[0]!)); } },
  getValue: {
    min: 0, max: 0, result: "unknown",
    emit: ({ on }) => (focus, context) => {
      const items = on(focus, context);
      const value = items.length === 1 ? primitiveValue(items[0]) : undefined;
      return value === undefined ? empty : [value];
    },
  },
};
