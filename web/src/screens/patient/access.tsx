/** Who looked at my record. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Answer } from "../../components/states.tsx";
import { accessQuery } from "../../data/queries.ts";
import { groupAccess } from "../../format/access.ts";
import { useWords } from "../../texts/language.tsx";
import { useOwnId } from "./patient.tsx";

const step = 40;

export function Access() {
  const { text, say, format } = useWords(), words = text.patient, query = useQuery(accessQuery(useOwnId())), [shown, setShown] = useState(step);
  const kind = (name: string): string => (words.kind as Record<string, string>)[name] ?? words.kind.other;
  return (
    <><header><h1>{words.access}</h1><p className="soft">{words.accessLead}</p></header>
      <Answer query={query}>{(events) => events.length === 0 ? <p>{words.noAccess}</p> : <><ul className="plain-list">{groupAccess(events).slice(0, shown).map((event, i) => <li key={i}><span><span className="strong">{say(event.agent)}</span> {kind(event.kind)}{event.count > 1 && ` × ${format.number(event.count)}`}</span><span className="soft">{format.dateTime(event.at)}</span></li>)}</ul>{groupAccess(events).length > shown && <div><button type="button" className="button" onClick={() => setShown(shown + step * 3)}>{text.common.more}</button></div>}</>}</Answer></>
  );
}
