/** Every measure as a trend over the one span of time; charts below the fold are drawn when they come near. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { MeasureKind } from "#server/api/contract.ts";
import { Trend } from "../../charts/trend-chart.tsx";
import { Answer, Empty, Waiting } from "../../components/states.tsx";
import { measuresQuery, storyboardQuery, timelineQuery } from "../../data/queries.ts";
import { useSettled } from "../../state/hooks.ts";
import { useWords } from "../../texts/language.tsx";
import { Brush } from "../../time/brush.tsx";
import { year } from "../../time/scale.ts";
import { useSpan } from "../../time/use-span.ts";
import { busyTimes } from "./course.tsx";

/** Five years show a trend where a lifetime shows a smudge. */
const usual = 5 * year;
const groups = ["vital", "lab", "wearable"] as const;

export function Results() {
  const { id } = useParams({ strict: false }) as { id: string }, story = useQuery(storyboardQuery(id)), measures = useQuery(measuresQuery(id));
  if (!story.data) return <Waiting />;
  return <Answer query={measures}>{(kinds) => <Charts patient={id} kinds={kinds} first={story.data.span.first} last={story.data.span.last} />}</Answer>;
}

function Charts({ patient, kinds, first, last }: { patient: string; kinds: MeasureKind[]; first: string | undefined; last: string | undefined }) {
  const { text } = useWords(), { span, limits, setSpan } = useSpan(first, last, usual), drawn = useSettled(span, 60);
  const timeline = useQuery(timelineQuery(patient)), times = useMemo(() => busyTimes(timeline.data), [timeline.data]);
  if (kinds.length === 0) return <div className="page"><h1>{text.person.tabs.results}</h1><div className="sheet"><Empty>{text.person.noResults}</Empty></div></div>;
  return (
    <div className="page">
      <h1>{text.person.tabs.results}</h1>
      <div className="sheet pad brush-sticky"><Brush span={span} limits={limits} times={times} onSpan={setSpan} /></div>
      {groups.map((group) => { const list = kinds.filter((kind) => kind.group === group); return list.length > 0 && <section key={group} className="section" aria-labelledby={group}><h2 id={group}>{text.person.group[group]}</h2><div className="sheet pad trend-grid">{list.map((kind) => <WhenNear key={kind.code}><Trend patient={patient} code={kind.code} span={drawn} /></WhenNear>)}</div></section>; })}
    </div>
  );
}

export function WhenNear({ children }: { children: React.ReactNode }) {
  const ref = useRef<HTMLDivElement>(null), [near, setNear] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => { if (entry?.isIntersecting) { setNear(true); observer.disconnect(); } }, { rootMargin: "400px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return <div ref={ref} style={{ minHeight: near ? undefined : 180, minWidth: 0 }}>{near && children}</div>;
}
