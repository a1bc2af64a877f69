/** The brush and the timeline under it; close up, the server is asked for the visible span only. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Lane, Storyboard, TimelineView } from "#server/api/contract.ts";
import { Answer } from "../../components/states.tsx";
import { timelineQuery } from "../../data/queries.ts";
import { useSettled } from "../../state/hooks.ts";
import { Brush } from "../../time/brush.tsx";
import { day, year, type Span } from "../../time/scale.ts";
import { Timeline } from "../../time/timeline.tsx";
import { useSpan } from "../../time/use-span.ts";

export function busyTimes(view: TimelineView | undefined): number[] {
  return view ? [...view.items.map((item) => Date.parse(item.start)), ...view.density.map((bucket) => Date.parse(bucket.start))].filter(Number.isFinite) : [];
}

/** Close up, a window of three lengths round the span in whole days, so that small moves ask nothing. */
function windowOf(span: Span): [string, string] | [] {
  const length = span.to - span.from;
  if (length > 2 * year) return [];
  const round = Math.max(day, 10 ** Math.floor(Math.log10(length))), text = (time: number) => new Date(time).toISOString();
  return [text(Math.floor((span.from - length) / round) * round), text(Math.ceil((span.to + length) / round) * round)];
}

export function Course({ patient, span: known, lanes, wheel = false }: { patient: string; span: Storyboard["span"]; lanes?: Lane[]; wheel?: boolean }) {
  const { span, limits, setSpan } = useSpan(known.first, known.last);
  const settled = useSettled(span, 200), [from, to] = windowOf(settled);
  const whole = useQuery(timelineQuery(patient)), close = useQuery({ ...timelineQuery(patient, from, to), enabled: from !== undefined });
  const times = useMemo(() => busyTimes(whole.data), [whole.data]);
  return (
    <Answer query={whole} lines={8}>{(all) => (
      <div className="sheet pad stack"><Brush span={span} limits={limits} times={times} onSpan={setSpan} /><Timeline view={(from !== undefined && close.data) || all} span={span} limits={limits} onSpan={setSpan} wheel={wheel} {...(lanes ? { lanes } : {})} /></div>)}</Answer>
  );
}
