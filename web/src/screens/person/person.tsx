/** One person: storyboard, tabs with URLs, the chosen tab, and the evidence panel. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { Panel } from "../../components/panel.tsx";
import { Answer } from "../../components/states.tsx";
import { storyboardQuery } from "../../data/queries.ts";
import { useTitle } from "../../state/hooks.ts";
import { useAccount } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";
import { personTabs, type PanelSearch } from "../../router.tsx";
import { StoryboardColumn } from "./storyboard.tsx";
import "./person.css";

/** The code of the other tabs comes while the reader reads: switching is quick then, and works without connection. */
function useTabsAtHand(): void {
  const router = useRouter();
  useEffect(() => {
    const timer = setTimeout(() => { for (const [path, route] of Object.entries(router.routesByPath)) if (path.startsWith("/people/$id")) void Promise.resolve(router.loadRouteChunk(route as Parameters<typeof router.loadRouteChunk>[0])).catch(() => undefined); }, 1200);
    return () => clearTimeout(timer);
  }, [router]);
}

export function Person() {
  const { text, say, format } = useWords(), { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(storyboardQuery(id)), administrator = useAccount()?.role === "administrator";
  const name = query.data ? say(query.data.person.name) : "";
  useTabsAtHand();
  useTitle(text.common.page(name || text.nav.people));
  const tabs = personTabs.filter((tab) => tab !== "access" || administrator);
  // The span of time goes along from tab to tab; an open panel does not.
  const keepSpan = ((before: PanelSearch) => ({ ...(before.from ? { from: before.from } : {}), ...(before.to ? { to: before.to } : {}) })) as never;
  if (query.error && !query.data) return <div className="page"><Answer query={query}>{() => null}</Answer></div>;
  return (
    <div className="person">
      <aside className="storyboard" aria-label={name || text.common.loading}><Answer query={query} lines={14}>{(story) => <StoryboardColumn story={story} />}</Answer></aside>
      <div className="workspace">
        <nav className="tabs" aria-label={text.person.sections}>{tabs.map((tab) => <Link key={tab} to={tab === "overview" ? "/people/$id" : `/people/$id/${tab}`} params={{ id } as never} search={keepSpan} activeOptions={{ exact: true, includeSearch: false }} activeProps={{ "aria-current": "page" }}>{text.person.tabs[tab]}</Link>)}</nav>
        {query.data && <header className="print-only print-header"><strong>{say(query.data.person.name)}</strong> · {text.sex[query.data.person.sex]} · {query.data.person.birthDate && text.person.born(format.date(query.data.person.birthDate))} · {text.person.number} {query.data.person.mrn ?? query.data.person.id}</header>}
        <div className="workspace-body"><Outlet /><footer className="notice soft small">{text.notice}</footer></div>
        <p className="print-only print-source">{text.person.printed(format.dateTime(new Date().toISOString()))} {text.notice}</p>
      </div>
      <Panel />
    </div>
  );
}
