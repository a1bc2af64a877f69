/**
 * Units of FHIRPath quantities: calendar words against UCUM, and values of unlike units in a common one.
 * Source: http://hl7.org/fhirpath/N1/index.html#time-valued-quantities: week and shorter equal their UCUM
 * twin; year and month do not, they are only equivalent to it.
 */
import { canonical, convert } from "../ucum/convert.ts";
import { compareDecimal, decimalOf, sameRounded } from "./decimal.ts";
import { Quantity } from "./values.ts";

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

/** -1, 0 or 1; undefined when the units cannot be compared. Definite years and months are no calendar ones. */
export function compareQuantity(a: Quantity, b: Quantity): number | undefined {
  const from = ucumCode(a);
  const to = ucumCode(b);
  if (a.calendar !== b.calendar && (isLongCalendar(from) || isLongCalendar(to))) return undefined;
  if (from === to) return compareDecimal(a.value, b.value);
  const x = a.base(inBase);
  const y = b.base(inBase);
  // Of 15 digits, so that the numbers order as their decimals do.
  return x === undefined || y === undefined || x.unit !== y.unit ? undefined : x.value < y.value ? -1 : x.value > y.value ? 1 : 0;
}

/** Equal to the precision of the less precise one; a calendar word stands for its UCUM twin. */
export function equivalentQuantities(a: Quantity, b: Quantity): boolean {
  if (ucumCode(a) === ucumCode(b)) return sameRounded(a.value, b.value);
  const x = a.base(inBase);
  const y = b.base(inBase);
  if (x === undefined || y === undefined || x.unit !== y.unit) return false;
  // Rounding, at most to whole numbers, brings two values no nearer than by one.
  return Math.abs(x.value - y.value) <= 1.5 && sameRounded(decimalOf(x.value), decimalOf(y.value));
}

function inBase(quantity: Quantity): { value: number; unit: string } | undefined {
  const found = canonical(quantity.value.n, ucumCode(quantity));
  return found.ok ? found.value : undefined;
}

/** The quantity in another unit, a UCUM code or a calendar word; undefined when that is not possible. */
export function inUnit(quantity: Quantity, unit: string): Quantity | undefined {
  const word = unit.replace(/s$/, "");
  const calendar = Object.hasOwn(calendarCode, word);
  const to = calendar ? calendarCode[word]! : unit;
  const from = ucumCode(quantity);
  if (calendar !== quantity.calendar && (isLongCalendar(from) || isLongCalendar(to))) return undefined;
  if (from === to) return new Quantity(quantity.value, calendar ? word : unit, calendar);
  const value = convert(quantity.value.n, from, to);
  return value.ok ? new Quantity(decimalOf(value.value), calendar ? word : unit, calendar) : undefined;
}

/** Both in that of their units which is the smaller one; undefined when they cannot be compared. */
export function inFinerUnit(a: Quantity, b: Quantity): [Quantity, Quantity] | undefined {
  const ratio = convert(1, ucumCode(a), ucumCode(b));
  if (!ratio.ok) return undefined;
  if (ratio.value >= 1) {
    const converted = inUnit(a, b.unit);
    return converted && [converted, b];
  }
  const converted = inUnit(b, a.unit);
  return converted && [a, converted];
}

/** The same for quantities that are equal; their unit as written where it is no UCUM. */
export function canonicalText(quantity: Quantity): string {
  const { value, unit } = quantity.base(inBase) ?? { value: quantity.value.n, unit: ucumCode(quantity) };
  return `${value} ${unit}`;
}

function isLongCalendar(code: string): boolean {
  return code === "a" || code === "mo";
}
