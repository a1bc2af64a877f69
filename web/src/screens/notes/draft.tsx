/** One note. Unsigned: dashed edge and the word "draft"; signed: solid, with who, when and key. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { DraftSection, DraftView } from "#server/api/contract.ts";
import { PanelLink } from "../../components/panel.tsx";
import { ProofCheck } from "../../components/proof-check.tsx";
import { ProblemNote } from "../../components/states.tsx";
import { ask, Problem } from "../../data/http.ts";
import { client, findingsQuery, personChanged } from "../../data/queries.ts";
import { dropUnsaved, keepUnsaved, unsaved } from "../../state/unsaved.ts";
import { authorNames } from "../../format/author.ts";
import { useWords } from "../../texts/language.tsx";
import { RejectDialog, SignDialog } from "./decide.tsx";
import { Editor } from "./editor.tsx";

export function Draft({ draft, patient, editable }: { draft: DraftView; patient: string; editable: boolean }) {
  const { text, say, format } = useWords(), words = text.notes, open = draft.status === "preliminary";
  const [edited, setEdited] = useState<DraftSection[] | undefined>(() => open && editable ? unsaved<DraftSection[]>(draft.id) : undefined);
  const [broughtBack] = useState(edited !== undefined), [dialog, setDialog] = useState<"sign" | "reject" | undefined>(undefined), [latest, setLatest] = useState<DraftView | undefined>(undefined);
  useEffect(() => { if (edited) keepUnsaved(draft.id, edited); }, [edited, draft.id]);
  const put = (next: DraftView) => { client.setQueryData<DraftView[]>(["person", patient, "drafts"], (before) => before?.map((one) => one.id === next.id ? next : one)); };
  const finish = () => { dropUnsaved(draft.id); setEdited(undefined); setLatest(undefined); };
  const save = useMutation({
    mutationFn: (version: string) => ask<DraftView>(`/api/drafts/${encodeURIComponent(draft.id)}`, { method: "PUT", body: { sections: edited, version } }),
    onSuccess: (next) => { put(next); finish(); },
    onError: async (error) => { if (error instanceof Problem && error.kind === "conflict") { const list = await ask<DraftView[]>(`/api/people/${encodeURIComponent(patient)}/drafts`).catch(() => []); setLatest(list.find((one) => one.id === draft.id)); } },
  });
  const decide = useMutation({
    mutationFn: ({ how, reason }: { how: "sign" | "reject"; reason?: string }) => ask<DraftView>(`/api/drafts/${encodeURIComponent(draft.id)}/${how}`, { method: "POST", body: { version: draft.version, ...(reason === undefined ? {} : { reason }) } }),
    onSuccess: (next) => { if (next?.id) put(next); setDialog(undefined); void personChanged(patient); },
  });
  const conflict = save.error instanceof Problem && save.error.kind === "conflict";
  return (
    <article className={`sheet draft ${draft.status}`} aria-label={say(draft.title)}>
      <header className="draft-head">
        <div className="row"><h2>{say(draft.title)}</h2><span className={`mark ${open ? "machine" : draft.status === "rejected" ? "rejected" : "signed"}`}>{words.status[draft.status]}</span></div>
        <p className="soft small">{words.composedBy(authorNames(draft.author, text.product), format.dateTime(draft.composed))}{draft.machine && `. ${words.noModel}`}</p>
      </header>
      {broughtBack && edited && <p className="note">{words.unsavedKept}</p>}
      {conflict && <div className="problem" role="alert"><p>{words.conflict}</p>{latest && <><details><summary>{words.theirs} ({text.evidence.version(latest.version)})</summary><Sections sections={latest.sections} patient={patient} /></details><div className="row"><button type="button" className="button" onClick={() => save.mutate(latest.version)}>{words.keepMine}</button><button type="button" className="button" onClick={() => { put(latest); save.reset(); finish(); }}>{words.takeTheirs}</button></div></>}</div>}
      {save.error && !conflict && <ProblemNote error={save.error} />}
      {edited ? <Editor sections={edited} onChange={setEdited} /> : <Sections sections={draft.sections} patient={patient} />}
      {open && editable && <footer className="row draft-tools no-print">
        {edited
          ? <><button type="button" className="button primary" disabled={save.isPending} onClick={() => save.mutate(draft.version)}>{save.isPending ? words.saving : words.save}</button><button type="button" className="button" onClick={() => { save.reset(); finish(); }}>{words.discard}</button><span className="soft small">{words.unsaved}</span></>
          : <><button type="button" className="button primary" onClick={() => setDialog("sign")}>{words.sign}</button><button type="button" className="button" onClick={() => setEdited(structuredClone(draft.sections))}>{words.edit}</button><button type="button" className="button" onClick={() => setDialog("reject")}>{words.reject}</button></>}
      </footer>}
      {draft.signature && <footer className="signature"><p className="strong">{words.signed(say(draft.signature.who), format.dateTime(draft.signature.when))}</p><p className={draft.signature.valid ? "small good-text" : "small out"}>{draft.signature.valid ? `✓ ${words.valid}` : `✕ ${words.invalid}`} <span className="soft mono">{words.key} {draft.signature.keyId}</span></p>
        <ProofCheck key={draft.version} reference={`Composition/${draft.id}`} version={draft.version} /></footer>}
      {draft.rejection && <footer className="signature"><p>{words.rejected(say(draft.rejection.who), format.dateTime(draft.rejection.when))}</p><p className="soft">{words.reason}: {draft.rejection.reason}</p></footer>}
      {dialog === "sign" && <SignDialog draft={draft} pending={decide.isPending} error={decide.error} onClose={() => { setDialog(undefined); decide.reset(); }} onSign={() => decide.mutate({ how: "sign" })} />}
      {dialog === "reject" && <RejectDialog draft={draft} pending={decide.isPending} error={decide.error} onClose={() => { setDialog(undefined); decide.reset(); }} onReject={(reason) => decide.mutate({ how: "reject", reason })} />}
    </article>
  );
}

export function Sections({ sections, patient }: { sections: readonly DraftSection[]; patient: string }) {
  const { text, say } = useWords(), words = text.notes, findings = useQuery(findingsQuery(patient)).data;
  const isFinding = (reference: string): boolean => findings?.some((view) => view.reference === reference) ?? false;
  return (
    <div className="draft-sections">{sections.map((section) => (
      <section key={section.code}><h3>{say(section.title)}</h3><ul>{section.sentences.map((sentence, i) => (
        <li key={i} className={sentence.human ? "human" : ""}><span>{sentence.text}</span>
          <span className="sentence-sources no-print">{sentence.evidence.map((cited, n) => <PanelLink key={n} to={isFinding(cited.reference) ? { why: cited.reference } : { source: cited }} label={`${text.common.source} ${n + 1}: ${cited.reference}`} className="cite">{n + 1}</PanelLink>)}{sentence.human && <span className="soft small">{words.human}</span>}</span></li>))}</ul></section>))}</div>
  );
}
