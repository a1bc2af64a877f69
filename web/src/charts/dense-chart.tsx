/** The same trend for dense series (hundreds of points and more), drawn by uPlot on canvas. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "#server/api/contract.ts";
import { placeInRange } from "../format/format.ts";
import { useMedia, useWidth } from "../state/hooks.ts";
import { useTheme } from "../state/theme.ts";
import { useWords } from "../texts/language.tsx";
import type { Span } from "../time/scale.ts";
import { gapLimit, rangeOf, union, valueAxis, within } from "./trend.ts";
import { chartHeight } from "./trend-chart.tsx";

/** Resolves a token to a colour that canvas understands (light-dark() is resolved by the browser, not by canvas). */
function colour(element: HTMLElement, token: string): string {
  element.style.color = `var(${token})`;
  const found = getComputedStyle(element).color;
  element.style.color = "";
  return found;
}

/** Whether the line goes on from k in a direction: joined columns of other lines (undefined) are passed over, a gap (null) ends it. */
function near(ys: ArrayLike<number | null | undefined>, k: number, step: 1 | -1): boolean {
  for (let i = k + step; i >= 0 && i < ys.length; i += step) { if (ys[i] === null) return false; if (ys[i] !== undefined) return true; }
  return false;
}

export default function DenseChart({ series, span }: { series: Series; span: Span }) {
  const { say, format, language, text } = useWords(), theme = useTheme(), dark = useMedia("(prefers-color-scheme: dark)");
  const [box, width] = useWidth<HTMLDivElement>(), host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element || width === 0) return;
    const ink = colour(element, "--ink-soft"), grid = colour(element, "--line-soft"), band = colour(element, "--range-band"), out = colour(element, "--out-range");
    const strokes = ["--series-1", "--series-2", "--series-3"].map((token) => colour(element, token));
    const parts = series.lines.map((line) => { const [a, b] = within(line.times, span), gap = gapLimit(line.times), xs: number[] = [], ys: (number | null)[] = []; for (let i = Math.max(0, a - 1); i < Math.min(line.times.length, b + 1); i += 1) { if (i > 0 && xs.length > 0 && line.times[i]! - line.times[i - 1]! > gap) { xs.push((line.times[i]! + line.times[i - 1]!) / 2000); ys.push(null); } xs.push(line.times[i]! / 1000); ys.push(line.values[i]!); } return [xs, ys] as [number[], (number | null)[]]; });
    const axis = valueAxis(parts.flatMap(([, ys]) => ys.filter((value) => value !== null)), union(series.lines.flatMap((line) => rangeOf(series, line) ?? [])));
    const locale = language === "zh" ? "zh-CN" : "en-GB", length = span.to - span.from;
    const when = new Intl.DateTimeFormat(locale, length > 700 * 86_400_000 ? { year: "numeric" } : length > 60 * 86_400_000 ? { year: "2-digit", month: "short" } : length > 2 * 86_400_000 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" });
    const ranges = series.lines.map((line) => rangeOf(series, line));
    const chart = new uPlot({
      width, height: chartHeight, padding: [6, 12, 0, 0], legend: { show: false }, cursor: { y: false, points: { size: 9 } },
      scales: { x: { time: true, range: () => [span.from / 1000, span.to / 1000] }, y: { range: () => [axis.low, axis.high] } },
      axes: [
        { stroke: ink, font: "12px system-ui", size: 22, gap: 3, grid: { show: false }, ticks: { show: false }, values: (_, splits) => splits.map((at) => when.format(at * 1000)) },
        { stroke: ink, font: "12px system-ui", size: 44, gap: 4, grid: { stroke: grid, width: 1 }, ticks: { show: false }, splits: () => axis.ticks, values: (_, splits) => splits.map((value) => format.number(value)) },
      ],
      series: [{}, ...series.lines.map((line, i) => ({ label: say(line.name), stroke: strokes[i % 3]!, width: 1.4, spanGaps: false, points: { show: true, size: 4, fill: strokes[i % 3]!, filter: (plot: uPlot, index: number) => { const ys = plot.data[index]!, alone: number[] = []; for (let k = 0; k < ys.length; k += 1) if (ys[k] !== null && ys[k] !== undefined && !near(ys, k, -1) && !near(ys, k, 1)) alone.push(k); return alone; } } }))],
      hooks: {
        drawClear: [(plot) => { const { ctx, bbox } = plot; ctx.save(); ctx.fillStyle = band; for (const range of ranges) { if (!range) continue; const top = plot.valToPos(Math.min(axis.high, range.high ?? axis.high), "y", true), bottom = plot.valToPos(Math.max(axis.low, range.low ?? axis.low), "y", true); ctx.fillRect(bbox.left, top, bbox.width, bottom - top); } ctx.restore(); }],
        draw: [(plot) => { const { ctx } = plot, size = 4 * devicePixelRatio; ctx.save(); ctx.fillStyle = out; ctx.beginPath(); for (let s = 1; s < plot.data.length; s += 1) plot.data[s]!.forEach((value, i) => { const place = value === null || value === undefined ? "unknown" : placeInRange(value, ranges[s - 1]); if (place !== "above" && place !== "below") return; const px = plot.valToPos(plot.data[0]![i]!, "x", true), py = plot.valToPos(value!, "y", true), up = place === "above" ? 1 : -1; ctx.moveTo(px, py - up * size); ctx.lineTo(px + size, py + up * size * 0.7); ctx.lineTo(px - size, py + up * size * 0.7); ctx.closePath(); }); ctx.fill(); ctx.restore(); }],
        setCursor: [(plot) => { const read = box.current?.querySelector(".trend-read"), i = plot.cursor.idx; if (!read) return; const value = i === null || i === undefined ? undefined : plot.data[1]?.[i]; read.textContent = value === null || value === undefined ? "" : `${format.quantity(value, series.unit)} · ${format.dateTime(new Date(plot.data[0]![i!]! * 1000).toISOString())}`; }],
      },
    }, parts.length === 1 ? parts[0]! : uPlot.join(parts as unknown as uPlot.AlignedData[]), element);
    return () => chart.destroy();
  }, [series, span, width, theme, dark, language, format, say, box]);
  return <div ref={box} className="trend-box"><div ref={host} className="dense-host" role="img" aria-label={`${say(series.label)}, ${text.chart.points(series.lines.reduce((sum, line) => { const [a, b] = within(line.times, span); return sum + b - a; }, 0))}`} /><p className="trend-read small" role="status" /></div>;
}
