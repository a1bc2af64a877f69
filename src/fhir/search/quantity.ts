/**
 * Search type `quantity`. Source: https://hl7.org/fhir/R4/search.html#quantity
 * `[prefix]number`, `number|system|code`, `number||code` (code or printed unit). Values compare as numbers do;
 * UCUM units are compared in base units too, so 5.4|http://unitsofmeasure.org|mg finds 0.0054 g.
 * Feeding types: Quantity and its kinds, Money (its currency as code), Range. SampledData gives no row.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { Node, type Item } from "../fhirpath/values.ts";
import { matchesNumber, parseNumber } from "./number.ts";
import type { QuantityTerm } from "./query-model.ts";
import type { TypedRows, QuantityRow } from "./rows.ts";
import { canonicalRange } from "./ucum.ts";
import { splitUnescaped, unescape } from "./value.ts";

export const ucumSystem = "http://unitsofmeasure.org";
const currencySystem = "urn:iso:std:iso:4217";

const quantityTypes = new Set(["Quantity", "Age", "Count", "Distance", "Duration", "SimpleQuantity"]);

type Measured = Omit<QuantityRow, "param">;

export function extractQuantities(item: Item, params: readonly string[], rows: TypedRows): void {
  if (!(item instanceof Node) || typeof item.value !== "object" || item.value === null) return;
  const { type } = item;
  const value = item.value as Record<string, unknown>;
  const found = quantityTypes.has(type) ? ofQuantity(value) : type === "Range" ? ofRange(value) : type === "Money" ? ofMoney(value) : undefined;
  if (!found) return;
  for (let i = 0; i < params.length; i++) rows.quantities.push({ param: params[i]!, ...found });
}

function ofQuantity(quantity: Record<string, unknown>): Measured | undefined {
  const { value, comparator } = quantity;
  if (typeof value !== "number") return undefined;
  const below = comparator === "<" || comparator === "<=";
  const above = comparator === ">" || comparator === ">=";
  return measured(below ? -Infinity : value, above ? Infinity : value, quantity);
}

function ofRange({ low, high }: Record<string, unknown>): Measured | undefined {
  const from = low as Record<string, unknown> | undefined;
  const to = high as Record<string, unknown> | undefined;
  const lowest = typeof from?.value === "number" ? from.value : -Infinity;
  const highest = typeof to?.value === "number" ? to.value : Infinity;
  if (lowest === -Infinity && highest === Infinity) return undefined;
  return measured(lowest, highest, lowest === -Infinity ? to! : from!);
}

function ofMoney({ value, currency }: Record<string, unknown>): Measured | undefined {
  if (typeof value !== "number") return undefined;
  return { low: value, high: value, ...(typeof currency === "string" ? { system: currencySystem, code: currency } : {}) };
}

function measured(low: number, high: number, { system, code, unit }: Record<string, unknown>): Measured {
  const row: Measured = { low, high };
  if (typeof system === "string") row.system = system;
  if (typeof code === "string") row.code = code;
  if (typeof unit === "string") row.unit = unit;
  if (system === ucumSystem && typeof code === "string") {
    const canonical = canonicalRange(low, high, code);
    if (canonical) {
      row.canonicalLow = canonical.low;
      row.canonicalHigh = canonical.high;
      row.canonicalUnit = canonical.unit;
    }
  }
  return row;
}

export function parseQuantity(raw: string): Result<QuantityTerm> {
  const parts = splitUnescaped(raw, "|");
  const number = parseNumber(parts[0]!);
  if (!number.ok) return number;
  if (parts.length === 1) return number;
  if (parts.length !== 3) return fail("invalid", `"${raw}" is no quantity; write number, number|system|code or number||code`);
  const system = unescape(parts[1]!);
  const code = unescape(parts[2]!);
  const term: QuantityTerm = { ...number.value };
  if (system !== "") term.system = system;
  if (code !== "") term.code = code;
  if (system === ucumSystem && code !== "") {
    const bounds = canonicalRange(term.low, term.high, code);
    const exact = canonicalRange(term.value, term.value, code);
    if (bounds && exact) term.canonical = { unit: exact.unit, value: exact.low, low: bounds.low, high: bounds.high };
  }
  return ok(term);
}

export function matchesQuantity(row: QuantityRow, term: QuantityTerm): boolean {
  const { system, code, canonical } = term;
  if (system === undefined && code === undefined) return matchesNumber(row, term);
  if (system === undefined) return (row.code === code || row.unit === code) && matchesNumber(row, term);
  if (row.system === system && (code === undefined || row.code === code)) return matchesNumber(row, term);
  if (!canonical || row.canonicalUnit !== canonical.unit) return false;
  return matchesNumber({ low: row.canonicalLow!, high: row.canonicalHigh! }, { prefix: term.prefix, value: canonical.value, low: canonical.low, high: canonical.high });
}
