/** One measure over time: reference band, units, last value labelled, out-of-range by shape, gaps left open, and a table. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useId, useMemo, useState, type KeyboardEvent } from "react";
import type { Series } from "#server/api/contract.ts";
import { PanelLink, usePanel } from "../components/panel.tsx";
import { ProblemNote, Waiting } from "../components/states.tsx";
import { seriesQuery } from "../data/queries.ts";
import { placeInRange, placeOfAll } from "../format/format.ts";
import { useWidth } from "../state/hooks.ts";
import { useWords } from "../texts/language.tsx";
import { tickLabel, ticks, toX, type Span } from "../time/scale.ts";
import { gapLimit, rangeOf, runs, union, valueAxis, within } from "./trend.ts";
import "./trend.css";

const DenseChart = lazy(() => import("./dense-chart.tsx"));
export const chartHeight = 148, margin = { top: 14, right: 12, bottom: 20, left: 44 };
const denseFrom = 400, tableRows = 200;

export function Trend({ patient, code, span, plain = false }: { patient: string; code: string; span: Span; plain?: boolean }) {
  const query = useQuery(seriesQuery(patient, code));
  if (query.data) return <TrendFigure series={query.data} span={span} plain={plain} />;
  return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Waiting lines={5} />;
}

export function TrendFigure({ series, span, plain }: { series: Series; span: Span; plain: boolean }) {
  const { text, say, format } = useWords(), [table, setTable] = useState(false), title = useId();
  const all = series.lines.reduce((sum, line) => sum + line.times.length, 0);
  const last = series.lines.flatMap((line) => line.times.length ? [{ line, time: line.times.at(-1)!, value: line.values.at(-1)! }] : []).sort((a, b) => b.time - a.time)[0];
  const second = last && series.lines.length === 2 ? series.lines.find((line) => line !== last.line && line.times.at(-1) === last.time)?.values.at(-1) : undefined; // 124/78
  const high = last && second !== undefined ? Math.max(last.value, second) : last?.value, low = last && second !== undefined ? Math.min(last.value, second) : undefined;
  const places = last ? [placeInRange(last.value, rangeOf(series, last.line)), ...(second === undefined ? [] : [placeInRange(second, rangeOf(series, series.lines.find((line) => line !== last.line)!))])] : [];
  const place = last && placeOfAll(places);
  const visible = series.lines.reduce((sum, line) => { const [first, end] = within(line.times, span); return sum + end - first; }, 0);
  return (
    <figure className="trend" aria-labelledby={title}>
      <figcaption id={title} className="trend-head">
        <span><span className="strong">{say(series.label)}</span> <span className="soft small trend-range">{[format.unit(series.unit), ...series.lines.map((line) => { const range = rangeOf(series, line); return range && `${series.lines.length > 1 ? say(line.name) : text.common.range} ${format.range(range)}${range.text ? ` · ${say(range.text)}` : ""}`; })].filter(Boolean).join(" · ")}</span></span>
        {last && <span className="trend-last"><span className={`strong ${place === "above" || place === "below" ? "out" : ""}`}>{place === "above" ? "▲ " : place === "below" ? "▼ " : ""}{low === undefined ? "" : `${format.number(high!)}/`}{format.quantity(low ?? last.value, series.unit)}</span>{place && place !== "in" && place !== "unknown" && <span className="small out"> {text.chart[place]}</span>}</span>}
        <button type="button" className="link small no-print" aria-expanded={table} onClick={() => setTable(!table)}>{table ? text.common.chart : text.common.table}</button>
      </figcaption>
      {table ? <TrendTable series={series} span={span} /> : visible > denseFrom
        ? <Suspense fallback={<div style={{ height: chartHeight }} />}><DenseChart series={series} span={span} /></Suspense>
        : <TrendPicture series={series} span={span} plain={plain} />}
      {visible === 0 && !table && <p className="trend-none soft small">{text.chart.noValues} <span>{text.chart.points(all)}</span></p>}
    </figure>
  );
}

function TrendPicture({ series, span, plain }: { series: Series; span: Span; plain: boolean }) {
  const { text, say, format, language } = useWords(), { open } = usePanel(), [box, width] = useWidth<HTMLDivElement>(), clip = useId();
  const [at, setAt] = useState<{ line: number; index: number } | undefined>(undefined);
  const inner = Math.max(1, width - margin.left - margin.right), tall = chartHeight - margin.top - margin.bottom;
  const parts = useMemo(() => series.lines.map((line) => ({ line, range: within(line.times, span), gap: gapLimit(line.times) })), [series, span]);
  const bands = useMemo(() => series.lines.flatMap((line) => rangeOf(series, line) ?? []), [series]);
  const axis = useMemo(() => valueAxis(parts.flatMap(({ line, range }) => line.values.slice(...range)), union(bands)), [parts, bands]);
  const x = (time: number) => margin.left + toX(span, inner, time), y = (value: number) => margin.top + (1 - (value - axis.low) / (axis.high - axis.low)) * tall;
  const shown = parts.flatMap(({ line, range }, l) => { const found = []; for (let i = range[0]; i < range[1]; i += 1) found.push({ line: l, index: i, time: line.times[i]!, value: line.values[i]! }); return found; }).sort((a, b) => a.time - b.time);
  // A value with no neighbour near enough for a line must still be seen.
  const alone = new Set(parts.flatMap(({ line, range, gap }, l) => runs(line.times, range[0], range[1], gap).flatMap(([a, b]) => b - a === 1 ? [`${l}-${a}`] : [])));
  const current = at && shown.find((point) => point.line === at.line && point.index === at.index);
  const sourceName = (point: (typeof shown)[number]): string | undefined => { const source = series.lines[point.line]!.sources[point.index]; return source && say(source); };
  const read = (point: (typeof shown)[number]): string => { const place = placeInRange(point.value, rangeOf(series, series.lines[point.line]!)); return [format.quantity(point.value, series.unit), format.dateTime(new Date(point.time).toISOString()), series.lines.length > 1 && say(series.lines[point.line]!.name), sourceName(point), place === "unknown" ? undefined : place === "in" ? text.chart.inRange : text.chart[place]].filter(Boolean).join(" · "); };
  const source = (point: (typeof shown)[number]) => { const line = series.lines[point.line]!, reference = line.references[point.index]; if (reference && !plain) open({ source: { reference, ...(line.versions[point.index] ? { version: line.versions[point.index]! } : {}) } }); };
  const nearest = (px: number) => { let best = shown[0]; for (const point of shown) if (Math.abs(x(point.time) - px) < Math.abs(x(best!.time) - px)) best = point; return best; };
  const keys = (event: KeyboardEvent) => {
    const index = current ? shown.indexOf(current) : shown.length, to = event.key === "ArrowLeft" ? index - 1 : event.key === "ArrowRight" ? index + 1 : event.key === "Home" ? 0 : event.key === "End" ? shown.length - 1 : undefined;
    if (to !== undefined && shown[to]) { event.preventDefault(); event.stopPropagation(); setAt(shown[to]); }
    if (event.key === "Enter" && current) { event.preventDefault(); source(current); }
    if (event.key === "Escape" && current) { event.preventDefault(); setAt(undefined); }
  };
  return (
    <div ref={box} className="trend-box" role="group" tabIndex={shown.length > 0 ? 0 : undefined} aria-label={`${say(series.label)}, ${text.chart.points(shown.length)}. ${shown.length > 0 ? text.chart.keys : ""}`} onKeyDown={keys}
      onPointerMove={(event) => { const found = nearest(event.clientX - event.currentTarget.getBoundingClientRect().left); setAt(found && { line: found.line, index: found.index }); }} onPointerLeave={() => setAt(undefined)} onClick={() => { if (current) source(current); }}>
      {width > 0 && <svg width={width} height={chartHeight} aria-hidden="true">
        <defs><clipPath id={clip}><rect x={margin.left} y={margin.top - 8} width={inner} height={tall + 16} /></clipPath></defs>
        {bands.map((band, i) => { const top = y(Math.min(axis.high, band.high ?? axis.high)), bottom = y(Math.max(axis.low, band.low ?? axis.low)); return <rect key={i} x={margin.left} width={inner} y={top} height={Math.max(0, bottom - top)} className="band" />; })}
        {(shown.length > 0 || bands.length > 0) && axis.ticks.map((tick) => <g key={tick}><path d={`M${margin.left} ${y(tick)}H${width - margin.right}`} className="grid" /><text x={margin.left - 6} y={y(tick) + 4} textAnchor="end">{format.number(tick)}</text></g>)}
        {ticks(span, inner, 76).map((tick) => <text key={tick.time} x={x(tick.time)} y={chartHeight - 5} textAnchor="middle">{tickLabel(tick, language === "zh" ? "zh-CN" : "en-GB")}</text>)}
        <g clipPath={`url(#${clip})`}>{parts.map(({ line, range, gap }, l) => runs(line.times, range[0], range[1], gap).map(([a, b]) => <path key={`${l}-${a}`} className={`line line-${(l % 3) + 1}`} d={`M${Array.from({ length: b - a }, (_, i) => `${x(line.times[a + i]!).toFixed(1)} ${y(line.values[a + i]!).toFixed(1)}`).join("L")}`} />))}
          {shown.map((point) => { const place = placeInRange(point.value, rangeOf(series, series.lines[point.line]!)), px = x(point.time), py = y(point.value); return place === "above" || place === "below" ? <path key={`${point.line}-${point.index}`} className="dot out" d={place === "above" ? `M${px} ${py - 5}l5 8.500h-10Z` : `M${px} ${py + 5}l5 -8.500h-10Z`} /> : shown.length < 160 || alone.has(`${point.line}-${point.index}`) ? <circle key={`${point.line}-${point.index}`} cx={px} cy={py} r="3" className={`dot dot-${(point.line % 3) + 1}`} /> : null; })}
          {current && <circle cx={x(current.time)} cy={y(current.value)} r="6.500" className="dot-on" />}</g>
      </svg>}
      <p className="trend-read small" role="status">{current ? read(current) : ""}</p>
    </div>
  );
}

function TrendTable({ series, span }: { series: Series; span: Span }) {
  const { text, say, format } = useWords();
  const rows = series.lines.flatMap((line) => { const [first, end] = within(line.times, span); return Array.from({ length: end - first }, (_, i) => ({ time: line.times[first + i]!, value: line.values[first + i]!, range: rangeOf(series, line), name: line.name, reference: line.references[first + i], version: line.versions[first + i], source: line.sources[first + i] })); }).sort((a, b) => b.time - a.time);
  return (
    <div className="trend-table" tabIndex={0} role="region" aria-label={say(series.label)}>
      <table><thead><tr><th>{text.common.at}</th>{series.lines.length > 1 && <th>{text.time.kind}</th>}<th className="number">{text.common.value}</th><th /><th>{text.common.source}</th></tr></thead>
        <tbody>{rows.slice(0, tableRows).map((row, i) => { const place = placeInRange(row.value, row.range); return <tr key={i}><td>{format.dateTime(new Date(row.time).toISOString())}</td>{series.lines.length > 1 && <td>{say(row.name)}</td>}<td className="number">{format.quantity(row.value, series.unit)}</td><td className={place === "in" || place === "unknown" ? "soft small" : "small out"}>{place === "above" ? `▲ ${text.chart.above}` : place === "below" ? `▼ ${text.chart.below}` : place === "unknown" ? "" : text.chart.inRange}</td><td>{row.reference ? <PanelLink to={{ source: { reference: row.reference, ...(row.version ? { version: row.version } : {}) } }}>{(row.source && say(row.source)) || row.reference}</PanelLink> : row.source && say(row.source)}</td></tr>; })}</tbody></table>
      {rows.length > tableRows && <p className="soft small">{text.chart.shownAs(tableRows, rows.length)}</p>}
    </div>
  );
}
