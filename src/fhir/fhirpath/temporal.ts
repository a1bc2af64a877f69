/**
 * Dates, dateTimes and times with stated precision (FHIRPath §4.1, FHIR date/dateTime/instant/time).
 * Comparison goes component by component to the common precision; beyond it the answer is unknown
 * (http://hl7.org/fhirpath/N1/index.html#datetime-equality). Seconds and fractions count as one precision.
 */

/** 0 year … 5 second (with its fraction); times start at 3 (hour). */
export type Precision = 0 | 1 | 2 | 3 | 4 | 5;

export class Temporal {
  readonly kind: "date" | "dateTime" | "time";
  /** year, month, day, hour, minute, second (fractional), as far as stated; zeros before hour for times. */
  readonly parts: readonly number[];
  readonly precision: Precision;
  /** Minutes east of UTC; undefined when not stated. */
  readonly offsetMinutes: number | undefined;
  /** Digits after the second's point. */
  readonly fractionDigits: number;

  /** `text` may be a function: what is computed is seldom written out. */
  constructor(kind: "date" | "dateTime" | "time", text: string | (() => string), parts: readonly number[], offsetMinutes: number | undefined, fractionDigits: number) {
    this.kind = kind;
    this.#text = text;
    this.parts = parts;
    this.precision = (parts.length - 1) as Precision;
    this.offsetMinutes = offsetMinutes;
    this.fractionDigits = fractionDigits;
  }

  get text(): string {
    return typeof this.#text === "string" ? this.#text : this.#text = this.#text();
  }
  #text: string | (() => string);

  toString(): string {
    return this.text;
  }

  /** Components in UTC when an offset is stated and the precision reaches the hour, else as written. */
  get utc(): readonly number[] {
    return this.#utc ??= !this.offsetMinutes || this.precision < 3 ? this.parts : normalised(this);
  }
  #utc: readonly number[] | undefined;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const digitZero = 48, hyphen = 45, point = 46, colon = 58, letterT = 84;

/** Two digits as a number; NaN for anything else. */
function two(text: string, at: number): number {
  const a = text.charCodeAt(at) - digitZero;
  const b = text.charCodeAt(at + 1) - digitZero;
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : NaN;
}

/** Reads "2020", "2020-01" or "2020-01-31" at the start of a text into `parts`; answers where it ends, -1 for no date or none that exists. */
function scanDate(text: string, parts: number[]): number {
  const year = two(text, 0) * 100 + two(text, 2);
  if (!(year >= 0)) return -1;
  parts.push(year);
  if (text.charCodeAt(4) !== hyphen) return 4;
  const month = two(text, 5);
  if (!(month >= 1 && month <= 12)) return -1;
  parts.push(month);
  if (text.charCodeAt(7) !== hyphen) return 7;
  const day = two(text, 8);
  if (!(day >= 1 && day <= daysInMonth(year, month))) return -1;
  parts.push(day);
  return 10;
}

/** Reads "10", "10:30", "10:30:00" or "10:30:00.5" at `start` into `parts`; answers where it ends, -1 for no time of day. */
function scanClock(text: string, start: number, parts: number[]): number {
  const hour = two(text, start);
  if (!(hour <= 23)) return -1;
  parts.push(hour);
  if (text.charCodeAt(start + 2) !== colon) return start + 2;
  const minute = two(text, start + 3);
  if (!(minute <= 59)) return -1;
  parts.push(minute);
  if (text.charCodeAt(start + 5) !== colon) return start + 5;
  let second = two(text, start + 6);
  let end = start + 8;
  if (text.charCodeAt(end) === point) {
    do end += 1; while (isDigit(text, end));
    if (end === start + 9) return -1;
    second = Number(text.slice(start + 6, end));
  }
  if (!(second < 61)) return -1; // a leap second is :60
  parts.push(second);
  return end;
}

function isDigit(text: string, at: number): boolean {
  const digit = text.charCodeAt(at) - digitZero;
  return digit >= 0 && digit <= 9;
}

/** Digits of the second's fraction in a clock that stands there. */
function fractionLength(start: number, end: number): number {
  return Math.max(0, end - start - "10:30:00.".length);
}

/** A moment to the millisecond, in UTC. */
export function dateTimeOf(at: Date): Temporal {
  const parts = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds() + at.getUTCMilliseconds() / 1000];
  return new Temporal("dateTime", () => at.toISOString(), parts, 0, 3);
}

/** "2020", "2020-01", "2020-01-31"; undefined for anything else. */
export function parseDate(text: string): Temporal | undefined {
  const parts: number[] = [];
  return scanDate(text, parts) === text.length ? new Temporal("date", text, parts, undefined, 0) : undefined;
}

/** FHIR dateTime and FHIRPath dateTime (which may stop at the hour, or end in a bare T). */
export function parseDateTime(text: string): Temporal | undefined {
  const parts: number[] = [];
  const dateEnd = scanDate(text, parts);
  if (dateEnd === text.length) return new Temporal("dateTime", text, parts, undefined, 0);
  if (dateEnd < 0 || text.charCodeAt(dateEnd) !== letterT) return undefined;
  const start = dateEnd + 1;
  if (start === text.length) return new Temporal("dateTime", text, parts, undefined, 0);
  if (parts.length < 3) return undefined;
  const end = scanClock(text, start, parts);
  if (end < 0) return undefined;
  const zone = end === text.length ? undefined : offset(text, end);
  return Number.isNaN(zone) ? undefined : new Temporal("dateTime", text, parts, zone, fractionLength(start, end));
}

/** "14:30:00.5", with or without the leading "T". */
export function parseTime(text: string): Temporal | undefined {
  const start = text.charCodeAt(0) === letterT ? 1 : 0;
  const parts = [0, 0, 0];
  const end = scanClock(text, start, parts);
  return end === text.length ? new Temporal("time", text, parts, undefined, fractionLength(start, end)) : undefined;
}

/** Minutes of "Z" or "+08:00", with which the text must end; NaN for anything else. */
function offset(text: string, at: number): number {
  const sign = text[at];
  if (sign === "Z") return at + 1 === text.length ? 0 : NaN;
  if ((sign !== "+" && sign !== "-") || text.length !== at + 6 || text.charCodeAt(at + 3) !== colon) return NaN;
  const minutes = two(text, at + 1) * 60 + two(text, at + 4);
  return sign === "-" ? -minutes : minutes;
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
