/** My results: the newest value of each test, what the test is, and where it lies in its usual range. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { MeasureKind } from "#server/api/contract.ts";
import { TrendFigure } from "../../charts/trend-chart.tsx";
import { Answer } from "../../components/states.tsx";
import { measuresQuery, seriesQuery } from "../../data/queries.ts";
import { placeInRange, placeOfAll, type Range } from "../../format/format.ts";
import { rangeOf } from "../../charts/trend.ts";
import { useWords } from "../../texts/language.tsx";
import { whole } from "../../time/scale.ts";
import { WhenNear } from "../person/results.tsx";
import { useOwnId } from "./patient.tsx";

const groups = ["vital", "lab", "wearable"] as const;

export function Results() {
  const { text } = useWords(), words = text.patient, id = useOwnId(), query = useQuery(measuresQuery(id));
  return (
    <><header><h1>{words.results}</h1><p className="soft">{words.resultsLead}</p></header>
      <Answer query={query}>{(kinds) => kinds.length === 0 ? <p>{words.noResults}</p> : <>{groups.map((group) => { const list = kinds.filter((kind) => kind.group === group); return list.length > 0 && <section key={group} className="section" aria-labelledby={group}><h2 id={group}>{text.person.group[group]}</h2><ul className="plain-list">{list.map((kind) => <li key={kind.code}><WhenNear><Result patient={id} kind={kind} /></WhenNear></li>)}</ul></section>; })}</>}</Answer></>
  );
}

function Result({ patient, kind }: { patient: string; kind: MeasureKind }) {
  const { text, say, format, language } = useWords(), words = text.patient, series = useQuery(seriesQuery(patient, kind.code)), [open, setOpen] = useState(false);
  const lines = series.data?.lines ?? [];
  const ranges = series.data ? lines.map((line) => rangeOf(series.data!, line)) : [], range = lines.length === 1 ? ranges[0] : undefined;
  const place = lines.length === 1 ? placeInRange(kind.last.value, range) : placeOfAll(lines.map((line, i) => placeInRange(line.values.at(-1) ?? NaN, ranges[i])));
  const shown = lines.length === 1 ? format.range(range, kind.unit) : lines.flatMap((line, i) => ranges[i] ? `${say(line.name)} ${format.range(ranges[i], kind.unit)}` : []).join(language === "zh" ? "，" : ", ");
  const times = series.data?.lines.flatMap((line) => line.times) ?? [];
  return (
    <div className="section">
      <div><h3>{say(kind.label)}</h3>{words.explain[kind.code] && <p className="soft">{words.explain[kind.code]}</p>}</div>
      <p><span className={`result-value ${place === "above" || place === "below" ? "out" : ""}`}>{place === "above" ? "▲ " : place === "below" ? "▼ " : ""}{kind.last.second !== undefined && `${format.number(kind.last.value)}/`}{format.quantity(kind.last.second ?? kind.last.value, kind.unit)}</span> <span className="soft">{words.measured(format.date(kind.last.at))}</span></p>
      {series.data && (place === "unknown" ? <p className="soft">{words.noRange}</p> : <>{range && <RangeBar value={kind.last.value} range={range} />}<p>{place === "in" ? words.inRange(shown) : place === "above" ? words.above(shown) : words.below(shown)}{place !== "in" && ` ${words.outNote}`}</p></>)}
      {times.length > 1 && <div><button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? words.hide : words.overTime}</button></div>}
      {open && series.data && <TrendFigure series={series.data} span={whole(Math.min(...times), Math.max(...times))} plain />}
    </div>
  );
}

/** The usual range as a box on a track, the value as a pointer: inside, or beside it. */
function RangeBar({ value, range }: { value: number; range: Range }) {
  const low = range.low ?? Math.min(0, value), high = range.high ?? Math.max(value, low * 1.5), room = (high - low) * 0.6 || 1, from = Math.min(low - room, value - room * 0.2), to = Math.max(high + room, value + room * 0.2), x = (at: number) => ((at - from) / (to - from)) * 300;
  const start = range.low === undefined ? 0 : x(low), end = range.high === undefined ? 300 : x(high), outside = placeInRange(value, range) !== "in";
  return <svg className="range-bar" viewBox="0 0 300 28" preserveAspectRatio="none" aria-hidden="true"><rect y="14" width="300" height="10" rx="2" className="track" /><rect x={start} y="14" width={end - start} height="10" className="usual" /><path d={`M${x(value)} 25l-5 -18h10Z`} className={outside ? "me outside" : "me"} /></svg>;
}
