/** Fetches the proof of one version and checks it here, in the browser, step by step. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ProofView } from "#server/api/contract.ts";
import { Problem } from "../data/http.ts";
import { isPending, ledgerKeyQuery, proofQuery, resourceQuery } from "../data/queries.ts";
import { checkProof, type Checked, type PathNode, type Step } from "../ledger/proof.ts";
import { recall, remember } from "../state/memory.ts";
import { useWords } from "../texts/language.tsx";
import { ProblemNote, Waiting } from "./states.tsx";
import "./proof-check.css";

type Trust = "same" | "first" | "changed";
/** The node's key is remembered by name at first sight; another key later is a fault worth seeing. */
function trustKey(name: string, publicKey: string): Trust {
  const kept = recall(`ledger-key.${name}`);
  if (kept === undefined) { remember(`ledger-key.${name}`, publicKey); return "first"; }
  return kept === publicKey ? "same" : "changed";
}

export function ProofCheck({ reference, version, start = false }: { reference: string; version?: string; start?: boolean }) {
  const { text } = useWords();
  const [asked, setAsked] = useState(start);
  if (!asked) return <div><button type="button" className="button" onClick={() => setAsked(true)}>{text.evidence.check}</button></div>;
  return <Checking reference={reference} {...(version ? { version } : {})} />;
}

function Checking({ reference, version }: { reference: string; version?: string }) {
  const { text } = useWords();
  const proof = useQuery(proofQuery(reference, version)), key = useQuery(ledgerKeyQuery);
  const shown = useQuery({ ...resourceQuery(reference, proof.data?.version ?? version), enabled: proof.data !== undefined, retry: false });
  const gone = shown.error instanceof Problem && shown.error.kind === "not-found"; // a deletion has a leaf but no text
  const ready = proof.data && key.data && (shown.data || gone);
  const checked = useQuery({
    queryKey: ["checked", proof.data?.leafHash, proof.data?.size, shown.data?.version], enabled: Boolean(ready), staleTime: Infinity,
    queryFn: async () => ({ result: await checkProof(proof.data!, shown.data?.text, key.data!), trust: trustKey(key.data!.name, key.data!.publicKey) }),
  });
  if (isPending(proof.failureReason)) return <p className="soft">{text.evidence.pending}</p>;
  const error = proof.error ?? key.error ?? (gone ? null : shown.error) ?? checked.error;
  if (error) return <ProblemNote error={error} retry={() => { void proof.refetch(); void key.refetch(); }} />;
  if (!checked.data || !proof.data) return <Waiting lines={2} />;
  return <Proven proof={proof.data} checked={checked.data.result} trust={checked.data.trust} />;
}

export function Proven({ proof, checked, trust }: { proof: ProofView; checked: Checked; trust: Trust }) {
  const { text, format } = useWords(), words = text.ledger;
  const [detail, setDetail] = useState(false);
  const proven = checked.proven && trust !== "changed";
  const title = (step: Step): string => step.name === "path" ? words.step.path(checked.path.length) : words.step[step.name];
  return (
    <div className="proof" data-proven={proven}>
      <p className={`proof-verdict ${proven ? "good" : "bad"}`} role="status"><Mark state={proven ? "passed" : "failed"} /> {proven ? words.proven : words.broken}</p>
      <ol className="proof-steps">
        {checked.steps.map((step) => (
          <li key={step.name}><Mark state={step.state} /><span>{title(step)}<span className={`proof-word ${step.state}`}> – {words[step.state]}</span>
            {step.state === "failed" && <span className="mono proof-hashes">{step.reason}{step.left && <><br />{step.left}<br />≠ {step.right}</>}</span>}
            {step.state === "skipped" && step.reason === "Ed25519" && <span className="soft small"> {words.noEd25519}</span>}
            {detail && step.state === "passed" && <span className="mono proof-hashes">{step.left}</span>}
            {detail && step.name === "path" && <PathPicture nodes={checked.path} leaf={proof.leafHash} />}</span></li>
        ))}
        <li><Mark state={trust === "changed" ? "failed" : "passed"} /><span>{words.step.key}<span className={`proof-word ${trust === "changed" ? "failed" : "passed"}`}> – {trust === "changed" ? words.failed : words.passed}</span>{trust === "first" && <span className="soft small"> {words.firstSeen}</span>}</span></li>
      </ol>
      <p className="row"><span className="soft small">{words.index} {format.number(proof.index)} / {format.number(proof.size)}</span><button type="button" className="link small" aria-expanded={detail} onClick={() => setDetail(!detail)}>{words.detail}</button></p>
    </div>
  );
}

function Mark({ state }: { state: Step["state"] }) {
  return <svg className={`proof-mark ${state}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{state === "passed" ? <path d="M3 8.5 6.5 12 13 4.5" /> : state === "failed" ? <path d="M4 4l8 8M12 4l-8 8" /> : <path d="M3 8h10" />}</svg>;
}

/** Leaf at the bottom, root at the top: the sibling joined at each step and on which side. */
function PathPicture({ nodes, leaf }: { nodes: PathNode[]; leaf: string }) {
  const { text } = useWords();
  return (
    <ol className="proof-path mono" reversed>
      {[...nodes].reverse().map((node, i) => <li key={i}>{node.hash.slice(0, 16)}… <span className="soft">= H({node.side === "left" ? `${node.sibling.slice(0, 8)}… (${text.ledger.left}) ‖ ↓` : `↓ ‖ ${node.sibling.slice(0, 8)}… (${text.ledger.right})`})</span></li>)}
      <li>{leaf.slice(0, 16)}…</li>
    </ol>
  );
}
