/**
 * Search type `number`. Source: https://hl7.org/fhir/R4/search.html#number and #prefix
 * `eq`, `ne` (and no prefix) honour stated precision: 100 means [99.5, 100.5), 5.40e-3 ± 0.000005,
 * 1e2 [50, 150) (R4's table prints [95, 105) there, against its own rule of significant digits); `ap` is ± 10 %;
 * the others compare exactly. Resource values are exact; a Range counts from its low to its high.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { addDecimal, Decimal, parseDecimal, subtractDecimal } from "../fhirpath/decimal.ts";
import { Node, system, type Item } from "../fhirpath/values.ts";
import type { NumberTerm } from "./query-model.ts";
import type { TypedRows, NumberRow } from "./rows.ts";
import { splitPrefix, unescape } from "./value.ts";

export function extractNumbers(item: Item, params: readonly string[], rows: TypedRows): void {
  const found = item instanceof Node ? bounds(item.value) : number(system(item));
  if (!found) return;
  for (let i = 0; i < params.length; i++) rows.numbers.push({ param: params[i]!, low: found.low, high: found.high });
}

function number(value: unknown): { low: number; high: number } | undefined {
  const n = value instanceof Decimal ? value.n : value;
  return typeof n === "number" ? { low: n, high: n } : undefined;
}

function bounds(value: unknown): { low: number; high: number } | undefined {
  if (typeof value !== "object" || value === null) return number(value);
  const { low, high } = value as { low?: { value?: unknown }; high?: { value?: unknown } };
  const from = low?.value;
  const to = high?.value;
  if (typeof from !== "number" && typeof to !== "number") return undefined;
  return { low: typeof from === "number" ? from : -Infinity, high: typeof to === "number" ? to : Infinity };
}

const decimal = /^[+-]?\d+(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

export function parseNumber(raw: string): Result<NumberTerm> {
  const { prefix, rest } = splitPrefix(unescape(raw));
  const match = decimal.exec(rest);
  const value = match && rest.length <= 100 ? parseDecimal(rest) : undefined;
  if (!match || !value || !Number.isFinite(value.n)) return fail("invalid", `"${raw}" is no number; write a decimal such as 5.4 with an optional prefix such as lt`);
  if (prefix === "ap") {
    const tenth = new Decimal(value.coefficient < 0n ? -value.coefficient : value.coefficient, value.scale + 1);
    return ok({ prefix, value: value.n, low: subtractDecimal(value, tenth).n, high: addDecimal(value, tenth).n });
  }
  const half = parseDecimal(`5e${Number(match[2] ?? 0) - (match[1]?.length ?? 0) - 1}`);
  if (!half) return fail("invalid", `"${raw}" is beyond the numbers that can be searched`);
  return ok({ prefix, value: value.n, low: subtractDecimal(value, half).n, high: addDecimal(value, half).n });
}

export function matchesNumber(row: Pick<NumberRow, "low" | "high">, { prefix, value, low, high }: NumberTerm): boolean {
  const within = row.low >= low && row.high < high;
  switch (prefix) {
    case "eq": return within;
    case "ne": return !within;
    case "gt": return row.high > value;
    case "lt": return row.low < value;
    case "ge": return row.high >= value;
    case "le": return row.low <= value;
    case "sa": return row.low > value;
    case "eb": return row.high < value;
    case "ap": return row.low <= high && row.high >= low;
  }
}
