/**
 * Patient/$everything: the compartment, paged in storage order, and with each page the shared resources it refers
 * to (practitioners, organisations, medicines, …). Source: https://hl7.org/fhir/R4/patient-operation-everything.html
 */
import { ok, type Result } from "#platform/result.ts";
import type { Resource } from "#fhir/resource.ts";
import { rowVisible, sharedTypes } from "../access.ts";
import { ridOf } from "../keys.ts";
import type { Caller, Page, SearchEntry } from "../record.ts";
import { numbers, raw, run, sql, type Queryable } from "../sql.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { storedOf, type ResourceRecord } from "./read.ts";

type Row = ResourceRecord & { ck: string; rid: string };
export type EverythingPage = { page: Page<SearchEntry>; persons: string[] };

export const everythingCountDefault = 500;
const countMax = 1000;
const columns = raw("r.ck, r.rid, r.type, r.id, r.version, r.updated, r.deleted, r.content, r.persons::text as persons");

export async function readEverything(db: Queryable, caller: Caller, patient: string, { count = everythingCountDefault, cursor }: { count?: number; cursor?: string } = {}): Promise<Result<EverythingPage>> {
  const limit = Math.min(Math.max(Math.trunc(count) || 0, 1), countMax);
  const place = cursor === undefined ? undefined : parseCursor(cursor, "nn");
  if (place && !place.ok) return place;
  const rows = await run<Row>(db, sql`select ${columns} from compartment c join resource r on r.ck = c.ck and r.rid = c.rid
    where c.person = ${ridOf("Patient", patient)}::bigint and c.person <> 0 and not r.deleted and ${rowVisible(caller.filter, "r")}
    ${place ? sql`and (c.ck, c.rid) > (${String(place.value[0]!)}::bigint, ${String(place.value[1]!)}::bigint)` : raw("")}
    order by c.ck, c.rid limit ${limit + 1}::int`);
  const matched = rows.slice(0, limit);
  const known = matched.length ? await sharedOf(db, caller, matched) : [];
  const last = matched.at(-1);
  const page: Page<SearchEntry> = {
    entries: [...matched.map((row): SearchEntry => ({ mode: "match", stored: storedOf(row) })), ...known.map((row): SearchEntry => ({ mode: "include", stored: storedOf(row) }))],
  };
  if (rows.length > limit && last) page.next = formatCursor([last.ck, last.rid]);
  return ok({ page, persons: matched.map((row) => row.persons) });
}

async function sharedOf(db: Queryable, caller: Caller, matched: readonly Row[]): Promise<Row[]> {
  return await run<Row>(db, sql`select distinct on (r.rid) ${columns} from
      (select distinct coalesce(f.place, d.ck) as ck, f.target as rid
        from unnest(${numbers(matched.map((row) => row.ck))}::bigint[], ${numbers(matched.map((row) => row.rid))}::bigint[]) u(ck, rid)
        join reference f on f.ck = u.ck and f.rid = u.rid left join directory d on f.place is null and d.rid = f.target) t
    join resource r on r.ck = t.ck and r.rid = t.rid
    where not r.deleted and r.type = any(${`{${[...sharedTypes].join(",")}}`}::text[]) and ${rowVisible(caller.filter, "r")} order by r.rid`);
}

/** Every visible resource of one person, parsed, for engines. */
export async function readCompartment(db: Queryable, caller: Caller, patient: string): Promise<{ resources: Resource[]; persons: string[]; versions: string[] }> {
  const rows = await run<Row>(db, sql`select ${columns} from compartment c join resource r on r.ck = c.ck and r.rid = c.rid
    where c.person = ${ridOf("Patient", patient)}::bigint and c.person <> 0 and not r.deleted and ${rowVisible(caller.filter, "r")}`);
  return {
    resources: rows.map((row) => JSON.parse(row.content) as Resource),
    persons: rows.map((row) => row.persons),
    versions: rows.map((row) => `${row.type}/${row.id}/${row.version}`),
  };
}
