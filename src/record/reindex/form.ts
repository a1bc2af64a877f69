/**
 * Rows of stored resources after an upgrade whose code derives other rows than before: they are derived again in the
 * background. Searches meanwhile do not find what has no rows yet. `row_form` says of which form all rows are.
 */
import type postgres from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
import type { JobKind, JobRun } from "../jobs/jobs.ts";
import { run, sql, type Queryable } from "../sql.ts";
import { rederive } from "./rederive.ts";

/** Counted up whenever stored content gives other rows than before, with a migration or without. */
export const currentForm = 5;

/** Kind of the job that brings all rows to it. */
export const formKind = "index-form";

async function formOf(db: Queryable): Promise<number> {
  const [row] = await run<{ form: number }>(db, sql`select form from row_form where one = 1`);
  return row!.form;
}

async function reached(db: Queryable): Promise<void> {
  await run(db, sql`update row_form set form = ${currentForm}::int where one = 1 and form < ${currentForm}::int`);
}

/** A record without resources has no rows of an older form. Before anything is written: a job would go over what comes in beside whoever writes it. */
export async function beginForm(db: Queryable): Promise<void> {
  if (await formOf(db) < currentForm && (await run(db, sql`select 1 as found from resource limit 1`)).length === 0) await reached(db);
}

/** Whether rows are of an older form and no process is to bring them up yet. */
export async function formDue(db: Queryable): Promise<boolean> {
  if (await formOf(db) >= currentForm) return false;
  return (await run(db, sql`select id from job where kind = ${formKind} and state in ('waiting', 'running') limit 1`)).length === 0;
}

export function formJob(db: postgres.Sql): JobKind {
  return {
    repeatable: () => true,
    async run({ signal, progress }: JobRun): Promise<Result<string>> {
      if (await formOf(db) >= currentForm) return ok("{}");
      const report = await rederive(db, { scope: `form ${currentForm}` }, { signal, progress: (done, total, type) => progress(`${done} of ${total} resources, ${type}`) });
      if (report === "aborted") return fail("incomplete", "The work was stopped; it goes on where it was when the record is opened again");
      await reached(db);
      return ok(JSON.stringify(report));
    },
  };
}
