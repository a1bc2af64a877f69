/**
 * Every version that stood at one moment, of whole types, streamed. The moment lies in the past and all its writers
 * have ended, so the answer follows from the stored versions alone: asked again later, after a restart or by another
 * process, it is the same, whatever was written meanwhile.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { matches } from "#fhir/search/matches.ts";
import type { SearchQuery } from "#fhir/search/query-model.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import type { Resource } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { rowsAbout } from "../about.ts";
import { rowVisible } from "../access.ts";
import { ridOf } from "../keys.ts";
import { withCustom, type Definitions } from "../parameters/definitions.ts";
import type { Caller } from "../record.ts";
import { numbers, raw, sql, statement, type Queryable, type Sql } from "../sql.ts";
import { bigints } from "../write/current.ts";
import { raiseStampFloor } from "../write/stamp-floor.ts";

/** patient: what is filed under a person; group: under one of these Patients (ids). */
export type ExportScope = { level: "system" } | { level: "patient" } | { level: "group"; patients: readonly string[] };

export type Exporting = {
  scope: ExportScope;
  types: readonly string[];
  /** Epoch ms: the moment, and the moment after which a version must have been written. */
  at: number;
  since?: number;
  /** With `since`: deletions too. */
  deletions?: boolean;
  /** Of a type that has some, only what one of its queries finds. */
  filters?: ReadonlyMap<string, readonly SearchQuery[]>;
};

export type ExportedVersion = { type: string; id: string; version: number; deleted: boolean; text: string };
export type ExportSummary = { count: number; /** Over the lines Type/id/version, in order. */ sha256: string; /** rids */ persons: string[] };

const batch = 500;
/** A writer that has not ended by then is stuck. */
const writersWaitMs = 120_000;

/** Answers when every transaction that could still write something dated `at` or before has ended. */
export async function writersEnded(db: Queryable, at: number, now: () => number, signal?: AbortSignal): Promise<Result<void>> {
  while (now() <= at) await sleep(2);
  // Who has taken an earlier time and not begun is sent back; who has begun is waited for.
  await raiseStampFloor(db, at);
  const running = "select pid, xact_start::text as start from pg_stat_activity where datname = current_database() and application_name = 'salus write' and xact_start is not null";
  const keys = async () => (await db.unsafe<{ pid: number; start: string }[]>(running)).map(({ pid, start }) => `${pid} ${start}`);
  let open = new Set(await keys());
  for (const start = performance.now(); open.size && !signal?.aborted; open = open.intersection(new Set(await keys()))) {
    if (performance.now() - start > writersWaitMs) return fail("incomplete", "A transaction that began before the export has not ended for two minutes; ask again when it has");
    await sleep(10);
  }
  return ok(undefined);
}

type Row = { type: string; id: string; version: number; deleted: boolean; content: string; persons: string };

/** Takes a batch, all of one type. Answers how many it has used where that is not all: it wants no more then. */
export type TakeVersions = (versions: readonly ExportedVersion[]) => Promise<number | void>;

/** Hands over versions type by type, in batches. The summary is of those that were used; `stopped` by the signal. */
export async function exportVersions(db: postgres.Sql, caller: Caller, exporting: Exporting, definitions: Definitions, take: TakeVersions, signal?: AbortSignal): Promise<ExportSummary & { stopped: boolean }> {
  const hash = createHash("sha256");
  const persons = new Set<string>();
  let count = 0;
  const finished = await db.begin("isolation level repeatable read read only", async (tx) => {
    for (const type of exporting.types) {
      const piece = versionsAt(caller, type, exporting);
      for await (const rows of tx.unsafe<Row[]>(statement(piece), piece.values as string[], { prepare: true }).cursor(batch)) {
        if (signal?.aborted) return false;
        const kept = rows.filter((row) => wanted(row, exporting, definitions));
        if (!kept.length) continue;
        const used = await take(kept.map(({ content, type: of, id, version, deleted }) => ({ type: of, id, version, deleted, text: content }))) ?? kept.length;
        for (const { type: of, id, version, persons: about } of kept.slice(0, used)) {
          hash.update(`${count++ === 0 ? "" : "\n"}${of}/${id}/${version}`);
          for (const person of bigints(about)) persons.add(person);
        }
        if (used < kept.length) return true;
      }
    }
    return true;
  });
  persons.delete("0");
  return { count, sha256: hash.digest("hex"), persons: [...persons], stopped: !finished };
}

function wanted({ type, deleted, content }: Row, { filters }: Exporting, definitions: Definitions): boolean {
  const queries = filters?.get(type);
  if (!queries || deleted) return true;
  const value = JSON.parse(content) as Resource;
  const rows = withCustom(indexRows(value), value, definitions);
  return queries.some((query) => matches(value, query, rows));
}

const columns = (alias: string): Sql => raw(`${alias}.type, ${alias}.id, ${alias}.version, ${alias}.deleted, ${alias}.content, ${alias}.persons::text as persons`);

/** The current version where it is old enough, else the newest of the replaced ones that is. */
function versionsAt({ filter }: Caller, type: string, { scope, at, since, deletions }: Exporting): Sql {
  const ofScope = (alias: string): Sql => {
    switch (scope.level) {
      case "system": return raw("true");
      case "patient": return raw(`not ${alias}.persons <@ array[0]::bigint[]`);
      case "group": return sql`${raw(`${alias}.persons`)} && ${numbers(scope.patients.map((id) => ridOf("Patient", id)))}::bigint[]`;
    }
  };
  const holds = (alias: string): Sql => sql`${rowVisible(filter, alias)} and ${ofScope(alias)}
    and ${since === undefined ? raw(`not ${alias}.deleted`) : sql`${raw(`${alias}.updated`)} > ${since}::bigint${deletions ? raw("") : raw(` and not ${alias}.deleted`)}`}`;
  // Of a few people everything stands under their keys; else the type is walked.
  const current = scope.level === "group"
    ? sql`${rowsAbout(sql`= any(${numbers(scope.patients.map((id) => ridOf("Patient", id)))}::bigint[])`, type)} k join resource r on r.ck = k.ck and r.rid = k.rid`
    : raw("resource r");
  // What has been deleted stands in no compartment any more.
  const gone = scope.level === "group" && deletions ? sql` union all select ${columns("r")} from resource r where r.type = ${type}::text and r.deleted and r.updated <= ${at}::bigint and ${holds("r")}` : raw("");
  return sql`select ${columns("r")} from ${current} where r.type = ${type}::text and r.updated <= ${at}::bigint and ${holds("r")}${scope.level === "group" && deletions ? raw(" and not r.deleted") : raw("")}${gone}
    union all select ${columns("v")} from resource n cross join lateral (select x.* from version x where x.ck = n.ck and x.rid = n.rid and x.updated <= ${at}::bigint order by x.version desc limit 1) v
      where n.type = ${type}::text and n.updated > ${at}::bigint and ${holds("v")}`;
}

/** Ids of the Patients that a Group names, as it stands now. */
export function membersOf(group: Resource): string[] {
  const { member } = group as { member?: unknown };
  const ids = (Array.isArray(member) ? member : []).flatMap((one) => {
    const { entity, inactive } = (one ?? {}) as { entity?: { reference?: unknown }; inactive?: unknown };
    const id = inactive !== true && typeof entity?.reference === "string" ? /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(entity.reference)?.[1] : undefined;
    return id === undefined ? [] : [id];
  });
  return [...new Set(ids)];
}
