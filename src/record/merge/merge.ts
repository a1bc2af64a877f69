/**
 * Two Patients that are one person become one, in one transaction: every reference to the source names the target, the
 * source is inactive and says what replaced it, and what was changed is remembered so that it can be undone. References
 * to a version of the source stay, for that version stays.
 * Source: https://build.fhir.org/patient-operation-merge.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { rewriteReferences } from "#fhir/json/references.ts";
import { jsonPatchText } from "#fhir/patch/json/json-patch.ts";
import { parseReference, type Identifier, type Reference, type Resource } from "#fhir/resource.ts";
import { newId, randomBucket, ridOf } from "../keys.ts";
import { insertLeaves, makeEntry, sha256Hex } from "../ledger/leaf.ts";
import type { Caller } from "../record.ts";
import { run, sql, type Queryable } from "../sql.ts";
import { changesMax, type Committer } from "../write/commit.ts";
import { readCurrent, type Current } from "../write/current.ts";
import { draftOf, type Draft } from "../write/draft.ts";

/** `result`: JSON text of the target as it shall be; undefined: the target with the source's identifiers, marked old. */
export type MergeRequest = { source: string; target: string; result?: string };
/** One resource a merge changes, and its versions. */
export type MergeEntry = { type: string; id: string; before: number; after: number };
/** `result`: the target as it is then. */
export type Merge = { merge: string; result: string; entries: MergeEntry[] };

type PatientLink = { other?: Reference; type?: string };

export async function mergePatients(committer: Committer, caller: Caller, request: MergeRequest, at: number): Promise<Result<Merge>> {
  let prepared: Prepared | undefined;
  const merge = newId(randomBucket());
  const done = await committer.alone(caller, async (tx) => {
    const found = await prepareMerge(tx, request);
    if (!found.ok) return found;
    prepared = found.value;
    const { entries } = prepared;
    await run(tx, sql`insert into merge (merge, source, target, at, entries) values (${merge}, ${request.source}, ${request.target}, ${at}::bigint, ${JSON.stringify(entries)})`);
    await insertLeaves(tx, [mergeLeaf("merge", at, caller, request.source, entries)]);
    return ok(prepared.drafts);
  }, { validate: false });
  if (!done.ok) return done;
  const target = done.value.find(({ type, id }) => type === "Patient" && id === request.target);
  return ok({ merge, result: target!.text!, entries: prepared!.entries });
}

/** What a merge would do, without doing it. */
export async function previewMerge(db: Queryable, request: MergeRequest): Promise<Result<Merge>> {
  const found = await prepareMerge(db, request);
  return found.ok ? ok({ merge: "", result: found.value.result, entries: found.value.entries }) : found;
}

/** Beside the leaves of the versions: that they were written by a merge, or by undoing one. */
export function mergeLeaf(kind: "merge" | "unmerge", at: number, { agent }: Caller, source: string, entries: readonly MergeEntry[]): Parameters<typeof insertLeaves>[1][number] {
  const sha256 = sha256Hex(entries.map(({ type, id, after }) => `${type}/${id}/${after}`).join("\n"));
  return { ...makeEntry({ kind, at, agent, reference: `Patient/${source}`, sha256, count: entries.length }), mark: "0", version: 0 };
}

type Prepared = { drafts: Draft[]; entries: MergeEntry[]; result: string };

async function prepareMerge(db: Queryable, { source, target, result }: MergeRequest): Promise<Result<Prepared>> {
  if (source === target) return fail("value", "source and target are the same Patient");
  const keys = [source, target].map((id) => ({ type: "Patient", id }));
  const stored = await readCurrent(db, keys);
  const [from, into] = keys.map(({ id }) => stored.get(ridOf("Patient", id))?.current);
  for (const [id, current] of [[source, from], [target, into]] as const) if (!current || current.deleted) return fail("not-found", `Patient/${id} is not known.`);
  for (const [id, current] of [[source, from!], [target, into!]] as const) {
    const other = replacedBy(current.content);
    if (other !== undefined) return fail("conflict", `Patient/${id} was replaced by ${other} already; merge with that one, or undo the merge first`);
  }
  const inactive = inactiveSource(from!.content, target);
  if (!inactive.ok) return inactive;
  const merged = result === undefined ? mergedTarget(into!.content, from!.content, source) : checkedResult(result, from!.content, source, target);
  if (!merged.ok) return merged;
  const changed: { type: string; id: string; text: string; current: Pick<Current, "version" | "updated"> }[] = [
    { type: "Patient", id: source, text: inactive.value, current: from! }, { type: "Patient", id: target, text: merged.value, current: into! },
  ];
  for (const row of await referring(db, source)) {
    if (row.type === "Patient" && (row.id === source || row.id === target)) continue;
    const text = rewriteReferences(row.content, (link) => renamed(link, source, target));
    if (text !== row.content) changed.push({ type: row.type, id: row.id, text, current: { version: row.version, updated: Number(row.updated) } });
  }
  if (changed.length > changesMax) return fail("too-costly", `${changed.length} resources refer to Patient/${source}; a merge changes at most ${changesMax}`);
  const drafts: Draft[] = [];
  for (const { type, id, text, current } of changed) {
    // What the client brings is checked; what was stored with other references stays as sound as it was.
    const draft = draftOf({ kind: "update", type, id, text }, result !== undefined && type === "Patient" && id === target);
    if (!draft.ok) return draft;
    drafts.push({ ...draft.value, base: current.updated });
  }
  return ok({ drafts, entries: changed.map(({ type, id, current }) => ({ type, id, before: current.version, after: current.version + 1 })), result: merged.value });
}

