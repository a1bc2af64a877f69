/** The administrator's run over everything stored: versions, leaves and index rows, with each fault named. */
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { VerifyView } from "#server/api/contract.ts";
import { ProblemNote } from "../../components/states.tsx";
import { ask } from "../../data/http.ts";
import { useWords } from "../../texts/language.tsx";

export function Verify() {
  const { text, format } = useWords(), words = text.ledger, run = useMutation({ mutationFn: () => ask<VerifyView>("/api/ledger/verify", { method: "POST", body: {} }) }), seconds = useSeconds(run.isPending);
  const done = run.data;
  return (
    <section className="section" aria-labelledby="verify"><h2 id="verify">{words.verify}</h2><p className="soft">{words.verifyText}</p>
      <div className="row"><button type="button" className="button primary" disabled={run.isPending} onClick={() => run.mutate()}>{words.verify}</button>{run.isPending && <span className="row" role="status"><progress aria-label={words.verifying} /> {words.verifying} <span className="soft">{text.signals.seconds(String(seconds))}</span></span>}</div>
      {run.error && <ProblemNote error={run.error} retry={() => run.mutate()} />}
      {done && !run.isPending && <div className="sheet pad stack" role="status"><p className={`proof-verdict ${done.ok ? "good" : "bad"}`}>{done.ok ? `✓ ${words.intact}` : `✕ ${words.faults(done.faults.length)}`}</p><p className="soft">{words.verified(format.number(done.versionsChecked), format.number(done.leavesChecked), format.number(done.indexRowsChecked), format.number(done.ms / 1000, 1))}</p>
        {done.faults.length > 0 && <ul className="limits">{done.faults.slice(0, 100).map((fault, i) => <li key={i}><span className="strong">{fault.what}</span> {fault.reference && <span className="mono">{fault.reference}{fault.version && ` · ${text.evidence.version(fault.version)}`}</span>}<br />{fault.text}</li>)}</ul>}</div>}
    </section>
  );
}

function useSeconds(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => { if (!running) return; setSeconds(0); const timer = setInterval(() => setSeconds((before) => before + 1), 1000); return () => clearInterval(timer); }, [running]);
  return seconds;
}
