/** The newest summary a doctor signed, as it was signed. */
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../components/states.tsx";
import { draftsQuery } from "../../data/queries.ts";
import { useWords } from "../../texts/language.tsx";
import { Draft } from "../notes/draft.tsx";
import "../notes/notes.css";
import { useOwnId } from "./patient.tsx";

export function Summary() {
  const { text } = useWords(), id = useOwnId(), query = useQuery(draftsQuery(id));
  return <><h1>{text.patient.readSummary}</h1><Answer query={query}>{(drafts) => { const signed = drafts.filter((draft) => draft.signature); return signed.length === 0 ? <p>{text.patient.noSigned}</p> : <>{signed.map((draft) => <Draft key={draft.id} draft={draft} patient={id} editable={false} />)}</>; }}</Answer></>;
}
