/**
 * The health record: the one door to stored resources. Every call takes the caller; the caller's filter is
 * applied in SQL on every read path. No code reads the record around it.
 */
import type { Failure, Result } from "#platform/result.ts";
import type { Document } from "#fhir/json/document.ts";
import type { Resource, ResourceKey } from "#fhir/resource.ts";
import type { SearchScope } from "#fhir/search/scope.ts";

/** Which rows a caller may see. Supplied by trust/, applied by record/. */
export type AccessFilter =
  | { kind: "all" }                                       // the node's own jobs and the administrator
  | { kind: "none" }
  | { kind: "patient"; patient: string }                  // id of the one Patient whose compartment is visible
  | { kind: "practitioner"; practitioner: string };       // id; people in their care (general practitioner, care team, encounter)

export type Caller = {
  /** "Patient/1", "Practitioner/2", or "Device/salus" for the node itself: who acts, for Provenance and ledger. */
  agent: string;
  display: string;
  role: "patient" | "practitioner" | "administrator" | "system";
  filter: AccessFilter;
  /** Id of the account behind the caller, where there is one: what outlives the request asks it again. */
  account?: string;
  /** Whether the caller may write. A patient may not write clinical data here. */
  canWrite: boolean;
};

/** A stored version. `text` is the JSON exactly as served. */
export type Stored = { type: string; id: string; version: number; lastUpdated: string; text: string };

export type ReadResult =
  | { kind: "current"; stored: Stored }
  | { kind: "deleted"; version: number; lastUpdated: string }
  | { kind: "absent" };                                   // unknown, or beyond the caller's reach: never told apart

export type Change =
  | { kind: "create"; type: string; text: string; /** lets an importer keep ids */ id?: string }
  /** `document`: of the text, by whoever has read it already. */
  | { kind: "update"; type: string; id: string; text: string; document?: Document | undefined; ifMatch?: number }
  | { kind: "patch"; type: string; id: string; patch: Patch; ifMatch?: number }
  | { kind: "delete"; type: string; id: string; ifMatch?: number };

/** fhirpath-patch: the JSON text of a Parameters resource. */
export type Patch = { form: "json-patch" | "fhirpath-patch" | "xml-patch"; text: string };

/**
 * A change that hangs on searches: of whatever one names, or with references that are some; or one that comes with its Provenance.
 * `query` and `ifNoneExist` as in the address, without "?". `provenance`: JSON of one without target, written in the same transaction.
 */
export type ConditionalChange =
  | { kind: "create"; type: string; text: string; ifNoneExist?: string; provenance?: string }
  | { kind: "update"; type: string; text: string; ifMatch?: number; provenance?: string } & ({ query: string } | { id: string })
  | { kind: "patch"; type: string; patch: Patch; ifMatch?: number; provenance?: string } & ({ query: string } | { id: string })
  | { kind: "delete"; type: string; query: string };

export type Committed = { kind: "created" | "updated" | "unchanged" | "deleted"; type: string; id: string; version: number; lastUpdated: string; text?: string };

/** `put`: of a creation, that the client chose the id (PUT), or brought back what was deleted. */
export type HistoryEntry = { kind: "create" | "update" | "delete"; put: boolean; stored: Stored };
/** `since`, `at`: see https://hl7.org/fhir/R4/http.html#history; `at` in epoch ms, `list` the id of a List. `count` 1 to 1000. */
export type HistoryQuery = { count: number; cursor?: string; since?: string; at?: { low: number; high: number }; list?: string };
/** `last`: of pages that can be entered from their end. */
export type Page<T> = { entries: T[]; total?: number; next?: string; previous?: string; last?: string };

/** `searched`: the query string that took effect, without `_cursor`. */
export type SearchPage = Page<SearchEntry> & { searched: string };
/** `container`: of a contained resource, what holds it; `stored` has the container's version. `score`: how well a match fits words that were asked for, from 0 to 1. */
export type SearchEntry = { mode: "match" | "include" | "outcome"; stored: Stored; container?: { type: string; id: string }; score?: number };

