/** The record's answers to what has to be looked up before a search: value sets and codes by the terminology engine, hierarchies by SQL. */
import { splitCanonical } from "#fhir/canonical.ts";
import { RegexFault } from "#fhir/fhirpath/regex/regex.ts";
import { lookedUpMax, type Code, type Lookups } from "#fhir/search/resolve.ts";
import { expand } from "#fhir/terminology/expand.ts";
import { TxFault } from "#fhir/terminology/issues.ts";
import { layer } from "#fhir/terminology/layer.ts";
import { readOptions } from "#fhir/terminology/options.ts";
import { runAsync, type TerminologySource } from "#fhir/terminology/provider.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { Contains, Include, ValueSet } from "#fhir/terminology/resources.ts";
import { Session } from "#fhir/terminology/session.ts";
import { pickVersion } from "#fhir/terminology/version.ts";
import { isId } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { candidateVisible } from "../about.ts";
import { rowVisible } from "../access.ts";
import type { Caller, HealthRecord } from "../record.ts";
import { numbers, raw, run, sql, type Queryable } from "../sql.ts";
import { recordTerminology } from "../terminology/stored.ts";
import { readCurrent } from "../write/current.ts";
import { ofParam } from "./source.ts";

type Sources = { db: Queryable; record: Pick<HealthRecord, "search" | "read">; loaded: TerminologySource };

export function lookupsFor({ db, record, loaded }: Sources, caller: Caller): Lookups {
  let source: TerminologySource | undefined;
  const listed = async (set: ValueSet): Promise<Result<readonly Code[]>> => {
    source ??= layer(recordTerminology(record, caller), layer(loaded, r4Terminology()));
    const codes = await codesOf(source, set);
    return codes.ok ? ok([...codes.value.values()]) : codes;
  };
  // A search over several types asks the same for each.
  const asked = new Map<string, Promise<Result<readonly Code[]>>>();
  const once = (key: string, ask: () => Promise<Result<readonly Code[]>>): Promise<Result<readonly Code[]>> => {
    let answer = asked.get(key);
    if (!answer) asked.set(key, answer = ask());
    return answer;
  };
  return {
    expand: (valueSet) => once(valueSet, async () => {
      const found = await namedSet(record, caller, valueSet);
      if (!found.ok) return found;
      return await listed(found.value ?? { resourceType: "ValueSet", status: "active", compose: { include: [{ valueSet: [valueSet] }] } });
    }),
    subsumes: ({ system, code }, direction) => once(`${direction} ${system}|${code}`, async () => {
      const filter = { property: "concept", op: direction === "below" ? "is-a" : "generalizes", value: code };
      const found = await listed({ resourceType: "ValueSet", status: "active", compose: { include: [{ system, filter: [filter] }] } });
      return found.ok && !found.value.some((one) => one.code === code) ? ok([{ system, code }, ...found.value]) : found;
    }),
    hierarchy: (type, by, ids, direction) => hierarchy(db, caller, { type, by, ids, direction }),
  };
}

