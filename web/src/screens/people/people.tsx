/** People search as one types: name in either script, record number or id. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { PersonName } from "../../components/person-name.tsx";
import { Empty, ProblemNote, Waiting } from "../../components/states.tsx";
import { VirtualList } from "../../components/virtual-list.tsx";
import { peopleQuery } from "../../data/queries.ts";
import { useMedia, useSettled, useTitle } from "../../state/hooks.ts";
import { useWords } from "../../texts/language.tsx";
import "../worklist/worklist.css";
import "./people.css";

export function People() {
  const { text, say, format } = useWords(), words = text.people, navigate = useNavigate();
  const { q = "" } = useSearch({ strict: false }) as { q?: string };
  const [typed, setTyped] = useState(q), settled = useSettled(typed.trim(), 150);
  useEffect(() => { if (settled !== q) void navigate({ to: "/people", search: settled ? { q: settled } : {}, replace: true }); }, [settled]); // the address follows what is typed, not the other way round
  const query = useInfiniteQuery(peopleQuery(settled)), phone = useMedia("(max-width: 760px)");
  useTitle(text.common.page(words.title));
  const people = useMemo(() => query.data?.pages.flatMap((page) => page.people) ?? [], [query.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const total = query.data?.pages[0]?.total;
  return (
    <div className="page">
      <header className="section"><h1>{words.title}</h1>
        <div className="field people-search"><label htmlFor="people-q">{words.search}</label><input id="people-q" type="search" className="input" autoComplete="off" spellCheck={false} autoFocus={!phone} value={typed} onChange={(event) => setTyped(event.target.value)} /></div>
        <p className="soft small" role="status">{total === undefined ? "\u00a0" : words.total(total)}</p></header>
      {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={8} />}
      {query.data && people.length === 0 && <div className="sheet"><Empty>{settled ? words.noMatch(settled) : words.empty}</Empty></div>}
      {people.length > 0 && <div className="sheet"><VirtualList items={people} rowHeight={phone ? 64 : 48} label={words.title} keyOf={(person) => person.id} onEnd={more} render={(person) => (
        <Link to="/people/$id" params={{ id: person.id }} className="people-row">
          <span className="work-person"><PersonName name={person.name} /></span>
          <span className="soft">{[text.sex[person.sex], person.ageYears !== undefined && text.person.age(person.ageYears)].filter(Boolean).join(" ")}</span>
          <span className="people-born soft">{person.birthDate ? format.date(person.birthDate) : ""}</span>
          <span className="people-number mono soft">{person.mrn ?? person.id}</span>
          <span className="people-place soft">{person.institution ? say(person.institution) : ""}</span>
        </Link>)} /></div>}
    </div>
  );
}
