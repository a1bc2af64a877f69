/**
 * Entries of a Bundle that read. Those of a transaction are accepted with the rest or fail it: what cannot be answered
 * is found out before anything is written, what is not there inside the transaction that writes.
 * Source: https://hl7.org/fhir/R4/http.html#transaction-response
 */
import { STATUS_CODES } from "node:http";
import { isResourceType } from "#fhir/definitions/load.ts";
import { ok, type Failure, type FailureCode, type Result } from "#platform/result.ts";
import { readCurrentVersion, readOneVersion } from "../read/read.ts";
import type { BundleOptions, Caller, HealthRecord, ReadResult } from "../record.ts";
import type { Queryable } from "../sql.ts";
import { failAt, inRequest, type EntryRequest } from "./request.ts";
import { entryText, outcomeText, readText, statusOf } from "./response.ts";

export type Writing = Exclude<EntryRequest, { method: "GET" | "ASK" }>;
export type Reading = Exclude<EntryRequest, Writing>;
export type Reader = Pick<HealthRecord, "read" | "readVersion" | "search">;

/** The entry of the answer; `failure` of one that is not answered with 2xx or 3xx. */
export type Answer = { text: string; failure?: Failure };

/** Resources as the transaction that writes saw them, for the entries that read them. */
export type Seen = ReadonlyMap<Reading, ReadResult>;

export function isWriting(entry: EntryRequest): entry is Writing {
  return entry.method !== "GET" && entry.method !== "ASK";
}

export function refused(failure: Failure): Answer {
  return { text: entryText(statusText(Number(statusOf[failure.code])), { outcome: outcomeText(failure) }), failure };
}

function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trim();
}

export async function answerOf(reader: Reader, caller: Caller, entry: Reading, { ask, base }: BundleOptions, seen?: Seen): Promise<Answer> {
  const asked = askedOf(entry, ask !== undefined);
  if (entry.method === "GET" && !asked) return await get(reader, caller, entry, base, seen?.get(entry));
  if (!ask || !asked) return refused(failAt("not-supported", `Bundle.entry[${entry.index}].request.url`, "this is not answered here").failure);
  const { status, text, told: { fullUrl, ...version } = {} } = await ask(asked);
  if (status >= 400) return { text: entryText(statusText(status), text === "" || entry.head ? {} : { outcome: text }), failure: failureOf(status, text) };
  return { text: entryText(statusText(status), { ...version, ...(text === "" || entry.head ? {} : { resource: text, ...(fullUrl === undefined ? {} : { fullUrl }) }) }) };
}

type Asked = { verb: "GET" | "POST"; url: string; body?: string };

/** A search, too, is better answered by whoever serves the base: with links to its pages. */
function askedOf(entry: Reading, served: boolean): Asked | undefined {
  if (entry.method === "ASK") return entry;
  return "query" in entry.target && served ? { verb: "GET", url: `${entry.type}?${entry.target.query}` } : undefined;
}

async function get(reader: Reader, caller: Caller, { type, target, unless, head }: Extract<Reading, { method: "GET" }>, base: string | undefined, seen: ReadResult | undefined): Promise<Answer> {
  if ("id" in target) {
    const { id, version } = target;
    const now = version === undefined ? await reader.read(caller, { type, id }) : await reader.readVersion(caller, { type, id }, version);
    // Another writer may have come between the transaction and this.
    const found = now.kind === "current" || !seen ? now : seen;
    const text = readText(head, found, unless, base);
    return found.kind === "current" ? { text } : { text, failure: notThere(found, type, id, version) };
  }
  const found = await reader.search(caller, type, target.query);
  if (!found.ok) return refused(found.failure);
  if (head) return { text: entryText("200 OK") };
  const { entries, total } = found.value;
  const texts = entries.map(({ mode, stored }) => `{"resource":${stored.text},"search":{"mode":"${mode}"}}`);
  return { text: entryText("200 OK", { resource: `{"resourceType":"Bundle","type":"searchset"${total === undefined ? "" : `,"total":${total}`}${texts.length ? `,"entry":[${texts.join(",")}]` : ""}}` }) };
}

