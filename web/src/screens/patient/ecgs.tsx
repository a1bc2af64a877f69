/** My ECGs: each with its date and, when asked for, the paper. */
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Answer, Waiting } from "../../components/states.tsx";
import { recordingsQuery } from "../../data/queries.ts";
import type { PanelSearch } from "../../router.tsx";
import { useWords } from "../../texts/language.tsx";
import { useOwnId } from "./patient.tsx";

const Ecg = lazy(() => import("../../charts/ecg.tsx").then((module) => ({ default: module.Ecg })));

export function Ecgs() {
  const { text, say, format } = useWords(), words = text.patient, query = useQuery(recordingsQuery(useOwnId())), { recording } = useSearch({ strict: false }) as PanelSearch;
  return (
    <><header><h1>{words.ecgs}</h1><p className="soft">{words.ecgsLead}</p></header>
      <Answer query={query}>{(list) => list.length === 0 ? <p>{words.noEcgs}</p> : <ul className="plain-list">{[...list].sort((a, b) => b.start.localeCompare(a.start)).map((one) => { const open = one.reference === recording; return (
        <li key={one.reference}><span className="strong">{format.dateTime(one.start)}</span><span>{say(one.label)}{one.device && ` · ${say(one.device)}`}</span>
          {one.finding && <div className="assertion machine-made"><p className="assertion-mark">{words.machine}</p><p>{say(one.finding.finding.statement)}</p></div>}
          <Link to="/me/ecgs" search={(open ? {} : { recording: one.reference }) as never} aria-expanded={open} className="plain-link" resetScroll={false}>{open ? words.hide : words.see}</Link>
          {open && <Suspense fallback={<Waiting />}><Ecg recording={one} plain /></Suspense>}</li>); })}</ul>}</Answer></>
  );
}
