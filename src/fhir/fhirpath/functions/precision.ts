/** precision() and comparable(): https://hl7.org/fhirpath/#precision and FHIR's https://hl7.org/fhir/fhirpath.html#functions. */
import { Decimal } from "../decimal.ts";
import { Temporal } from "../temporal.ts";
import { commonUnits } from "../units.ts";
import { booleanItems, empty, Quantity, single, system } from "../values.ts";
import type { FunctionTable } from "./definition.ts";

/** Digits stated: decimals after the point; of dates and times every digit without the zone. */
function digits(value: unknown): number | undefined {
  if (typeof value === "number") return 0;
  if (value instanceof Decimal) return value.scale;
  return value instanceof Temporal ? value.text.replace(/(?:Z|[+-]\d\d:\d\d)$/, "").replace(/\D/g, "").length : undefined;
}

export const precision: FunctionTable = {
  precision: {
    min: 0, max: 0, result: "System.Integer",
    emit: ({ on }) => (focus, context) => {
      const item = single(on(focus, context), "precision()");
      const count = item === undefined ? undefined : digits(system(item));
      return count === undefined ? empty : [count];
    },
  },
  comparable: {
    min: 1, max: 1, result: "System.Boolean",
    emit: ({ on, args }) => (focus, context) => {
      const a = single(on(focus, context), "comparable()");
      const b = single(args[0]!(focus, context), "comparable()");
      if (a === undefined || b === undefined) return empty;
      const [x, y] = [system(a), system(b)];
      return booleanItems(x instanceof Quantity && y instanceof Quantity && commonUnits(x, y, "equal") !== undefined);
    },
  },
};
