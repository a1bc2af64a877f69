/** The two ways a draft ends: signed, or rejected with a reason. */
import { useEffect, useState } from "react";
import type { DraftView } from "#server/api/contract.ts";
import { Dialog } from "../../components/dialog.tsx";
import { ProblemNote } from "../../components/states.tsx";
import { dropUnsaved, keepUnsaved, unsaved } from "../../state/unsaved.ts";
import { useWords } from "../../texts/language.tsx";

type Common = { draft: DraftView; pending: boolean; error: unknown; onClose: () => void };

export function SignDialog({ pending, error, onClose, onSign }: Common & { onSign: () => void }) {
  const { text } = useWords(), words = text.notes;
  return <Dialog title={words.signTitle} onClose={onClose}><p>{words.signText}</p>{error ? <ProblemNote error={error} /> : null}<div className="row"><button type="button" className="button primary" autoFocus disabled={pending} onClick={onSign}>{pending ? words.signing : words.sign}</button><button type="button" className="button" onClick={onClose}>{text.common.cancel}</button></div></Dialog>;
}

export function RejectDialog({ draft, pending, error, onClose, onReject }: Common & { onReject: (reason: string) => void }) {
  const { text } = useWords(), words = text.notes, name = `reject.${draft.id}`, [reason, setReason] = useState(() => unsaved<string>(name) ?? "");
  useEffect(() => { if (reason) keepUnsaved(name, reason); }, [reason, name]);
  return (
    <Dialog title={words.rejectTitle} onClose={onClose}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); if (reason.trim()) { dropUnsaved(name); onReject(reason.trim()); } }}>
        <div className="field"><label htmlFor="reject-reason">{words.reason}</label><textarea id="reject-reason" className="input" rows={3} required autoFocus aria-describedby="reject-how" value={reason} onChange={(event) => setReason(event.target.value)} /><p id="reject-how" className="soft small">{words.reasonHow}</p></div>
        {error ? <ProblemNote error={error} /> : null}
        <div className="row"><button type="submit" className="button primary" disabled={pending || reason.trim() === ""}>{words.reject}</button><button type="button" className="button" onClick={onClose}>{text.common.cancel}</button></div>
      </form>
    </Dialog>
  );
}
