/**
 * Dates, dateTimes and times with stated precision (FHIRPath §4.1, FHIR date/dateTime/instant/time).
 * Comparison goes component by component to the common precision; beyond it the answer is unknown
 * (http://hl7.org/fhirpath/N1/index.html#datetime-equality). Seconds and fractions count as one precision.
 */

/** 0 year … 5 second (with its fraction); times start at 3 (hour). */
export type Precision = 0 | 1 | 2 | 3 | 4 | 5;

export class Temporal {
  readonly kind: "date" | "dateTime" | "time";
  readonly text: string;
  /** year, month, day, hour, minute, second (fractional), as far as stated; zeros before hour for times. */
  readonly parts: readonly number[];
  readonly precision: Precision;
  /** Minutes east of UTC; undefined when not stated. */
  readonly offsetMinutes: number | undefined;
  /** Digits after the second's point. */
  readonly fractionDigits: number;

  constructor(kind: "date" | "dateTime" | "time", text: string, parts: readonly number[], offsetMinutes: number | undefined, fractionDigits: number) {
    this.kind = kind;
    this.text = text;
    this.parts = parts;
    this.precision = (parts.length - 1) as Precision;
    this.offsetMinutes = offsetMinutes;
    this.fractionDigits = fractionDigits;
  }

  toString(): string {
    return this.text;
  }

  /** Components in UTC when an offset is stated and the precision reaches the hour, else as written. */
  get utc(): readonly number[] {
    return this.#utc ??= !this.offsetMinutes || this.precision < 3 ? this.parts : normalised(this);
  }
  #utc: readonly number[] | undefined;
}

const datePattern = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const dateTimePattern = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?)?)?$/;
const timePattern = /^(\d{2})(?::(\d{2})(?::(\d{2})(\.\d+)?)?)?$/;

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isCalendarDay(year: number, month: number | undefined, day: number | undefined): boolean {
  if (month !== undefined && (month < 1 || month > 12)) return false;
  return day === undefined || (day >= 1 && day <= daysInMonth(year, month!));
}

/** "2020-01-31" by its digits; undefined for other shapes and days that do not exist. */
function wholeDay(text: string): number[] | undefined {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  let year = 0, month = 0, day = 0;
  for (let i = 0; i < 10; i++) {
    if (i === 4 || i === 7) continue;
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    if (i < 4) year = year * 10 + digit;
    else if (i < 7) month = month * 10 + digit;
    else day = day * 10 + digit;
  }
  return isCalendarDay(year, month, day) ? [year, month, day] : undefined;
}

/** A moment to the millisecond, in UTC. */
export function dateTimeOf(at: Date): Temporal {
  const parts = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds() + at.getUTCMilliseconds() / 1000];
  return new Temporal("dateTime", at.toISOString(), parts, 0, 3);
}

/** "2020", "2020-01", "2020-01-31"; undefined for anything else. */
export function parseDate(text: string): Temporal | undefined {
  if (text.length === 10) {
    const parts = wholeDay(text);
    return parts && new Temporal("date", text, parts, undefined, 0);
  }
  const match = datePattern.exec(text);
  if (!match) return undefined;
  const parts = [match[1], match[2], match[3]].filter((part) => part !== undefined).map(Number);
  return isCalendarDay(parts[0]!, parts[1], parts[2]) ? new Temporal("date", text, parts, undefined, 0) : undefined;
}

/** FHIR dateTime and FHIRPath dateTime (which may stop at the hour, or end in a bare T). */
export function parseDateTime(text: string): Temporal | undefined {
  if (text.length === 10) {
    const parts = wholeDay(text);
    return parts && new Temporal("dateTime", text, parts, undefined, 0);
  }
  const match = dateTimePattern.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const parts: number[] = [];
  for (const part of [year, month, day, hour, minute]) {
    if (part === undefined) break;
    parts.push(Number(part));
  }
  if (hour !== undefined && day === undefined) return undefined;
  if (!isCalendarDay(parts[0]!, parts[1], parts[2])) return undefined;
  if ((parts[3] ?? 0) > 23 || (parts[4] ?? 0) > 59) return undefined;
  if (second !== undefined) {
    const seconds = Number(second + (fraction ?? ""));
    if (seconds >= 61) return undefined; // a leap second is :60
    parts.push(seconds);
  }
  return new Temporal("dateTime", text, parts, zone === undefined ? undefined : offset(zone), fraction ? fraction.length - 1 : 0);
}

/** "14:30:00.5", with or without the leading "T". */
export function parseTime(text: string): Temporal | undefined {
  const match = timePattern.exec(text.startsWith("T") ? text.slice(1) : text);
  if (!match) return undefined;
  const [, hour, minute, second, fraction] = match;
  const parts = [0, 0, 0, Number(hour)];
  if (minute !== undefined) parts.push(Number(minute));
  if (second !== undefined) parts.push(Number(second + (fraction ?? "")));
  if (parts[3]! > 23 || (parts[4] ?? 0) > 59 || (parts[5] ?? 0) >= 61) return undefined;
  return new Temporal("time", text, parts, undefined, fraction ? fraction.length - 1 : 0);
}

function offset(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone[0] === "-" ? -minutes : minutes;
}

function normalised(a: Temporal): readonly number[] {
  const [year, month, day, hour, minute = 0, second] = a.parts as [number, number, number, number, number?, number?];
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute - (a.offsetMinutes ?? 0));
  const parts = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()];
  if (second !== undefined) parts.push(second);
  return a.precision === 3 ? parts.slice(0, 4) : parts;
}

/** -1, 0, 1, or undefined: not known (differing precision, or only one has a zone). Kinds must be comparable. */
export function compareTemporal(a: Temporal, b: Temporal): number | undefined {
  const zoned = (a.offsetMinutes === undefined) !== (b.offsetMinutes === undefined);
  if (zoned && a.precision >= 3 && b.precision >= 3) return compareUnzoned(a, b);
  const x = a.utc;
  const y = b.utc;
  const common = Math.min(x.length, y.length);
  for (let i = 0; i < common; i++) {
    if (x[i]! !== y[i]!) return x[i]! < y[i]! ? -1 : 1;
  }
  return x.length === y.length ? 0 : undefined;
}

/** One side states no zone: known only when every zone from -12:00 to +14:00 gives the same order. */
function compareUnzoned(a: Temporal, b: Temporal): number | undefined {
  const [alow, ahigh] = range(a);
  const [blow, bhigh] = range(b);
  const dayMs = 86_400_000;
  if (ahigh + dayMs <= blow) return -1;
  if (bhigh + dayMs <= alow) return 1;
  return undefined;
}

/** Epoch ms, [low, high): the instants the stated precision covers; without a zone, UTC. */
export function range(a: Temporal): [low: number, high: number] {
  const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = a.parts;
  const at = new Date(0);
  at.setUTCFullYear(year!, month - 1, day);
  const whole = Math.floor(second);
  const low = at.getTime() + (hour * 60 + minute - (a.offsetMinutes ?? 0)) * 60_000 + whole * 1000;
  switch (a.precision) {
    case 0: return [low, at.setUTCFullYear(year! + 1, 0, 1)];
    case 1: return [low, at.setUTCFullYear(year!, month, 1)];
    case 2: return [low, low + 86_400_000];
    case 3: return [low, low + 3_600_000];
    case 4: return [low, low + 60_000];
    case 5: {
      if (a.fractionDigits === 0) return [low, low + 1000];
      const stepMs = 1000 / 10 ** a.fractionDigits;
      const from = low + Math.floor((second - whole) * 1000 + 1e-6);
      return [from, from + Math.max(1, stepMs)];
    }
  }
}
