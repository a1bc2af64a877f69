/** A recording on ECG paper, row by row, with paging, beats, calipers and screen calibration. Place is in the URL (`at`). */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { RecordingView, SignalView } from "#server/api/contract.ts";
import { Answer } from "../components/states.tsx";
import { client, signalQuery } from "../data/queries.ts";
import { recall, remember } from "../state/memory.ts";
import { useKeys, useWidth } from "../state/hooks.ts";
import { useWords } from "../texts/language.tsx";
import type { PanelSearch } from "../router.tsx";
import type { Caliper } from "./calipers.ts";
import { EcgPaper, paperSpeed, pulseMm } from "./ecg-paper.tsx";
import "./ecg.css";

const cssPxPerMm = 96 / 25.4, cardMm = 85.6;

export function Ecg({ recording, plain = false }: { recording: RecordingView; plain?: boolean }) {
  const { text, format } = useWords(), words = text.signals, navigate = useNavigate(), { at } = useSearch({ strict: false }) as PanelSearch;
  const [box, width] = useWidth<HTMLDivElement>(), [scale, setScale] = useState(() => Number(recall("pxPerMm")) || cssPxPerMm);
  const [caliper, setCaliper] = useState<Caliper | undefined>(undefined), [beats, setBeats] = useState(true), [table, setTable] = useState(false), [tune, setTune] = useState(false);
  const perRow = Math.max(1, Math.floor((((width - 2) / scale - pulseMm) / paperSpeed) * 5) / 5);
  const rows = recording.leads.length > 1 ? 1 : Math.min(width < 700 ? 6 : 4, Math.ceil(recording.seconds / perRow)), seconds = Math.min(recording.seconds, perRow * rows);
  const from = Math.max(0, Math.min(at ?? 0, recording.seconds - seconds)), id = recording.reference.split("/")[1]!;
  const query = useQuery({ ...signalQuery(id, round(from), round(seconds)), enabled: width > 0 });
  const go = (to: number) => { const next = round(Math.max(0, Math.min(to, recording.seconds - seconds))); void navigate({ to: ".", replace: true, resetScroll: false, search: ((before: PanelSearch) => { const { at: _at, ...rest } = before; return next > 0 ? { ...rest, at: next } : rest; }) as never }); };
  const more = from + seconds < recording.seconds - 0.05;
  useEffect(() => { if (more && width > 0) void client.prefetchQuery(signalQuery(id, round(Math.min(from + seconds, recording.seconds - seconds)), round(seconds))); }, [more, id, from, seconds, width, recording.seconds]);
  useKeys({ "[": () => go(from - seconds), "]": () => go(from + seconds) });
  return (
    <div ref={box} className="stack ecg-view">
      <div className="row spread">
        <p className="soft small">{words.scale}{query.data && <> · {words.shown(format.number(from, 1), format.number(from + seconds, 1), format.number(recording.seconds, 1))}</>}</p>
        <div className="row no-print">
          {!plain && <><button type="button" className="button" aria-pressed={beats} onClick={() => setBeats(!beats)}>{beats ? "▼ " : ""}{words.beats}</button><button type="button" className="button" aria-expanded={tune} onClick={() => setTune(!tune)}>{words.calibrate}</button><button type="button" className="button" aria-expanded={table} onClick={() => setTable(!table)}>{table ? text.common.chart : words.asTable}</button></>}
          {recording.seconds > seconds + 0.05 && <><button type="button" className="button" disabled={from <= 0} title="[" onClick={() => go(from - seconds)}>{words.earlier}</button><button type="button" className="button" disabled={!more} title="]" onClick={() => go(from + seconds)}>{words.later}</button></>}
        </div>
      </div>
      {tune && <div className="sheet pad stack"><label htmlFor="calibrate">{words.calibrateHow}</label><div className="card-bar" style={{ width: cardMm * scale }} aria-hidden="true" /><input id="calibrate" type="range" min={2.4} max={7} step={0.01} value={scale} aria-valuetext={`${scale.toFixed(2)} px/mm`} onChange={(event) => { const next = Number(event.target.value); setScale(next); remember("pxPerMm", String(next)); }} /></div>}
      <Answer query={query}>{(view) => table ? <BeatTable view={view} /> : (
        <div className="ecg-sheet">{recording.leads.length > 1
          ? view.leads.map((lead, i) => <EcgPaper key={lead.name} view={view} lead={i} from={view.from} seconds={Math.min(seconds, view.seconds)} pxPerMm={scale} caliper={caliper} onCaliper={setCaliper} showBeats={beats && i === 0} />)
          : Array.from({ length: rows }, (_, row) => view.from + row * perRow).filter((start) => start < view.from + view.seconds - 0.05).map((start) => <EcgPaper key={start} view={view} lead={0} from={start} seconds={Math.min(perRow, view.from + view.seconds - start)} pxPerMm={scale} caliper={caliper} onCaliper={setCaliper} showBeats={beats} />)}</div>)}</Answer>
      {!plain && <p className="soft small no-print">{words.caliperHow}</p>}
    </div>
  );
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10;

function BeatTable({ view }: { view: SignalView }) {
  const { text, format } = useWords(), words = text.signals;
  return <div className="trend-table" tabIndex={0} role="region" aria-label={words.asTable}><table><thead><tr><th className="number">{words.beat}</th><th className="number">{text.common.at} (s)</th><th className="number">{words.rr} (ms)</th><th className="number">{words.heartRate} (/min)</th></tr></thead><tbody>{view.beats.map((beat, i) => { const before = view.beats[i - 1], rr = before && beat.seconds - before.seconds; return <tr key={i}><td className="number">{i + 1}</td><td className="number">{format.number(beat.seconds, 2)}</td><td className="number">{rr ? format.number(Math.round(rr * 1000)) : "–"}</td><td className="number">{rr ? format.number(Math.round(60 / rr)) : "–"}</td></tr>; })}</tbody></table></div>;
}
