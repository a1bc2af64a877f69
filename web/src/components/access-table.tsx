/** Who used a record, when and how, with the ledger entry that says so. */
import { useState } from "react";
import type { AccessEvent } from "#server/api/contract.ts";
import { useWords } from "../texts/language.tsx";
import { Empty } from "./states.tsx";

const step = 50;

export function AccessTable({ events }: { events: AccessEvent[] }) {
  const { text, say, format } = useWords(), kinds = text.patient.kind, [shown, setShown] = useState(step);
  const kind = (name: string): string => (kinds as Record<string, string>)[name] ?? name;
  if (events.length === 0) return <div className="sheet"><Empty>{text.person.accessEmpty}</Empty></div>;
  return (
    <div className="sheet scroll-x" tabIndex={0} role="region" aria-label={text.person.access}><table>
      <thead><tr><th>{text.common.at}</th><th>{text.person.who}</th><th>{text.person.what}</th><th className="number">{text.person.entry}</th></tr></thead>
      <tbody>{events.slice(0, shown).map((event, i) => <tr key={i}><td>{format.dateTime(event.at)}</td><td>{say(event.agent)}</td><td>{kind(event.kind)}</td><td className="number mono">{event.index ?? "–"}</td></tr>)}</tbody></table>
      {events.length > shown && <p className="pad"><button type="button" className="button" onClick={() => setShown(shown + step * 4)}>{text.common.more}</button></p>}</div>
  );
}
