/** User name and password; a refusal keeps what was typed and says why. */
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import type { Account } from "#server/api/contract.ts";
import { Problem } from "../data/http.ts";
import { signIn } from "../state/session.tsx";
import { useWords } from "../texts/language.tsx";
import { ProblemNote } from "./states.tsx";

export function SignInForm({ username: fixed, onDone }: { username?: string; onDone: (account: Account) => void }) {
  const { text } = useWords(), words = text.signIn;
  const [username, setUsername] = useState(fixed ?? ""), [password, setPassword] = useState("");
  const attempt = useMutation({ mutationFn: () => signIn(username, password), onSuccess: onDone });
  const wrong = attempt.error instanceof Problem && attempt.error.status === 401;
  const submit = (event: FormEvent) => { event.preventDefault(); attempt.mutate(); };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="field"><label htmlFor="username">{words.username}</label><input id="username" name="username" className="input" autoComplete="username" autoCapitalize="none" spellCheck={false} required readOnly={fixed !== undefined} aria-invalid={wrong} value={username} onChange={(event) => setUsername(event.target.value)} autoFocus={fixed === undefined} /></div>
      <div className="field"><label htmlFor="password">{words.password}</label><input id="password" name="password" className="input" type="password" autoComplete="current-password" required aria-invalid={wrong} aria-describedby="sign-in-problem" value={password} onChange={(event) => setPassword(event.target.value)} autoFocus={fixed !== undefined} /></div>
      <div id="sign-in-problem" aria-live="polite">{wrong ? <p className="problem">{words.wrong}</p> : attempt.error ? <ProblemNote error={attempt.error} /> : null}</div>
      <button type="submit" className="button primary big" disabled={attempt.isPending}>{words.submit}</button>
    </form>
  );
}