/** `ValueSet/id`: the resource here; undefined for a url. */
async function namedSet(record: Sources["record"], caller: Caller, valueSet: string): Promise<Result<ValueSet | undefined>> {
  const id = valueSet.replace(/^ValueSet\//, "");
  if (id === "" || valueSet.includes(":") || !isId(id)) return valueSet.includes(":") ? ok(undefined) : fail("value", `"${valueSet.slice(0, 120)}" names no value set; give its url or ValueSet/id`);
  const found = await record.read(caller, { type: "ValueSet", id });
  return found.kind === "current" ? ok(JSON.parse(found.stored.text) as ValueSet) : fail("value", `The value set ValueSet/${id} is not known here`);
}

const importsMax = 20;
const keyOf = ({ system, code }: Code): string => `${system}|${code}`;

/**
 * Codes of a value set. Those it lists one by one count as they stand, whether or not their system is loaded here: what
 * is recorded under them is to be found.
 */
async function codesOf(source: TerminologySource, set: ValueSet, depth = 0): Promise<Result<ReadonlyMap<string, Code>>> {
  if (depth > importsMax) return fail("too-costly", `value sets are nested deeper than ${importsMax}, or one is made of itself`);
  if (!set.compose) return ok(contained(set));
  const codes = new Map<string, Code>();
  for (const include of set.compose.include ?? []) {
    const part = await codesOfPart(source, include, set, depth);
    if (!part.ok) return part;
    for (const [key, code] of part.value) codes.set(key, code);
    if (codes.size > lookedUpMax) return fail("too-costly", `the value set has more than ${lookedUpMax} codes`);
  }
  for (const exclude of set.compose.exclude ?? []) {
    const part = await codesOfPart(source, exclude, set, depth);
    if (!part.ok) return part;
    for (const key of part.value.keys()) codes.delete(key);
  }
  return ok(codes);
}

/** What is in the system's part and in every value set that it names. */
async function codesOfPart(source: TerminologySource, include: Include, set: ValueSet, depth: number): Promise<Result<ReadonlyMap<string, Code>>> {
  const parts: ReadonlyMap<string, Code>[] = [];
  const { system, concept } = include;
  if (system !== undefined && concept) parts.push(new Map(concept.map(({ code }) => [`${system}|${code}`, { system, code }])));
  else if (system !== undefined) {
    const { valueSet: _, ...own } = include;
    const found = await expanded(source, { resourceType: "ValueSet", status: "active", compose: { ...(set.compose?.inactive === undefined ? {} : { inactive: set.compose.inactive }), include: [own] } });
    if (!found.ok) return found;
    parts.push(found.value);
  }
  for (const canonical of include.valueSet ?? []) {
    const { url, version } = splitCanonical(canonical);
    const found = pickVersion(await source.valueSets(url), (one) => one.version, version);
    if (!found) return fail("value", `The value set ${canonical.slice(0, 200)} is not known here`);
    const codes = await codesOf(source, found, depth + 1);
    if (!codes.ok) return codes;
    parts.push(codes.value);
  }
  const [first = new Map<string, Code>(), ...rest] = parts;
  return ok(rest.length ? new Map([...first].filter(([key]) => rest.every((part) => part.has(key)))) : first);
}

async function expanded(source: TerminologySource, set: ValueSet): Promise<Result<ReadonlyMap<string, Code>>> {
  try {
    const session = new Session(source, readOptions({ resourceType: "Parameters", parameter: [{ name: "excludeNested", valueBoolean: true }] }, { validating: false }));
    return ok(contained(await runAsync(expand(session, set, { identifier: "urn:uuid:00000000-0000-0000-0000-000000000000", timestamp: "" }, lookedUpMax))));
  } catch (fault) {
    if (fault instanceof TxFault) return fail(fault.issue.code === "too-costly" ? "too-costly" : "value", fault.message);
    if (fault instanceof RegexFault) return fail("too-costly", `A regular expression of the value set could not be run to its end: ${fault.message}`);
    throw fault;
  }
}

function contained({ expansion }: ValueSet): Map<string, Code> {
  const codes = new Map<string, Code>();
  const open: Contains[] = [...expansion?.contains ?? []];
  for (let one = open.pop(); one; one = open.pop()) {
    open.push(...one.contains ?? []);
    const { system, code, abstract } = one;
    if (system !== undefined && code !== undefined && !abstract) codes.set(keyOf({ system, code }), { system, code });
  }
  return codes;
}

/** Step by step from each to those above or below; what the caller may not see ends the way. */
async function hierarchy(db: Queryable, caller: Caller, { type, by, ids, direction }: { type: string; by: string; ids: readonly string[]; direction: "above" | "below" }): Promise<Result<readonly string[]>> {
  const found = new Set(ids);
  const param = sql`${ofParam("h", type, by, [type])} and ${candidateVisible(caller.filter, "h", type)}`;
  for (let next = [...found]; next.length;) {
    const keys = await readCurrent(db, next.map((id) => ({ type, id })));
    const rids = numbers([...keys.keys()]), cks = numbers([...keys.values()].map(({ ck }) => ck ?? "null"));
    const step = direction === "below" ? sql`select h.ck, h.rid from reference h where h.target = any(${rids}::bigint[]) and ${param}`
      : sql`select coalesce(h.place, d.ck) as ck, h.target as rid from unnest(${cks}::bigint[], ${rids}::bigint[]) w(ck, rid) join reference h on h.ck = w.ck and h.rid = w.rid and ${param} left join directory d on h.place is null and d.rid = h.target`;
    const rows = await run<{ id: string }>(db, sql`select distinct r.id from (${step}) w join resource r on r.ck = w.ck and r.rid = w.rid where r.type = ${type}::text and not r.deleted and ${rowVisible(caller.filter, "r")} limit ${raw(String(lookedUpMax + 1))}`);
    next = rows.map(({ id }) => id).filter((id) => !found.has(id));
    for (const id of next) found.add(id);
    if (found.size > lookedUpMax) return fail("too-costly", `more than ${lookedUpMax} resources lie ${direction}`);
  }
  return ok([...found]);
}