function notThere({ kind }: ReadResult, type: string, id: string, version?: number): Failure {
  const what = `${type}/${id}${version === undefined ? "" : `/_history/${version}`}`;
  return kind === "deleted" ? { code: "deleted", text: `${what} was deleted` } : { code: "not-found", text: `${what} is not known` };
}

const codeOf: Readonly<Record<number, FailureCode | undefined>> = { 401: "login", 403: "forbidden", 404: "not-found", 409: "conflict", 410: "deleted", 412: "precondition", 413: "too-long", 422: "processing", 429: "throttled", 503: "incomplete" };

/** Of an answer from above: `text` is an OperationOutcome, or nothing that can be told. */
function failureOf(status: number, text: string): Failure {
  const code = codeOf[status] ?? (status < 500 ? "value" : "exception");
  let told: unknown;
  try { told = (JSON.parse(text) as { issue?: { diagnostics?: unknown }[] }).issue?.[0]?.diagnostics; } catch { /* A form of its own. */ }
  return { code, text: typeof told === "string" ? told : statusText(status) };
}

/** Faults of a transaction's reading entry that need nothing asked: what an operation that changes something did could not be taken back with the rest. */
export function readingFault(entry: Reading, { onlyReads }: BundleOptions): Result<void> {
  return entry.method === "ASK" && entry.verb === "POST" && !onlyReads?.(entry.url) ? failAt("not-supported", `Bundle.entry[${entry.index}].request`, "an operation that changes something stands in a batch, not in a transaction: it could not be taken back with the rest") : ok(undefined);
}

/** Of an address of one resource, or below it. Compartments know no resource that is missing. */
const ofOne = /^([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/(_history)(?:\/(\d{1,9}))?|\/\$[A-Za-z-]+)?\/?(?:\?|$)/;

type Subject = { type: string; id: string; version?: number | undefined; /** A deleted one is answered too. */ history: boolean };

/** The resource that has to be there for an entry to be answered; undefined of what names none. */
function subjectOf(entry: Reading): Subject | undefined {
  if (entry.method === "GET") return "id" in entry.target ? { type: entry.type, ...entry.target, history: false } : undefined;
  const [, type, id, history, version] = ofOne.exec(entry.url) ?? [];
  if (type === undefined || !isResourceType(type)) return undefined;
  return { type, id: id!, history: history !== undefined && version === undefined, ...(version === undefined ? {} : { version: Number(version) }) };
}

/**
 * Before a transaction writes: searches are planned, whatever else is no plain read is asked once. What the transaction
 * itself creates by PUT may still be missing.
 */
export async function tryReadings(reader: Reader, caller: Caller, entries: readonly EntryRequest[], options: BundleOptions): Promise<Result<void>> {
  const puts = new Set(entries.flatMap((entry) => entry.method === "PUT" && "id" in entry.target ? [`${entry.type}/${entry.target.id}`] : []));
  for (const entry of entries) {
    if (isWriting(entry) || entry.method === "GET" && "id" in entry.target) continue;
    const planned = await options.searchFault?.(askedOf(entry, true)!.url);
    if (planned === "none") continue;
    const failure = planned ?? (await answerOf(reader, caller, entry, options)).failure;
    if (!failure) continue;
    const subject = subjectOf(entry);
    if (subject && puts.has(`${subject.type}/${subject.id}`) && (failure.code === "not-found" || failure.code === "deleted")) continue;
    return { ok: false, failure: inRequest(failure, entry.index) };
  }
  return ok(undefined);
}

/** Inside the transaction, when all is written: what the entries read as it is then. */
export async function seeReadings(tx: Queryable, caller: Caller, entries: readonly EntryRequest[]): Promise<Result<Seen>> {
  const seen = new Map<Reading, ReadResult>();
  for (const entry of entries) {
    if (isWriting(entry)) continue;
    const subject = subjectOf(entry);
    if (!subject) continue;
    const { type, id, version, history } = subject;
    const { result } = version === undefined ? await readCurrentVersion(tx, caller, { type, id }) : await readOneVersion(tx, caller, { type, id }, version);
    if (result.kind === "absent" || result.kind === "deleted" && !history) return { ok: false, failure: inRequest(notThere(result, type, id, version), entry.index) };
    seen.set(entry, result);
  }
  return ok(seen);
}
