/** The ledger: where it stands, its newest entries, a proof for any resource, and the administrator's full check. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { ProofCheck } from "../../components/proof-check.tsx";
import { Answer, Empty } from "../../components/states.tsx";
import { ledgerQuery } from "../../data/queries.ts";
import { useTitle } from "../../state/hooks.ts";
import { useAccount } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";
import { Verify } from "./verify.tsx";

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function Ledger() {
  const { text, format } = useWords(), words = text.ledger, query = useQuery(ledgerQuery), role = useAccount()?.role;
  useTitle(text.common.page(words.title));
  return (
    <div className="page">{!query.data && <h1>{words.title}</h1>}<Answer query={query}>{(ledger) => (
      <>
        <header className="section"><h1>{words.lead(ledger.size)}</h1></header>
        <section className="section" aria-labelledby="checkpoint"><div className="row spread"><h2 id="checkpoint">{words.checkpoint}</h2><button type="button" className="button" onClick={() => save(`checkpoint-${ledger.size}.txt`, ledger.checkpoint)}>{words.export}</button></div>
          <dl className="sheet pad facts"><dt>{words.origin}</dt><dd className="mono">{ledger.origin}</dd><dt>{words.size}</dt><dd>{format.number(ledger.size)}{ledger.pending > 0 && <span className="soft small"> · {words.pending}: {format.number(ledger.pending)}</span>}</dd><dt>{words.signedAt}</dt><dd>{ledger.signedAt ? format.dateTime(ledger.signedAt) : "–"}</dd><dt>{words.root}</dt><dd className="mono">{ledger.root}</dd></dl></section>
        <LookUp />
        {role === "administrator" && <Verify />}
        <section className="section"><h2>{words.recent}</h2>
          {ledger.leaves.length === 0 ? <div className="sheet"><Empty>{words.empty}</Empty></div> : <div className="sheet scroll-x" tabIndex={0} role="region" aria-label={words.recent}><table><thead><tr><th className="number">{words.index}</th><th>{words.kind}</th><th>{text.common.at}</th><th>{words.hash}</th></tr></thead><tbody>{ledger.leaves.map((leaf) => <tr key={leaf.index}><td className="number">{format.number(leaf.index)}</td><td className="nowrap">{(words.kinds as Record<string, string>)[leaf.kind] ?? leaf.kind}</td><td className="nowrap">{format.dateTime(leaf.at)}</td><td className="mono nowrap">{leaf.leafHash.slice(0, 32)}…</td></tr>)}</tbody></table></div>}</section>
      </>)}</Answer></div>
  );
}

function LookUp() {
  const { text } = useWords(), words = text.ledger, navigate = useNavigate(), { ref, v } = useSearch({ strict: false }) as { ref?: string; v?: string };
  const [typed, setTyped] = useState(ref ? (v ? `${ref}/_history/${v}` : ref) : "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const match = /([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:(?:\/_history\/|@)([A-Za-z0-9.-]{1,64}))?\s*$/.exec(typed);
    void navigate({ to: "/ledger", search: { ref: match?.[1] ?? typed.trim(), ...(match?.[2] ? { v: match[2] } : {}) } });
  };
  return (
    <section className="section" aria-labelledby="look-up"><h2 id="look-up">{words.lookup}</h2>
      <form className="row" role="search" onSubmit={submit}><div className="field" style={{ flex: 1, maxWidth: 480 }}><label htmlFor="ledger-ref">{words.reference}</label><input id="ledger-ref" className="input mono" required spellCheck={false} autoCapitalize="none" value={typed} onChange={(event) => setTyped(event.target.value)} /></div><button type="submit" className="button" style={{ alignSelf: "end", minHeight: 36 }}>{words.find}</button></form>
      {ref && <div className="sheet pad stack"><h3 className="mono">{ref}{v && ` · ${text.evidence.version(v)}`}</h3><ProofCheck key={`${ref}@${v}`} reference={ref} {...(v ? { version: v } : {})} start /></div>}</section>
  );
}
