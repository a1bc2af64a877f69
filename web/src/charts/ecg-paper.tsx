/**
 * ECG on paper: 25 mm/s, 10 mm/mV, small squares 1 mm, large 5 mm. `pxPerMm` is CSS px per real millimetre
 * (96/25.4 unless the reader calibrated the screen). A 1 mV, 0.2 s pulse opens each row.
 */
import { useId, useMemo, useRef, type KeyboardEvent, type PointerEvent } from "react";
import type { SignalView } from "#server/api/contract.ts";
import { useWords } from "../texts/language.tsx";
import { moveCaliper, readCaliper, tracePath, type Caliper, type Point } from "./calipers.ts";

export const paperSpeed = 25, paperGain = 10, pulseMm = 10;
type Props = { view: SignalView; lead: number; /** seconds from the start of the recording shown in this row */ from: number; seconds: number; pxPerMm: number; caliper?: Caliper | undefined; onCaliper: (caliper: Caliper | undefined) => void; showBeats: boolean };

export function EcgPaper({ view, lead, from, seconds, pxPerMm, caliper, onCaliper, showBeats }: Props) {
  const { text, format } = useWords(), id = useId(), trace = view.leads[lead]!, begun = useRef<Point | undefined>(undefined);
  const first = Math.max(0, Math.round((from - view.from) * view.rate)), samples = useMemo(() => trace.samples.slice(first, first + Math.ceil(seconds * view.rate) + 1), [trace, first, seconds, view.rate]);
  const { low, high } = useMemo(() => { let low = -0.5, high = 1; for (const value of samples) if (value !== null) { if (value < low) low = value; if (value > high) high = value; } return { low: Math.max(-5, Math.floor(low * 2) / 2 - 0.5), high: Math.min(5, Math.ceil(high * 2) / 2 + 0.5) }; }, [samples]);
  const left = pulseMm * pxPerMm, width = left + seconds * paperSpeed * pxPerMm, height = (high - low) * paperGain * pxPerMm;
  const x = (at: number) => left + (at - from) * paperSpeed * pxPerMm, y = (mV: number) => (high - mV) * paperGain * pxPerMm;
  const path = useMemo(() => tracePath(samples, (i) => left + (i / view.rate) * paperSpeed * pxPerMm, (mV) => (high - mV) * paperGain * pxPerMm), [samples, left, view.rate, pxPerMm, high]);
  const beats = view.beats.filter((beat) => beat.seconds >= from && beat.seconds <= from + seconds);
  const pointAt = (event: PointerEvent<SVGSVGElement>): Point => { const box = event.currentTarget.getBoundingClientRect(); return { seconds: Math.min(from + seconds, Math.max(from, from + (event.clientX - box.left - left) / (paperSpeed * pxPerMm))), millivolts: high - (event.clientY - box.top) / (paperGain * pxPerMm) }; };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape" && caliper) { event.preventDefault(); event.stopPropagation(); onCaliper(undefined); return; }
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault(); event.stopPropagation();
    const start = beats[0]?.seconds ?? from, begin = caliper ?? { a: { seconds: start, millivolts: 0 }, b: { seconds: beats[1]?.seconds ?? start + 0.8, millivolts: 0 } };
    onCaliper(caliper ? moveCaliper(begin, event.key, { end: event.shiftKey, far: event.altKey, from, to: from + seconds }) : begin);
  };
  const mine = caliper && caliper.a.seconds >= from - 1e-6 && caliper.a.seconds <= from + seconds + 1e-6 ? caliper : undefined, reading = mine && readCaliper(mine);
  const said = reading ? `${format.number(reading.milliseconds)} ms${reading.perMinute ? ` · ${reading.perMinute}/min` : ""} · ${format.number(reading.millivolts, 2)} mV` : "";
  const mm = (n: number) => n * pxPerMm, base = y(0);
  return (
    <div className="ecg-row" role="group" tabIndex={0} aria-label={`${trace.name}, ${text.signals.shown(format.number(from), format.number(from + seconds), format.number(view.totalSeconds))}. ${text.signals.caliperHow}`} onKeyDown={keys}>
      <svg width={width} height={height} aria-hidden="true" className="ecg" onPointerDown={(event) => { if (event.pointerType === "touch" && !event.isPrimary) return; event.currentTarget.setPointerCapture(event.pointerId); begun.current = pointAt(event); onCaliper(undefined); }} onPointerMove={(event) => { if (begun.current) { const b = pointAt(event); if (Math.abs(b.seconds - begun.current.seconds) > 0.01) onCaliper({ a: begun.current, b }); } }} onPointerUp={() => { begun.current = undefined; }} onPointerCancel={() => { begun.current = undefined; }}>
        <defs>
          <pattern id={`${id}f`} width={mm(1)} height={mm(1)} patternUnits="userSpaceOnUse"><path d={`M${mm(1)} 0H0V${mm(1)}`} className="fine" /></pattern>
          <pattern id={`${id}b`} width={mm(5)} height={mm(5)} patternUnits="userSpaceOnUse"><rect width={mm(5)} height={mm(5)} fill={`url(#${id}f)`} /><path d={`M${mm(5)} 0H0V${mm(5)}`} className="bold" /></pattern>
        </defs>
        <rect width={width} height={height} className="paper" /><rect width={width} height={height} fill={`url(#${id}b)`} />
        <path className="trace pulse" d={`M${mm(1.5)} ${base}H${mm(2.5)}V${y(1)}H${mm(7.5)}V${base}H${mm(8.5)}`} />
        <text x={mm(2.5)} y={base + 14} className="ecg-small">{text.signals.pulse}</text>
        {gaps(samples).map(([a, b]) => <g key={a}><rect x={x(from + a / view.rate)} width={((b - a) / view.rate) * paperSpeed * pxPerMm} height={height} className="gap" /><text x={x(from + (a + b) / 2 / view.rate)} y={height - 6} textAnchor="middle" className="ecg-small">{text.signals.gap}</text></g>)}
        {path && <path d={path} className="trace" />}
        {showBeats && beats.map((beat) => <path key={beat.seconds} d={`M${x(beat.seconds)} 8l4 -7h-8Z`} className="beat" />)}
        <text x={left + 4} y={18} className="ecg-lead">{trace.name}</text>
        {mine && reading && <g className="caliper"><rect x={Math.min(x(mine.a.seconds), x(mine.b.seconds))} width={Math.abs(x(mine.b.seconds) - x(mine.a.seconds))} height={height} className="caliper-area" /><path d={`M${x(mine.a.seconds)} 0V${height}M${x(mine.b.seconds)} 0V${height}M${x(mine.a.seconds)} ${y(mine.a.millivolts)}H${x(mine.b.seconds)}V${y(mine.b.millivolts)}`} /></g>}
      </svg>
      {said && <p className="caliper-words">{said}</p>}
      <p className="visually-hidden" aria-live="polite">{said}</p>
    </div>
  );
}

function gaps(samples: readonly (number | null)[]): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < samples.length; i += 1) if (samples[i] === null) { const start = i; while (i < samples.length && samples[i] === null) i += 1; found.push([start, i]); }
  return found;
}
