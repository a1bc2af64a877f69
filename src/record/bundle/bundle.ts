/** Transaction and batch Bundles to their response Bundles. Source: https://hl7.org/fhir/R4/http.html#transaction */
import { STATUS_CODES } from "node:http";
import { rewriteReferences } from "#fhir/json/references.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { BundleOptions, Caller, Committed, HealthRecord } from "../record.ts";
import type { Committer } from "../write/commit.ts";
import type { WritingOptions } from "../threads/task.ts";
import { threadWorth, type WritingThreads } from "../threads/threads.ts";
import { failAt, parseBundle, type EntryRequest, type ParsedBundle } from "./request.ts";
import { bundleText, committedText, entryText, outcomeText, readText, statusOf } from "./response.ts";
import { entryFault, isWriting, prepareTransaction, type Prepared, type Reading, type Writing } from "./transaction.ts";

export type Reader = Pick<HealthRecord, "read" | "readVersion" | "search">;

/** Entries of a batch that are worked on at once. */
const batchAtOnce = 8;

export async function runBundle({ committer, reader, threads }: { committer: Committer; reader: Reader; threads?: WritingThreads }, caller: Caller, text: string, options: BundleOptions = {}): Promise<Result<string>> {
  const { source, returns, base, bases } = options;
  const answer = text.length < threadWorth ? undefined : await threads?.take()?.run({ kind: "transaction", caller, text, options: { ...(source === undefined ? {} : { source }), ...(returns ? { returns } : {}), ...(base ? { base } : {}), ...(bases ? { bases } : {}) } });
  if (answer !== undefined && answer !== "declined") return answer;
  const parsed = parseBundle(text, bases);
  if (!parsed.ok) return parsed;
  const { type, entries } = parsed.value;
  return type === "batch" ? ok(await runBatch(committer, reader, caller, entries, options)) : await runTransaction(committer, reader, caller, entries, inUse(options, parsed.value));
}

/** A transaction of entries that all write; undefined for any other Bundle. */
export async function runWriting(committer: Committer, caller: Caller, text: string, options: WritingOptions): Promise<Result<string> | undefined> {
  const parsed = parseBundle(text, options.bases);
  if (!parsed.ok) return parsed;
  const { type, entries } = parsed.value;
  if (type === "batch" || entries.some((entry) => entry.ok && !isWriting(entry.value))) return undefined;
  return await runTransaction(committer, undefined, caller, entries, inUse(options, parsed.value));
}

/** Without the bases that no entry names, so that not each resource is searched for them. A patch may hold what is not to be seen in the text. */
function inUse<Options extends WritingOptions>(options: Options, { text, entries }: ParsedBundle): Options {
  if (!options.bases || entries.some((entry) => entry.ok && entry.value.method === "PATCH")) return options;
  return { ...options, bases: options.bases.filter((base) => text.includes(`"${base}/`)) };
}

/** `reader`: undefined where all entries write. */
async function runTransaction(committer: Committer, reader: Reader | undefined, caller: Caller, requests: readonly Result<EntryRequest>[], options: BundleOptions): Promise<Result<string>> {
  const issues = [];
  const entries: EntryRequest[] = [];
  for (const request of requests) {
    const fault = !request.ok ? request : isWriting(request.value) ? entryFault(request.value) : transactionFault(request.value, options);
    if (!fault.ok) issues.push(...fault.failure.issues!);
    else if (request.ok) entries.push(request.value);
  }
  if (issues.length) return { ok: false, failure: { code: issues[0]!.code, text: `${issues[0]!.expression}: ${issues[0]!.text}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""}`, issues } };
  const written = await write(committer, caller, entries.filter(isWriting), options);
  if (!written.ok) return written;
  const answers: string[] = [];
  for (const entry of entries) answers.push(!isWriting(entry) ? await answerOf(reader!, caller, entry, options) : committedText(written.value.get(entry)!, options));
  return ok(bundleText("transaction-response", answers));
}

/** Outcomes of the writing entries; all were written, or none. One each; none or several of a conditional deletion. */
export async function write(committer: Committer, caller: Caller, entries: readonly Writing[], options: BundleOptions): Promise<Result<Map<EntryRequest, Committed[]>>> {
  if (!entries.length) return ok(new Map());
  if (!caller.canWrite) return fail("forbidden", `${caller.display} may not write to the record`);
  let prepared: Prepared[] = [];
  const committed = await committer.alone(caller, async (tx) => {
    const result = await prepareTransaction(tx, caller, entries, options.bases);
    if (!result.ok) return result;
    prepared = result.value;
    return ok(prepared.flatMap((one) => "drafts" in one ? one.drafts : []));
  }, options);
  if (!committed.ok) return committed;
  let at = 0;
  const written = new Map<EntryRequest, Committed[]>();
  for (const one of prepared) {
    if ("drafts" in one) written.set(one.entry, committed.value.slice(at, at += one.drafts.length));
    else if ("existing" in one) written.set(one.entry, [one.existing]);
  }
  for (const one of prepared) if ("same" in one) written.set(one.entry, written.get(one.same)!.map((created) => ({ ...created, kind: "unchanged" })));
  return ok(written);
}

