/** defineVariable() and trace(): https://hl7.org/fhirpath/#utility-functions. A variable is a slot the plan gave to its name. */
import { empty, single, system, type Item } from "../values.ts";
import { eachItem } from "./filtering.ts";
import type { FunctionTable } from "./definition.ts";

export const variables: FunctionTable = {
  defineVariable: {
    min: 1, max: 2, result: "same", defines: true,
    emit: ({ on, args, slot }) => (focus, context) => {
      const items = on(focus, context);
      context.locals[slot!] = args[1] ? args[1](items, context) : items;
      return items;
    },
  },
  trace: {
    min: 1, max: 2, argument: "lambda", plainArguments: [0], result: "same",
    emit: ({ on, args }) => (focus, context) => {
      const items = on(focus, context);
      const sink = context.environment?.trace;
      if (!sink) return items;
      const name = single(args[0]!(focus, context), "trace()");
      const shown: Item[] = [];
      const projection = args[1];
      if (projection) eachItem(items, context, (item) => { for (const found of projection(item, context)) shown.push(found); });
      sink(name === undefined ? "" : String(system(name) ?? ""), projection ? shown : items);
      return items;
    },
  },
  coalesce: {
    min: 1, max: Infinity, result: "branches-all",
    emit: ({ args }) => (focus, context) => {
      for (const arg of args) {
        const items = arg(focus, context);
        if (items.length > 0) return items;
      }
      return empty;
    },
  },
};
