/**
 * Transaction Bundle: conditions and references resolved, everything written in one PostgreSQL transaction in the
 * specification's order (DELETE, POST, PUT, then GET), answered in the order of the request.
 * Source: https://hl7.org/fhir/R4/http.html#trules
 */
import { ok, type Result } from "#platform/result.ts";
import { rewriteReferences } from "#fhir/json/references.ts";
import { isId, parseReference, type Resource } from "#fhir/resource.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import { hash64, newId, placeOf, randomBucket } from "../keys.ts";
import type { Caller, Committed } from "../record.ts";
import { findOne } from "../search/search.ts";
import type { Queryable } from "../sql.ts";
import { faultOf, type Draft } from "../write/draft.ts";
import { resolveLinks } from "./links.ts";
import { failAt, inEntry, type EntryRequest } from "./request.ts";

export type Writing = Exclude<EntryRequest, { method: "GET" }>;
/** What became of an entry: a draft to commit, or a resource that was there already. */
export type Prepared = { entry: Writing; draft: Draft } | { entry: Writing; existing: Committed };

const rankOf = { DELETE: 0, POST: 1, PUT: 2 } as const;

/** Faults that need no database, for every entry before anything is asked of it. */
export function entryFault(entry: Writing): Result<void> {
  if (entry.method === "DELETE") return ok(undefined);
  const id = entry.method === "PUT" && "id" in entry.target ? entry.target.id : undefined;
  const fault = faultOf(entry.document, entry.type, id, true);
  return fault ? { ok: false, failure: inEntry(fault, entry.index) } : ok(undefined);
}

export async function prepareTransaction(tx: Queryable, caller: Caller, entries: readonly Writing[]): Promise<Result<Prepared[]>> {
  const conditional = await resolveTargets(tx, caller, entries);
  if (!conditional.ok) return conditional;
  const ids = assignIds(entries, conditional.value);
  const links = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const entry of entries) {
    const key = `${entry.type}/${ids.get(entry)!.id}`;
    const other = taken.get(key);
    if (other !== undefined) return failAt("duplicate", `Bundle.entry[${entry.index}]`, `${key} is changed by entry ${other} already`);
    taken.set(key, entry.index);
    if (entry.fullUrl === undefined || entry.method === "DELETE") continue;
    if (links.has(entry.fullUrl)) return failAt("duplicate", `Bundle.entry[${entry.index}].fullUrl`, `${entry.fullUrl} stands twice in the Bundle`);
    links.set(entry.fullUrl, key);
  }
  const conditions = await resolveReferences(tx, caller, entries);
  if (!conditions.ok) return conditions;
  const prepared: Prepared[] = [];
  for (const entry of entries.toSorted((a, b) => rankOf[a.method] - rankOf[b.method])) {
    const { id, fresh, existing } = ids.get(entry)!;
    if (existing) { prepared.push({ entry, existing }); continue; }
    if (entry.method === "DELETE") { prepared.push({ entry, draft: { kind: "delete", type: entry.type, id, fresh: false, ...matchOf(entry) } }); continue; }
    const document = resolveLinks(entry.document, entry.fullUrl, { entries: links, conditions: conditions.value });
    if (!document.ok) return document;
    prepared.push({ entry, draft: { kind: entry.method === "POST" ? "create" : "update", type: entry.type, id, fresh, document: document.value, value: document.value.value, ...(entry.method === "PUT" ? matchOf(entry) : {}) } });
  }
  return ok(prepared);
}

function matchOf({ ifMatch }: { ifMatch?: number }): { ifMatch?: number } {
  return ifMatch === undefined ? {} : { ifMatch };
}

type Assigned = { id: string; fresh: boolean; existing?: Committed };

/** If-None-Exist, conditional update and delete: decided here, inside the transaction, one condition at a time. */
async function resolveTargets(tx: Queryable, caller: Caller, entries: readonly Writing[]): Promise<Result<Map<Writing, Assigned | undefined>>> {
  const found = new Map<Writing, Assigned | undefined>();
  for (const entry of entries) {
    const query = entry.method === "POST" ? entry.ifNoneExist : "query" in entry.target ? entry.target.query : undefined;
    if (query === undefined) continue;
    // Two transactions with one condition wait for each other here, so both cannot find nothing and create.
    await tx.unsafe("select pg_advisory_xact_lock($1::bigint)", [hash64(`condition ${entry.type}?${query}`)], { prepare: true });
    const one = await findOne(tx, caller, entry.type, query);
    if (!one.ok) return { ok: false, failure: inEntry(one.failure, entry.index) };
    const row = one.value;
    if (!row) { found.set(entry, undefined); continue; }
    // https://hl7.org/fhir/R4/http.html#cond-update: one match, and the resource names another id.
    if (entry.method === "PUT" && entry.document.value.id !== undefined && entry.document.value.id !== row.id)
      return failAt("value", `Bundle.entry[${entry.index}].resource.id`, `the condition names ${row.type}/${row.id}, the resource says "${String(entry.document.value.id).slice(0, 80)}"; leave the id out, or send the right one`);
    const lastUpdated = new Date(Number(row.updated)).toISOString();
    found.set(entry, { id: row.id, fresh: false, ...(entry.method === "POST" ? { existing: { kind: "unchanged", type: row.type, id: row.id, version: row.version, lastUpdated } } : {}) });
  }
  return ok(found);
}

function assignIds(entries: readonly Writing[], conditional: ReadonlyMap<Writing, Assigned | undefined>): Map<Writing, Assigned> {
  const ids = new Map<Writing, Assigned>();
  const buckets = new Map<string, number>();
  for (const entry of entries) {
    const known = conditional.get(entry);
    if (known) ids.set(entry, known);
    else if (entry.method !== "POST" && "id" in entry.target) ids.set(entry, { id: entry.target.id, fresh: false });
    else if (entry.method === "DELETE") ids.set(entry, { id: newId(randomBucket()), fresh: true, existing: { kind: "deleted", type: entry.type, id: "", version: 0, lastUpdated: new Date().toISOString() } });
    else if (entry.type === "Patient") {
      const stated = entry.method === "PUT" && isId(String(entry.document.value.id)) ? String(entry.document.value.id) : undefined;
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
    if (ids.has(entry) || entry.method === "DELETE") continue;
    const stated = entry.method === "PUT" && isId(String(entry.document.value.id)) ? String(entry.document.value.id) : undefined;
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
async function resolveReferences(tx: Queryable, caller: Caller, entries: readonly Writing[]): Promise<Result<Map<string, string>>> {
  const asked = new Map<string, number>();
  for (const entry of entries) {
    if (entry.method === "DELETE" || !/"reference"\s*:\s*"[A-Z][A-Za-z]+\?/.test(entry.document.text)) continue;
    rewriteReferences(entry.document.text, (link) => { if (conditionPattern.test(link) && !asked.has(link)) asked.set(link, entry.index); return undefined; });
  }
  const found = new Map<string, string>();
  for (const [link, index] of asked) {
    const [, type, query] = conditionPattern.exec(link)!;
    if (!isResourceType(type!)) continue;
    const one = await findOne(tx, caller, type!, query!);
    if (!one.ok) return { ok: false, failure: inEntry(one.failure, index) };
    if (!one.value) return { ok: false, failure: inEntry({ code: "not-found", text: `The reference "${link.slice(0, 200)}" names no resource here; send it first or in the same transaction` }, index) };
    found.set(link, `${one.value.type}/${one.value.id}`);
  }
  return ok(found);
}
