/** My medicines: name, how to take it, since when. */
import { useQuery } from "@tanstack/react-query";
import type { Labelled } from "#server/api/contract.ts";
import { Answer } from "../../components/states.tsx";
import { storyboardQuery } from "../../data/queries.ts";
import { useWords } from "../../texts/language.tsx";
import { isCurrent } from "../person/medicines.tsx";
import { useOwnId } from "./patient.tsx";

export function Medicines() {
  const { text } = useWords(), words = text.patient, query = useQuery(storyboardQuery(useOwnId()));
  return (
    <><h1>{words.medicines}</h1>
      <Answer query={query}>{({ medicines }) => medicines.length === 0 ? <p>{words.noMedicines}</p> : <><p className="note">{words.dontStop}</p><List title={words.medicinesNow} list={medicines.filter(isCurrent)} /><List title={words.medicinesPast} list={medicines.filter((medicine) => !isCurrent(medicine))} /></>}</Answer></>
  );
}

function List({ title, list }: { title: string; list: Labelled[] }) {
  const { text, say, format } = useWords();
  if (list.length === 0) return null;
  return <section className="section"><h2>{title}</h2><ul className="plain-list">{list.map((medicine) => <li key={medicine.reference}><span className="strong">{say(medicine.label)}</span>{medicine.detail && <span>{say(medicine.detail)}</span>}{medicine.since && <span className="soft">{isCurrent(medicine) ? text.common.since(format.date(medicine.since)) : format.date(medicine.since)}</span>}</li>)}</ul></section>;
}
