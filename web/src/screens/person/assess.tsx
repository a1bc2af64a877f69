/** Runs every method that applies to this person and stores what they find. */
import { useMutation } from "@tanstack/react-query";
import { ProblemNote } from "../../components/states.tsx";
import { ask } from "../../data/http.ts";
import { personChanged } from "../../data/queries.ts";
import { useAccount } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";

export function AssessButton({ patient }: { patient: string }) {
  const { text } = useWords(), doctor = useAccount()?.role === "practitioner";
  const run = useMutation({ mutationFn: () => ask<{ stored: number }>(`/api/people/${encodeURIComponent(patient)}/assess`, { method: "POST", body: {} }), onSuccess: () => personChanged(patient) });
  if (!doctor) return null;
  return <div className="row no-print"><button type="button" className="button" disabled={run.isPending} onClick={() => run.mutate()}>{run.isPending ? text.person.assessing : text.person.assess}</button><span role="status" className="soft small">{run.data ? text.person.assessed(run.data.stored) : ""}</span>{run.error && <ProblemNote error={run.error} retry={() => run.mutate()} />}</div>;
}
