/**
 * Opens the health record on a PostgreSQL database: migrates it, keeps small pools (reads and searches, other
 * reading, writing, ledger; so that a long import or export never holds up a read) and runs the sequencer.
 */
import { EventEmitter } from "node:events";
import type postgres from "postgres";
import { systemClock, type Clock } from "#platform/clock.ts";
import { fail, ok, refuse, type Result } from "#platform/result.ts";
import { parseReference, type Meta, type ResourceKey } from "#fhir/resource.ts";
import type { CustomParameter, CustomSearch } from "#fhir/search/custom.ts";
import { noLookups, resolve, standsAlone } from "#fhir/search/resolve.ts";
import { parseQuery, type QueryOptions, type SearchQuery } from "#fhir/search/query.ts";
import type { SearchScope } from "#fhir/search/scope.ts";
import type { Caller, HealthRecord, SearchPage } from "./record.ts";
import { leavesTrace, sharedTypes } from "./access.ts";
import { lastChange, readChanges, type ChangeSet } from "./changes.ts";
import { distributedConnection } from "./citus/connection.ts";
import { isDistributed } from "./citus/distribute.ts";
import { connect } from "./connections.ts";
import { runBundle } from "./bundle/bundle.ts";
import { changeConditionally } from "./bundle/conditional.ts";
import { importStream } from "./import/stream.ts";
import { Jobs } from "./jobs/jobs.ts";
import { ridOf } from "./keys.ts";
import { Lanes } from "./lanes.ts";
import { InitialLoads, loadFromDefault, makeIfNobodyLoads } from "./load/initial-load.ts";
import { exportVersions, writersEnded, type Exporting, type TakeVersions } from "./export/export.ts";
import { sha256Hex, type LeafKind } from "./ledger/leaf.ts";
import { LeafQueue } from "./ledger/queue.ts";
import { proveConsistency, provePurge, proveVersion, type VersionProof } from "./ledger/prove.ts";
import { Sequencer } from "./ledger/sequencer.ts";
import { LeafTurns } from "./ledger/turns.ts";
import { latestCheckpoint, readAccesses, readLeaves, readState, saveCheckpoint, type Access, type LedgerState, type ListedLeaf, type StoredCheckpoint } from "./ledger/state.ts";
import { verifyRecord, type VerifyOptions } from "./ledger/verify.ts";
import type { VerifyReport } from "./ledger/verify-report.ts";
import { mergePatients, previewMerge, type Merge, type MergeRequest } from "./merge/merge.ts";
import { unmergePatients } from "./merge/unmerge.ts";
import { purgePatient, type Purge } from "./purge/purge.ts";
import { Together } from "./together.ts";
import { readCompartment, readEncounter, readEverything } from "./read/everything.ts";
import { Contents } from "./read/contents.ts";
import { readMetaInUse } from "./read/meta.ts";
import { readHistory } from "./read/history.ts";
import { readCurrentVersion, readOneVersion } from "./read/read.ts";
import { KnownReads } from "./read/known-reads.ts";
import { buildKind, KnownDefinitions } from "./parameters/definitions.ts";
import { KnownProfiles, type StoredProfile } from "./profiles.ts";
import type { RederiveReport, RederiveRun } from "./reindex/rederive.ts";
import { buildDue, buildJob, reindexAll } from "./reindex/build.ts";
import { beginForm, formDue, formJob, formKind } from "./reindex/form.ts";
import { migrate, type Migration } from "./schema/migrate.ts";
import { Subscriptions } from "./subscriptions/subscriptions.ts";
import { threadsDefault, WritingThreads } from "./threads/threads.ts";
import { DatabaseTerminology, terminologyPool } from "./terminology/open.ts";
import { explain, type Explanation } from "./search/explain.ts";
import { lookupsFor } from "./search/lookups.ts";
import { Plans } from "./search/plans.ts";
import { search, type SearchTools } from "./search/search.ts";
import { Weights } from "./search/weigh.ts";
import { bigints } from "./write/current.ts";
import { Committer } from "./write/commit.ts";
import type { Queryable } from "./sql.ts";
import { changeMeta, type MetaChange } from "./write/meta.ts";

