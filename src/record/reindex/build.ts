/**
 * Completes the index of parameters that were defined, changed or removed, while the record is in use: a job that one
 * process does and another takes over where it died. And derives all rows again where asked.
 */
import type postgres from "postgres";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, ok, type Result } from "#platform/result.ts";
import type { JobKind, JobRun } from "../jobs/jobs.ts";
import { paramKey } from "../keys.ts";
import { rowPairsOf, readDefinitions, type Definitions, type Pair } from "../parameters/definitions.ts";
import { tableNames } from "../rows.ts";
import { run, sql, type Queryable } from "../sql.ts";
import { readMoment } from "../citus/page.ts";
import { isOrphan } from "./differences.ts";
import { rederive, type RederiveReport, type RederiveRun } from "./rederive.ts";

const stopped = fail("incomplete", "The work was stopped; it goes on where it was when it is asked for again");

/** Whether a build is due that no process has taken up yet. */
export async function buildDue(db: Queryable, kind: string): Promise<boolean> {
  if ((await readDefinitions(db)).unsettled.length === 0) return false;
  const waiting = await run(db, sql`select id from job where kind = ${kind} and state = 'waiting' limit 1`);
  return waiting.length === 0;
}

/** Job kind: until nothing is unsettled. */
export function buildJob(db: postgres.Sql): JobKind {
  return {
    repeatable: () => true,
    async run({ signal, progress }: JobRun): Promise<Result<string>> {
      let resources = 0, changed = 0;
      for (;;) {
        const report = await buildOnce(db, { signal, progress: (done, total, type) => progress(`${done} of ${total} resources, ${type}`) });
        if (report === "aborted") return stopped;
        if (report === "settled") return ok(JSON.stringify({ resources, changed }));
        resources += report.resources;
        changed += report.changed;
      }
    },
  };
}

/** Every index row against its content; then rows of resources that are not there. */
export async function reindexAll(db: postgres.Sql, options: RederiveRun): Promise<RederiveReport | "aborted"> {
  const report = await rederive(db, { scope: "all" }, options);
  if (report !== "aborted")
    for (const table of tableNames) await db.unsafe(`delete from ${table} t where ${isOrphan(table)}`);
  return report;
}

type Marked = { id: string; pairs: string };

async function buildOnce(db: postgres.Sql, options: RederiveRun): Promise<RederiveReport | "aborted" | "settled"> {
  const definitions = await readDefinitions(db);
  const { unsettled, epoch } = definitions;
  if (unsettled.length === 0) return "settled";
  const marked = await mark(db, definitions);
  if (!marked) return { resources: 0, changed: 0 };
  await olderTransactionsEnded(db, options.signal);
  const pairs = distinct([...unsettled, ...marked.flatMap(({ pairs }) => JSON.parse(pairs) as Pair[])]);
  const scope = `parameters ${epoch} ${pairs.map((pair) => pair.join(".")).join(" ")}`;
  const report = await rederive(db, { scope, types: [...new Set(pairs.map(([type]) => type))], params: new Set(pairs.map(([type, code]) => paramKey(type, code))) }, options);
  if (report === "aborted") return report;
  // Of definitions that were written meanwhile the mark is gone: they are built again.
  const current = new Map(definitions.indexed.map(({ id, parameter }) => [id, JSON.stringify(rowPairsOf(parameter))]));
  await db.begin(async (tx) => {
    await run(tx, sql`update parameter_epoch set epoch = epoch + 1 where one = 1`);
    for (const { id } of marked) {
      const pairsNow = current.get(id);
      if (pairsNow === undefined) await run(tx, sql`delete from parameter_index where id = ${id} and mark = ${epoch}::bigint`);
      else await run(tx, sql`update parameter_index set ready = true, pairs = ${pairsNow} where id = ${id} and mark = ${epoch}::bigint`);
    }
    await run(tx, sql`delete from reindex_place where scope like 'parameters %'`);
  });
  return report;
}

/** Notes of which parameters rows may be there from now on, and marks them with this build's epoch; undefined when the definitions changed meanwhile. */
async function mark(db: postgres.Sql, { epoch, indexed }: Definitions): Promise<Marked[] | undefined> {
  return await db.begin(async (tx) => {
    const same = await run(tx, sql`update parameter_epoch set epoch = epoch where one = 1 and epoch = ${epoch}::bigint returning epoch`);
    if (!same.length) return undefined;
    const known = new Map((await run<Marked & { ready: boolean }>(tx, sql`select id, pairs, ready from parameter_index`)).map((row) => [row.id, row]));
    for (const { id, parameter } of indexed) {
      const row = known.get(id);
      known.delete(id);
      if (row?.ready) continue;
      const pairs = JSON.stringify(distinct([...row ? JSON.parse(row.pairs) as Pair[] : [], ...rowPairsOf(parameter)]));
      await run(tx, sql`insert into parameter_index (id, pairs, ready, mark) values (${id}, ${pairs}, false, ${epoch}::bigint)
        on conflict (id) do update set pairs = excluded.pairs, mark = excluded.mark where not parameter_index.ready`);
    }
    for (const id of known.keys()) await run(tx, sql`update parameter_index set ready = false, mark = ${epoch}::bigint where id = ${id}`);
    return await run<Marked>(tx, sql`select id, pairs from parameter_index where mark = ${epoch}::bigint and not ready`);
  });
}

function distinct(pairs: readonly Pair[]): Pair[] {
  return [...new Map(pairs.map((pair) => [pair.join("."), pair])).values()].sort((a, b) => a.join(".") < b.join(".") ? -1 : 1);
}

/** A transaction that looked at the epoch before it changed is still writing by the older definitions. */
async function olderTransactionsEnded(db: Queryable, signal: AbortSignal | undefined): Promise<void> {
  const [{ newest }] = await run<{ newest: string }>(db, sql`select pg_snapshot_xmax(pg_current_snapshot())::text as newest`) as [{ newest: string }];
  while (!signal?.aborted) {
    // On Citus a transaction has ended when its workers know.
    const now = db.distributed ? sql`${(await readMoment(db, 0)).snapshot}::pg_snapshot` : sql`pg_current_snapshot()`;
    const [row] = await run<{ ended: boolean }>(db, sql`select pg_snapshot_xmin(${now}) >= ${newest}::xid8 as ended`);
    if (row!.ended) return;
    await sleep(20);
  }
}
