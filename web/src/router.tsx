/** Every state has a URL: paths name the place, search parameters what is open there. Screens load when first visited. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, Outlet } from "@tanstack/react-router";
import { accountsQuery, allRecordingsQuery, client, findingsQuery, draftsQuery, ledgerQuery, measuresQuery, nodeQuery, recordingsQuery, sessionQuery, storyboardQuery, timelineQuery, worklistQuery } from "./data/queries.ts";
import { home } from "./state/session.tsx";
import { Frame } from "./components/frame.tsx";
import { NoPage, PageProblem, Waiting } from "./components/states.tsx";
import type { Account, SessionView } from "#server/api/contract.ts";
import type { Urgency } from "#findings/finding.ts";

export const personTabs = ["overview", "timeline", "findings", "results", "medicines", "notes", "signals", "access"] as const;
export type PersonTab = (typeof personTabs)[number];
export const patientTabs = ["home", "results", "medicines", "ecgs", "access"] as const;
export type PatientTab = (typeof patientTabs)[number];

/** The right panel: `why` a finding's reference, or `source` a resource's with `v` its version. */
export type PanelSearch = { why?: string; source?: string; v?: string; from?: string; to?: string; recording?: string; at?: number };
const text = (value: unknown): string | undefined => typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
const drop = <T extends object>(parts: T): T => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as T;
const panelSearch = (raw: Record<string, unknown>): PanelSearch => drop({ why: text(raw.why), source: text(raw.source), v: text(raw.v), from: text(raw.from), to: text(raw.to), recording: text(raw.recording), at: Number.isFinite(Number(raw.at)) && raw.at !== undefined ? Number(raw.at) : undefined });

const root = createRootRoute({ component: Outlet, notFoundComponent: NoPage });
const signIn = createRoute({ getParentRoute: () => root, path: "/signin", validateSearch: (raw): { next?: string } => drop({ next: text(raw.next) }), component: lazyRouteComponent(() => import("./screens/sign-in/sign-in.tsx"), "SignIn") });

const firstAdministrator = createRoute({ getParentRoute: () => root, path: "/first-administrator", component: lazyRouteComponent(() => import("./screens/first-administrator/first-administrator.tsx"), "FirstAdministrator") });

const frame = createRoute({
  getParentRoute: () => root, id: "frame", component: Frame, pendingComponent: Waiting,
  beforeLoad: async ({ location }) => {
    const session = await client.ensureQueryData(sessionQuery);
    if (!session.account) throw redirect({ to: "/signin", search: location.pathname === "/" ? {} : { next: location.href }, replace: true });
  },
  errorComponent: PageProblem,
});
const start = createRoute({ getParentRoute: () => frame, path: "/", beforeLoad: () => { const account = signedIn(); if (account) throw redirect({ href: home(account), replace: true }); } });
/** What the frame has already loaded; a child never runs before it. */
function signedIn(): Account | undefined { return client.getQueryData<SessionView>(["session"])?.account; }
const staffOnly = () => { if (signedIn()?.role === "patient") throw redirect({ href: "/me", replace: true }); };

const worklist = createRoute({ getParentRoute: () => frame, path: "/worklist", beforeLoad: staffOnly, validateSearch: (raw): { urgency?: Urgency } => drop({ urgency: text(raw.urgency) as Urgency | undefined }), loader: () => void client.prefetchInfiniteQuery(worklistQuery), component: lazyRouteComponent(() => import("./screens/worklist/worklist.tsx"), "Worklist") });
const recordings = createRoute({ getParentRoute: () => frame, path: "/signals", beforeLoad: staffOnly, loader: () => void client.prefetchInfiniteQuery(allRecordingsQuery), component: lazyRouteComponent(() => import("./screens/recordings/recordings.tsx"), "Recordings") });
const people = createRoute({ getParentRoute: () => frame, path: "/people", beforeLoad: staffOnly, validateSearch: (raw): { q?: string } => drop({ q: text(raw.q) }), component: lazyRouteComponent(() => import("./screens/people/people.tsx"), "People") });

