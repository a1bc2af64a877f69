/** Who looked at this record (administrator). */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { AccessTable } from "../../components/access-table.tsx";
import { Answer } from "../../components/states.tsx";
import { accessQuery } from "../../data/queries.ts";
import { useWords } from "../../texts/language.tsx";

export function Access() {
  const { text } = useWords(), { id } = useParams({ strict: false }) as { id: string }, query = useQuery(accessQuery(id));
  return <div className="page"><h1>{text.person.access}</h1><Answer query={query}>{(events) => <AccessTable events={events} />}</Answer></div>;
}
