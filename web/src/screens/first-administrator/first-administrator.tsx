/** Makes the first administrator of an empty node from its one-time link; the token stands after "#", so it reaches no log. */
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { ProblemNote } from "../../components/states.tsx";
import { ask } from "../../data/http.ts";
import { useTitle } from "../../state/hooks.ts";
import { home, signIn } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";
import "../sign-in/sign-in.css";

export function FirstAdministrator() {
  const { text, language, setLanguage } = useWords(), words = text.first, router = useRouter(), [token] = useState(() => location.hash.slice(1));
  const [name, setName] = useState(""), [username, setUsername] = useState(""), [password, setPassword] = useState("");
  useTitle(text.common.page(words.title));
  const make = useMutation({
    mutationFn: async () => { await ask("/api/first-administrator", { method: "POST", body: { token, username, password, name }, signingIn: true }); return signIn(username, password); },
    onSuccess: (account) => router.history.replace(home(account)),
  });
  const submit = (event: FormEvent) => { event.preventDefault(); make.mutate(); };
  return (
    <main className="sign-in">
      <header className="row spread"><span className="brand"><img src="/mark.svg" alt="" width="32" height="32" /><span>{text.product}</span></span><button type="button" className="button quiet" lang={language === "zh" ? "en" : "zh-CN"} onClick={() => setLanguage(language === "zh" ? "en" : "zh")}>{language === "zh" ? "English" : "中文"}</button></header>
      <div><h1>{words.title}</h1><p className="soft">{token ? words.lead : words.noToken}</p></div>
      {token && <form className="stack" onSubmit={submit}>
        <div className="field"><label htmlFor="name">{words.name}</label><input id="name" className="input" autoComplete="name" required autoFocus value={name} onChange={(event) => setName(event.target.value)} /></div>
        <div className="field"><label htmlFor="username">{text.signIn.username}</label><input id="username" className="input" autoComplete="username" autoCapitalize="none" spellCheck={false} required value={username} onChange={(event) => setUsername(event.target.value)} /></div>
        <div className="field"><label htmlFor="password">{text.signIn.password}</label><input id="password" className="input" type="password" autoComplete="new-password" required aria-describedby="password-how" value={password} onChange={(event) => setPassword(event.target.value)} /><p id="password-how" className="soft small">{words.passwordHow}</p></div>
        {make.error && <ProblemNote error={make.error} />}
        <button type="submit" className="button primary big" disabled={make.isPending}>{words.submit}</button>
      </form>}
    </main>
  );
}