type Row = { type: string; id: string; version: number; updated: string; content: string };

/** By the reference index, and within the person's compartment also where no search parameter looks (extensions). */
async function referring(db: Queryable, source: string): Promise<Row[]> {
  const rid = ridOf("Patient", source);
  return await run<Row>(db, sql`select r.type, r.id, r.version, r.updated, r.content from resource r
    where (r.ck, r.rid) in (select ck, rid from reference where target = ${rid}::bigint union select ck, rid from compartment where person = ${rid}::bigint and person <> 0)
      and not r.deleted order by r.ck, r.rid limit ${changesMax + 1}::int`);
}

function renamed(link: string, source: string, target: string): string | undefined {
  const fragment = link.indexOf("#") > 0 ? link.slice(link.indexOf("#")) : "";
  return link === `Patient/${source}${fragment}` ? `Patient/${target}${fragment}` : undefined;
}

function linksOf(content: string): PatientLink[] {
  return ((JSON.parse(content) as Resource).link as PatientLink[] | undefined) ?? [];
}

function replacedBy(content: string): string | undefined {
  return linksOf(content).find(({ type }) => type === "replaced-by")?.other?.reference;
}

function inactiveSource(content: string, target: string): Result<string> {
  const { link } = JSON.parse(content) as Resource;
  const replaced = { other: { reference: `Patient/${target}` }, type: "replaced-by" };
  return jsonPatchText(content, JSON.stringify([
    { op: "add", path: "/active", value: false },
    link === undefined ? { op: "add", path: "/link", value: [replaced] } : { op: "add", path: "/link/-", value: replaced },
  ]));
}

/** The target with the source's identifiers, marked old, and a link to the source. */
function mergedTarget(content: string, source: string, sourceId: string): Result<string> {
  const own = JSON.parse(content) as Resource;
  const known = new Set(((own.identifier ?? []) as Identifier[]).map(({ system, value }) => JSON.stringify([system, value])));
  const more = (((JSON.parse(source) as Resource).identifier ?? []) as Identifier[]).filter(({ system, value }) => !known.has(JSON.stringify([system, value]))).map((identifier) => ({ ...identifier, use: "old" }));
  const replaces = { other: { reference: `Patient/${sourceId}` }, type: "replaces" };
  const add = (member: string, values: readonly object[]): object[] => values.length === 0 ? [] : own[member] === undefined ? [{ op: "add", path: `/${member}`, value: values }] : values.map((value) => ({ op: "add", path: `/${member}/-`, value }));
  return jsonPatchText(content, JSON.stringify([...add("identifier", more), ...add("link", [replaces])]));
}

/** A result that the client brings keeps the source's identifiers and says what it replaces. */
function checkedResult(result: string, source: string, sourceId: string, targetId: string): Result<string> {
  const value = JSON.parse(result) as Resource;
  if (value.id !== targetId) return fail("value", `result-patient must have the id of the target, "${targetId}"`);
  if (!linksOf(result).some(({ type, other }) => { const key = parseReference(other?.reference ?? ""); return type === "replaces" && key?.type === "Patient" && key.id === sourceId; }))
    return fail("value", `result-patient must have a link of type replaces to Patient/${sourceId}`);
  const kept = new Set(((value.identifier ?? []) as Identifier[]).map(({ system, value: text }) => JSON.stringify([system, text])));
  const lost = (((JSON.parse(source) as Resource).identifier ?? []) as Identifier[]).find(({ system, value: text }) => !kept.has(JSON.stringify([system, text])));
  return lost ? fail("value", `result-patient must keep the identifiers of the source; ${lost.system ?? ""}|${lost.value ?? ""} is missing`) : ok(result);
}
