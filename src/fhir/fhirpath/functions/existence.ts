/** http://hl7.org/fhirpath/N1/index.html#existence */
import { spend } from "../budget.ts";
import type { Context } from "../emit.ts";
import { distinct } from "../distinct.ts";
import { includes } from "../equality.ts";
import { booleanItems, condition, EvaluationFault, isFalse, isTrue, system, type Items } from "../values.ts";
import type { FunctionDefinition, FunctionTable } from "./definition.ts";

const boolean = "System.Boolean";

/** allTrue() and its sisters: over a collection of booleans only. */
function overBooleans(decide: (values: readonly boolean[]) => boolean): FunctionDefinition {
  return {
    min: 0, max: 0, result: boolean, input: ["boolean"],
    emit: ({ on, name }) => (focus, context) => booleanItems(decide(on(focus, context).map((item) => {
      const value = system(item);
      if (typeof value !== "boolean") throw new EvaluationFault(`${name} takes booleans`);
      return value;
    }))),
  };
}

function within(part: Items, whole: Items, context: Context): boolean {
  spend(context, part.length * whole.length);
  return part.every((item) => includes(whole, item));
}

export const existence: FunctionTable = {
  empty: { min: 0, max: 0, result: boolean, emit: ({ on }) => (focus, context) => on(focus, context).length === 0 ? isTrue : isFalse },
  exists: {
    min: 0, max: 1, argument: "lambda", result: boolean,
    emit: ({ on, args, test }) => {
      if (args.length === 0) return (focus, context) => on(focus, context).length > 0 ? isTrue : isFalse;
      const matches = test();
      return (focus, context) => {
        const items = on(focus, context);
        spend(context, items.length);
        const outer = context.index;
        for (let i = 0; i < items.length; i++) {
          context.index = i;
          if (matches(items[i]!, context) === true) { context.index = outer; return isTrue; }
        }
        context.index = outer;
        return isFalse;
      };
    },
  },
  all: {
    min: 1, max: 1, argument: "lambda", result: boolean,
    emit: ({ on, test }) => {
      const matches = test();
      return (focus, context) => {
        const items = on(focus, context);
        spend(context, items.length);
        const outer = context.index;
        const every = items.every((item, i) => { context.index = i; return matches(item, context) === true; });
        context.index = outer;
        return booleanItems(every);
      };
    },
  },
  allTrue: overBooleans((values) => values.every((value) => value)),
  anyTrue: overBooleans((values) => values.some((value) => value)),
  allFalse: overBooleans((values) => values.every((value) => !value)),
  anyFalse: overBooleans((values) => values.some((value) => !value)),
  subsetOf: { min: 1, max: 1, result: boolean, emit: ({ on, args }) => (focus, context) => booleanItems(within(on(focus, context), args[0]!(focus, context), context)) },
  supersetOf: { min: 1, max: 1, result: boolean, emit: ({ on, args }) => (focus, context) => booleanItems(within(args[0]!(focus, context), on(focus, context), context)) },
  count: { min: 0, max: 0, result: "System.Integer", emit: ({ on }) => (focus, context) => [on(focus, context).length] },
  distinct: { min: 0, max: 0, result: "same", emit: ({ on }) => (focus, context) => distinct(on(focus, context)) },
  isDistinct: { min: 0, max: 0, result: boolean, emit: ({ on }) => (focus, context) => { const items = on(focus, context); return booleanItems(distinct(items).length === items.length); } },
  not: {
    min: 0, max: 0, result: boolean,
    emit: ({ on }) => (focus, context) => {
      const value = condition(on(focus, context), "not()");
      return booleanItems(value === undefined ? undefined : !value);
    },
  },
};
