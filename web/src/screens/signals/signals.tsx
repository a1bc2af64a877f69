/** Recordings of a person; the chosen one on ECG paper with what was found in it. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { RecordingView } from "#server/api/contract.ts";
import { Ecg } from "../../charts/ecg.tsx";
import { FindingLine } from "../../components/finding.tsx";
import { PanelLink } from "../../components/panel.tsx";
import { Answer, Empty } from "../../components/states.tsx";
import { recordingsQuery } from "../../data/queries.ts";
import type { PanelSearch } from "../../router.tsx";
import { useWords } from "../../texts/language.tsx";
import "./signals.css";

export function Signals() {
  const { text } = useWords(), { id } = useParams({ strict: false }) as { id: string }, query = useQuery(recordingsQuery(id));
  return <div className="page"><Answer query={query}>{(list) => list.length === 0 ? <><h1>{text.signals.title}</h1><div className="sheet"><Empty>{text.signals.empty}</Empty></div></> : <Chosen patient={id} list={[...list].sort((a, b) => b.start.localeCompare(a.start))} />}</Answer></div>;
}

function Chosen({ patient, list }: { patient: string; list: RecordingView[] }) {
  const { text, say, format } = useWords(), words = text.signals, { recording } = useSearch({ strict: false }) as PanelSearch;
  const chosen = list.find((one) => one.reference === recording) ?? list[0]!;
  return (
    <>
      <header className="section"><h1>{chosen.finding ? say(chosen.finding.finding.statement) : say(chosen.label)}</h1>
        <p className="soft"><PanelLink to={{ source: chosen }}>{say(chosen.label)}</PanelLink> · {format.dateTime(chosen.start)} · {words.seconds(format.number(chosen.seconds))} · {format.number(chosen.rate)} Hz{chosen.device && ` · ${say(chosen.device)}`}</p></header>
      <section className="sheet pad"><Ecg key={chosen.reference} recording={chosen} /></section>
      {chosen.finding && <ul className="sheet finding-list"><FindingLine view={chosen.finding} /></ul>}
      {list.length > 1 && <nav className="section" aria-labelledby="recordings"><h2 id="recordings">{words.recording} <span className="count">{list.length}</span></h2><ul className="sheet recordings">{list.map((one) => <li key={one.reference}><Link to="/people/$id/signals" params={{ id: patient }} search={{ recording: one.reference } as never} className={one === chosen ? "current" : ""} resetScroll={false}><span>{format.dateTime(one.start)}</span><span>{say(one.label)}</span><span className="soft">{words.seconds(format.number(one.seconds))} · {one.leads.join(", ")}</span><span>{one.finding ? say(one.finding.finding.statement) : ""}</span></Link></li>)}</ul></nav>}
    </>
  );
}
