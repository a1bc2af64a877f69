/** Medicines now and before. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Labelled } from "#server/api/contract.ts";
import { PanelLink } from "../../components/panel.tsx";
import { Answer, Empty } from "../../components/states.tsx";
import { storyboardQuery } from "../../data/queries.ts";
import { useWords } from "../../texts/language.tsx";

/** Status as FHIR has it; what is on hold is not being taken. */
export const isCurrent = ({ status }: Labelled): boolean => status === "active";

export function Medicines() {
  const { text } = useWords(), { id } = useParams({ strict: false }) as { id: string }, query = useQuery(storyboardQuery(id));
  return (
    <div className="page"><h1>{text.person.tabs.medicines}</h1>
      <Answer query={query}>{({ medicines }) => medicines.length === 0 ? <div className="sheet"><Empty>{text.person.noMedicines}</Empty></div>
        : <><MedicineTable title={text.person.current} list={medicines.filter(isCurrent)} /><MedicineTable title={text.person.past} list={medicines.filter((medicine) => !isCurrent(medicine))} /></>}</Answer></div>
  );
}

function MedicineTable({ title, list }: { title: string; list: Labelled[] }) {
  const { text, say, format } = useWords(), words = text.person;
  if (list.length === 0) return null;
  return (
    <section className="section"><h2>{title}</h2><div className="sheet scroll-x" tabIndex={0} role="region" aria-label={title}><table>
      <thead><tr><th>{words.medicine}</th><th>{words.dose}</th><th>{words.started}</th><th>{words.status}</th></tr></thead>
      <tbody>{list.map((medicine) => <tr key={medicine.reference}><td className="strong med-name"><PanelLink to={{ source: medicine }}>{say(medicine.label)}</PanelLink></td><td>{medicine.detail ? say(medicine.detail) : "–"}</td><td>{format.date(medicine.since)}</td><td>{medicine.status ? (words.statuses[medicine.status] ?? medicine.status) : "–"}</td></tr>)}</tbody></table></div></section>
  );
}
