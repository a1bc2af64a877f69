/** The timeline as the whole workspace, with its entries as a table below for reading and assistive technology. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { PanelLink } from "../../components/panel.tsx";
import { Waiting } from "../../components/states.tsx";
import { storyboardQuery, timelineQuery } from "../../data/queries.ts";
import { useWords } from "../../texts/language.tsx";
import { useSpan } from "../../time/use-span.ts";
import { Course } from "./course.tsx";

const rowsShown = 100;

export function TimelineTab() {
  const { text } = useWords(), { id } = useParams({ strict: false }) as { id: string };
  const story = useQuery(storyboardQuery(id)), [table, setTable] = useState(false);
  if (!story.data) return <Waiting />;
  return (
    <div className="page">
      <div className="row spread"><h1>{text.person.tabs.timeline}</h1><button type="button" className="button no-print" aria-expanded={table} onClick={() => setTable(!table)}>{table ? text.common.chart : text.common.table}</button></div>
      {table ? <TimelineTable patient={id} span={story.data.span} /> : <><Course patient={id} span={story.data.span} wheel /><p className="soft small keys-hint">{text.time.help}</p></>}
    </div>
  );
}

function TimelineTable({ patient, span: known }: { patient: string; span: { first?: string; last?: string } }) {
  const { text, say, format } = useWords(), view = useQuery(timelineQuery(patient)), { span } = useSpan(known.first, known.last), [shown, setShown] = useState(rowsShown);
  const items = useMemo(() => (view.data?.items ?? []).filter((item) => Date.parse(item.start) <= span.to && (item.end === undefined || Date.parse(item.end) >= span.from)).sort((a, b) => b.start.localeCompare(a.start)), [view.data, span]);
  return (
    <div className="sheet scroll-x" tabIndex={0} role="region" aria-label={text.person.tabs.timeline}><table>
      <thead><tr><th>{text.common.at}</th><th>{text.time.kind}</th><th>{text.time.entry}</th><th>{text.people.place}</th><th>{text.time.end}</th></tr></thead>
      <tbody>{items.slice(0, shown).map((item, i) => <tr key={i}><td>{format.dateTime(item.start)}</td><td>{text.lane[item.lane]}</td><td><PanelLink to={item.lane === "findings" ? { why: item.reference } : { source: item }}>{say(item.label)}</PanelLink>{item.tone === "out-of-range" && <span className="small out"> ▲ {text.chart.outOfRange}</span>}</td><td>{item.institution ? say(item.institution) : ""}</td><td>{item.end ? format.date(item.end) : ""}</td></tr>)}</tbody></table>
      {items.length === 0 && <p className="empty">{text.time.empty}</p>}
      {items.length > shown && <p className="pad"><button type="button" className="button" onClick={() => setShown(shown + rowsShown * 5)}>{text.common.more} ({format.number(items.length - shown)})</button></p>}
    </div>
  );
}
