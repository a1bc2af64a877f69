/** The administrator's run over everything stored: what it is at and how far, then each fault by name. */
import { useMutation, useQuery } from "@tanstack/react-query";
import type { VerifyState, VerifyView } from "#server/api/contract.ts";
import { ProblemNote } from "../../components/states.tsx";
import { ask } from "../../data/http.ts";
import { client, verificationQuery } from "../../data/queries.ts";
import { worded } from "../../texts/failures.ts";
import { useWords } from "../../texts/language.tsx";

const faultsShown = 100;

export function Verify() {
  const { text, format } = useWords(), words = text.ledger, state = useQuery(verificationQuery).data;
  const start = useMutation({ mutationFn: () => ask<VerifyState>("/api/ledger/verify", { method: "POST" }), onSuccess: (next) => client.setQueryData(["verification"], next) });
  const running = state?.state === "running" ? state : undefined;
  return (
    <section className="section" aria-labelledby="verify"><h2 id="verify">{words.verify}</h2><p className="soft">{words.verifyText}</p>
      <div><button type="button" className="button primary" disabled={start.isPending || running !== undefined} onClick={() => start.mutate()}>{words.verify}</button></div>
      {running && <div className="verify-progress"><progress max={1} value={running.share} aria-label={words.verifying} /><span className="strong">{format.percent(Math.floor(running.share * 100) / 100)}</span><span className="soft">{words.verifySteps[running.step](format.number(running.done), format.number(running.total))}</span></div>}
      <p className="visually-hidden" role="status">{running ? words.verifying : ""}</p>
      {start.error && <ProblemNote error={start.error} retry={() => start.mutate()} />}
      {state?.state === "failed" && <p className="problem" role="alert">{words.verifyFailed(format.dateTime(state.at))}</p>}
      {state?.state === "done" && <Report report={state.report} />}
    </section>
  );
}

function Report({ report }: { report: VerifyView }) {
  const { text, format } = useWords(), words = text.ledger;
  return (
    <div className="sheet pad stack" role="status"><p className={`proof-verdict ${report.ok ? "good" : "bad"}`}>{report.ok ? `✓ ${words.intact}` : `✕ ${words.faults(report.faults.length)}`}</p>
      <p className="soft">{words.verified(format.number(report.versionsChecked), format.number(report.leavesChecked), format.number(report.indexRowsChecked), format.number(report.ms / 1000, 1))} · {format.dateTime(report.at)}</p>
      {report.faults.length > 0 && <ul className="limits">{report.faults.slice(0, faultsShown).map(({ what, fault, reference, version, text: original }, i) => <li key={i}><span className="strong">{words.whats[what]}</span> {reference && <span className="mono">{reference}{version && ` · ${text.evidence.version(version)}`}</span>}<br />{worded(text.failures.faults, fault) ?? original}</li>)}</ul>}</div>
  );
}
