/**
 * Patient/$everything: the compartment, paged in storage order, and with each page the shared resources it refers
 * to (practitioners, organisations, medicines, …). Source: https://hl7.org/fhir/R4/patient-operation-everything.html
 */
import { fail, ok, unreachable, type Result } from "#platform/result.ts";
import { isResourceType, resourceTypes } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import { instantRange } from "#fhir/search/date.ts";
import { openHigh, openLow } from "#fhir/search/rows.ts";
import { rowsAbout } from "../about.ts";
import { rowVisible, sharedTypes } from "../access.ts";
import { paramKey, ridOf } from "../keys.ts";
import type { Caller, EverythingPage, Page, SearchEntry } from "../record.ts";
import { mainDateOf } from "../rows.ts";
import { join, numbers, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { bucketOf, storedOf, type ResourceRecord } from "./read.ts";

type Row = ResourceRecord & { ck: string; rid: string };

export type FoundPage = { page: Page<SearchEntry>; persons: string[] };

export const everythingCountDefault = 500;
const countMax = 1000;
const columns = raw("r.ck, r.rid, r.type, r.id, r.version, r.updated, r.deleted, r.content, r.persons::text as persons");

/** `patient` undefined: everybody within the caller's reach. The caller's right to see the Patient is checked before. */
export async function readEverything(db: Queryable, caller: Caller, patient: string | undefined, asked: EverythingPage = {}): Promise<Result<FoundPage>> {
  return await readAround(db, caller, patient === undefined ? reachOf(caller) : rowsAbout(sql`= ${ridOf("Patient", patient)}::bigint`), asked);
}

/** Every row about a person the caller may see; of all, by walking the table in its order. */
function reachOf({ filter }: Caller): Sql {
  switch (filter.kind) {
    case "all": return raw("(select ck, rid from resource where persons <> '{}' and persons <> '{0}')");
    case "none": return raw("(select ck, rid from resource where false)");
    case "patient": return rowsAbout(sql`= ${ridOf("Patient", filter.patient)}::bigint`);
    case "practitioner": return rowsAbout(sql`in (select k.person from care k where k.practitioner = ${ridOf("Practitioner", filter.practitioner)}::bigint)`);
    default: return unreachable(filter);
  }
}

/**
 * Encounter/$everything: the encounter, what refers to it, and what it refers to, in pages like a person's.
 * Source: https://hl7.org/fhir/R4/encounter-operation-everything.html
 */
export async function readEncounter(db: Queryable, caller: Caller, encounter: string, asked: EverythingPage = {}): Promise<Result<FoundPage>> {
  const rid = sql`${ridOf("Encounter", encounter)}::bigint`, ck = await bucketOf(db, { type: "Encounter", id: encounter });
  return await readAround(db, caller, sql`(select ${ck} as ck, ${rid} as rid union select f.ck, f.rid from reference f where f.target = ${rid}
    union select coalesce(f.place, d.ck), f.target from reference f left join directory d on f.place is null and d.rid = f.target where f.ck = ${ck} and f.rid = ${rid})`, asked, true);
}

/** `keys`: a relation of (ck, rid). `within`: shared resources among them are matches too rather than included beside. */
async function readAround(db: Queryable, caller: Caller, keys: Sql, { count = everythingCountDefault, cursor, ...narrow }: EverythingPage, within = false): Promise<Result<FoundPage>> {
  const limit = Math.min(Math.max(Math.trunc(count) || 0, 1), countMax);
  const place = cursor === undefined ? undefined : parseCursor(cursor, "nn");
  if (place && !place.ok) return place;
  const narrowed = narrowing(narrow);
  if (!narrowed.ok) return narrowed;
  const rows = await run<Row>(db, sql`select ${columns} from ${keys} c join resource r on r.ck = c.ck and r.rid = c.rid
    where not r.deleted and ${rowVisible(caller.filter, "r")} and ${narrowed.value}
    ${place ? sql`and (c.ck, c.rid) > (${String(place.value[0]!)}::bigint, ${String(place.value[1]!)}::bigint)` : raw("")}
    order by c.ck, c.rid limit ${limit + 1}::int`);
  const matched = rows.slice(0, limit);
  const types = new Set(narrow.types);
  const known = matched.length ? await sharedOf(db, caller, matched, within) : [];
  const last = matched.at(-1);
  const page: Page<SearchEntry> = {
    entries: [
      ...matched.map((row): SearchEntry => ({ mode: "match", stored: storedOf(row) })),
      ...known.filter(({ type }) => types.size === 0 || types.has(type)).map((row): SearchEntry => ({ mode: "include", stored: storedOf(row) })),
    ],
  };
  if (rows.length > limit && last) page.next = formatCursor([last.ck, last.rid]);
  return ok({ page, persons: [...matched, ...known].map((row) => row.persons) });
}

/** Dates that say when somebody was cared for; a birth date does not. */
let careDates: string | undefined;

function careDateParams(): string {
  return careDates ??= numbers([...new Set(resourceTypes().flatMap((type) => {
    const main = mainDateOf(type);
    return main === undefined || main === "birthdate" ? [] : [paramKey(type, main)];
  }))]);
}

/** `_since`, `_type`, and the time of care (`start`, `end`: days count whole). What has no such time is in every range. */
function narrowing({ since, types, start, end }: Omit<EverythingPage, "count" | "cursor">): Result<Sql> {
  const conditions = [raw("true")];
  if (since !== undefined) {
    const at = instantRange(since);
    if (!at) return fail("value", `_since=${since.slice(0, 40)} is no instant; write 2026-01-31T12:00:00Z`);
    conditions.push(sql`r.updated >= ${at.low}::bigint`);
  }
  if (types?.length) {
    const strange = types.find((type) => !isResourceType(type));
    if (strange !== undefined) return fail("value", `_type: "${strange.slice(0, 64)}" is no resource type of FHIR R4`);
    conditions.push(sql`r.type = any(${`{${types.join(",")}}`}::text[])`);
  }
  const from = start === undefined ? undefined : instantRange(start), to = end === undefined ? undefined : instantRange(end);
  for (const [name, text, found] of [["start", start, from], ["end", end, to]] as const) if (text !== undefined && !found) return fail("value", `${name}=${text.slice(0, 40)} is no date; write 2026-01-31`);
  if (from || to) {
    const dated = sql`from date d where d.ck = r.ck and d.rid = r.rid and d.param = any(${careDateParams()}::int[])`;
    conditions.push(sql`(not exists (select ${dated}) or exists (select ${dated} and d.high > ${from?.low ?? openLow}::bigint and d.low < ${to?.high ?? openHigh}::bigint))`);
  }
  return ok(join(conditions, " and "));
}

/** `people`: with the persons they are about. */
async function sharedOf(db: Queryable, caller: Caller, matched: readonly Row[], people: boolean): Promise<Row[]> {
  const here = new Set(matched.map(({ rid }) => rid));
  const rows = await referredFrom(db, caller, matched, people ? [...sharedTypes, "Patient"] : [...sharedTypes]);
  return rows.filter(({ rid }) => !here.has(rid));
}

async function referredFrom(db: Queryable, caller: Caller, matched: readonly Row[], types: readonly string[]): Promise<Row[]> {
  return await run<Row>(db, sql`select distinct on (r.rid) ${columns} from
      (select distinct coalesce(f.place, d.ck) as ck, f.target as rid
        from unnest(${numbers(matched.map((row) => row.ck))}::bigint[], ${numbers(matched.map((row) => row.rid))}::bigint[]) u(ck, rid)
        join reference f on f.ck = u.ck and f.rid = u.rid left join directory d on f.place is null and d.rid = f.target) t
    join resource r on r.ck = t.ck and r.rid = t.rid
    where not r.deleted and r.type = any(${`{${types.join(",")}}`}::text[]) and ${rowVisible(caller.filter, "r")} order by r.rid`);
}

/** Every visible resource of one person, parsed, for engines. */
export async function readCompartment(db: Queryable, caller: Caller, patient: string): Promise<{ resources: Resource[]; persons: string[]; versions: string[] }> {
  const rows = await run<Row>(db, sql`select ${columns} from ${rowsAbout(sql`= ${ridOf("Patient", patient)}::bigint`)} c join resource r on r.ck = c.ck and r.rid = c.rid
    where not r.deleted and ${rowVisible(caller.filter, "r")}`);
  return {
    resources: rows.map((row) => JSON.parse(row.content) as Resource),
    persons: rows.map((row) => row.persons),
    versions: rows.map((row) => `${row.type}/${row.id}/${row.version}`),
  };
}