/** As the specification has it for transactions: https://hl7.org/fhir/R4/http.html#brules. Entries of one turn do not wait for each other. */
const turns: readonly (readonly string[])[] = [["DELETE"], ["POST"], ["PUT", "PATCH"], ["GET"]];

async function runBatch(committer: Committer, reader: Reader, caller: Caller, parsed: readonly Result<EntryRequest>[], options: BundleOptions): Promise<string> {
  const created = creations(parsed);
  const requests = parsed.map((request) => request.ok ? independent(request.value, created) : request);
  const answers: string[] = new Array<string>(requests.length);
  const methodOf = (request: EntryRequest) => request.method === "ASK" ? request.verb : request.method;
  for (const methods of turns) {
    const work = requests.entries().filter(([, request]) => request.ok && methods.includes(methodOf(request.value)));
    await Promise.all(Array.from({ length: batchAtOnce }, async () => {
      for (const [i, request] of work) if (request.ok) answers[i] = await runAlone(committer, reader, caller, request.value, options);
    }));
  }
  for (const [i, request] of requests.entries()) if (!request.ok) answers[i] = refused(request);
  return bundleText("batch-response", answers);
}

/** fullUrl → index of the entries that create. */
function creations(requests: readonly Result<EntryRequest>[]): ReadonlyMap<string, number> {
  return new Map(requests.flatMap((request) => request.ok && request.value.method === "POST" && request.value.fullUrl !== undefined ? [[request.value.fullUrl, request.value.index]] : []));
}

/** Entries of a batch do not depend on each other, so none can refer to what another creates. Source: https://hl7.org/fhir/R4/http.html#brules */
function independent(entry: EntryRequest, created: ReadonlyMap<string, number>): Result<EntryRequest> {
  if (created.size === 0 || entry.method !== "POST" && entry.method !== "PUT") return ok(entry);
  let dependent: string | undefined;
  rewriteReferences(entry.document.text, (link) => {
    if (created.has(link) && created.get(link) !== entry.index) dependent ??= link;
    return undefined;
  }, "reference");
  return dependent === undefined ? ok(entry) : failAt("value", `Bundle.entry[${entry.index}].resource`, `the reference "${dependent.slice(0, 200)}" is to what entry ${created.get(dependent)} creates; entries of a batch do not depend on each other: send a transaction`);
}

async function runAlone(committer: Committer, reader: Reader, caller: Caller, entry: EntryRequest, options: BundleOptions): Promise<string> {
  if (!isWriting(entry)) return await answerOf(reader, caller, entry, options);
  const fault = entryFault(entry);
  if (!fault.ok) return refused(fault);
  const written = await write(committer, caller, [entry], options);
  return written.ok ? committedText(written.value.get(entry)!, options) : refused(written);
}

function refused(result: Extract<Result<unknown>, { ok: false }>): string {
  return entryText(statusText(Number(statusOf[result.failure.code])), { outcome: outcomeText(result.failure) });
}

function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trim();
}

/** What an operation that changes something did could not be taken back with the rest. */
function transactionFault(entry: Reading, { onlyReads }: BundleOptions): Result<void> {
  return entry.method === "ASK" && entry.verb === "POST" && !onlyReads?.(entry.url) ? failAt("not-supported", `Bundle.entry[${entry.index}].request`, "an operation that changes something stands in a batch, not in a transaction: it could not be taken back with the rest") : ok(undefined);
}

async function answerOf(reader: Reader, caller: Caller, entry: Reading, { ask, base }: BundleOptions): Promise<string> {
  // A search, too, is better answered by whoever serves the base: with links to its pages.
  const asked = entry.method === "ASK" ? entry : "query" in entry.target && ask ? { verb: "GET" as const, url: `${entry.type}?${entry.target.query}` } : undefined;
  if (entry.method === "GET" && !asked) return await get(reader, caller, entry, base);
  if (!ask || !asked) return refused(failAt("not-supported", `Bundle.entry[${entry.index}].request.url`, "this is not answered here"));
  const { status, text, told: { fullUrl, ...version } = {} } = await ask(asked);
  if (status >= 400) return entryText(statusText(status), text === "" || entry.head ? {} : { outcome: text });
  return entryText(statusText(status), { ...version, ...(text === "" || entry.head ? {} : { resource: text, ...(fullUrl === undefined ? {} : { fullUrl }) }) });
}

async function get(reader: Reader, caller: Caller, { type, target, unless, head }: Extract<EntryRequest, { method: "GET" }>, base?: string): Promise<string> {
  if ("id" in target) return readText(head, target.version === undefined ? await reader.read(caller, { type, id: target.id }) : await reader.readVersion(caller, { type, id: target.id }, target.version), unless, base);
  const found = await reader.search(caller, type, target.query);
  if (!found.ok) return refused(found);
  if (head) return entryText("200 OK");
  const { entries, total } = found.value;
  const texts = entries.map(({ mode, stored }) => `{"resource":${stored.text},"search":{"mode":"${mode}"}}`);
  return entryText("200 OK", { resource: `{"resourceType":"Bundle","type":"searchset"${total === undefined ? "" : `,"total":${total}`}${texts.length ? `,"entry":[${texts.join(",")}]` : ""}}` });
}
