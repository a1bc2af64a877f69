/**
 * Pages of a search where Citus spreads the tables. One statement, flat, so that each shard finds, orders and cuts
 * its own rows; whose buckets a search is limited to is looked up first and stands in the statement, so that their
 * shards alone are asked. Workers have no snapshot in common: a page that goes on is found again as of a moment.
 */
import { run, join, raw, sql, type Queryable, type Sql } from "../sql.ts";
import type { Candidates } from "../search/candidates.ts";
import type { Part, Row, Start } from "../search/page.ts";
import { written, type Moment } from "../search/snapshot.ts";
import { after } from "../search/sort.ts";

/** At most `limit` rows in order; a resource whose several index rows match comes several times, next to each other. */
export async function spreadRows(db: Queryable, parts: readonly Part[], limit: number, start: Partial<Start>, whole: boolean): Promise<Row[]> {
  return await run<Row>(db, await spreadStatement(db, parts, limit, start, whole));
}

export async function spreadStatement(db: Queryable, parts: readonly Part[], limit: number, start: Partial<Start>, whole: boolean): Promise<Sql> {
  const order = parts[0]!.columns.map((column, i) => `s${i} ${column.descending ? "desc" : "asc"}`).join(", ");
  const each = await Promise.all(parts.map(async (part) => partStatement({ ...part, found: await anchored(db, part.found) }, start, whole)));
  const all = each.length === 1 ? each[0]! : sql`select p.* from (${join(each, " union all ")}) p`;
  return sql`${all} order by ${raw(order)} limit ${limit}::int`;
}

function partStatement({ found: { from, where, home }, columns }: Part & { found: Anchored }, { moment, place }: Partial<Start>, whole: boolean): Sql {
  const selected = join(columns.map(({ expression, letter }, i) => sql`${expression}${raw(letter === "s" ? ` collate "C"` : "")} as ${raw(`s${i}`)}`), ", ");
  const further = [...place ? [after(columns, place)] : [], ...moment ? [written("r", moment)] : []].map((condition) => sql` and ${condition}`);
  const piece = sql`select m.ck, m.rid, ${selected}, ${raw(`r.type, r.id, r.version, r.updated, ${whole ? "r.content, " : ""}`)}r.persons::text as persons
    from ${from} join resource r on r.ck = m.ck and r.rid = m.rid where ${where}${join(further, "")}`;
  return home === undefined ? piece : within(piece, home);
}

/** `home`: the one bucket everything lies in. */
export type Anchored = Candidates & { home?: string };

/** What a search begins with again and again (`starts`), looked up and put into its condition. */
export async function anchored(db: Queryable, { starts, ...found }: Candidates): Promise<Anchored> {
  if (!starts) return found;
  const values = (await run<{ s: string }>(db, sql`select b.s::text as s from (${starts.values}) b(s)`)).map(({ s }) => s);
  const column = raw(`m.${starts.column}`), [only] = values;
  if (only === undefined) return { ...found, where: raw("false") };
  if (values.length > 1) return { ...found, where: sql`${column} = any(${`{${values.join(",")}}`}::bigint[]) and ${found.where}` };
  return { ...found, where: sql`${column} = ${only}::bigint and ${found.where}`, ...(starts.column === "ck" ? { home: only } : {}) };
}

/** Says of every table that is joined with `m` in which bucket it is looked at. PostgreSQL would find that out; Citus, which chooses the shards, does not where a probe stays no join. */
function within(piece: Sql, home: string): Sql {
  const texts: string[] = [""], values: Sql["values"][number][] = [];
  for (const [i, text] of piece.texts.entries()) {
    let from = 0;
    for (const match of text.matchAll(/\b(\w+)\.ck = m\.ck\b/g)) {
      texts[texts.length - 1] += `${text.slice(from, match.index + match[0].length)} and ${match[1]!}.ck = `;
      values.push(home);
      texts.push("::bigint");
      from = match.index + match[0].length;
    }
    texts[texts.length - 1] += text.slice(from);
    if (i < piece.values.length) { values.push(piece.values[i]!); texts.push(""); }
  }
  return { texts, values };
}

/**
 * The coordinator's snapshot, without the transactions that it sees as ended while their workers are still being told: those
 * hold the lock on their id until the last one knows. So what the moment counts as written can be read on every worker.
 */
export async function readMoment(db: Queryable, now: number): Promise<Moment> {
  const [row] = await run<{ snapshot: string; ending: string | null }>(db, sql`select pg_current_snapshot()::text as snapshot,
    (select string_agg(l.transactionid::text, ',') from pg_locks l where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted) as ending`);
  const [first, end, ...running] = row!.snapshot.split(/[:,]/).filter((id) => id !== "").map(BigInt) as [bigint, bigint, ...bigint[]];
  const epoch = 2n ** 32n;
  const ending = (row!.ending ?? "").split(",").filter((id) => id !== "").map((id) => {
    // Locks tell ids by 32 bits: the one nearest below the end of the snapshot.
    const near = (end / epoch) * epoch + BigInt(id);
    return near > end + epoch / 2n ? near - epoch : near;
  });
  const open = [...new Set([...running, ...ending.filter((id) => id < end)])].sort((a, b) => a < b ? -1 : 1);
  return { snapshot: `${open[0] !== undefined && open[0] < first ? open[0] : first}:${end}:${open.join(",")}`, issued: now };
}
