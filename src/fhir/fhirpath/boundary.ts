/**
 * Least and greatest value that a stated value can stand for: lowBoundary(), highBoundary().
 * Source: https://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal--date--datetime--time and its examples. Where
 * the wanted precision is coarser than the bound, a magnitude's low is cut off and its high rounded half up, as the
 * examples have it: 1.587 has the bounds 1.58 and 1.59 at two decimals.
 */
import { Decimal, roundDecimal } from "./decimal.ts";
import { daysInMonth, Temporal } from "./temporal.ts";

export type Side = "low" | "high";

/** Decimals after the point a boundary may state, and what it states unasked. */
const scaleMax = 28;
const scaleDefault = 8;

/** Half a unit of the last stated digit below or above, at `scale` decimals; undefined beyond 0 to 28. */
export function decimalBoundary(value: Decimal, side: Side, scale: number = scaleDefault): Decimal | undefined {
  if (!Number.isInteger(scale) || scale < 0 || scale > scaleMax) return undefined;
  const negative = value.coefficient < 0n;
  const magnitude = (negative ? -value.coefficient : value.coefficient) * 10n;
  const outward = (side === "high") !== negative;
  const bound = outward ? magnitude + 5n : magnitude - 5n;
  const boundScale = value.scale + 1;
  const found = boundScale <= scale ? bound * 10n ** BigInt(scale - boundScale)
    : outward ? roundDecimal(new Decimal(bound, boundScale), scale).coefficient
    : bound / 10n ** BigInt(boundScale - scale);
  return new Decimal(negative ? -found : found, scale);
}

/** Digits stated, by how many parts are: years, months, days, (hours), minutes, milliseconds. */
const dateDigits = [4, 6, 8];
const dateTimeDigits = [4, 6, 8, 10, 12, 17];
const timeDigits = [2, 4, 9];

/**
 * The first or last moment of what is stated, to `digits` digits (date 4, 6, 8; dateTime also 10, 12, 14, 17; time 2,
 * 4, 6, 9); undefined for another number. A dateTime that stops at the hour stands for its first minute, since FHIR knows
 * no such value. Without a zone the earliest (+14:00) or latest (-12:00) one on earth is taken.
 */
export function temporalBoundary(value: Temporal, side: Side, digits?: number): Temporal | undefined {
  const known = value.kind === "date" ? dateDigits : value.kind === "time" ? timeDigits : dateTimeDigits;
  const asked = digits ?? known.at(-1)!;
  const toSecond = value.kind === "date" ? undefined : value.kind === "time" ? 6 : 14;
  const level = asked === toSecond ? known.length - 1 : known.indexOf(asked);
  if (level < 0) return undefined;
  const fractionDigits = asked === known.at(-1) && value.kind !== "date" ? 3 : 0;
  const high = side === "high";
  const { kind, parts } = value;
  const [year = 0, month = high ? 12 : 1] = parts;
  const day = parts[2] ?? (high ? daysInMonth(year, month) : 1);
  const hour = parts[3] ?? (high ? 23 : 0);
  const minute = parts[4] ?? (high && !(value.kind === "dateTime" && parts.length === 4) ? 59 : 0);
  const second = parts[5] === undefined ? (high ? 59.999 : 0) : high ? lastOfSecond(parts[5], value.fractionDigits) : parts[5];
  const all = [year, month, day, hour, minute, fractionDigits ? second : Math.floor(second)];
  const kept = all.slice(0, value.kind === "time" ? level + 4 : level + 1);
  const zoned = value.kind === "dateTime" && level >= 3;
  const offset = zoned ? value.offsetMinutes ?? (high ? -720 : 840) : undefined;
  return new Temporal(kind, () => textOf(kind, kept, fractionDigits, offset), kept, offset, kept.length === 6 ? fractionDigits : 0);
}

/** 5 s → 5.999; 5.2 s → 5.299, in milliseconds. */
function lastOfSecond(second: number, fractionDigits: number): number {
  if (fractionDigits >= 3) return Math.floor(second * 1000 + 1e-6) / 1000;
  return Math.round(second * 1000 + 1000 / 10 ** fractionDigits - 1) / 1000;
}

function textOf(kind: Temporal["kind"], parts: readonly number[], fractionDigits: number, offset: number | undefined): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const [year, month, day, hour, minute, second] = parts;
  const date = [String(year).padStart(4, "0"), ...[month, day].filter((part) => part !== undefined).map(two)].join("-");
  if (kind === "date" || (kind === "dateTime" && hour === undefined)) return date;
  const seconds = second === undefined ? undefined : second.toFixed(fractionDigits).padStart(fractionDigits ? fractionDigits + 3 : 2, "0");
  const clock = [two(hour!), minute === undefined ? undefined : two(minute), seconds].filter((part) => part !== undefined).join(":");
  return kind === "time" ? clock : `${date}T${clock}${offset === undefined ? "" : zoneText(offset)}`;
}

export function zoneText(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "Z";
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
}
