/**
 * Parts of an expression that read neither data nor environment have one value: it is computed at the first
 * evaluation and kept. A part that ends in an error is evaluated anew each time, so that the error is told each time.
 */
import type { Context, Eval } from "./emit.ts";
import type { Plan } from "./plan.ts";
import type { Items } from "./values.ts";

/** Functions whose outcome hangs on more than their input and arguments, or that have an effect. */
const unfixed = new Set(["now", "today", "timeOfDay", "resolve", "conformsTo", "memberOf", "subsumes", "subsumedBy", "elementDefinition", "slice", "defineVariable", "trace"]);

/** `bound`: inside a lambda whose input is fixed, where $this, $index and $total are fixed too. */
export function isFixed(plan: Plan, bound = false): boolean {
  switch (plan.kind) {
    case "constant": return true;
    case "this": case "index": case "total": return bound;
    case "external": case "local": case "root": return false;
    case "path": return isFixed(plan.from, bound);
    case "indexer": return isFixed(plan.on, bound) && isFixed(plan.index, bound);
    case "negate": case "type": return isFixed(plan.operand, bound);
    case "binary": return isFixed(plan.left, bound) && isFixed(plan.right, bound);
    case "call": {
      if (unfixed.has(plan.name) || !isFixed(plan.on, bound)) return false;
      const lambda = plan.definition.argument === "lambda";
      return plan.args.every((arg, i) => isFixed(arg, lambda && !plan.definition.plainArguments?.includes(i) ? true : bound));
    }
  }
}

export function folded(evaluate: Eval): Eval {
  let value: Items | undefined;
  return (focus: Items, context: Context) => value ??= evaluate(focus, context);
}
