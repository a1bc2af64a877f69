/** Who may sign in: list, create, disable, give a new password. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import type { ManagedAccount } from "#server/api/contract.ts";
import { Dialog } from "../../components/dialog.tsx";
import { Answer, ProblemNote } from "../../components/states.tsx";
import { ask } from "../../data/http.ts";
import { accountsQuery, client } from "../../data/queries.ts";
import { useAccount } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";
import { NewAccountForm } from "./new-account.tsx";

type Asked = { what: "disable" | "password"; account: ManagedAccount };
const path = (account: ManagedAccount, part: string) => `/api/accounts/${encodeURIComponent(account.id)}/${part}`;
const changed = () => Promise.all([client.invalidateQueries({ queryKey: ["accounts"] }), client.invalidateQueries({ queryKey: ["node"] })]);

export function Accounts() {
  const { text, say } = useWords(), words = text.administration, query = useQuery(accountsQuery), own = useAccount()?.username;
  const [creating, setCreating] = useState(false), [asked, setAsked] = useState<Asked>();
  const enable = useMutation({ mutationFn: (account: ManagedAccount) => ask(path(account, "disabled"), { method: "PUT", body: { disabled: false } }), onSuccess: changed });
  return (
    <section className="section">
      <div className="row spread"><h2>{words.accounts}</h2>{!creating && <button type="button" className="button" onClick={() => setCreating(true)}>{words.create}</button>}</div>
      {creating && <NewAccountForm onDone={() => { setCreating(false); void changed(); }} onCancel={() => setCreating(false)} />}
      {enable.error && <ProblemNote error={enable.error} />}
      <Answer query={query}>{(accounts) => (
        <div className="sheet scroll-x" tabIndex={0} role="region" aria-label={words.accounts}><table className="accounts">
          <thead><tr><th>{text.signIn.username}</th><th>{text.worklist.person}</th><th>{words.role}</th><th>{words.agent}</th><th>{words.state}</th><th><span className="visually-hidden">{text.command.actions}</span></th></tr></thead>
          <tbody>{accounts.map((account) => (
            <tr key={account.id} className={account.disabled ? "off" : ""}>
              <td className="strong">{account.username}{account.username === own && <span className="soft small"> · {words.you}</span>}</td><td>{say(account.display)}</td><td>{text.role[account.role]}</td><td className="mono">{account.agent}</td>
              <td>{account.disabled ? words.disabled : words.active}{account.demo && <span className="soft small"> · {words.demo}</span>}</td>
              <td>{account.username !== own && <div className="actions">
                <button type="button" className="button" aria-label={`${words.newPassword}: ${account.username}`} onClick={() => setAsked({ what: "password", account })}>{words.newPassword}</button>
                {account.disabled ? <button type="button" className="button" disabled={enable.isPending} aria-label={`${words.enable}: ${account.username}`} onClick={() => enable.mutate(account)}>{words.enable}</button>
                  : <button type="button" className="button" aria-label={`${words.disable}: ${account.username}`} onClick={() => setAsked({ what: "disable", account })}>{words.disable}</button>}</div>}</td>
            </tr>))}</tbody></table></div>)}</Answer>
      {asked?.what === "disable" && <DisableDialog account={asked.account} onClose={() => setAsked(undefined)} />}
      {asked?.what === "password" && <PasswordReset account={asked.account} onClose={() => setAsked(undefined)} />}
    </section>
  );
}

function DisableDialog({ account, onClose }: { account: ManagedAccount; onClose: () => void }) {
  const { text, say } = useWords(), words = text.administration;
  const run = useMutation({ mutationFn: () => ask(path(account, "disabled"), { method: "PUT", body: { disabled: true } }), onSuccess: () => { void changed(); onClose(); } });
  return (
    <Dialog title={words.disableTitle(say(account.display))} onClose={onClose}><p>{words.disableText}</p>
      {run.error && <ProblemNote error={run.error} />}
      <div className="row"><button type="button" className="button primary" disabled={run.isPending} onClick={() => run.mutate()}>{words.disable}</button><button type="button" className="button" onClick={onClose}>{text.common.cancel}</button></div></Dialog>
  );
}

function PasswordReset({ account, onClose }: { account: ManagedAccount; onClose: () => void }) {
  const { text, say } = useWords(), words = text.administration, [password, setPassword] = useState("");
  const run = useMutation({ mutationFn: () => ask(path(account, "password"), { method: "PUT", body: { password } }), onSuccess: changed });
  const submit = (event: FormEvent) => { event.preventDefault(); run.mutate(); };
  return (
    <Dialog title={words.passwordTitle(say(account.display))} onClose={onClose}>
      {run.isSuccess ? <><p role="status">{words.passwordDone}</p><div><button type="button" className="button" onClick={onClose}>{text.common.close}</button></div></>
        : <form className="stack" onSubmit={submit}><p>{words.passwordText}</p>
          <div className="field"><label htmlFor="reset-password">{text.password.next}</label><input id="reset-password" className="input" type="password" autoComplete="new-password" autoFocus required value={password} onChange={(event) => setPassword(event.target.value)} /><p className="soft small">{text.first.passwordHow}</p></div>
          {run.error && <ProblemNote error={run.error} />}
          <div className="row"><button type="submit" className="button primary" disabled={run.isPending}>{words.newPassword}</button><button type="button" className="button" onClick={onClose}>{text.common.cancel}</button></div></form>}</Dialog>
  );
}
