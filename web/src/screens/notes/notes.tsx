/** Notes of a person: the draft to work on, then those signed or rejected. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { DraftView } from "#server/api/contract.ts";
import { Answer, Empty, ProblemNote } from "../../components/states.tsx";
import { ask } from "../../data/http.ts";
import { draftsQuery, personChanged } from "../../data/queries.ts";
import { useAccount } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";
import { Draft } from "./draft.tsx";
import "./notes.css";

export function Notes() {
  const { text, language } = useWords(), words = text.notes, { id } = useParams({ strict: false }) as { id: string }, query = useQuery(draftsQuery(id));
  const doctor = useAccount()?.role === "practitioner";
  const compose = useMutation({ mutationFn: () => ask<DraftView>(`/api/people/${encodeURIComponent(id)}/drafts`, { method: "POST", body: { language } }), onSuccess: () => personChanged(id) });
  const button = doctor && <button type="button" className="button no-print" disabled={compose.isPending} onClick={() => compose.mutate()}>{compose.isPending ? words.composing : words.compose}</button>;
  return (
    <div className="page notes">
      <div className="row spread"><h1>{words.title}</h1><span className="row">{query.data && query.data.length > 0 && button}<button type="button" className="button quiet no-print" onClick={() => print()}>{text.common.print}</button></span></div>
      {compose.error && <ProblemNote error={compose.error} retry={() => compose.mutate()} />}
      <Answer query={query}>{(drafts) => drafts.length === 0 ? <div className="sheet"><Empty action={button}>{words.empty} {words.emptyHow}</Empty></div> : [...drafts].sort((a, b) => Number(b.status === "preliminary") - Number(a.status === "preliminary") || b.composed.localeCompare(a.composed)).map((draft) => <Draft key={draft.id} draft={draft} patient={id} editable={doctor} />)}</Answer>
    </div>
  );
}
