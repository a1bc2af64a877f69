/** What each screen asks, as TanStack Query options: one name per question of src/server/api/contract.ts. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, QueryClient } from "@tanstack/react-query";
import type { AccessEvent, DraftView, FindingView, LedgerView, ManagedAccount, MeasureKind, MethodInputs, MethodView, NodeView, PeoplePage, Progress, ProofView, RecordingsPage, RecordingView, ResourceView, Series, SessionView, SignalView, Storyboard, TimelineView, VerifyState, WorklistPage } from "#server/api/contract.ts";
import { ask, Problem, query } from "./http.ts";

export const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, gcTime: 10 * 60_000, retry: (count, error) => count < 2 && error instanceof Problem && error.kind === "server", refetchOnWindowFocus: false, networkMode: "always" }, mutations: { networkMode: "always" } },
});

const id = encodeURIComponent;

export const sessionQuery = queryOptions({ queryKey: ["session"], queryFn: ({ signal }) => ask<SessionView>("/api/session", { signal }), staleTime: Infinity });
export const progressQuery = queryOptions({ queryKey: ["progress"], queryFn: ({ signal }) => ask<Progress>("/api/progress", { signal }), refetchInterval: (state) => state.state.data?.finished || state.state.error ? false : 1500, retry: false });

export const worklistQuery = infiniteQueryOptions({
  queryKey: ["worklist"], initialPageParam: "", getNextPageParam: (page: WorklistPage) => page.next ?? null,
  queryFn: ({ pageParam, signal }) => ask<WorklistPage>(`/api/worklist${query({ cursor: pageParam })}`, { signal }),
});
export const peopleQuery = (text: string) => infiniteQueryOptions({
  queryKey: ["people", text], initialPageParam: "", getNextPageParam: (page: PeoplePage) => page.next ?? null, placeholderData: keepPreviousData,
  queryFn: ({ pageParam, signal }) => ask<PeoplePage>(`/api/people${query({ q: text, cursor: pageParam })}`, { signal }),
});

export const allRecordingsQuery = infiniteQueryOptions({
  queryKey: ["recordings"], initialPageParam: "", getNextPageParam: (page: RecordingsPage) => page.next ?? null,
  queryFn: ({ pageParam, signal }) => ask<RecordingsPage>(`/api/signals${query({ cursor: pageParam })}`, { signal }),
});

const person = (patient: string, rest = "") => `/api/people/${id(patient)}${rest}`;
export const storyboardQuery = (patient: string) => queryOptions({ queryKey: ["person", patient, "storyboard"], queryFn: ({ signal }) => ask<Storyboard>(person(patient), { signal }) });
export const timelineQuery = (patient: string, from?: string, to?: string) => queryOptions<TimelineView, Error, TimelineView, readonly unknown[]>({ queryKey: ["person", patient, "timeline", from ?? "", to ?? ""], placeholderData: (before, asked) => asked?.queryKey[1] === patient ? before : undefined /* never another person's */, queryFn: ({ signal }) => ask<TimelineView>(person(patient, `/timeline${query({ from, to })}`), { signal }) });
export const measuresQuery = (patient: string) => queryOptions({ queryKey: ["person", patient, "measures"], queryFn: ({ signal }) => ask<MeasureKind[]>(person(patient, "/measures"), { signal }) });
export const seriesQuery = (patient: string, code: string) => queryOptions({ queryKey: ["person", patient, "series", code], queryFn: ({ signal }) => ask<Series>(person(patient, `/series${query({ code })}`), { signal }), staleTime: 60_000 });
export const findingsQuery = (patient: string) => queryOptions({ queryKey: ["person", patient, "findings"], queryFn: ({ signal }) => ask<FindingView[]>(person(patient, "/findings"), { signal }) });
export const draftsQuery = (patient: string) => queryOptions({ queryKey: ["person", patient, "drafts"], queryFn: ({ signal }) => ask<DraftView[]>(person(patient, "/drafts"), { signal }) });
export const recordingsQuery = (patient: string) => queryOptions({ queryKey: ["person", patient, "signals"], queryFn: ({ signal }) => ask<RecordingView[]>(person(patient, "/signals"), { signal }) });
export const inputsQuery = (patient: string, method: string) => queryOptions({ queryKey: ["person", patient, "inputs", method], queryFn: ({ signal }) => ask<MethodInputs>(person(patient, `/inputs${query({ method })}`), { signal }) });
export const accessQuery = (patient: string) => queryOptions({ queryKey: ["person", patient, "access"], queryFn: ({ signal }) => ask<AccessEvent[]>(`/api/access/${id(patient)}`, { signal }) });

