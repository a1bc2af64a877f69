/** Work in the background: jobs nobody holds, walks that stopped, parameters not built, subscriptions in error. */
import type { Remark } from "#platform/remark.ts";
import type { Queryable } from "../sql.ts";

/** A job waits for the next look of a server (2 s) or for the end of a lease (30 s). Ms. */
const heldMs = 5 * 60_000;

export async function lookAtWork(tx: Queryable, now: number): Promise<Remark[]> {
  const remarks: Remark[] = [];
  const jobs = await tx.unsafe<{ kind: string; state: string; count: number; oldest: string; attempts: number }[]>(`select kind, state, count(*)::int as count, min(created) as oldest, max(attempts) as attempts from job
    where state in ('waiting', 'running') and created < $1::bigint and lease < $1::bigint group by kind, state order by kind, state`, [now - heldMs]);
  for (const { kind, state, count, oldest, attempts } of jobs) remarks.push({
    check: "jobs", severity: "warning",
    text: `${count} ${count === 1 ? "job" : "jobs"} "${kind}" ${state === "waiting" ? "wait" : "were begun"} and nobody works on ${count === 1 ? "it" : "them"} (asked for ${new Date(Number(oldest)).toISOString()}, begun ${attempts} times)`,
    mend: "A server takes them up when it runs; where one runs, look at its log",
  });
  const [failed] = await tx.unsafe<{ count: number; kinds: string | null }[]>("select count(*)::int as count, string_agg(distinct kind, ', ') as kinds from job where state = 'failed' and ended > $1::bigint", [now - 86_400_000]);
  if (failed!.count) remarks.push({ check: "jobs", severity: "information", text: `${failed!.count} jobs of the last day ended as failed (${failed!.kinds})`, mend: "Their status address says why" });
  const walks = await tx.unsafe<{ scope: string; type: string; done: string }[]>("select scope, type, done from reindex_place order by scope");
  if (walks.length) remarks.push({ check: "reindex", severity: "information", text: `Index rows are being derived again, or that stopped half-way: ${walks.map(({ type, done }) => `${Number(done).toLocaleString("en")} resources, now at ${type}`).join("; ")}`, mend: "A server goes on with it; or npx salus reindex" });
  const [building] = await tx.unsafe<{ count: number }[]>("select count(*)::int as count from parameter_index where not ready");
  if (building!.count) remarks.push({ check: "reindex", severity: "information", text: `${building!.count} of the record's own search parameters are not searchable yet`, mend: "A server builds their index rows in the background" });
  const [broken] = await tx.unsafe<{ count: number }[]>("select count(*)::int as count from subscription where state = 'error'");
  if (broken!.count) remarks.push({ check: "subscriptions", severity: "warning", text: `${broken!.count} subscriptions are in error: nothing is delivered for them`, mend: "Subscription/ID/$status says why; write the Subscription again when its endpoint works" });
  return remarks;
}
