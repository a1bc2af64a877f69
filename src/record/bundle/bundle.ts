/** Transaction and batch Bundles to their response Bundles. Source: https://hl7.org/fhir/R4/http.html#transaction */
import { rewriteReferences } from "#fhir/json/references.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { Queryable } from "../sql.ts";
import type { BundleOptions, Caller, Committed } from "../record.ts";
import type { Committer } from "../write/commit.ts";
import type { WritingOptions } from "../threads/task.ts";
import { threadWorth, type WritingThreads } from "../threads/threads.ts";
import { failAt, inRequest, parseBundle, type EntryRequest, type ParsedBundle } from "./request.ts";
import { answerOf, isWriting, readingFault, refused, seeReadings, tryReadings, type Reader, type Seen, type Writing } from "./reading.ts";
import { bundleText, committedText } from "./response.ts";
import { entryFault, prepareTransaction, type Prepared } from "./transaction.ts";

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
    const fault = !request.ok ? request : isWriting(request.value) ? entryFault(request.value) : readingFault(request.value, options);
    if (!fault.ok) issues.push(...fault.failure.issues!);
    else if (request.ok) entries.push(request.value);
  }
  if (issues.length) return { ok: false, failure: { code: issues[0]!.code, text: `${issues[0]!.expression}: ${issues[0]!.text}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""}`, issues } };
  const writing = entries.filter(isWriting);
  const mixed = reader && writing.length > 0 && writing.length < entries.length;
  const tried = mixed ? await tryReadings(reader, caller, entries, options) : ok(undefined);
  if (!tried.ok) return tried;
  let seen: Seen | undefined;
  const see = async (tx: Queryable): Promise<Result<unknown>> => {
    const found = await seeReadings(tx, caller, entries);
    if (found.ok) seen = found.value;
    return found;
  };
  const written = await write(committer, caller, writing, options, { last: mixed ? see : undefined });
  if (!written.ok) return written;
  const answers: string[] = [];
  for (const entry of entries) {
    if (isWriting(entry)) { answers.push(committedText(written.value.get(entry)!, options)); continue; }
    const { text, failure } = await answerOf(reader!, caller, entry, options, seen);
    if (failure && !mixed) return { ok: false, failure: inRequest(failure, entry.index) };
    answers.push(text);
  }
  return ok(bundleText("transaction-response", answers));
}

/** `chosen`: which of what was prepared is written; `last` sees it written, and may still refuse all. Both inside the transaction. */
type WriteChecks = { chosen?: (prepared: Prepared[]) => Prepared[]; last?: ((tx: Queryable) => Promise<Result<unknown>>) | undefined };

/** Outcomes of the writing entries; all were written, or none. One each; none or several of a conditional deletion. */
export async function write(committer: Committer, caller: Caller, entries: readonly Writing[], options: BundleOptions, { last, chosen = (all) => all }: WriteChecks = {}): Promise<Result<Map<EntryRequest, Committed[]>>> {
  if (!entries.length) return ok(new Map());
  if (!caller.canWrite) return fail("forbidden", `${caller.display} may not write to the record`);
  let prepared: Prepared[] = [];
  const committed = await committer.alone(caller, async (tx) => {
    const result = await prepareTransaction(tx, caller, entries, options.bases);
    if (!result.ok) return result;
    prepared = chosen(result.value);
    return ok(prepared.flatMap((one) => "drafts" in one ? one.drafts : []));
  }, options, last);
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
  for (const [i, request] of requests.entries()) if (!request.ok) answers[i] = refused(request.failure).text;
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
  if (!isWriting(entry)) return (await answerOf(reader, caller, entry, options)).text;
  const fault = entryFault(entry);
  if (!fault.ok) return refused(fault.failure).text;
  const written = await write(committer, caller, [entry], options);
  return written.ok ? committedText(written.value.get(entry)!, options) : refused(written.failure).text;
}