const personParent = createRoute({
  getParentRoute: () => frame, path: "/people/$id", beforeLoad: staffOnly, validateSearch: panelSearch,
  loader: ({ params }) => { void client.prefetchQuery(storyboardQuery(params.id)); },
  component: lazyRouteComponent(() => import("./screens/person/person.tsx"), "Person"),
});
const prefetchTab = (id: string, tab: PersonTab): void => {
  if (tab === "overview" || tab === "timeline") void client.prefetchQuery(timelineQuery(id));
  if (tab === "overview" || tab === "findings") void client.prefetchQuery(findingsQuery(id));
  if (tab === "results" || tab === "overview") void client.prefetchQuery(measuresQuery(id));
  if (tab === "notes") void client.prefetchQuery(draftsQuery(id));
  if (tab === "signals") void client.prefetchQuery(recordingsQuery(id));
};
const tabRoute = <P extends string>(tab: PersonTab, path: P, component: ReturnType<typeof lazyRouteComponent>) => createRoute({ getParentRoute: () => personParent, path, loader: ({ params }) => prefetchTab((params as { id: string }).id, tab), component });
const personRoutes = [
  tabRoute("overview", "/", lazyRouteComponent(() => import("./screens/person/overview.tsx"), "Overview")),
  tabRoute("timeline", "timeline", lazyRouteComponent(() => import("./screens/person/timeline-tab.tsx"), "TimelineTab")),
  tabRoute("findings", "findings", lazyRouteComponent(() => import("./screens/person/findings.tsx"), "Findings")),
  tabRoute("results", "results", lazyRouteComponent(() => import("./screens/person/results.tsx"), "Results")),
  tabRoute("medicines", "medicines", lazyRouteComponent(() => import("./screens/person/medicines.tsx"), "Medicines")),
  tabRoute("notes", "notes", lazyRouteComponent(() => import("./screens/notes/notes.tsx"), "Notes")),
  tabRoute("signals", "signals", lazyRouteComponent(() => import("./screens/signals/signals.tsx"), "Signals")),
  tabRoute("access", "access", lazyRouteComponent(() => import("./screens/person/access.tsx"), "Access")),
];

const me = createRoute({ getParentRoute: () => frame, path: "/me", validateSearch: panelSearch, beforeLoad: () => { const account = signedIn(); if (account && account.role !== "patient") throw redirect({ href: home(account), replace: true }); }, component: lazyRouteComponent(() => import("./screens/patient/patient.tsx"), "Patient") });
const meRoutes = [
  createRoute({ getParentRoute: () => me, path: "/", component: lazyRouteComponent(() => import("./screens/patient/home.tsx"), "Home") }),
  createRoute({ getParentRoute: () => me, path: "results", component: lazyRouteComponent(() => import("./screens/patient/results.tsx"), "Results") }),
  createRoute({ getParentRoute: () => me, path: "medicines", component: lazyRouteComponent(() => import("./screens/patient/medicines.tsx"), "Medicines") }),
  createRoute({ getParentRoute: () => me, path: "ecgs", component: lazyRouteComponent(() => import("./screens/patient/ecgs.tsx"), "Ecgs") }),
  createRoute({ getParentRoute: () => me, path: "access", component: lazyRouteComponent(() => import("./screens/patient/access.tsx"), "Access") }),
  createRoute({ getParentRoute: () => me, path: "summary", component: lazyRouteComponent(() => import("./screens/patient/summary.tsx"), "Summary") }),
];

const ledger = createRoute({ getParentRoute: () => frame, path: "/ledger", validateSearch: (raw): { ref?: string; v?: string } => drop({ ref: text(raw.ref), v: text(raw.v) }), loader: () => void client.prefetchQuery(ledgerQuery), component: lazyRouteComponent(() => import("./screens/ledger/ledger.tsx"), "Ledger") });

const administration = createRoute({
  getParentRoute: () => frame, path: "/administration", beforeLoad: () => { const account = signedIn(); if (account && account.role !== "administrator") throw redirect({ href: home(account), replace: true }); },
  loader: () => { void client.prefetchQuery(nodeQuery); void client.prefetchQuery(accountsQuery); }, component: lazyRouteComponent(() => import("./screens/administration/administration.tsx"), "Administration"),
});

export const router = createRouter({
  routeTree: root.addChildren([signIn, firstAdministrator, frame.addChildren([start, worklist, people, recordings, personParent.addChildren(personRoutes), me.addChildren(meRoutes), ledger, administration])]),
  defaultPreload: "intent", defaultPreloadDelay: 30, defaultPendingMs: 200, defaultPendingMinMs: 0, defaultPendingComponent: Waiting, defaultErrorComponent: PageProblem, scrollRestoration: true,
  // Search parameters are plain text in the address, so that links can be read and shared.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => { const parts = new URLSearchParams(Object.entries(search).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)])); const text = parts.toString().replaceAll("%2F", "/").replaceAll("%3A", ":"); return text ? `?${text}` : ""; },
});
declare module "@tanstack/react-router" { interface Register { router: typeof router } }
