/** What a caliper between two points on ECG paper says. Times in seconds from the recording's start, heights in mV. */
export type Point = { seconds: number; millivolts: number };
export type Caliper = { a: Point; b: Point };
export type Reading = { milliseconds: number; perMinute: number | undefined; millivolts: number };

/** Rate is given for 0.2 s to 4 s (15 to 300 per minute), where a caliper can span one cycle. */
export function readCaliper({ a, b }: Caliper): Reading {
  const milliseconds = Math.round(Math.abs(b.seconds - a.seconds) * 1000);
  return { milliseconds, perMinute: milliseconds >= 200 && milliseconds <= 4000 ? Math.round(60_000 / milliseconds) : undefined, millivolts: Math.round((b.millivolts - a.millivolts) * 100) / 100 };
}

/** One key's effect: arrows move the whole caliper 10 ms or 0.05 mV (`far`: five times that); with `end`, only its second end. */
export function moveCaliper(caliper: Caliper, key: string, { end, far, from, to }: { end: boolean; far: boolean; from: number; to: number }): Caliper {
  const size = far ? 5 : 1, dx = key === "ArrowLeft" ? -0.01 * size : key === "ArrowRight" ? 0.01 * size : 0, dy = key === "ArrowUp" ? 0.05 * size : key === "ArrowDown" ? -0.05 * size : 0;
  const shift = (point: Point): Point => ({ seconds: Math.min(to, Math.max(from, point.seconds + dx)), millivolts: point.millivolts + dy });
  return end ? { a: caliper.a, b: shift(caliper.b) } : { a: shift(caliper.a), b: shift(caliper.b) };
}

/** SVG path of samples, broken at gaps (null). Beyond two points a pixel, the lowest and highest of each pixel are kept, so that no R wave is lost. */
export function tracePath(samples: readonly (number | null)[], xOf: (index: number) => number, yOf: (millivolts: number) => number): string {
  let path = "", pen = false, column = NaN, low = 0, high = 0, lowAt = 0, highAt = 0;
  const dense = samples.length > 1 && xOf(1) - xOf(0) < 0.5;
  const point = (index: number, value: number): void => { path += `${pen ? "L" : "M"}${xOf(index).toFixed(2)} ${yOf(value).toFixed(2)}`; pen = true; };
  const flush = (): void => { if (Number.isNaN(column)) return; if (lowAt <= highAt) { point(lowAt, low); if (highAt !== lowAt) point(highAt, high); } else { point(highAt, high); point(lowAt, low); } column = NaN; };
  for (let i = 0; i < samples.length; i += 1) {
    const value = samples[i];
    if (value === null || value === undefined) { flush(); pen = false; continue; }
    if (!dense) { point(i, value); continue; }
    const at = Math.floor(xOf(i));
    if (at !== column) { flush(); column = at; low = high = value; lowAt = highAt = i; }
    else { if (value < low) { low = value; lowAt = i; } if (value > high) { high = value; highAt = i; } }
  }
  flush();
  return path;
}