export type RecordOptions = {
  /** postgres://user:password@host:port/database */
  url: string;
  clock?: Clock;
  /** Connections for reading and for writing. Defaults 4 and 4; reads and searches have 4 of their own, the ledger 2. */
  readers?: number;
  writers?: number;
  /** Threads for large transactions, see threads/threads.ts. By default as many as there are cores but one, at least one; none with a clock of its own. */
  threads?: number;
  /** From how many resources on an import into an empty record is an initial load, see load/initial-load.ts; 0: never. Default 5,000. */
  initialLoadFrom?: number;
  /** Whether this process numbers leaves. Default true; several may, one at a time does. */
  sequencer?: boolean;
  /** Tables of higher rooms (trust), brought up together with the record's. */
  migrations?: readonly Migration[];
  /** Told of faults in the background; they are tried again. */
  onError?: (error: unknown) => void;
};

export type SearchOptions = Pick<QueryOptions, "handling" | "bases">;

/** An event of the ledger that is no write: "decision", "signature", "export", "login", "policy". `sha256`: hex of what was decided, signed or exported. */
export type LeafEvent = { kind: LeafKind; reference?: string; version?: number; sha256?: string; count?: number; /** Patients it concerns. */ patients?: readonly string[] };

export type OpenRecord = Omit<HealthRecord, "search"> & {
  search(caller: Caller, scope: string | SearchScope, query: string, options?: SearchOptions): Promise<Result<SearchPage>>;
  /** How a search would be run; for administrators. */
  explainSearch(caller: Caller, scope: SearchScope, query: string, options?: SearchOptions): Promise<Result<Explanation>>;
  /** Profiles, tags and labels in use on a type (undefined: on all) among what the caller may see. */
  metaInUse(caller: Caller, type: string | undefined): Promise<Meta>;
  /** Changes the meta of a version (undefined: the current one) in place; answers the meta as it is then. */
  changeMeta(caller: Caller, key: ResourceKey, version: number | undefined, change: MetaChange): Promise<Result<Meta>>;
  /** Two Patients that are one person become one; for callers who see everything. */
  mergePatients(caller: Caller, request: MergeRequest, options?: { preview?: boolean }): Promise<Result<Merge>>;
  unmergePatients(caller: Caller, people: { source: string; target: string }): Promise<Result<Merge>>;
  /** Erases a person: compartment, history, index rows; the ledger keeps commitments alone. For callers who see everything. */
  purgePatient(caller: Caller, patient: string): Promise<Result<Purge>>;
  /** Adds a leaf and answers when it is on disk. */
  appendLeaf(caller: Pick<Caller, "agent" | "display">, event: LeafEvent): Promise<void>;
  /** Outbox entries after a place, oldest first; at most 1000. */
  changes(since: number, count?: number): Promise<ChangeSet[]>;
  lastChange(): Promise<number>;
  /** Called when new entries may be readable (of this process at once, of others within seconds). Answers how to stop. */
  onChange(listener: () => void): () => void;
  /** Numbers every waiting leaf and publishes every waiting change now. */
  settleLedger(): Promise<void>;
  /** Proof that a version the caller may read stands in the ledger; `size` of the tree to prove in, the whole one by default. */
  proveVersion(caller: Caller, reference: string, version: number, size?: number): Promise<Result<VersionProof>>;
  proveConsistency(oldSize: number, newSize: number): Promise<Result<string[]>>;
  /** Size and root to sign, after numbering what waits. */
  ledgerState(): Promise<LedgerState>;
  leaves(start: number, count: number): Promise<ListedLeaf[]>;
  saveCheckpoint(size: number, note: string): Promise<void>;
  latestCheckpoint(): Promise<StoredCheckpoint | undefined>;
  /** Who looked at a patient's data, newest first; for the patient and the administrator. */
  accesses(caller: Caller, patient: string, count: number): Promise<Access[]>;
  /** Checks versions, leaves and index rows; `checkpoint` from an earlier export. */
  verify(options?: VerifyOptions): Promise<VerifyReport>;
  /**
   * Every version that stood at `exporting.at`, handed to `take` in batches, through the caller's filter; the leaf
   * is on disk when it answers, also of what was handed over before it was stopped. Failures: incomplete (stopped, or a
   * writer is stuck).
   */
  export(caller: Caller, exporting: Exporting, take: TakeVersions, signal?: AbortSignal): Promise<Result<{ count: number }>>;
  /** Derives all index rows again while others read and write; "aborted" by the signal, it goes on there next time. */
  reindex(run?: RederiveRun): Promise<RederiveReport | "aborted">;
  /** A search as parsed, with this record's own parameters. */
  readQuery(type: string, query: string): Promise<Result<SearchQuery>>;
  /** Search parameters of this record beside R4's own: those that can be searched by now. */
  customParameters(): Promise<readonly CustomParameter[]>;
  /** Profiles on resource types that are stored here. */
  profiles(): Promise<readonly StoredProfile[]>;
  /** Work that outlives its request. */
  readonly jobs: Jobs;
  /** Who is to be told of which changes. */
  readonly subscriptions: Subscriptions;
  /** The large code systems that were loaded. They are nobody's data: every caller sees them. */
  readonly terminology: DatabaseTerminology;
  /** For the record's own tools (ledger, bench, verify) and tests; nothing else reads tables. */
  readonly pools: { readers: postgres.Sql; writers: postgres.Sql; ledger: postgres.Sql };
  readonly clock: Clock;
  close(): Promise<void>;
};

