/** How many a search finds, through the caller's filter. Source: https://hl7.org/fhir/R4/search.html#total */
import { join, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import { anchored } from "../citus/page.ts";
import type { Part } from "./page.ts";

/** Up to here `_total=estimate` counts. */
export const estimateCountsTo = 10_000;

/**
 * An estimate is exact up to `estimateCountsTo`; beyond, it is what PostgreSQL expects of the conditions. That comes from
 * statistics over everybody's rows, so it is for those who may see everything; for others all is counted.
 */
export async function totalOf(db: Queryable, parts: readonly Part[], kind: "estimate" | "accurate", seesAll: boolean, countsTo: number = estimateCountsTo): Promise<number> {
  if (db.distributed) parts = await Promise.all(parts.map(async (part) => ({ ...part, found: await anchored(db, part.found) })));
  if (kind === "accurate" || !seesAll) return await count(db, counted(parts));
  const some = await count(db, sql`select count(*) as total from (select 1 from (${join(parts.map(keysOf), " union all ")}) k limit ${countsTo + 1}::int) t`);
  if (some <= countsTo) return some;
  let expected = 0;
  for (const part of parts) expected += await expectedRows(db, keysOf(part));
  return Math.max(expected, countsTo + 1);
}

/** What PostgreSQL expects of a statement, by its statistics. */
export async function expectedRows(db: Queryable, { texts: [first = "", ...rest], values }: Sql): Promise<number> {
  const [row] = await run<{ "QUERY PLAN": string }>(db, { texts: [`explain (format json) ${first}`, ...rest], values });
  const [{ Plan: plan }] = (typeof row!["QUERY PLAN"] === "string" ? JSON.parse(row!["QUERY PLAN"]) : row!["QUERY PLAN"]) as [{ Plan: Plan }];
  return rowsExpected(plan);
}

/** Citus tells the plan of each shard's task (citus.explain_all_tasks). */
type Plan = { "Plan Rows": number; Plans?: Plan[]; "Distributed Query"?: { Job: { Tasks: { "Remote Plan": [{ Plan: Plan }][] }[] } } };

function rowsExpected(plan: Plan): number {
  const tasks = plan["Distributed Query"]?.Job.Tasks;
  if (tasks) return tasks.flatMap((task) => task["Remote Plan"].flat()).reduce((sum, shard) => sum + shard.Plan["Plan Rows"], 0);
  const [below] = plan.Plans ?? [];
  return below?.["Distributed Query"] ? rowsExpected(below) : plan["Plan Rows"];
}

function counted(parts: readonly Part[]): Sql {
  return sql`select count(*) as total from (${join(parts.map(keysOf), " union all ")}) t`;
}

function keysOf({ found: { from, where, starts } }: Part): Sql {
  if (!starts) return sql`select distinct m.ck, m.rid from ${from} where ${where}`;
  return sql`select distinct k.ck, k.rid from (${starts.values}) b(s) cross join lateral (select m.ck, m.rid from ${from} where ${raw(`m.${starts.column} = b.s`)} and ${where}) k`;
}

async function count(db: Queryable, statement: Sql): Promise<number> {
  const [row] = await run<{ total: string }>(db, statement);
  return Number(row!.total);
}
