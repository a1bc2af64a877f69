/**
 * Units of FHIRPath quantities: calendar words against UCUM, and values of unlike units in a common one.
 * Source: http://hl7.org/fhirpath/N1/index.html#time-valued-quantities: week and shorter equal their UCUM
 * twin; year and month do not, they are only equivalent to it.
 */
import { Decimal, multiplyDecimal, parseDecimal } from "./decimal.ts";
import type { Quantity } from "./values.ts";

const calendarCode: Readonly<Record<string, string>> = {
  year: "a", month: "mo", week: "wk", day: "d", hour: "h", minute: "min", second: "s", millisecond: "ms",
};

/** UCUM code of a quantity's unit; a calendar word answers its twin. */
export function ucumCode(quantity: Quantity): string {
  return quantity.calendar ? calendarCode[quantity.unit] ?? quantity.unit : quantity.unit;
}

/** `1 'month'`, quoted although no UCUM code: the calendar word is meant. */
export function isCalendar(quantity: Quantity): boolean {
  return quantity.calendar || Object.hasOwn(calendarCode, quantity.unit);
}

/** Exact factors to a base unit, for units an expression meets without a unit library. */
const scales: Readonly<Record<string, readonly [base: string, factor: string]>> = {
  ms: ["s", "0.001"], s: ["s", "1"], min: ["s", "60"], h: ["s", "3600"], d: ["s", "86400"], wk: ["s", "604800"],
  mo: ["mo", "1"], a: ["mo", "12"],
  ng: ["g", "0.000000001"], ug: ["g", "0.000001"], mg: ["g", "0.001"], g: ["g", "1"], kg: ["g", "1000"], "[lb_av]": ["g", "453.59237"], "[oz_av]": ["g", "28.349523125"],
  mm: ["m", "0.001"], cm: ["m", "0.01"], dm: ["m", "0.1"], m: ["m", "1"], km: ["m", "1000"], "[in_i]": ["m", "0.0254"], "[ft_i]": ["m", "0.3048"],
  uL: ["L", "0.000001"], mL: ["L", "0.001"], dL: ["L", "0.1"], L: ["L", "1"],
  umol: ["mol", "0.000001"], mmol: ["mol", "0.001"], mol: ["mol", "1"],
  "%": ["1", "0.01"], "1": ["1", "1"],
};

/** Both values in one unit; undefined when the units cannot be compared. */
export function commonUnits(a: Quantity, b: Quantity, by: "equal" | "equivalent"): [Decimal, Decimal] | undefined {
  const from = ucumCode(a);
  const to = ucumCode(b);
  if (by === "equal" && a.calendar !== b.calendar && isLongCalendar(from) !== isLongCalendar(to)) return undefined;
  if (by === "equal" && a.calendar !== b.calendar && isLongCalendar(from)) return undefined;
  if (from === to) return [a.value, b.value];
  const x = Object.hasOwn(scales, from) ? scales[from] : undefined;
  const y = Object.hasOwn(scales, to) ? scales[to] : undefined;
  if (!x || !y || x[0] !== y[0]) return undefined;
  return [multiplyDecimal(a.value, parseDecimal(x[1])!), multiplyDecimal(b.value, parseDecimal(y[1])!)];
}

function isLongCalendar(code: string): boolean {
  return code === "a" || code === "mo";
}
