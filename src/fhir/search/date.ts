/**
 * Search type `date`. Source: https://hl7.org/fhir/R4/search.html#date and #prefix
 * Both sides are ranges by stated precision; without a zone UTC is taken. A Period is open where it states no
 * end; a Timing counts from its first to its last event, or its bounds.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { Node, type Item } from "../fhirpath/values.ts";
import { parseDateTime, range } from "../fhirpath/temporal.ts";
import type { DateTerm } from "./query-model.ts";
import { openHigh, openLow, type DateRow, type TypedRows } from "./rows.ts";
import { splitPrefix, unescape } from "./value.ts";

type Range = { low: number; high: number };

export function extractDates(item: Item, params: readonly string[], rows: TypedRows): void {
  if (!(item instanceof Node)) return;
  const found = rangeOf(item.value, item.type);
  if (!found) return;
  for (let i = 0; i < params.length; i++) rows.dates.push({ param: params[i]!, low: found.low, high: found.high });
}

function rangeOf(value: unknown, type: string): Range | undefined {
  switch (type) {
    case "date": case "dateTime": case "instant": return instantRange(value);
    case "Period": return periodRange(value);
    case "Timing": return timingRange(value);
    default: return undefined;
  }
}

/** Epoch ms [low, high) of a FHIR date, dateTime or instant; undefined when it is none. */
export function instantRange(value: unknown): Range | undefined {
  if (typeof value !== "string") return undefined;
  const fast = fullInstant(value);
  if (fast !== undefined) return fast;
  const parsed = parseDateTime(value);
  if (!parsed) return undefined;
  const [low, high] = range(parsed);
  return { low, high };
}

const digitZero = 48;
const fullLength = "2020-01-31T10:30:00+08:00".length;

/** The form most records hold, second precision with an offset, without a regular expression. */
function fullInstant(text: string): Range | undefined {
  const length = text.length;
  const utc = length === 20 && text.charCodeAt(19) === 90;
  if (!utc && length !== fullLength) return undefined;
  if (text.charCodeAt(10) !== 84 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined;
  const two = (at: number): number => {
    const a = text.charCodeAt(at) - digitZero;
    const b = text.charCodeAt(at + 1) - digitZero;
    return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : NaN;
  };
  const year = two(0) * 100 + two(2);
  const month = two(5), day = two(8), hour = two(11), minute = two(14), second = two(17);
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  let offsetMinutes = 0;
  if (!utc) {
    const sign = text.charCodeAt(19) === 43 ? 1 : text.charCodeAt(19) === 45 ? -1 : NaN;
    offsetMinutes = sign * (two(20) * 60 + two(23));
    if (Number.isNaN(offsetMinutes) || text.charCodeAt(22) !== 58) return undefined;
  }
  const low = Date.UTC(year, month - 1, day, hour, minute, second) - offsetMinutes * 60_000;
  return { low, high: low + 1000 };
}

function periodRange(value: unknown): Range | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { start, end } = value as Record<string, unknown>;
  const from = instantRange(start);
  const to = instantRange(end);
  return from || to ? { low: from?.low ?? openLow, high: to?.high ?? openHigh } : undefined;
}

function timingRange(value: unknown): Range | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { event, repeat } = value as { event?: unknown; repeat?: { boundsPeriod?: unknown } };
  const ranges = (Array.isArray(event) ? event : []).map(instantRange);
  ranges.push(periodRange(repeat?.boundsPeriod));
  const known = ranges.filter((r) => r !== undefined);
  if (known.length === 0) return undefined;
  return { low: Math.min(...known.map((r) => r.low)), high: Math.max(...known.map((r) => r.high)) };
}

/** `now` (epoch ms) gives `ap` its width: a tenth of the distance from now, at least the stated precision. */
export function parseDateTerm(raw: string, now: number): Result<DateTerm> {
  const { prefix, rest } = splitPrefix(unescape(raw));
  // "+08:00" arrives as " 08:00" when the client did not encode the plus.
  const parsed = parseDateTime(rest.replace(/ (\d\d:\d\d)$/, "+$1"));
  if (!parsed || parsed.precision === 3 || rest.endsWith("T")) return fail("invalid", `"${raw}" is no date; write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz with an optional prefix such as ge`);
  const [low, high] = range(parsed);
  if (prefix !== "ap") return ok({ prefix, low, high });
  const slack = Math.round(Math.abs(now - low) / 10);
  return ok({ prefix, low: low - slack, high: high + slack });
}

export function matchesDate(row: DateRow, { prefix, low, high }: DateTerm): boolean {
  const within = row.low >= low && row.high <= high;
  switch (prefix) {
    case "eq": return within;
    case "ne": return !within;
    case "gt": return row.high > high;
    case "lt": return row.low < low;
    case "ge": return within || row.high > high;
    case "le": return within || row.low < low;
    case "sa": return row.low >= high;
    case "eb": return row.high <= low;
    case "ap": return row.low < high && row.high > low;
  }
}
