/** All current findings of a person, most urgent first; those that could not be computed after the others. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Urgency } from "#findings/finding.ts";
import type { FindingView } from "#server/api/contract.ts";
import { FindingLine } from "../../components/finding.tsx";
import { Answer, Empty } from "../../components/states.tsx";
import { findingsQuery } from "../../data/queries.ts";
import { useWords } from "../../texts/language.tsx";
import { AssessButton } from "./assess.tsx";

const rank: Record<Urgency, number> = { emergency: 0, urgent: 1, soon: 2, routine: 3 };

export function byUrgency(views: readonly FindingView[]): FindingView[] {
  return [...views].sort((a, b) => Number(a.finding.outcome === "abstained") - Number(b.finding.outcome === "abstained") || rank[a.finding.urgency] - rank[b.finding.urgency] || (b.finding.effective ?? "").localeCompare(a.finding.effective ?? ""));
}

export function Findings() {
  const { text } = useWords(), { id } = useParams({ strict: false }) as { id: string }, query = useQuery(findingsQuery(id));
  return (
    <div className="page">
      <div className="row spread"><h1>{text.person.findings}</h1>{query.data && query.data.length > 0 && <AssessButton patient={id} />}</div>
      <Answer query={query}>{(views) => views.length === 0 ? <div className="sheet"><Empty action={<AssessButton patient={id} />}>{text.person.noFindings} {text.person.noFindingsHow}</Empty></div> : <ul className="sheet finding-list">{byUrgency(views).map((view) => <FindingLine key={view.reference} view={view} />)}</ul>}</Answer>
    </div>
  );
}