export const findingQuery = (reference: string) => queryOptions({ queryKey: ["finding", reference], queryFn: ({ signal }) => ask<FindingView>(`/api/findings/${reference.split("/").map(id).join("/")}`, { signal }) });
export const signalQuery = (recording: string, from: number, seconds: number) => queryOptions<SignalView, Error, SignalView, readonly unknown[]>({ queryKey: ["signal", recording, from, seconds], placeholderData: (before, asked) => asked?.queryKey[1] === recording ? before : undefined, staleTime: Infinity, queryFn: ({ signal }) => ask<SignalView>(`/api/signals/${id(recording)}${query({ from, seconds })}`, { signal }) });
export const resourceQuery = (reference: string, version?: string) => queryOptions({ queryKey: ["resource", reference, version ?? ""], queryFn: ({ signal }) => ask<ResourceView>(`/api/resource/${reference.split("/").map(id).join("/")}${query({ version })}`, { signal }) });

export const ledgerQuery = queryOptions({ queryKey: ["ledger"], queryFn: ({ signal }) => ask<LedgerView>("/api/ledger", { signal }), staleTime: 5_000, refetchInterval: 10_000 });
export const ledgerKeyQuery = queryOptions({ queryKey: ["ledger-key"], queryFn: ({ signal }) => ask<{ name: string; publicKey: string; keyId: string }>("/api/ledger/key", { signal }), staleTime: Infinity });
/** What no checkpoint covers yet is asked again: one comes within seconds. */
export const proofQuery = (reference: string, version?: string) => queryOptions({ queryKey: ["proof", reference, version ?? ""], queryFn: ({ signal }) => ask<ProofView>(`/api/ledger/proof${query({ reference, version })}`, { signal }), retry: (count, error) => count < 120 && isPending(error), retryDelay: 1000 });
export const isPending = (error: unknown): boolean => error instanceof Problem && error.kind === "conflict";
/** While one runs it is asked again and again; else only when the page opens. */
export const verificationQuery = queryOptions({ queryKey: ["verification"], queryFn: ({ signal }) => ask<VerifyState>("/api/ledger/verify", { signal }), refetchInterval: (asked) => asked.state.data?.state === "running" ? 500 : false, staleTime: 0 });
export const accountsQuery = queryOptions({ queryKey: ["accounts"], queryFn: ({ signal }) => ask<ManagedAccount[]>("/api/accounts", { signal }) });
export const nodeQuery = queryOptions({ queryKey: ["node"], queryFn: ({ signal }) => ask<NodeView>("/api/node", { signal }), staleTime: 5_000, refetchInterval: 10_000 });
export const methodsQuery = queryOptions({ queryKey: ["methods"], queryFn: ({ signal }) => ask<MethodView[]>("/api/methods", { signal }), staleTime: Infinity });

/** After anything that writes: what is shown of this person is asked again. */
export function personChanged(patient: string): Promise<void> {
  void client.invalidateQueries({ queryKey: ["worklist"] });
  void client.invalidateQueries({ queryKey: ["ledger"] });
  return client.invalidateQueries({ queryKey: ["person", patient] });
}
