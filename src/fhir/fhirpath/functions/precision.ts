/** precision(), lowBoundary(), highBoundary(): https://hl7.org/fhirpath/#precision; comparable(): https://hl7.org/fhir/fhirpath.html#functions. */
import { decimalBoundary, temporalBoundary, type Side } from "../boundary.ts";
import { Decimal, decimalOf } from "../decimal.ts";
import { Temporal } from "../temporal.ts";
import { compareQuantity } from "../units.ts";
import { booleanItems, empty, EvaluationFault, Quantity, single, system, type Item } from "../values.ts";
import type { FunctionDefinition, FunctionTable } from "./definition.ts";

/** Digits stated: decimals after the point; of dates and times every digit without the zone. */
function digits(value: unknown): number | undefined {
  if (typeof value === "number") return 0;
  if (value instanceof Decimal) return value.scale;
  return value instanceof Temporal ? value.text.replace(/(?:Z|[+-]\d\d:\d\d)$/, "").replace(/\D/g, "").length : undefined;
}

function boundary(side: Side): FunctionDefinition {
  const of = (value: unknown, precision: number | undefined, name: string): Item | undefined => {
    if (value instanceof Temporal) return temporalBoundary(value, side, precision);
    if (value instanceof Quantity) {
      const bound = decimalBoundary(value.value, side, precision);
      return bound && new Quantity(bound, value.unit, value.calendar);
    }
    const decimal = typeof value === "number" ? decimalOf(value) : value;
    if (decimal instanceof Decimal) return decimalBoundary(decimal, side, precision);
    throw new EvaluationFault(`${name} takes a number, quantity, date or time`);
  };
  return {
    min: 0, max: 1, result: "boundary", input: ["number", "quantity", "date", "time"],
    emit: ({ on, args, name }) => (focus, context) => {
      const item = single(on(focus, context), name);
      const value = item === undefined ? undefined : system(item);
      if (value === undefined) return empty;
      const given = args[0] && single(args[0](focus, context), name);
      const precision = given === undefined ? undefined : system(given);
      if (precision === undefined && args[0]) return empty;
      if (precision !== undefined && typeof precision !== "number") throw new EvaluationFault(`${name} takes an Integer`);
      const bound = of(value, precision, name);
      return bound === undefined ? empty : [bound];
    },
  };
}

export const precision: FunctionTable = {
  lowBoundary: boundary("low"),
  highBoundary: boundary("high"),
  precision: {
    min: 0, max: 0, result: "System.Integer", input: ["number", "date", "time"],
    emit: ({ on }) => (focus, context) => {
      const item = single(on(focus, context), "precision()");
      const count = item === undefined ? undefined : digits(system(item));
      return count === undefined ? empty : [count];
    },
  },
  comparable: {
    min: 1, max: 1, result: "System.Boolean", input: ["quantity"],
    emit: ({ on, args }) => (focus, context) => {
      const a = single(on(focus, context), "comparable()");
      const b = single(args[0]!(focus, context), "comparable()");
      if (a === undefined || b === undefined) return empty;
      const [x, y] = [system(a), system(b)];
      return booleanItems(x instanceof Quantity && y instanceof Quantity && compareQuantity(x, y) !== undefined);
    },
  },
};
