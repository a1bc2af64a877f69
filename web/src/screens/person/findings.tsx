/** All current findings of a person, most urgent first; those that could not be computed after the others. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { FindingView } from "#server/api/contract.ts";
import { FindingLine } from "../../components/finding.tsx";
import { Answer, Empty } from "../../components/states.tsx";
import { findingsQuery } from "../../data/queries.ts";
import { byUrgency, newestOfEach } from "../../findings/order.ts";
import { useWords } from "../../texts/language.tsx";
import { AssessButton } from "./assess.tsx";

export function Findings() {
  const { text } = useWords(), { id } = useParams({ strict: false }) as { id: string }, query = useQuery(findingsQuery(id));
  return (
    <div className="page">
      <div className="row spread"><h1>{text.person.findings}</h1>{query.data && query.data.length > 0 && <AssessButton patient={id} />}</div>
      <Answer query={query}>{(views) => views.length === 0 ? <div className="sheet"><Empty action={<AssessButton patient={id} />}>{text.person.noFindings} {text.person.noFindingsHow}</Empty></div> : <List views={byUrgency(views)} />}</Answer>
    </div>
  );
}

/** The newest of each kind; earlier ones of the same kind (an older ECG, say) fold away. */
function List({ views }: { views: FindingView[] }) {
  const { text } = useWords(), newest = newestOfEach(views), earlier = views.filter((view) => !newest.includes(view));
  return (
    <><ul className="sheet finding-list">{newest.map((view) => <FindingLine key={view.reference} view={view} />)}</ul>
      {earlier.length > 0 && <details className="earlier"><summary>{text.finding.earlier(earlier.length)}</summary><ul className="sheet finding-list">{earlier.map((view) => <FindingLine key={view.reference} view={view} />)}</ul></details>}</>
  );
}
