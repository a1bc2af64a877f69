/**
 * FHIR dates and dateTimes as intervals, and ages. A partial date ("2024-05") is the interval it may mean.
 * Source: https://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export type Span = { first: number; last: number; precision: "year" | "month" | "day" | "instant" };

const pattern = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const dayMs = 86_400_000;

/** First and last millisecond a FHIR date may mean (zone taken as UTC where none stands); undefined when it is no date. */
export function span(text: string): Span | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const year = Number(match[1]), month = match[2] === undefined ? undefined : Number(match[2]), day = match[3] === undefined ? undefined : Number(match[3]);
  if (month !== undefined && (month < 1 || month > 12)) return undefined;
  if (day !== undefined && (day < 1 || day > new Date(Date.UTC(year, month!, 0)).getUTCDate())) return undefined;
  if (match[4]) {
    const zoned = /(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`;
    const at = Date.parse(zoned);
    return Number.isNaN(at) ? undefined : { first: at, last: at, precision: "instant" };
  }
  if (month === undefined) return { first: Date.UTC(year, 0, 1), last: Date.UTC(year + 1, 0, 1) - 1, precision: "year" };
  if (day === undefined) return { first: Date.UTC(year, month - 1, 1), last: Date.UTC(year, month, 1) - 1, precision: "month" };
  const first = Date.UTC(year, month - 1, day);
  return { first, last: first + dayMs - 1, precision: "day" };
}

/** The last millisecond of "as of": a plain day means its end. NaN when it is no date. */
export function moment(asOf: string): number {
  return span(asOf)?.last ?? Number.NaN;
}

export function wholeDays(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor((toMs - fromMs) / dayMs));
}

/**
 * Completed years of age on the calendar day of `asOf` as it is written. A person born on 29 February completes a
 * year on 1 March where there is no 29th. Partial birth dates answer the least and greatest age possible.
 * undefined: no date, or born after `asOf`.
 */
export function ageYears(birthDate: string, asOf: string): { least: number; greatest: number } | undefined {
  const born = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(birthDate);
  if (!born || !span(birthDate)) return undefined;
  const day = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?/.exec(asOf);
  if (!day || !span(asOf)) return undefined;
  const onFirst: Day = [Number(day[1]), Number(day[2] ?? 1), Number(day[3] ?? 1)];
  const onLast: Day = [Number(day[1]), Number(day[2] ?? 12), Number(day[3] ?? 31)];
  const bornFirst: Day = [Number(born[1]), Number(born[2] ?? 1), Number(born[3] ?? 1)];
  const bornLast: Day = [Number(born[1]), Number(born[2] ?? 12), Number(born[3] ?? 31)];
  const greatest = completed(bornFirst, onLast);
  if (greatest < 0) return undefined;
  return { least: Math.max(0, completed(bornLast, onFirst)), greatest };
}

type Day = [year: number, month: number, day: number];

function completed(born: Day, on: Day): number {
  const before = on[1] < born[1] || (on[1] === born[1] && on[2] < born[2]);
  return on[0] - born[0] - (before ? 1 : 0);
}