/**
 * Every read statement is written for one way to run it. Planned once per connection, and never for an empty table
 * that fills up later, planning costs nothing and a plan cannot turn bad.
 */
const fixedPlans = { plan_cache_mode: "force_generic_plan", enable_seqscan: "off", enable_mergejoin: "off" };

/** Citus makes the plan of a statement for its values: with a fixed one it refuses whatever asks several shards. */
const distributedPlans = { enable_seqscan: "off", enable_mergejoin: "off", "citus.explain_all_tasks": "on" };

/** Reads what is nobody's data (value sets). */
const nobodys: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "practitioner", practitioner: "" }, canWrite: false };

/** Connections for leaves of requests: the flush of one group goes with the work on another. */
const leafConnections = 2;
/** Connections for searches, see lanes.ts. */
const lanesCount = 3;
/** Of contents kept for reads and pages of searches, see contents.ts. */
const contentCharacters = 32_000_000;

export async function openRecord(options: RecordOptions): Promise<Result<OpenRecord>> {
  const { clock = systemClock, onError = () => {} } = options;
  const pool = (max: number, application: string, settings: Record<string, string> = {}) => connect(options.url, max, application, settings);
  const plainWriters = pool(options.writers ?? 4, "write");
  const endWriters = () => plainWriters.end({ timeout: 5 });
  const migrated = await migrate(plainWriters, options.migrations, () => makeIfNobodyLoads(options.url)).catch(async (error: unknown) => { await endWriters(); throw error; });
  if (!migrated.ok) { await endWriters(); return migrated; }
  await beginForm(plainWriters);
  const spread = await isDistributed(plainWriters);
  const plans = spread ? distributedPlans : fixedPlans;
  const marked = (db: postgres.Sql): postgres.Sql & Queryable => spread ? distributedConnection(db) : db;
  const writers = marked(plainWriters), readers = marked(pool(options.readers ?? 4, "read", plans)), ledger = marked(pool(2, "ledger"));
  const requests = Array.from({ length: leafConnections }, () => pool(1, "requests", plans));
  // Reads and searches; other reading (histories, exports, verify) may hold a connection long.
  const lanes = new Lanes(Array.from({ length: lanesCount }, () => marked(pool(1, "search", plans))));
  // Citus would not plan many questions as one.
  const together = spread ? lanes : new Together(lanes);
  const terminologies = terminologyPool(options.url, 2);
  const loads = new InitialLoads({ url: options.url, db: readers, from: options.initialLoadFrom ?? loadFromDefault, onError });
  const closePools = async () => { await lanes.end(); await Promise.all([readers, writers, ledger, ...requests, terminologies].map((one) => one.end({ timeout: 5 }))); };

  const events = new EventEmitter().setMaxListeners(0);
  const sequencer = options.sequencer === false ? undefined : new Sequencer(ledger, () => events.emit("change"), onError);
  const wake = () => sequencer?.wake();
  const turns = new LeafTurns(requests, wake);
  const leaves = new LeafQueue(turns);
  const contents = new Contents(contentCharacters), searchPlans = new Plans(), weights = new Weights();
  const knownReads = new KnownReads(turns, contents, clock);
  const definitions = new KnownDefinitions(readers);
  const profiles = new KnownProfiles(readers);
  const written = (parameters: boolean): void => {
    wake();
    if (parameters) void buildIndexes().catch(onError);
  };
  const committer = new Committer(writers, clock, definitions, written);
  const threads = new WritingThreads({ url: options.url, count: clock === systemClock ? options.threads ?? threadsDefault : 0, onError, written(parameters) {
    if (parameters) definitions.expire();
    written(parameters);
  } });
  const jobs = new Jobs(writers, clock, { onError });
  const onChange = (listener: () => void): (() => void) => {
    events.on("change", listener);
    return () => { events.off("change", listener); };
  };
  if (options.sequencer !== false) {
    jobs.register(buildKind, buildJob(writers));
    jobs.register(formKind, formJob(writers));
    void buildIndexes().catch(onError);
  }

  /** Sees to it that what SearchParameters changed is indexed. */
  async function buildIndexes(): Promise<void> {
    if (await buildDue(readers, buildKind)) await jobs.submit({ agent: "Device/salus" }, buildKind, "{}");
    if (await formDue(readers)) await jobs.submit({ agent: "Device/salus" }, formKind, "{}");
  }

  /** Asks again what was stopped because indexes are being made that an initial load left out. */
  async function whole<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if ((error as { code?: string }).code !== "57014") throw error;
      await loads.settled();
      return await ask();
    }
  }

  /** Answers by definitions that may be old; where one of them counted, or one was missing, by those of now. */
  async function searchBy<T>(query: string, ask: (custom: CustomSearch) => Promise<Result<T>>, isDoubtful: (result: Result<T>) => boolean): Promise<Result<T>> {
    let known = await definitions.get();
    if (known.indexed.some(({ parameter }) => query.includes(parameter.code))) known = await definitions.fresh();
    const result = await ask(known.search);
    if (!isDoubtful(result)) return result;
    const now = await definitions.fresh();
    return now.epoch === known.epoch ? result : await ask(now.search);
  }

  /** The leaf of a request by anyone other than the subject. */
  async function trace(caller: Caller, kind: LeafKind, type: string | undefined, persons: readonly string[], versions: readonly string[], one?: { reference: string; version: number }): Promise<void> {
    if (!leavesTrace(caller)) return;
    const people = new Set(persons.flatMap(bigints));
    people.delete("0");
    if (caller.filter.kind === "patient") people.delete(ridOf("Patient", caller.filter.patient));
    // Nobody's data: shared resources; or the subject's own.
    if (!people.size && (caller.filter.kind === "patient" || one !== undefined || (type !== undefined && sharedTypes.has(type)))) return;
    const content = one ?? { sha256: sha256Hex(versions.join("\n")), count: versions.length };
    await leaves.append({ kind, at: clock.now().getTime(), agent: caller.agent, ...content }, { persons: [...people], agent: caller.agent, display: caller.display });
  }

  const governs = (caller: Caller): boolean => caller.canWrite && caller.filter.kind === "all";
  const versionsOf = (entries: readonly { stored: { type: string; id: string; version: number }; container?: { type: string; id: string } }[]) => entries.map(({ stored, container = stored }) => `${container.type}/${container.id}/${stored.version}`);

  const searchTools = (caller: Caller): SearchTools => ({ contents, plans: searchPlans, weights, writers, alone: lanes, lookups: lookupsFor({ db: readers, record, loaded: record.terminology }, caller) });

  const record: OpenRecord = {
    pools: { readers, writers, ledger }, clock, jobs, subscriptions: new Subscriptions(writers, readers, clock, onChange), terminology: new DatabaseTerminology(terminologies),
    commit: (caller, changes, commitOptions) => committer.commit(caller, changes, commitOptions),
    bundle: (caller, text, bundleOptions) => runBundle({ committer, reader: record, threads }, caller, text, bundleOptions),
    importing: (caller, work, importing) => loads.run(importStream(committer, threads, caller), work, importing),
    conditional: (caller, change) => changeConditionally(committer, caller, change),
    async read(caller, key) {
      // On Citus no statement reads a worker and writes the ledger.
      const known = leavesTrace(caller) && !spread ? await knownReads.read(caller, key) : undefined;
      if (known) return known;
      const { result, persons, ck } = await readCurrentVersion(together, caller, key);
      if (result.kind === "current") {
        const { id, version, lastUpdated, text } = result.stored;
        contents.keep({ ck, rid: ridOf(key.type, key.id), id, version, updated: String(Date.parse(lastUpdated)), persons }, text);
      }
      if (result.kind !== "absent") await trace(caller, "read", key.type, [persons], [], { reference: `${key.type}/${key.id}`, version: result.kind === "current" ? result.stored.version : result.version });
      return result;
    },
    async readVersion(caller, key, version) {
      const { result, persons } = await readOneVersion(readers, caller, key, version);
      if (result.kind !== "absent") await trace(caller, "read", key.type, [persons], [], { reference: `${key.type}/${key.id}`, version });
      return result;
    },
    async history(caller, scope, page) {
      const found = await readHistory(readers, caller, scope, page);
      if (!found.ok) return found;
      await trace(caller, "history", scope.type, found.value.persons, versionsOf(found.value.page.entries));
      return ok(found.value.page);
    },
    async search(caller: Caller, where: string | SearchScope, query: string, searchOptions: SearchOptions = {}) {
      const scope = typeof where === "string" ? { type: where } : where;
      const tools = searchTools(caller);
      const found = await searchBy(query, (custom) => whole(() => search(together, caller, scope, query, { ...searchOptions, now: clock.now().getTime(), custom }, tools)),
        (result) => result.ok ? result.value.page.entries.some(({ mode }) => mode === "outcome") : result.failure.code === "not-supported");
      if (!found.ok) return found;
      await trace(caller, "search", scope.type, found.value.persons, versionsOf(found.value.page.entries.filter((entry) => entry.mode !== "outcome")));
      return ok(found.value.page);
    },
    async explainSearch(caller, scope, query, searchOptions = {}) {
      return await explain(readers, caller, scope, query, { ...searchOptions, now: clock.now().getTime(), custom: (await definitions.fresh()).search }, searchTools(caller));
    },
    async everything(caller, of, page) {
      const key = of === undefined ? undefined : typeof of === "string" ? { type: "Patient", id: of } : { type: "Encounter", id: of.encounter };
      // Resources of several persons would answer for a person who is beyond reach.
      const subject = key && (await readCurrentVersion(lanes, caller, key)).result;
      if (key && subject?.kind !== "current") return subject?.kind === "deleted" ? fail("deleted", `${key.type}/${key.id} was deleted.`) : fail("not-found", `${key.type}/${key.id} is not known.`);
      const found = await (key?.type === "Encounter" ? readEncounter(readers, caller, key.id, page) : readEverything(readers, caller, key?.id, page));
      if (!found.ok) return found;
      await trace(caller, "everything", "Patient", found.value.persons, versionsOf(found.value.page.entries));
      return ok(found.value.page);
    },
    async compartment(caller, patient) {
      const { resources, persons, versions } = await readCompartment(readers, caller, patient);
      await trace(caller, "everything", "Patient", persons, versions);
      return resources;
    },
    metaInUse: (caller, type) => readMetaInUse(readers, caller, type),
    changeMeta: (caller, key, version, change) => changeMeta(committer, caller, key, version, change, clock.now().getTime()),
    async mergePatients(caller, request, { preview = false } = {}) {
      if (!governs(caller)) return fail("forbidden", `${caller.display} may not merge Patients; an administrator may`);
      return preview ? await previewMerge(writers, request) : await mergePatients(committer, caller, request, clock.now().getTime());
    },
    async unmergePatients(caller, people) {
      if (!governs(caller)) return fail("forbidden", `${caller.display} may not undo a merge; an administrator may`);
      return await unmergePatients(committer, caller, people, clock.now().getTime());
    },
    async purgePatient(caller, patient) {
      if (!governs(caller)) return fail("forbidden", `${caller.display} may not purge a person; an administrator may`);
      const done = await purgePatient(writers, caller, patient, clock.now().getTime(), () => record.settleLedger());
      if (done.ok) wake();
      return done;
    },
    async appendLeaf({ agent, display }, { patients = [], ...event }) {
      await leaves.append({ ...event, at: clock.now().getTime(), agent }, { persons: patients.map((id) => ridOf("Patient", id)), agent, display });
    },
    changes: (since, count) => readChanges(readers, since, count),
    lastChange: () => lastChange(readers),
    onChange,
    async settleLedger() {
      if (sequencer) return await sequencer.drain();
      const once = new Sequencer(ledger, () => events.emit("change"), onError);
      await once.drain().finally(() => once.close());
    },
    async proveVersion(caller, reference, version, size) {
      if (reference.startsWith("Purge/") && version === 1 && governs(caller)) return await provePurge(readers, reference, size);
      const key = parseReference(reference);
      const unknown = refuse("not-found", { code: "unknown", what: reference.slice(0, 120) }, `${reference.slice(0, 120)}, version ${version}, is not known`);
      if (!key || `${key.type}/${key.id}` !== reference) return unknown;
      const { result } = await readOneVersion(readers, caller, key, version);
      if (result.kind === "absent") return unknown;
      return await proveVersion(readers, key, version, new Date(result.kind === "current" ? result.stored.lastUpdated : result.lastUpdated), size);
    },
    proveConsistency: (oldSize, newSize) => proveConsistency(readers, oldSize, newSize),
    async ledgerState() {
      await record.settleLedger();
      return await readState(readers);
    },
    leaves: (start, count) => readLeaves(readers, start, count),
    saveCheckpoint: (size, note) => saveCheckpoint(ledger, size, note, clock.now()),
    latestCheckpoint: () => latestCheckpoint(readers),
    async accesses(caller, patient, count) {
      const own = caller.filter.kind === "patient" && caller.filter.patient === patient;
      return own || caller.filter.kind === "all" ? await readAccesses(readers, ridOf("Patient", patient), count) : [];
    },
    verify: (verifyOptions) => verifyRecord(readers, ledger, verifyOptions),
    async export(caller, exporting, take, signal) {
      const ended = await writersEnded(readers, exporting.at, () => clock.now().getTime(), signal);
      if (!ended.ok) return ended;
      const { persons, count, sha256, stopped } = await exportVersions(readers, caller, exporting, await definitions.fresh(), take, signal);
      if (count || !stopped) await leaves.append({ kind: "export", at: clock.now().getTime(), agent: caller.agent, sha256, count }, { persons, agent: caller.agent, display: caller.display });
      return stopped ? fail("incomplete", "The export was stopped") : ok({ count });
    },
    reindex: (reindexRun = {}) => reindexAll(writers, reindexRun),
    async readQuery(type, query) {
      const parsed = await searchBy(query, async (custom) => parseQuery(type, query, { custom, now: clock.now().getTime() }), (result) => !result.ok && result.failure.code === "not-supported");
      if (!parsed.ok) return parsed;
      if (!parsed.value.filters.every(standsAlone)) return fail("not-supported", "A filter of single resources follows no references: leave out chains, _has and _list");
      const filters = await resolve(parsed.value.filters, { ...lookupsFor({ db: readers, record, loaded: record.terminology }, nobodys), hierarchy: noLookups.hierarchy });
      return filters.ok ? ok({ ...parsed.value, filters: filters.value }) : filters;
    },
    profiles: () => profiles.get(),
    async customParameters() {
      const { indexed, search: { of } } = await definitions.fresh();
      return indexed.map(({ parameter }) => parameter).filter((parameter) => of(parameter.base[0]!).includes(parameter));
    },
    async close() {
      await loads.close();
      await jobs.close();
      await threads.close();
      await sequencer?.close();
      await closePools();
    },
  };
  // Where they cannot be made now, they are tried again; what is there can be read meanwhile.
  await loads.mend().catch(onError);
  return ok(record);
}
