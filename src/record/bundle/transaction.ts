/**
 * Transaction Bundle: conditions and references resolved, everything written in one PostgreSQL transaction in the
 * specification's order (DELETE, POST, PUT and PATCH, then GET), answered in the order of the request.
 * Source: https://hl7.org/fhir/R4/http.html#trules
 */
import { ok, type Result } from "#platform/result.ts";
import { rewriteReferences } from "#fhir/json/references.ts";
import { isId, parseReference, type Resource } from "#fhir/resource.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import type { Document } from "#fhir/json/document.ts";
import { newId, placeOf, randomBucket } from "../keys.ts";
import type { Caller, Committed } from "../record.ts";
import { readCurrentVersion } from "../read/read.ts";
import { findMatches } from "../search/search.ts";
import type { Queryable } from "../sql.ts";
import { faultOf, type Draft } from "../write/draft.ts";
import { patched } from "../write/patch.ts";
import { linksOf, resolveLinks, type Links } from "./links.ts";
import { lockConditions } from "./locks.ts";
import type { Writing } from "./reading.ts";
import { failAt, inEntry } from "./request.ts";

/** What became of an entry: drafts to commit (several or none of a conditional deletion), a resource that was there already, or the one that another entry creates. */
export type Prepared = { entry: Writing; drafts: readonly Draft[] } | { entry: Writing; existing: Committed } | { entry: Writing; same: Writing };

const rankOf = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2 } as const;

/** A conditional deletion that names more than this is refused. */
export const deletionsMax = 1000;

/** Faults that need no database, for every entry before anything is asked of it. */
export function entryFault(entry: Writing): Result<void> {
  if (entry.method === "DELETE" || entry.method === "PATCH") return ok(undefined);
  const id = entry.method === "PUT" && "id" in entry.target ? entry.target.id : undefined;
  const fault = faultOf(entry.document, entry.type, id, true);
  return fault ? { ok: false, failure: inEntry(fault, entry.index) } : ok(undefined);
}

/** Stands for a value that went into a draft, where it got links and is dropped as soon as it is indexed. A transaction that raced reads it again. */
const given: Resource = { resourceType: "" };

/** `bases`: of this node, as the client reaches it. */
export async function prepareTransaction(tx: Queryable, caller: Caller, entries: readonly Writing[], bases: readonly string[] = []): Promise<Result<Prepared[]>> {
  for (const entry of entries) if ("document" in entry && entry.document.value === given) entry.document.value = JSON.parse(entry.document.text) as Resource;
  const matches = await resolveTargets(tx, caller, entries);
  if (!matches.ok) return matches;
  const repeated = repeatedConditions(entries, matches.value);
  if (!repeated.ok) return repeated;
  const alone = entries.filter((entry) => !repeated.value.has(entry));
  const ids = assignIds(alone, matches.value);
  for (const [entry, first] of repeated.value) ids.set(entry, ids.get(first)!);
  const links = new Map<string, string>();
  const taken = new Map<string, { index: number; changes: boolean }>();
  for (const entry of entries) {
    for (const id of entry.method === "DELETE" ? deletedBy(entry, matches.value) : [ids.get(entry)!.id]) {
      const key = `${entry.type}/${id}`;
      const other = taken.get(key);
      // Creations that find a resource, or the one that another entry creates, change nothing: several may.
      const changes = !repeated.value.has(entry) && ids.get(entry)?.existing === undefined;
      if (other && (changes || other.changes && !repeated.value.has(entry))) return failAt("duplicate", `Bundle.entry[${entry.index}]`, `${key} is changed by entry ${other.index} already`);
      if (!other) taken.set(key, { index: entry.index, changes });
    }
    if (entry.fullUrl === undefined || entry.method === "DELETE") continue;
    if (links.has(entry.fullUrl)) return failAt("duplicate", `Bundle.entry[${entry.index}].fullUrl`, `${entry.fullUrl} stands twice in the Bundle`);
    links.set(entry.fullUrl, `${entry.type}/${ids.get(entry)!.id}`);
  }
  const contents = await contentsOf(tx, caller, alone, ids);
  if (!contents.ok) return contents;
  const conditions = await resolveReferences(tx, caller, contents.value);
  if (!conditions.ok) return conditions;
  const resolving = linksOf({ entries: links, conditions: conditions.value, bases }), inBundles: Links = { ...resolving, bases: [] };
  const prepared: Prepared[] = [];
  for (const entry of entries.toSorted((a, b) => rankOf[a.method] - rankOf[b.method])) {
    const { type } = entry;
    if (entry.method === "DELETE") {
      prepared.push({ entry, drafts: deletedBy(entry, matches.value).map((id) => ({ kind: "delete", type, id, fresh: false, ...matchOf(entry) })) });
      continue;
    }
    const { id, fresh, existing } = ids.get(entry)!;
    const same = repeated.value.get(entry);
    if (same) { prepared.push({ entry, same }); continue; }
    if (existing) { prepared.push({ entry, existing }); continue; }
    const { document, base } = contents.value.get(entry)!;
    const resolved = resolveLinks(document, entry.fullUrl, type === "Bundle" ? inBundles : resolving);
    if (!resolved.ok) return resolved;
    const { text, span, value } = resolved.value;
    document.value = given;
    prepared.push({ entry, drafts: [{
      kind: entry.method === "POST" ? "create" : "update", type, id, fresh, document: { text, span }, value,
      ...(base === undefined ? {} : { base }), ...(entry.method === "POST" ? {} : matchOf(entry)),
    }] });
  }
  return ok(prepared);
}

