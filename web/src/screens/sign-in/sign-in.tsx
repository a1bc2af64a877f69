/** Sign-in. Demo accounts stand here only when the server says this is a demo node. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import type { Account } from "#server/api/contract.ts";
import { PopulationProgress } from "../../components/frame.tsx";
import { SignInForm } from "../../components/sign-in-form.tsx";
import { ProblemNote } from "../../components/states.tsx";
import { sessionQuery } from "../../data/queries.ts";
import { useTitle } from "../../state/hooks.ts";
import { home, signIn } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";
import "./sign-in.css";

export function SignIn() {
  const { text, say, language, setLanguage } = useWords(), words = text.signIn, router = useRouter();
  const session = useQuery(sessionQuery), { next } = useSearch({ strict: false }) as { next?: string };
  useTitle(text.common.page(words.title));
  // Only a path of this site may follow; "//host" and "/\host" would lead elsewhere.
  const done = (account: Account) => { const allowed = next && /^\/(?![/\\])/.test(next) && next !== "/signin"; router.history.push(allowed ? next : home(account)); };
  const demo = useMutation({ mutationFn: (account: { username: string; password: string }) => signIn(account.username, account.password), onSuccess: done });
  const accounts = session.data?.node.demo ? session.data.node.demoAccounts ?? [] : [];
  return (
    <main className="sign-in">
      <header className="row spread"><span className="brand"><img src="/mark.svg" alt="" width="32" height="32" /><span>{text.product}</span></span>
        <button type="button" className="button quiet" lang={language === "zh" ? "en" : "zh-CN"} onClick={() => setLanguage(language === "zh" ? "en" : "zh")}>{language === "zh" ? "English" : "中文"}</button></header>
      <div><h1>{words.title}</h1><p className="soft">{session.data ? say(session.data.node.name) : words.lead}</p></div>
      {session.error && <ProblemNote error={session.error} retry={() => void session.refetch()} />}
      <SignInForm onDone={done} />
      {accounts.length > 0 && (
        <section className="section demo" aria-labelledby="demo">
          <h2 id="demo">{words.demo}</h2><p className="soft small">{words.demoNote}</p>
          <ul>{accounts.map((account) => (
            <li key={account.username}><button type="button" className="demo-account" title={words.demoUse(say(account.display))} disabled={demo.isPending} onClick={() => demo.mutate(account)}>
              <span className="strong">{text.role[account.role]}</span><span>{say(account.display)}</span><span className="mono soft">{account.username} / {account.password}</span></button></li>))}</ul>
          {demo.error && <ProblemNote error={demo.error} />}
        </section>)}
      <PopulationProgress />
    </main>
  );
}
