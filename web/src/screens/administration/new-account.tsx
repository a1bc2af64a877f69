/** A new account: who signs in, in which role, as whose record. What was typed stays when it is refused. */
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import type { ManagedAccount } from "#server/api/contract.ts";
import { ProblemNote } from "../../components/states.tsx";
import { ask } from "../../data/http.ts";
import { useWords } from "../../texts/language.tsx";

const roles: ManagedAccount["role"][] = ["practitioner", "patient", "administrator"];
const empty = { username: "", password: "", role: roles[0]!, agent: "", en: "", zh: "" };

export function NewAccountForm({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const { text } = useWords(), words = text.administration, [given, setGiven] = useState(empty);
  const make = useMutation({ mutationFn: () => ask<ManagedAccount>("/api/accounts", { method: "POST", body: given }), onSuccess: onDone });
  const submit = (event: FormEvent) => { event.preventDefault(); make.mutate(); };
  const field = (name: keyof typeof empty, label: string, more: React.InputHTMLAttributes<HTMLInputElement> = {}, hint?: string) => (
    <div className="field"><label htmlFor={`new-${name}`}>{label}</label><input id={`new-${name}`} className="input" value={given[name]} aria-describedby={hint ? `new-${name}-how` : undefined} {...more} onChange={(event) => setGiven({ ...given, [name]: event.target.value })} />{hint && <p id={`new-${name}-how`} className="soft small">{hint}</p>}</div>);
  return (
    <form className="sheet pad account-form" aria-label={words.create} onSubmit={submit}>
      <div className="field"><label htmlFor="new-role">{words.role}</label><select id="new-role" className="input" autoFocus value={given.role} onChange={(event) => setGiven({ ...given, role: event.target.value as ManagedAccount["role"] })}>{roles.map((role) => <option key={role} value={role}>{text.role[role]}</option>)}</select></div>
      {field("agent", words.agent, { required: given.role !== "administrator", spellCheck: false, autoCapitalize: "none" }, words.agentHow[given.role])}
      {field("en", words.nameEn, { required: given.zh === "", autoComplete: "off" })}
      {field("zh", words.nameZh, { required: given.en === "", autoComplete: "off", lang: "zh-CN" })}
      {field("username", text.signIn.username, { required: true, autoComplete: "off", spellCheck: false, autoCapitalize: "none" })}
      {field("password", text.signIn.password, { required: true, type: "password", autoComplete: "new-password" }, text.first.passwordHow)}
      {make.error && <div className="whole"><ProblemNote error={make.error} /></div>}
      <div className="row whole"><button type="submit" className="button primary" disabled={make.isPending}>{words.create}</button><button type="button" className="button" onClick={onCancel}>{text.common.cancel}</button></div>
    </form>
  );
}
