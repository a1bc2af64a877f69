/** Recordings of one's people, newest first, each with what was found in it; opens the person's ECG. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { RecordingRow } from "#server/api/contract.ts";
import { PersonName } from "../../components/person-name.tsx";
import { Empty, ProblemNote, Waiting } from "../../components/states.tsx";
import { UrgencyMark } from "../../components/urgency.tsx";
import { VirtualList } from "../../components/virtual-list.tsx";
import { allRecordingsQuery } from "../../data/queries.ts";
import { useMedia, useTitle } from "../../state/hooks.ts";
import { useWords } from "../../texts/language.tsx";
import "../worklist/worklist.css";
import "./recordings.css";

export function Recordings() {
  const { text } = useWords(), words = text.signals, query = useInfiniteQuery(allRecordingsQuery), narrow = useMedia("(max-width: 1100px)"), phone = useMedia("(max-width: 760px)");
  useTitle(text.common.page(words.title));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="page worklist">
      <header className="section"><h1>{rows.length > 0 ? words.listAnswer(rows.filter(({ finding }) => finding && finding.finding.urgency !== "routine").length, rows.length) : words.title}</h1><p className="soft">{words.listLead}</p></header>
      {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={8} />}
      {query.data && (rows.length === 0 ? <div className="sheet"><Empty>{words.listEmpty}</Empty></div>
        : <div className="sheet"><VirtualList items={rows} rowHeight={phone ? 112 : narrow ? 88 : 60} label={words.list} keyOf={(row) => row.reference} onEnd={more} render={(row) => <Row row={row} />} /></div>)}
      <footer className="row spread soft small"><span className="keys-hint">{text.worklist.keys}</span><span>{text.notice}</span></footer>
    </div>
  );
}

function Row({ row }: { row: RecordingRow }) {
  const { text, say, format } = useWords(), words = text.signals, { person, finding } = row;
  const quality = finding?.finding.limits.find((limit) => limit.kind === "quality" || limit.kind === "outside-validity");
  return (
    <Link to="/people/$id/signals" params={{ id: person.id }} search={{ recording: row.reference } as never} className="recording-row">
      {finding ? <UrgencyMark urgency={finding.finding.urgency} /> : <span className="soft small">{words.notRead}</span>}
      <span className="work-person"><PersonName name={person.name} both={false} /> <span className="soft small">{[text.sex[person.sex], person.ageYears !== undefined && text.person.age(person.ageYears)].filter(Boolean).join(" ")}</span></span>
      <span className="recording-found"><span className="recording-said">{finding ? say(finding.finding.statement) : words.notReadLong}</span>{quality && <span className="soft small recording-quality">{text.finding.limit.quality}: {say(quality.text)}</span>}</span>
      <span className="recording-frame soft small">{[say(row.label), row.leads.length > 0 && row.leads.join(", "), row.seconds > 0 && words.seconds(format.number(row.seconds)), row.device && say(row.device)].filter(Boolean).join(" · ")}</span>
      <span className="recording-time soft small">{row.start ? format.dateTime(row.start) : ""}</span>
    </Link>
  );
}