type Content = { document: Document; /** The version that a patch was put onto. */ base?: number };

/** What each entry writes; a patch is applied here. */
async function contentsOf(tx: Queryable, caller: Caller, entries: readonly Writing[], ids: ReadonlyMap<Writing, Assigned>): Promise<Result<Map<Writing, Content>>> {
  const contents = new Map<Writing, Content>();
  for (const entry of entries) {
    if (entry.method === "DELETE") continue;
    if (entry.method !== "PATCH") { contents.set(entry, { document: entry.document }); continue; }
    const result = await patched(tx, caller, { type: entry.type, id: ids.get(entry)!.id }, entry.patch, { ...matchOf(entry), resolves: true });
    if (!result.ok) return { ok: false, failure: inEntry(result.failure, entry.index) };
    contents.set(entry, result.value);
  }
  return ok(contents);
}

function deletedBy(entry: Extract<Writing, { method: "DELETE" }>, matches: ReadonlyMap<Writing, readonly Assigned[]>): string[] {
  return "id" in entry.target ? [entry.target.id] : matches.get(entry)!.map(({ id }) => id);
}

function matchOf({ ifMatch }: { ifMatch?: number }): { ifMatch?: number } {
  return ifMatch === undefined ? {} : { ifMatch };
}

type Assigned = { id: string; fresh: boolean; existing?: Committed };

function conditionOf(entry: Writing): string | undefined {
  return entry.method === "POST" ? entry.ifNoneExist : "query" in entry.target ? entry.target.query : undefined;
}

/** How many a conditional deletion may take: with `_count` no more than its sender reckons with. */
function mostOf(query: string): number {
  const said = /(?:^|&)_count=([1-9]\d{0,8})(?:&|$)/.exec(query)?.[1];
  return Math.min(deletionsMax, said === undefined ? deletionsMax : Number(said));
}

/** If-None-Exist, conditional update, patch and delete: decided here, inside the transaction. What each condition names; one at most but for DELETE. */
async function resolveTargets(tx: Queryable, caller: Caller, entries: readonly Writing[]): Promise<Result<Map<Writing, readonly Assigned[]>>> {
  const found = new Map<Writing, readonly Assigned[]>();
  const conditional = entries.flatMap((entry) => { const query = conditionOf(entry); return query === undefined ? [] : [{ entry, query }]; });
  await lockConditions(tx, conditional.map(({ entry, query }) => ({ type: entry.type, query, ...("document" in entry ? { value: entry.document.value } : {}) })));
  for (const { entry, query } of conditional) {
    const matches = await findMatches(tx, caller, entry.type, query, entry.method === "DELETE" ? mostOf(query) : 1);
    if (!matches.ok) return { ok: false, failure: inEntry(matches.failure, entry.index) };
    if (entry.method === "DELETE") { found.set(entry, matches.value.map(({ id }) => ({ id, fresh: false }))); continue; }
    const [row] = matches.value;
    if (!row && entry.method === "PATCH") return failAt("not-found", `Bundle.entry[${entry.index}].request.url`, `"${entry.type}?${query.slice(0, 200)}" names no resource to patch`);
    if (!row) {
      // R4 calls it an update as create, R5 says which: what has that id already is another resource, and is not written over.
      const id = entry.method === "PUT" ? statedId(entry) : undefined;
      if (id !== undefined && (await readCurrentVersion(tx, caller, { type: entry.type, id })).result.kind === "current")
        return failAt("conflict", `Bundle.entry[${entry.index}].resource.id`, `${entry.type}/${id} is there, and is not what "${entry.type}?${query.slice(0, 200)}" names; leave the id out, or update it by its id`);
      found.set(entry, []);
      continue;
    }
    // https://hl7.org/fhir/R4/http.html#cond-update: one match, and the resource names another id.
    if (entry.method === "PUT" && entry.document.value.id !== undefined && entry.document.value.id !== row.id)
      return failAt("value", `Bundle.entry[${entry.index}].resource.id`, `the condition names ${row.type}/${row.id}, the resource says "${String(entry.document.value.id).slice(0, 80)}"; leave the id out, or send the right one`);
    const lastUpdated = new Date(Number(row.updated)).toISOString();
    found.set(entry, [{ id: row.id, fresh: false, ...(entry.method === "POST" ? { existing: { kind: "unchanged", type: row.type, id: row.id, version: row.version, lastUpdated, text: row.content } } : {}) }]);
  }
  return ok(found);
}

