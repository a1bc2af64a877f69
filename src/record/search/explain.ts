/** The SQL of a search's first page and how PostgreSQL will run it. Planned without values and never run: it shows nobody's data. */
import type postgres from "postgres";
import { ok, type Result } from "#platform/result.ts";
import type { QueryOptions } from "#fhir/search/query.ts";
import type { SearchScope } from "#fhir/search/scope.ts";
import type { Caller } from "../record.ts";
import { spreadStatement } from "../citus/page.ts";
import { statement, type Queryable, type Value } from "../sql.ts";
import { pageStatement } from "./page.ts";
import { countDefault, plan, splitCursor, type SearchTools } from "./search.ts";

/** `values`: of the parameters $1, $2, …, from the query itself. `steps`: of the plan, indented. */
export type Explanation = { sql: string; values: readonly Value[]; steps: string[] };

/** `readers`: a pool whose plans are fixed, as those of searches. */
export async function explain(readers: postgres.Sql & Queryable, caller: Caller, scope: SearchScope, text: string, options: QueryOptions & { now: number }, tools: SearchTools): Promise<Result<Explanation>> {
  const { query, cursor } = splitCursor(text);
  const planned = await plan(readers, caller, scope, query, cursor, options, tools);
  if (!planned.ok) return planned;
  const { parts, start: at } = planned.value;
  const start = at && "moment" in at ? at : undefined;
  const limit = (parts[0]!.query.count ?? countDefault) + 1;
  const asked = readers.distributed ? await spreadStatement(readers, parts, limit, start ?? {}, true) : pageStatement(parts, limit, start, true, start === undefined);
  const sql = statement(asked);
  // Citus chooses shards by the values, so it is asked with them; this does not run the statement either.
  const steps = readers.distributed ? (await readers.unsafe<{ "QUERY PLAN": string }[]>(`explain ${sql}`, asked.values as Value[])).map((row) => row["QUERY PLAN"]) : await readers.begin(async (tx) => {
    await tx.unsafe(`prepare explained as ${sql}`);
    const rows = await tx.unsafe<{ "QUERY PLAN": string }[]>(`explain execute explained${asked.values.length ? `(${asked.values.map(() => "null").join(", ")})` : ""}`);
    await tx.unsafe("deallocate explained");
    return rows.map((row) => row["QUERY PLAN"]);
  });
  return ok({ sql, values: asked.values, steps });
}
