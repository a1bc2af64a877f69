/** The answer sentence, then the picture, then the tables. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { Lane } from "#server/api/contract.ts";
import { FindingLine } from "../../components/finding.tsx";
import { Answer, Waiting } from "../../components/states.tsx";
import { UrgencyMark } from "../../components/urgency.tsx";
import { PanelLink } from "../../components/panel.tsx";
import { findingsQuery, measuresQuery, storyboardQuery } from "../../data/queries.ts";
import { byUrgency, newestOfEach } from "../../findings/order.ts";
import { useWords } from "../../texts/language.tsx";
import { AssessButton } from "./assess.tsx";
import { Course } from "./course.tsx";

const overviewLanes: Lane[] = ["encounters", "problems", "medicines", "tests", "signals", "wearables"];

export function Overview() {
  const { text, say, format } = useWords(), { id } = useParams({ strict: false }) as { id: string };
  const story = useQuery(storyboardQuery(id)), findings = useQuery(findingsQuery(id)), measures = useQuery(measuresQuery(id));
  if (!story.data) return <Waiting />;
  const answer = say(story.data.answer), list = findings.data ? newestOfEach(byUrgency(findings.data)).filter((view) => view.finding.outcome === "computed") : [], { why } = story.data;
  return (
    <div className="page">
      <header className="section">
        <p className={`answer ${answer.length > 110 ? "long" : ""}`}>{answer}</p>
        <div className="row">{why && <><UrgencyMark urgency={why.urgency} /><PanelLink to={{ why: why.reference }}>{text.common.why}</PanelLink></>}<button type="button" className="button quiet no-print" onClick={() => print()}>{text.common.print}</button></div>
      </header>
      <section className="section" aria-labelledby="course"><h2 id="course">{text.person.picture}</h2><Course patient={id} span={story.data.span} lanes={overviewLanes} /></section>
      <section className="section" aria-labelledby="findings"><div className="row spread"><h2 id="findings">{text.person.findings}</h2><Link to="/people/$id/findings" params={{ id }} search={{} as never}>{text.common.all}</Link></div>
        <Answer query={findings}>{(all) => all.length === 0 ? <div className="sheet empty"><p>{text.person.noFindings} {text.person.noFindingsHow}</p><AssessButton patient={id} /></div> : <ul className="sheet finding-list">{list.slice(0, 6).map((view) => <FindingLine key={view.reference} view={view} />)}</ul>}</Answer></section>
      <section className="section" aria-labelledby="last"><div className="row spread"><h2 id="last">{text.person.lastResults}</h2><Link to="/people/$id/results" params={{ id }} search={{} as never}>{text.common.all}</Link></div>
        <Answer query={measures}>{(kinds) => kinds.length === 0 ? <p className="soft">{text.person.noResults}</p> : <ul className="results-line">{kinds.filter((kind) => kind.group !== "wearable").slice(0, 12).map((kind) => <li key={kind.code}><span>{say(kind.label)} <span className="soft small">{format.date(kind.last.at)}</span></span><span className="strong">{kind.last.second !== undefined && `${format.number(kind.last.value)}/`}{format.quantity(kind.last.second ?? kind.last.value, kind.unit)}</span></li>)}</ul>}</Answer></section>
    </div>
  );
}
