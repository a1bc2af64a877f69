/**
 * The time axis of the person page. A span is [from, to] in ms since the epoch; a scale maps it onto pixels.
 * Ticks fall on calendar boundaries in local time, so a tick "2015" is 1 January 2015 where the reader is.
 */
export type Span = { from: number; to: number };

export const second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour, year = 365.25 * day;
export const shortestSpan = 10 * second;
export const longestSpan = 130 * year;

export function toX(span: Span, width: number, time: number): number {
  return ((time - span.from) / (span.to - span.from)) * width;
}
export function toTime(span: Span, width: number, x: number): number {
  return span.from + (x / width) * (span.to - span.from);
}

/** Keeps a span inside `limits` and between the shortest and longest length; moves before it shrinks. */
export function clamp(span: Span, limits: Span): Span {
  const longest = Math.min(longestSpan, limits.to - limits.from);
  const length = Math.min(Math.max(span.to - span.from, Math.min(shortestSpan, longest)), longest);
  const middle = (span.from + span.to) / 2;
  let from = middle - length / 2;
  if (from < limits.from) from = limits.from;
  if (from + length > limits.to) from = limits.to - length;
  return { from, to: from + length };
}

/** Zooms so that the moment under the pointer stays under it. `factor` < 1 comes closer. */
export function zoom(span: Span, limits: Span, at: number, factor: number): Span {
  const from = at - (at - span.from) * factor, to = at + (span.to - at) * factor;
  return clamp({ from, to }, limits);
}

export function pan(span: Span, limits: Span, by: number): Span {
  return clamp({ from: span.from + by, to: span.to + by }, limits);
}

/** Widens a lifetime by 3 % on each side (into the future by 45 days at most), so that no mark is on the edge. */
export function whole(first: number, last: number): Span {
  const length = Math.max(last - first, day), middle = (first + last) / 2;
  return { from: middle - length * 0.53, to: middle + length / 2 + Math.min(length * 0.03, 45 * day) };
}

export type TickUnit = "year" | "month" | "day" | "hour" | "minute" | "second";
export type Tick = { time: number; unit: TickUnit };
const steps: { unit: TickUnit; count: number; length: number }[] = [
  ...[50, 20, 10, 5, 2, 1].map((count) => ({ unit: "year" as const, count, length: count * year })),
  ...[6, 3, 1].map((count) => ({ unit: "month" as const, count, length: (count * year) / 12 })),
  ...[14, 7, 2, 1].map((count) => ({ unit: "day" as const, count, length: count * day })),
  ...[12, 6, 3, 1].map((count) => ({ unit: "hour" as const, count, length: count * hour })),
  ...[30, 10, 5, 1].map((count) => ({ unit: "minute" as const, count, length: count * minute })),
  ...[30, 10, 5, 1].map((count) => ({ unit: "second" as const, count, length: count * second })),
].reverse();

/** Calendar ticks at least `gap` px apart. */
export function ticks(span: Span, width: number, gap = 84): Tick[] {
  const least = ((span.to - span.from) / Math.max(width, 1)) * gap;
  const step = steps.find((candidate) => candidate.length >= least) ?? steps.at(-1)!;
  const at = new Date(span.from);
  switch (step.unit) {
    case "year": at.setMonth(0, 1); at.setHours(0, 0, 0, 0); at.setFullYear(Math.floor(at.getFullYear() / step.count) * step.count); break;
    case "month": at.setDate(1); at.setHours(0, 0, 0, 0); at.setMonth(Math.floor(at.getMonth() / step.count) * step.count); break;
    case "day": at.setHours(0, 0, 0, 0); if (step.count >= 7) at.setDate(at.getDate() - ((at.getDay() + 6) % 7)); break;
    case "hour": at.setMinutes(0, 0, 0); at.setHours(Math.floor(at.getHours() / step.count) * step.count); break;
    case "minute": at.setSeconds(0, 0); at.setMinutes(Math.floor(at.getMinutes() / step.count) * step.count); break;
    case "second": at.setMilliseconds(0); at.setSeconds(Math.floor(at.getSeconds() / step.count) * step.count); break;
  }
  const found: Tick[] = [];
  for (let guard = 0; at.getTime() <= span.to && guard < 400; guard += 1) {
    if (at.getTime() >= span.from) found.push({ time: at.getTime(), unit: step.unit });
    switch (step.unit) {
      case "year": at.setFullYear(at.getFullYear() + step.count); break;
      case "month": at.setMonth(at.getMonth() + step.count); break;
      case "day": at.setDate(at.getDate() + step.count); break;
      case "hour": at.setTime(at.getTime() + step.count * hour); break;
      case "minute": at.setTime(at.getTime() + step.count * minute); break;
      case "second": at.setTime(at.getTime() + step.count * second); break;
    }
  }
  return found;
}

/** Shortest words that tell one tick from the next. */
export function tickLabel(tick: Tick, locale: string): string {
  const date = new Date(tick.time);
  switch (tick.unit) {
    case "year": return String(date.getFullYear());
    case "month": return date.getMonth() === 0 ? String(date.getFullYear()) : date.toLocaleDateString(locale, { month: "short", year: "2-digit" });
    case "day": return date.toLocaleDateString(locale, { day: "numeric", month: "short" });
    case "hour": return date.getHours() === 0 ? date.toLocaleDateString(locale, { day: "numeric", month: "short" }) : date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
    case "minute": return date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
    case "second": return date.toLocaleTimeString(locale, { minute: "2-digit", second: "2-digit" });
  }
}

/** URL form of a span: day precision when it is long, otherwise the minute or second. */
export function spanText(time: number, length: number): string {
  const text = new Date(time).toISOString();
  return length > 60 * day ? text.slice(0, 10) : length > 2 * hour ? `${text.slice(0, 16)}Z` : `${text.slice(0, 19)}Z`;
}
export function spanOf(from: string | undefined, to: string | undefined): Span | undefined {
  const start = Date.parse(from ?? ""), end = Date.parse(to ?? "");
  return Number.isFinite(start) && Number.isFinite(end) && end > start ? { from: start, to: end } : undefined;
}
