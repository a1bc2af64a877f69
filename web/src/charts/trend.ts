/**
 * What a trend chart needs to know of its points: which are visible, where the line must break, and nice ticks.
 * A gap is a pause longer than `gapFactor` times the usual distance between visible points: it is never bridged.
 */
import type { MeasureRange, Series } from "#server/api/contract.ts";
import type { Range } from "../format/format.ts";
import type { Span } from "../time/scale.ts";

export type Points = { times: readonly number[]; values: readonly number[] };

/** A line's own reference range; a series of one line may carry it for the whole. */
export function rangeOf(series: Series, line: Series["lines"][number]): MeasureRange | undefined {
  return line.range ?? (series.lines.length === 1 ? series.range : undefined);
}

/** The range that covers all of them. */
export function union(ranges: readonly Range[]): Range | undefined {
  const lows = ranges.flatMap((range) => range.low ?? []), highs = ranges.flatMap((range) => range.high ?? []);
  return lows.length + highs.length === 0 ? undefined : { ...(lows.length > 0 ? { low: Math.min(...lows) } : {}), ...(highs.length > 0 ? { high: Math.max(...highs) } : {}) };
}

/** Indexes [first, last) inside the span (times ascending). */
export function within(times: readonly number[], span: Span): [number, number] {
  const find = (at: number): number => { let low = 0, high = times.length; while (low < high) { const middle = (low + high) >> 1; if (times[middle]! < at) low = middle + 1; else high = middle; } return low; };
  return [find(span.from), find(span.to + 1)];
}

export function gapLimit(times: readonly number[], gapFactor = 4): number {
  if (times.length < 3) return Infinity;
  const distances = times.slice(1).map((time, i) => time - times[i]!).sort((a, b) => a - b);
  return Math.max(1, distances[Math.floor(distances.length / 2)]!) * gapFactor;
}

/** Runs of indexes to be joined by a line. */
export function runs(times: readonly number[], first: number, last: number, gap: number): [number, number][] {
  const found: [number, number][] = [];
  for (let start = first, i = first; i < last; i += 1)
    if (i + 1 === last || times[i + 1]! - times[i]! > gap) { found.push([start, i + 1]); start = i + 1; }
  return found;
}

/** Low, high and round ticks covering the values and, when near, the reference range. */
export function valueAxis(values: readonly number[], range: { low?: number; high?: number } | undefined, count = 4): { low: number; high: number; ticks: number[] } {
  let low = Infinity, high = -Infinity;
  for (const value of values) if (Number.isFinite(value)) { if (value < low) low = value; if (value > high) high = value; }
  for (const edge of [range?.low, range?.high]) if (edge !== undefined) { low = Math.min(low, edge); high = Math.max(high, edge); }
  if (low > high) return { low: 0, high: 1, ticks: [0, 1] };
  if (low === high) { const room = Math.abs(low) * 0.1 || 1; low -= room; high += room; }
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw)!;
  const start = Math.floor(low / step) * step, end = Math.ceil(high / step) * step, ticks: number[] = [];
  for (let i = 0; start + i * step <= end + step / 1e6; i += 1) ticks.push(Number((start + i * step).toPrecision(12)));
  return { low: ticks[0]!, high: ticks.at(-1)!, ticks };
}
