/** One's people ordered by urgency; each row says why in one line. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import type { Urgency } from "#findings/finding.ts";
import type { WorklistRow } from "#server/api/contract.ts";
import { PersonName } from "../../components/person-name.tsx";
import { Empty, ProblemNote, Waiting } from "../../components/states.tsx";
import { UrgencyMark } from "../../components/urgency.tsx";
import { VirtualList } from "../../components/virtual-list.tsx";
import { worklistQuery } from "../../data/queries.ts";
import { useMedia, useTitle } from "../../state/hooks.ts";
import { useWords } from "../../texts/language.tsx";
import "./worklist.css";

const order: Urgency[] = ["emergency", "urgent", "soon", "routine"];

export function Worklist() {
  const { text, format } = useWords(), words = text.worklist, query = useInfiniteQuery(worklistQuery);
  const { urgency } = useSearch({ strict: false }) as { urgency?: Urgency };
  const phone = useMedia("(max-width: 760px)");
  useTitle(text.common.page(words.title));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const shown = useMemo(() => urgency ? rows.filter((row) => row.urgency === urgency) : rows, [rows, urgency]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const counts = query.data?.pages[0]?.counts, wanted = urgency && counts ? counts[urgency] : undefined;
  useEffect(() => { if (wanted !== undefined && shown.length < Math.min(wanted, 40)) more(); }, [wanted, shown.length, more]);
  const total = counts ? order.reduce((sum, name) => sum + (counts[name] ?? 0), 0) : 0;
  return (
    <div className="page worklist">
      <header className="section">
        <h1>{counts ? words.lead(total - (counts.routine ?? 0)) : words.title}</h1>
        {counts && total > 0 && <nav className="filters" aria-label={words.filter}>
          <Link to="/worklist" search={{}} activeOptions={{ exact: true, includeSearch: true }} className={urgency ? "" : "current"}>{text.common.all} <span className="count">{format.number(total)}</span></Link>
          {order.map((name) => <Link key={name} to="/worklist" search={{ urgency: name }} activeOptions={{ exact: true, includeSearch: true }} className={urgency === name ? "current" : ""}><UrgencyMark urgency={name} /> <span className="count">{format.number(counts[name] ?? 0)}</span></Link>)}
        </nav>}
      </header>
      {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={8} />}
      {query.data && (total === 0 && rows.length === 0 ? <div className="sheet"><Empty>{words.empty}</Empty></div>
        : shown.length === 0 ? <div className="sheet"><Empty>{words.emptyFilter}</Empty></div>
        : <div className="sheet"><VirtualList items={shown} rowHeight={phone ? 92 : 52} label={words.list} keyOf={(row) => row.person.id} onEnd={more} render={(row) => <Row row={row} />} /></div>)}
      <footer className="row spread soft small"><span className="keys-hint">{words.keys}</span><span>{text.notice}</span></footer>
    </div>
  );
}

/** When the reason speaks of. Where nothing measured dates it, the years of its inputs: an old one must be seen to be old. */
function When({ row: { at, inputs } }: { row: WorklistRow }) {
  const { format } = useWords();
  const [first, last] = [inputs?.first.slice(0, 4), inputs?.last.slice(0, 4)];
  if (at === undefined && inputs && first !== last) return <>{format.date(first)} – {format.date(last)}</>;
  const when = at ?? inputs?.last;
  return <>{when ? format.ago(when) : ""}</>;
}

function Row({ row }: { row: WorklistRow }) {
  const { text, say, format } = useWords(), { person } = row;
  return (
    <Link to="/people/$id" params={{ id: person.id }} className="work-row">
      <UrgencyMark urgency={row.urgency} />
      <span className="work-person"><PersonName name={person.name} both={false} /> <span className="soft small">{[text.sex[person.sex], person.ageYears !== undefined && text.person.age(person.ageYears)].filter(Boolean).join(" ")}</span></span>
      <span className="work-reason">{say(row.reason)}</span>
      {row.draft?.status === "preliminary" ? <span className="mark machine">{text.worklist.draft}</span> : <span />}
      <span className="work-time soft small" title={row.inputs && text.finding.inputsFrom(format.date(row.inputs.first), format.date(row.inputs.last))}><When row={row} /></span>
    </Link>
  );
}
