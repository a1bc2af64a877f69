/** http://hl7.org/fhirpath/N1/index.html#combining */
import type { Eval } from "../emit.ts";
import { distinct } from "../distinct.ts";
import { spend } from "../budget.ts";
import type { Items } from "../values.ts";
import type { Call, FunctionTable } from "./definition.ts";

function joining({ on, args }: Call, settle: (items: Items) => Items): Eval {
  return (focus, context) => {
    const items = on(focus, context).slice();
    const others = args[0]!(focus, context);
    for (let i = 0; i < others.length; i++) items.push(others[i]!);
    spend(context, items.length);
    return settle(items);
  };
}

export const combining: FunctionTable = {
  union: { min: 1, max: 1, result: "joined", emit: (call) => joining(call, distinct) },
  combine: { min: 1, max: 1, result: "joined", emit: (call) => joining(call, (items) => items) },
};
