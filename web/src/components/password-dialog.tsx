/** Changes one's own password. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../data/http.ts";
import { useWords } from "../texts/language.tsx";
import { Dialog } from "./dialog.tsx";
import { ProblemNote } from "./states.tsx";

export default function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { text } = useWords(), words = text.password, [current, setCurrent] = useState(""), [next, setNext] = useState("");
  const change = useMutation({ mutationFn: () => ask("/api/password", { method: "POST", body: { current, next }, signingIn: true }) });
  if (change.isSuccess) return <Dialog title={words.title} onClose={onClose}><p role="status">{words.done}</p><div><button type="button" className="button primary" autoFocus onClick={onClose}>{text.common.close}</button></div></Dialog>;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); change.mutate(); }}>
        <div className="field"><label htmlFor="password-now">{words.current}</label><input id="password-now" className="input" type="password" autoComplete="current-password" required autoFocus value={current} onChange={(event) => setCurrent(event.target.value)} /></div>
        <div className="field"><label htmlFor="password-next">{words.next}</label><input id="password-next" className="input" type="password" autoComplete="new-password" required aria-describedby="password-next-how" value={next} onChange={(event) => setNext(event.target.value)} /><p id="password-next-how" className="soft small">{text.first.passwordHow}</p></div>
        {change.error && <ProblemNote error={change.error} />}
        <div className="row"><button type="submit" className="button primary" disabled={change.isPending}>{words.submit}</button><button type="button" className="button" onClick={onClose}>{text.common.cancel}</button></div>
      </form>
    </Dialog>
  );
}