/** `since`: last changed at or after. `start`, `end`: time of care. Instants and dates as FHIR writes them. */
export type EverythingPage = { count?: number; cursor?: string; since?: string; types?: readonly string[]; start?: string; end?: string };

/** `url` is relative to the base; `body` is JSON. `told`: what the entry says of the version, where the answer is one. */
export type Ask = (asked: { verb: "GET" | "POST"; url: string; body?: string }) => Promise<{ status: number; text: string; told?: { etag: string; lastModified?: string; fullUrl?: string } }>;

/**
 * `returns`: what entries that write bring with them; default minimal.
 * `base`: absolute, of the fullUrls of the resources that entries bring.
 * `bases`: absolute, as the client reaches this node: addresses below them are this node's own.
 * `ask`: answers entries that are for the room above (histories, operations); without it they are refused.
 * `onlyReads`: whether an operation, by its relative address, changes nothing, so that a transaction may hold it.
 * `searchFault`: why a search, by its relative address, could not be carried out; "none" of one that can, undefined of what is no search.
 */
export type BundleOptions = { source?: string; returns?: "minimal" | "representation" | "OperationOutcome"; base?: string; bases?: readonly string[]; ask?: Ask; onlyReads?: (url: string) => boolean; searchFault?: (url: string) => Promise<Failure | "none" | undefined> };

/** A resource of a file or stream; `place` names it in messages: "entry[3]", "line 12". */
export type ImportSource = { place: string; text: string };
/** `resource`: its address, where it could be told. */
export type ImportOutcome = { kind: "created" | "updated" | "unchanged" } | { kind: "rejected"; reason: string; resource?: string };
/** Writes a batch, one outcome for each. `names`: what references inside the same file call each resource (fullUrl → "Type/id"). Rejects when the database is lost. */
export type ImportStream = (sources: readonly ImportSource[], names?: ReadonlyMap<string, string>) => Promise<ImportOutcome[]>;

export type HealthRecord = {
  /** All or nothing, one PostgreSQL transaction: validate → index → version → ledger leaf → outbox. */
  commit(caller: Caller, changes: readonly Change[], options?: { source?: string; validate?: boolean; skipEarlier?: boolean }): Promise<Result<Committed[]>>;
  /** Decided inside the transaction that writes. One outcome, but none or several of a deletion. */
  conditional(caller: Caller, change: ConditionalChange): Promise<Result<Committed[]>>;
  /** A transaction or batch Bundle (https://hl7.org/fhir/R4/http.html#transaction); answers the response Bundle as text. */
  bundle(caller: Caller, text: string, options?: BundleOptions): Promise<Result<string>>;
  /**
   * Runs an import. `stream` takes resources under their own identities, see import/batch-writer.ts; several batches may be
   * on their way: the order of the calls counts. `making`: told when all is written and the indexes of an initial load are
   * made (load/initial-load.ts).
   */
  importing<T>(caller: Caller, work: (stream: ImportStream) => Promise<T>, options?: { making?: () => void }): Promise<T>;
  read(caller: Caller, key: ResourceKey): Promise<ReadResult>;
  readVersion(caller: Caller, key: ResourceKey, version: number): Promise<ReadResult>;
  history(caller: Caller, scope: { type?: string; id?: string }, page: HistoryQuery): Promise<Result<Page<HistoryEntry>>>;
  /** `scope`: a type, or where else to look. `query` is the raw query string without "?"; parse faults are named. */
  search(caller: Caller, scope: string | SearchScope, query: string): Promise<Result<SearchPage>>;
  /** The compartment of one Patient, of all within reach (undefined), or what belongs to one Encounter. "not-found" when the caller may not read the Patient or Encounter. */
  everything(caller: Caller, patient: string | { encounter: string } | undefined, page?: EverythingPage): Promise<Result<Page<SearchEntry>>>;
  /** Parsed convenience for engines: every visible resource of one person's compartment. */
  compartment(caller: Caller, patient: string): Promise<Resource[]>;
};
