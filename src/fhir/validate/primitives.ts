/**
 * R4 primitive types in JSON: JSON type, form and range. Source: https://hl7.org/fhir/R4/datatypes.html
 * Dates are real calendar days; a time of day in dateTime or instant has seconds and a zone.
 * A checker answers undefined, or what is wrong.
 */
import type { FailureCode } from "#platform/result.ts";

export type Fault = { code: FailureCode; text: string };
export type PrimitiveCheck = (value: unknown) => Fault | undefined;

/** Strings SHALL NOT exceed 1 MB; base64Binary is bounded by the door alone. */
const stringLengthMax = 1024 * 1024;
const integerMax = 2 ** 31 - 1, integerMin = -(2 ** 31);

export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function wrongType(type: string, expected: string, value: unknown): Fault {
  const quoted = expected !== "a string" && typeof value === "string" ? "; leave out the quotes" : expected === "a string" && typeof value !== "object" ? "; put it in quotes" : "";
  return { code: "structure", text: `${type} is ${expected} in JSON, found ${kindOf(value)} ${typeof value === "object" ? "" : shown(value)}`.trimEnd() + quoted };
}

/** Same form as the specification's regular expression, but linear on any input. */
function text(type: string, form: RegExp | undefined, mend: string, lengthMax = stringLengthMax): PrimitiveCheck {
  return value => {
    if (typeof value !== "string") return wrongType(type, "a string", value);
    if (value.length === 0) return { code: "value", text: `an empty ${type} is not allowed; leave the member out` };
    if (value.length > lengthMax) return { code: "too-long", text: `${type} holds at most ${lengthMax} characters, found ${value.length}` };
    if (form && !form.test(value)) return { code: "value", text: `${shown(value)} is no ${type}: ${mend}` };
    return undefined;
  };
}

// Letters and digits go through the first expression; the second says what else is allowed.
// eslint-disable-next-line no-control-regex -- control characters are what is refused
const free = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$/;
const controlMend = "control characters other than tab and line breaks are not allowed";

function integer(type: string, min: number): PrimitiveCheck {
  return value => {
    if (typeof value !== "number") return wrongType(type, "a number", value);
    if (Number.isInteger(value) && value >= min && value <= integerMax) return undefined;
    return { code: "value", text: `${shown(value)} is no ${type}: a whole number from ${min} to ${integerMax}` };
  };
}

function dated(type: string, read: (text: string) => boolean, mend: string): PrimitiveCheck {
  return value => {
    if (typeof value !== "string") return wrongType(type, "a string", value);
    return read(value) ? undefined : { code: "value", text: `${shown(value)} is no ${type}: ${mend}` };
  };
}

function digits(text: string, from: number, count: number): number {
  let number = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** YYYY, YYYY-MM or YYYY-MM-DD up to `end`; a real day of the Gregorian calendar. */
function isCalendar(text: string, end: number): boolean {
  if (end !== 4 && end !== 7 && end !== 10) return false;
  const year = digits(text, 0, 4);
  if (year < 1) return false;
  if (end === 4) return true;
  const month = digits(text, 5, 2);
  if (text.charCodeAt(4) !== 45 || month < 1 || month > 12) return false;
  if (end === 7) return true;
  const day = digits(text, 8, 2);
  if (text.charCodeAt(7) !== 45 || day < 1 || day > monthDays[month - 1]!) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** hh:mm:ss[.fraction] from `from`; answers the offset after it, or -1. 60 seconds are a leap second. */
function clockEnd(text: string, from: number): number {
  const hour = digits(text, from, 2), minute = digits(text, from + 3, 2), second = digits(text, from + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  if (text.charCodeAt(from + 2) !== 58 || text.charCodeAt(from + 5) !== 58) return -1;
  let end = from + 8;
  if (text.charCodeAt(end) !== 46) return end;
  const first = ++end;
  while (digits(text, end, 1) >= 0) end++;
  return end > first ? end : -1;
}

/** Z or ±hh:mm, at most 14:00, to the end of the text. */
function isZone(text: string, from: number): boolean {
  const sign = text.charCodeAt(from);
  if (sign === 90) return text.length === from + 1;
  if ((sign !== 43 && sign !== 45) || text.length !== from + 6 || text.charCodeAt(from + 3) !== 58) return false;
  const hour = digits(text, from + 1, 2), minute = digits(text, from + 4, 2);
  return hour >= 0 && minute >= 0 && ((hour <= 13 && minute <= 59) || (hour === 14 && minute === 0));
}

function isInstant(text: string): boolean {
  if (text.charCodeAt(10) !== 84 || !isCalendar(text, 10)) return false;
  const end = clockEnd(text, 11);
  return end > 0 && isZone(text, end);
}

function isDateTime(text: string): boolean {
  return text.length <= 10 ? isCalendar(text, text.length) : isInstant(text);
}

function isBase64(text: string): boolean {
  if (!/^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(text)) return false;
  const symbols = /\s/.test(text) ? text.replace(/\s+/g, "").length : text.length;
  return symbols > 0 && symbols % 4 === 0;
}

const noBlanks = "white space is not allowed";

export const primitiveChecks: Readonly<Record<string, PrimitiveCheck>> = {
  boolean: value => typeof value === "boolean" ? undefined : wrongType("boolean", "true or false", value),
  integer: integer("integer", integerMin),
  unsignedInt: integer("unsignedInt", 0),
  positiveInt: integer("positiveInt", 1),
  decimal: value => typeof value !== "number" ? wrongType("decimal", "a number", value)
    : Number.isFinite(value) ? undefined : { code: "value", text: "the decimal is too large" },
  string: text("string", free, controlMend),
  markdown: text("markdown", free, controlMend),
  code: text("code", /^[^\s\u0000-\u001f]+(?:[ ][^\s\u0000-\u001f]+)*$/, "no white space but single spaces inside"),
  id: text("id", /^[A-Za-z0-9\-.]+$/, "1 to 64 letters, digits, - and .", 64),
  uri: text("uri", /^[^\s\u0000-\u001f]+$/, noBlanks),
  url: text("url", /^[^\s\u0000-\u001f]+$/, noBlanks),
  canonical: text("canonical", /^[^\s\u0000-\u001f]+$/, noBlanks),
  oid: text("oid", /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/, "write it as urn:oid:1.2.3"),
  uuid: text("uuid", /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "write it as urn:uuid: and a UUID in small letters"),
  date: dated("date", value => isCalendar(value, value.length), "write a real day as YYYY, YYYY-MM or YYYY-MM-DD"),
  dateTime: dated("dateTime", isDateTime, "write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz, with seconds and zone and a real day"),
  instant: dated("instant", isInstant, "write YYYY-MM-DDThh:mm:ss.sss+zz:zz, with seconds and zone and a real day"),
  time: dated("time", value => clockEnd(value, 0) === value.length, "write hh:mm:ss, without zone"),
  base64Binary: dated("base64Binary", isBase64, "letters, digits, + and / in groups of four, padded with ="),
};
