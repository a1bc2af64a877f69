/** The person's timeline: lanes by kind on one time axis, from a lifetime to seconds, by wheel, pinch, drag or keys. */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Lane, TimelineItem, TimelineView } from "#server/api/contract.ts";
import { usePanel } from "../components/panel.tsx";
import { useWidth } from "../state/hooks.ts";
import { useWords } from "../texts/language.tsx";
import { layoutLane, type Mark } from "./layout.ts";
import { pan, tickLabel, ticks, toTime, toX, zoom, type Span } from "./scale.ts";
import { LaneRow } from "./lane-row.tsx";
import "./timeline.css";

export const laneOrder: Lane[] = ["findings", "encounters", "problems", "medicines", "procedures", "tests", "signals", "wearables", "immunizations"];
const axis = 28, rowHeight = 22, lanePad = 10;

type Props = { view: TimelineView; span: Span; limits: Span; onSpan: (span: Span) => void; /** plain wheel zooms, not only with Ctrl */ wheel?: boolean; lanes?: Lane[] };

export function Timeline({ view, span, limits, onSpan, wheel = false, lanes = laneOrder }: Props) {
  const { text, say, format, language } = useWords(), { open } = usePanel();
  const [box, boxWidth] = useWidth<HTMLDivElement>();
  const label = boxWidth < 600 ? 84 : 120, width = Math.max(1, boxWidth - label);
  const now = useMemo(() => Date.now(), []);
  const [picked, setPicked] = useState<number>(-1);
  const byLane = useMemo(() => Map.groupBy(view.items, (item) => item.lane), [view.items]);
  const layouts = useMemo(() => lanes.filter((lane) => byLane.has(lane) || view.density.some((bucket) => bucket.lane === lane)).map((lane) => ({ lane, ...layoutLane(byLane.get(lane) ?? [], span, width, now) })), [lanes, byLane, view.density, span, width, now]);
  let y = axis;
  const placed = layouts.map((layout) => { const dense = view.density.filter((bucket) => bucket.lane === layout.lane); const height = Math.max(1, layout.rows + (dense.length > 0 && layout.rows === 0 ? 1 : 0)) * rowHeight + lanePad; const top = y; y += height; return { ...layout, dense, top, height }; });
  const steps = useMemo(() => layouts.flatMap((layout) => layout.marks).map((mark) => ({ mark, x: mark.kind === "bar" ? Math.max(0, mark.x0) : mark.x })).sort((a, b) => a.x - b.x), [layouts]);
  const pickedMark = steps[picked]?.mark;

  const describe = (mark: Mark): string => {
    const item = mark.kind === "cluster" ? mark.items[0]! : mark.item;
    const what = mark.kind === "cluster" ? text.time.events(mark.items.length, text.lane[item.lane]) : say(item.label);
    return [what, format.dateTime(item.start), mark.kind === "bar" ? (mark.open ? text.time.ongoing : format.date(item.end)) : undefined, item.institution && say(item.institution), item.tone === "out-of-range" ? text.chart.outOfRange : undefined].filter(Boolean).join(" · ");
  };
  const activate = (mark: Mark) => {
    if (mark.kind !== "cluster") { open(mark.item.lane === "findings" ? { why: mark.item.reference } : { source: mark.item }); return; }
    const times = mark.items.map((item: TimelineItem) => Date.parse(item.start)), first = Math.min(...times), last = Math.max(...times), room = Math.max((last - first) * 0.4, 1800_000);
    onSpan(zoom({ from: first - room, to: last + room }, limits, first, 1));
  };

  // Wheel must be able to stop the page from scrolling, which React's passive listener cannot.
  const latest = useRef({ span, limits, onSpan, width, label, wheel });
  useEffect(() => { latest.current = { span, limits, onSpan, width, label, wheel }; });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const listen = (event: WheelEvent) => {
      const { span: s, limits: l, onSpan: go, width: w, label: edge, wheel: plain } = latest.current;
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      if (!sideways && !event.ctrlKey && !event.metaKey && !plain) return;
      event.preventDefault();
      if (sideways) go(pan(s, l, ((event.deltaX || event.deltaY) / w) * (s.to - s.from)));
      else go(zoom(s, l, toTime(s, w, event.clientX - element.getBoundingClientRect().left - edge), Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006)));
    };
    element.addEventListener("wheel", listen, { passive: false });
    return () => element.removeEventListener("wheel", listen);
  }, [box]);

  const pointers = useRef(new Map<number, { x: number; y: number }>()), dragged = useRef(false);
  const down = (event: PointerEvent) => { pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY }); dragged.current = false; };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const others = [...pointers.current].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    if (others[0]) {
      const was = Math.abs(before.x - others[0].x), is = Math.abs(event.clientX - others[0].x);
      if (was > 10 && is > 10) onSpan(zoom(span, limits, toTime(span, width, (event.clientX + others[0].x) / 2 - box.current!.getBoundingClientRect().left - label), was / is));
      dragged.current = true;
    } else {
      const by = event.clientX - before.x;
      if (!dragged.current && Math.abs(by) < 4) return;
      if (!dragged.current) event.currentTarget.setPointerCapture(event.pointerId);
      dragged.current = true;
      onSpan(pan(span, limits, (-by / width) * (span.to - span.from)));
    }
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };
  const up = (event: PointerEvent) => { pointers.current.delete(event.pointerId); };

  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const length = span.to - span.from, middle = (span.from + span.to) / 2;
    const act: Record<string, () => void> = {
      ArrowLeft: () => onSpan(pan(span, limits, -length / 5)), ArrowRight: () => onSpan(pan(span, limits, length / 5)),
      "+": () => onSpan(zoom(span, limits, middle, 0.6)), "=": () => onSpan(zoom(span, limits, middle, 0.6)), "-": () => onSpan(zoom(span, limits, middle, 1 / 0.6)), "0": () => onSpan(limits),
      n: () => setPicked(Math.min(steps.length - 1, picked + 1)), p: () => setPicked(Math.max(0, picked - 1)),
      Enter: () => { if (pickedMark) activate(pickedMark); },
    };
    const run = act[event.key];
    if (run) { event.preventDefault(); event.stopPropagation(); run(); }
  };

  return (
    <div ref={box} className="timeline" role="group" tabIndex={0} aria-label={text.person.tabs.timeline} aria-describedby="timeline-help" onKeyDown={keys} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onClickCapture={(event) => { if (dragged.current) { event.stopPropagation(); event.preventDefault(); dragged.current = false; } }}>
      <p id="timeline-help" className="visually-hidden">{text.time.help}</p>
      {boxWidth > 0 && <svg width={boxWidth} height={y + 4} aria-hidden="true">
        {ticks(span, width).map((tick) => { const x = label + toX(span, width, tick.time); return <g key={tick.time}><path d={`M${x} ${axis - 6}V${y}`} className="tick" /><text x={x + 4} y={axis - 10} className="tick-label">{tickLabel(tick, language === "zh" ? "zh-CN" : "en-GB")}</text></g>; })}
        {now >= span.from && now <= span.to && <path d={`M${label + toX(span, width, now)} ${axis - 6}V${y}`} className="now" />}
        {placed.map((lane) => <LaneRow key={lane.lane} lane={lane.lane} marks={lane.marks} hidden={lane.hidden} dense={lane.dense} top={lane.top} height={lane.height} left={label} width={width} rowHeight={rowHeight} span={span} picked={pickedMark} onMark={activate} describe={describe} />)}
      </svg>}
      {steps.length === 0 && view.density.length === 0 && <p className="timeline-empty soft">{text.time.empty}</p>}
      <p className="visually-hidden" aria-live="polite">{pickedMark ? describe(pickedMark) : ""}</p>
      {pickedMark && <p className="timeline-picked small">{describe(pickedMark)}</p>}
    </div>
  );
}
