/** The one time brush of a page: a strip of the whole life with the chosen span on it; handles move by drag or keys. */
import { useMemo, useRef, type KeyboardEvent, type PointerEvent } from "react";
import { useWidth } from "../state/hooks.ts";
import { useWords } from "../texts/language.tsx";
import { clamp, day, pan, shortestSpan, tickLabel, ticks, toTime, toX, year, type Span } from "./scale.ts";

const presets = [{ name: "fiveYears", length: 5 * year }, { name: "year", length: year }, { name: "month", length: year / 12 }, { name: "week", length: 7 * day }] as const;

export function Brush({ span, limits, times, onSpan }: { span: Span; limits: Span; /** ms, what the strip shows as busy */ times: readonly number[]; onSpan: (span: Span) => void }) {
  const { text, format, language } = useWords(), words = text.time;
  const [box, width] = useWidth<HTMLDivElement>(), grabbed = useRef<{ part: "from" | "to" | "both"; x: number; span: Span } | undefined>(undefined);
  const busy = useMemo(() => {
    const bins = Math.max(1, Math.floor(width / 4)), counts = new Float64Array(bins);
    for (const time of times) { const bin = Math.floor(toX(limits, bins, time)); if (bin >= 0 && bin < bins) counts[bin]! += 1; }
    const most = Math.log1p(Math.max(1, ...counts));
    return Array.from(counts, (count) => Math.log1p(count) / most);
  }, [times, width, limits]);
  const x0 = toX(limits, width, span.from), x1 = toX(limits, width, span.to), atWhole = span.from <= limits.from && span.to >= limits.to;
  const shift = (part: "from" | "to" | "both", base: Span, by: number): Span => {
    if (part === "both") return pan(base, limits, by);
    return part === "from" ? { from: Math.max(limits.from, Math.min(base.from + by, base.to - shortestSpan)), to: base.to } : { from: base.from, to: Math.min(limits.to, Math.max(base.to + by, base.from + shortestSpan)) };
  };
  const grab = (part: "from" | "to" | "both") => (event: PointerEvent<HTMLElement>) => { event.stopPropagation(); event.currentTarget.setPointerCapture(event.pointerId); grabbed.current = { part, x: event.clientX, span }; };
  const drag = (event: PointerEvent) => { const held = grabbed.current; if (held) onSpan(shift(held.part, held.span, toTime(limits, width, event.clientX - held.x) - limits.from)); };
  const release = () => { grabbed.current = undefined; };
  const nudge = (part: "from" | "to") => (event: KeyboardEvent) => {
    const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (by) { event.preventDefault(); event.stopPropagation(); onSpan(shift(part, span, by * (span.to - span.from) * (event.shiftKey ? 0.2 : 0.05))); }
  };
  const handle = (part: "from" | "to", x: number) => <div role="slider" tabIndex={0} className="brush-handle" style={{ left: x }} aria-label={part === "from" ? words.from : words.to} aria-valuemin={limits.from} aria-valuemax={limits.to} aria-valuenow={Math.round(span[part])} aria-valuetext={format.date(span[part])} onPointerDown={grab(part)} onPointerMove={drag} onPointerUp={release} onKeyDown={nudge(part)} />;
  return (
    <div className="brush no-print" role="group" aria-label={words.brush}>
      <div className="row spread">
        <div className="segments" role="group" aria-label={words.brush}>
          <button type="button" aria-pressed={atWhole} onClick={() => onSpan(limits)}>{words.whole}</button>
          {presets.map((preset) => <button key={preset.name} type="button" aria-pressed={!atWhole && Math.abs(span.to - span.from - preset.length) < preset.length * 0.02} onClick={() => onSpan(clamp({ from: Math.min(limits.to, Date.now() + preset.length * 0.02) - preset.length, to: Math.min(limits.to, Date.now() + preset.length * 0.02) }, limits))}>{words[preset.name]}</button>)}
        </div>
        <p className="soft small" aria-live="polite">{format.date(span.from)} – {format.date(span.to)} · {text.common.timeZone(format.zone)}</p>
      </div>
      <div ref={box} className="brush-strip" onPointerDown={(event) => { const at = toTime(limits, width, event.clientX - event.currentTarget.getBoundingClientRect().left), half = (span.to - span.from) / 2; if (!atWhole) onSpan(clamp({ from: at - half, to: at + half }, limits)); }}>
        {width > 0 && <><svg width={width} height="36" aria-hidden="true"><rect width={width} height="24" rx="3" className="sheet-line" />{busy.map((tall, i) => tall > 0 && <rect key={i} className="busy" x={i * 4 + 0.5} width="3" y={23 - tall * 20} height={tall * 20} />)}{ticks(limits, width, 90).map((tick) => <text key={tick.time} x={toX(limits, width, tick.time) + 2} y="35">{tickLabel(tick, language === "zh" ? "zh-CN" : "en-GB")}</text>)}</svg>
          <div className="brush-window" style={{ left: x0, width: Math.max(2, x1 - x0) }} onPointerDown={grab("both")} onPointerMove={drag} onPointerUp={release} />
          {handle("from", x0)}{handle("to", x1)}</>}
      </div>
    </div>
  );
}
