/** http://hl7.org/fhirpath/N1/index.html#subsetting */
import { spend } from "../budget.ts";
import type { Context, Eval } from "../emit.ts";
import { distinct } from "../distinct.ts";
import { includes } from "../equality.ts";
import { empty, EvaluationFault, single, system, type Items } from "../values.ts";
import type { FunctionDefinition, FunctionTable } from "./definition.ts";

function pick(choose: (items: Items) => Items): FunctionDefinition {
  return { min: 0, max: 0, result: "same", emit: ({ on }) => (focus, context) => choose(on(focus, context)) };
}

function counted(choose: (items: Items, n: number) => Items): FunctionDefinition {
  return {
    min: 1, max: 1, result: "same",
    emit: ({ on, args, name }) => (focus, context) => {
      const argument = single(args[0]!(focus, context), name);
      const n = argument === undefined ? undefined : system(argument);
      if (n === undefined) return empty;
      if (typeof n !== "number") throw new EvaluationFault(`${name} takes an Integer`);
      return choose(on(focus, context), Math.max(0, n));
    },
  };
}

/** Input and argument, paid for as the pairs that are compared. */
function both(on: Eval, argument: Eval, focus: Items, context: Context): [Items, Items] {
  const other = argument(focus, context);
  const items = on(focus, context);
  spend(context, items.length * other.length);
  return [items, other];
}

export const subsetting: FunctionTable = {
  first: pick((items) => items.length > 1 ? [items[0]!] : items),
  last: pick((items) => items.length > 1 ? [items.at(-1)!] : items),
  tail: pick((items) => items.slice(1)),
  single: pick((items) => { single(items, "single()"); return items; }),
  skip: counted((items, n) => items.slice(n)),
  take: counted((items, n) => items.slice(0, n)),
  intersect: {
    min: 1, max: 1, result: "same",
    emit: ({ on, args }) => (focus, context) => { const [items, other] = both(on, args[0]!, focus, context); return distinct(items.filter((item) => includes(other, item))); },
  },
  exclude: {
    min: 1, max: 1, result: "same",
    emit: ({ on, args }) => (focus, context) => { const [items, other] = both(on, args[0]!, focus, context); return items.filter((item) => !includes(other, item)); },
  },
};