/** Entries whose condition names nothing yet, and is that of an earlier creation of this Bundle, which they then find; two that would write twice what one condition names are a fault. */
function repeatedConditions(entries: readonly Writing[], matches: ReadonlyMap<Writing, readonly Assigned[]>): Result<Map<Writing, Writing>> {
  const first = new Map<string, Writing>();
  const repeated = new Map<Writing, Writing>();
  for (const entry of entries) {
    const query = conditionOf(entry);
    if (query === undefined || matches.get(entry)!.length > 0 || entry.method === "DELETE") continue;
    const key = `${entry.type}?${query}`;
    const other = first.get(key);
    if (!other) first.set(key, entry);
    else if (entry.method === "POST" && other.method === "POST") repeated.set(entry, other);
    else return failAt("duplicate", `Bundle.entry[${entry.index}].request.url`, `"${key.slice(0, 200)}" is what entry ${other.index} writes already`);
  }
  return ok(repeated);
}

/** A conditional update may say which id it wants, should it create. */
function statedId(entry: Exclude<Writing, { method: "DELETE" | "PATCH" }>): string | undefined {
  const { id } = entry.document.value;
  return entry.method === "PUT" && typeof id === "string" && isId(id) ? id : undefined;
}

function assignIds(entries: readonly Writing[], matches: ReadonlyMap<Writing, readonly Assigned[]>): Map<Writing, Assigned> {
  const ids = new Map<Writing, Assigned>();
  const buckets = new Map<string, number>();
  for (const entry of entries) {
    if (entry.method === "DELETE") continue;
    const [known] = matches.get(entry) ?? [];
    if (known) ids.set(entry, known);
    else if (entry.method !== "POST" && "id" in entry.target) ids.set(entry, { id: entry.target.id, fresh: false });
    else if (entry.method === "PATCH") throw new Error("a patch without target");
    else if (entry.type === "Patient") {
      const stated = statedId(entry);
      ids.set(entry, { id: stated ?? newId(randomBucket()), fresh: stated === undefined });
    }
    const patient = ids.get(entry);
    if (patient && entry.type === "Patient") {
      const bucket = placeOf("Patient", patient.id)!;
      if (entry.fullUrl !== undefined) buckets.set(entry.fullUrl, bucket);
      buckets.set(`Patient/${patient.id}`, bucket);
    }
  }
  const only = new Set(buckets.values());
  for (const entry of entries) {
    if (ids.has(entry) || entry.method === "DELETE" || entry.method === "PATCH") continue;
    const stated = statedId(entry);
    if (stated !== undefined) ids.set(entry, { id: stated, fresh: false });
    else ids.set(entry, { id: newId(bucketOfSubject(entry.document.value, buckets) ?? (only.size === 1 ? [...only][0]! : randomBucket())), fresh: true });
  }
  return ids;
}

/** For placing only: the person a resource names by a usual member, before references are resolved. */
function bucketOfSubject(value: Resource, buckets: ReadonlyMap<string, number>): number | undefined {
  for (const name of ["subject", "patient", "beneficiary", "for", "individual"]) {
    const reference = (value[name] as { reference?: unknown } | undefined)?.reference;
    if (typeof reference !== "string") continue;
    const known = buckets.get(reference);
    if (known !== undefined) return known;
    const key = parseReference(reference);
    if (key?.type === "Patient") return placeOf("Patient", key.id);
  }
  return undefined;
}

const conditionPattern = /^([A-Z][A-Za-z]+)\?(.+)$/s;

/** References of the form "Practitioner?identifier=…": each must name exactly one resource. */
async function resolveReferences(tx: Queryable, caller: Caller, contents: ReadonlyMap<Writing, Content>): Promise<Result<Map<string, string>>> {
  const asked = new Map<string, number>();
  for (const [entry, { document }] of contents) {
    if (!document.text.includes("?") || !/"reference"\s*:\s*"[A-Z][A-Za-z]+\?/.test(document.text)) continue;
    rewriteReferences(document.text, (link) => { if (conditionPattern.test(link) && !asked.has(link)) asked.set(link, entry.index); return undefined; });
  }
  const found = new Map<string, string>();
  for (const [link, index] of asked) {
    const [, type, query] = conditionPattern.exec(link)!;
    if (!isResourceType(type!)) continue;
    const matches = await findMatches(tx, caller, type!, query!, 1);
    if (!matches.ok) return { ok: false, failure: inEntry(matches.failure, index) };
    const [one] = matches.value;
    if (!one) return { ok: false, failure: inEntry({ code: "not-found", text: `The reference "${link.slice(0, 200)}" names no resource here; send it first or in the same transaction` }, index) };
    found.set(link, `${one.type}/${one.id}`);
  }
  return ok(found);
}
