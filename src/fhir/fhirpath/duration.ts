/**
 * Date and time arithmetic: a date plus a calendar or definite duration.
 * Source: http://hl7.org/fhirpath/N1/index.html#datetime-arithmetic: fractions are dropped except for
 * seconds; the last day of a month holds (Jan 31 + 1 month = Feb 28 or 29); definite years and months are refused.
 */
import { roundDecimal } from "./decimal.ts";
import { daysInMonth, Temporal } from "./temporal.ts";
import { isCalendar, ucumCode } from "./units.ts";
import { EvaluationFault, Quantity } from "./values.ts";

const unitMs: Readonly<Record<string, number>> = { wk: 604_800_000, d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000, ms: 1 };

export function addDuration(at: Temporal, by: Quantity, subtract: boolean): Temporal {
  const calendar = isCalendar(by);
  const code = ucumCode(calendar ? new Quantity(by.value, by.unit, true) : by);
  const months = code === "a" ? 12 : code === "mo" ? 1 : undefined;
  if (months !== undefined && !calendar) throw new EvaluationFault(`'${by.unit}' is no calendar duration; write ${code === "a" ? "year" : "month"}`);
  const sign = subtract ? -1 : 1;
  const whole = Math.trunc(by.value.n) * sign;
  if (months !== undefined) {
    if (at.kind === "time") throw new EvaluationFault("a time takes hours, minutes and seconds");
    return addMonths(at, months === 12 && at.precision === 0 ? whole * 12 : whole * months);
  }
  const unit = Object.hasOwn(unitMs, code) ? unitMs[code]! : undefined;
  if (unit === undefined) throw new EvaluationFault(`'${by.unit}' is no duration`);
  const ms = code === "s" ? Math.round(roundDecimal(by.value, 3).n * 1000) * sign : whole * unit;
  return addMs(at, ms);
}

function addMonths(at: Temporal, months: number): Temporal {
  const [year, month, day] = at.parts as [number, number?, number?];
  const total = year * 12 + (month ?? 1) - 1 + months;
  const toYear = Math.floor(total / 12);
  const toMonth = total - toYear * 12 + 1;
  if (toYear < 1 || toYear > 9999) throw new EvaluationFault("the date leaves the years 1 to 9999");
  const parts = [...at.parts];
  parts[0] = toYear;
  if (month !== undefined) parts[1] = toMonth;
  if (day !== undefined) parts[2] = Math.min(day, daysInMonth(toYear, toMonth));
  return rebuilt(at, parts);
}

function addMs(at: Temporal, ms: number): Temporal {
  const [year = 2000, month = 1, day = 1, hour = 0, minute = 0, second = 0] = at.kind === "time" ? [2000, 1, 1, ...at.parts.slice(3)] : at.parts;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const start = date.getTime() + (hour * 60 + minute) * 60_000 + Math.round(second * 1000);
  // A partial date moves by whole units of its own precision.
  const step = at.precision === 0 ? 365 * 86_400_000 : at.precision === 1 ? 30 * 86_400_000 : undefined;
  if (step !== undefined) return addMonths(at, Math.trunc(ms / step) * (at.precision === 0 ? 12 : 1));
  const grain = at.precision === 2 ? 86_400_000 : at.precision === 3 ? 3_600_000 : at.precision === 4 ? 60_000 : 1;
  const to = new Date(start + Math.trunc(ms / grain) * grain);
  if (!Number.isFinite(to.getTime()) || to.getUTCFullYear() < 1 || to.getUTCFullYear() > 9999) throw new EvaluationFault("the date leaves the years 1 to 9999");
  const parts = [to.getUTCFullYear(), to.getUTCMonth() + 1, to.getUTCDate(), to.getUTCHours(), to.getUTCMinutes(), to.getUTCSeconds() + to.getUTCMilliseconds() / 1000].slice(0, at.parts.length);
  if (at.kind === "time") parts.splice(0, 3, 0, 0, 0);
  return rebuilt(at, parts);
}

function rebuilt(at: Temporal, parts: readonly number[]): Temporal {
  const second = parts[5];
  let fraction = at.fractionDigits;
  if (second !== undefined && fraction < 3 && !Number.isInteger(Number((second * 10 ** fraction).toFixed(6)))) fraction = 3;
  const { kind } = at;
  // Read now: texts that each wait for the one before would go as deep as the sum is long.
  const zone = kind === "dateTime" ? /T.*?(Z|[+-]\d{2}:\d{2})$/.exec(at.text)?.[1] ?? "" : "";
  return new Temporal(kind, () => textOf(kind, parts, fraction, zone), parts, at.offsetMinutes, fraction);
}

function textOf(kind: Temporal["kind"], parts: readonly number[], fraction: number, zone: string): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const [year, month, day, hour, minute, second] = parts;
  const date = [String(year).padStart(4, "0"), month, day].filter((p) => p !== undefined).map((p, i) => i === 0 ? p : two(p as number)).join("-");
  const seconds = second === undefined ? undefined : `${two(Math.floor(second + 1e-9))}${fraction ? second.toFixed(fraction).slice(-fraction - 1) : ""}`;
  const clock = [hour === undefined ? undefined : two(hour), minute === undefined ? undefined : two(minute), seconds].filter((p) => p !== undefined).join(":");
  return kind === "time" ? clock : kind === "date" ? date : `${date}T${clock}${zone}`;
}
