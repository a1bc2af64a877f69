/** The ledger's counters against each other, and what waits for the sequencer. */
import type { Remark } from "#platform/remark.ts";
import type { Queryable } from "../sql.ts";

/** A sequencer looks every two seconds; older leaves mean that none works. Ms. */
const waitingMs = 60_000;

type Counters = { size: string | null; top: string | null; ahead: string; pending: string; oldest: string | null; unread: string; sequencers: number; last: string | null };

export async function lookAtLedger(tx: Queryable, now: number): Promise<Remark[]> {
  const [row] = await tx.unsafe<Counters[]>(`with beyond as (select at from leaf where idx >= (select size from frontier where one = 1)),
      waiting as (select (string_to_array(ats, chr(30)))[1]::bigint as at, count from leaf_pack union all select at, count from leaf_write where start < 0),
      newest as ((select idx as last, at from leaf order by idx desc limit 1) union all (select start + count - 1, at from leaf_write where start >= 0 order by start desc limit 1)
        union all (select start + count - 1, (string_to_array(ats, chr(30)))[count]::bigint from leaf_group order by start desc limit 1))
    select (select size from frontier where one = 1) as size, (select max(last) from newest) as top,
    (select count(*) from beyond) as ahead, (select coalesce(sum(count), 0) from waiting) as pending,
    (select min(at) from (select at from waiting union all select at from beyond) w) as oldest,
    (select count(*) from change where pos < 0) as unread, (select count(*)::int from pg_stat_activity where datname = current_database() and application_name = 'salus ledger') as sequencers,
    (select max(at) from newest) as last`);
  const { size, top, ahead, pending, oldest, unread, sequencers, last } = row!;
  if (size === null) return [{ check: "ledger", severity: "error", text: "Table frontier has lost its row: nothing can be numbered", mend: "Restore a backup into a new database" }];
  const remarks: Remark[] = [];
  const after = top === null ? 0 : Number(top) + 1;
  if (Number(size) > after) remarks.push({ check: "ledger", severity: "error", text: `The tree states ${size} entries, ${after} are there: entries were removed`, mend: "npx salus ledger verify, with a checkpoint kept elsewhere; restore a backup into a new database" });
  else if (Number(ahead) !== after - Number(size)) remarks.push({ check: "ledger", severity: "error", text: `Of the ${after - Number(size)} entries beyond the tree only ${ahead} are there`, mend: "npx salus ledger verify names them; restore a backup into a new database" });
  const waiting = Number(ahead) + Number(pending);
  if (waiting > 0 && now - Number(oldest) > waitingMs) remarks.push({
    check: "sequencer", severity: sequencers > 0 ? "error" : "warning",
    text: `${waiting.toLocaleString("en")} entries and ${Number(unread).toLocaleString("en")} changes wait for the sequencer, the oldest for ${Math.round((now - Number(oldest)) / 60_000)} minutes${sequencers > 0 ? ", though a server is connected" : "; no server is connected"}`,
    mend: sequencers > 0 ? "Look at the server's log; npx salus ledger verify" : "They are numbered when a server runs; or now by npx salus ledger checkpoint",
  });
  if (last !== null && Number(last) > now + waitingMs) remarks.push({ check: "clock", severity: "warning", text: `The last entry of the ledger is dated ${new Date(Number(last)).toISOString()}, which is yet to come`, mend: "Set the clocks of the node's machines" });
  return remarks;
}
