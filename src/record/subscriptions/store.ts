/** Rows of subscriptions, their events and their bindings. Every change of state is one statement that says what it expects. */
import { randomBytes } from "node:crypto";
import type { SubscriptionStatus } from "#fhir/subscriptions/subscription.ts";
import type { Interaction } from "#fhir/subscriptions/topic.ts";
import { sha256Hex } from "../ledger/leaf.ts";
import { numbers, run, sql, texts, type Queryable } from "../sql.ts";
import type { Owner } from "./owner.ts";

export type SubscriptionRow = {
  rid: string; id: string; owner: Owner; secret: string; version: number; state: SubscriptionStatus;
  /** The channel whose handshake was answered; see `channelKey`. */
  verified?: string;
  error?: string;
  /** Of the subscription so far, and how many of them were delivered. */
  events: number; delivered: number;
  /** ms between heartbeats; epoch ms when it ends, and when something was sent last. */
  heartbeat?: number; ends?: number; sent: number;
  /** Failed ones since the last success. */
  attempts: number;
};

export type SubscriptionEvent = { number: number; at: string; interaction: Interaction; type: string; id: string; version: number };

type Row = { rid: string; id: string; owner: string; secret: string; version: number; state: SubscriptionStatus; verified: string | null; error: string | null; events: string; delivered: string; heartbeat: string | null; ends: string | null; sent: string; attempts: number };

const columns = "rid, id, owner, secret, version, state, verified, error, events, delivered, heartbeat, ends, sent, attempts";

function rowOf({ owner, verified, error, heartbeat, ends, events, delivered, sent, ...rest }: Row): SubscriptionRow {
  return {
    ...rest, owner: JSON.parse(owner) as Owner, events: Number(events), delivered: Number(delivered), sent: Number(sent),
    ...(verified === null ? {} : { verified }), ...(error === null ? {} : { error }), ...(heartbeat === null ? {} : { heartbeat: Number(heartbeat) }), ...(ends === null ? {} : { ends: Number(ends) }),
  };
}

/** By id; unknown ones are left out. */
export async function readSubscriptions(db: Queryable, ids: readonly string[]): Promise<Map<string, SubscriptionRow>> {
  if (!ids.length) return new Map();
  const rows = await db.unsafe<Row[]>(`select ${columns} from subscription where id = any($1::text[])`, [texts(ids)], { prepare: true });
  return new Map(rows.map((row) => [row.id, rowOf(row)]));
}

/** Those that a change may concern. */
export async function readRunning(db: Queryable): Promise<SubscriptionRow[]> {
  const rows = await db.unsafe<Row[]>(`select ${columns} from subscription where version > 0 and state <> 'off' order by rid`, [], { prepare: true });
  return rows.map(rowOf);
}

/**
 * Takes the one that has waited longest for something to be sent, but for those of `except` (rids): what a worker is at itself it
 * does not begin again, also where it stood still for longer than its lease. Of two workers that see one row, the second finds it taken.
 */
export async function takeDue(db: Queryable, worker: string, at: number, leaseMs: number, except: readonly string[]): Promise<SubscriptionRow | undefined> {
  const [row] = await db.unsafe<Row[]>(`update subscription set worker = $1, lease = $2::bigint
    where rid = (select rid from subscription where due <= $3::bigint and lease < $3::bigint and rid <> all($4::bigint[]) order by due, rid limit 1) and due <= $3::bigint and lease < $3::bigint
    returning ${columns}`, [worker, at + leaseMs, at, numbers(except)], { prepare: true });
  return row && rowOf(row);
}

/** Keeps a taken one; false when another worker has it. */
export async function hold(db: Queryable, rid: string, worker: string, until: number): Promise<boolean> {
  return (await run(db, sql`update subscription set lease = ${until}::bigint where rid = ${rid}::bigint and worker = ${worker} returning rid`)).length === 1;
}

/** When a subscription wants attention again, given what is in its row now. `$at` is the time now. */
const nextDue = (at: string): string => `case when state = 'requested' or (state = 'active' and events > delivered and verified is distinct from 'websocket') then ${at}::bigint
  when state = 'active' then least(ends, case when verified is distinct from 'websocket' then sent + heartbeat end) end`;

/** Up to `number` is delivered. */
export async function markDelivered(db: Queryable, rid: string, worker: string, number: number, at: number): Promise<boolean> {
  const rows = await db.unsafe(`update subscription set delivered = greatest(delivered, $3::bigint), sent = $4::bigint, attempts = 0, error = null where rid = $1::bigint and worker = $2 returning rid`, [rid, worker, number, at], { prepare: true });
  return rows.length === 1;
}

/** Lets go of it until there is something to do, or, after a failure, until `retry`. */
export async function release(db: Queryable, rid: string, worker: string, at: number, retry?: { at: number; attempts: number; error: string }): Promise<void> {
  if (retry) await db.unsafe("update subscription set lease = 0, due = $3::bigint, attempts = $4::int, error = $5 where rid = $1::bigint and worker = $2", [rid, worker, retry.at, retry.attempts, retry.error], { prepare: true });
  else await db.unsafe(`update subscription set lease = 0, due = ${nextDue("$3")} where rid = $1::bigint and worker = $2`, [rid, worker, at], { prepare: true });
}

/** What became of the version at hand; a newer one decides for itself. */
export async function setState(db: Queryable, rid: string, version: number, state: SubscriptionStatus, more: { verified?: string; error?: string }, at: number): Promise<void> {
  await db.unsafe(`update subscription set state = $3, verified = coalesce($4, verified), error = $5, attempts = 0, sent = $6::bigint where rid = $1::bigint and version = $2::int`,
    [rid, version, state, more.verified ?? null, more.error ?? null, at], { prepare: true });
}

/** A version of a Subscription was stored, or (state off) deleted. */
export async function applyVersion(db: Queryable, rid: string, version: number, { state, heartbeat, ends, error }: { state: SubscriptionStatus; heartbeat?: number; ends?: number; error?: string }, at: number): Promise<void> {
  await db.unsafe(`update subscription set version = $2::int, state = $3, heartbeat = $4::bigint, ends = $5::bigint, error = $6, attempts = 0 where rid = $1::bigint and version < $2::int`,
    [rid, version, state, heartbeat ?? null, ends ?? null, error ?? null], { prepare: true });
  await db.unsafe(`update subscription set due = ${nextDue("$2")} where rid = $1::bigint`, [rid, at], { prepare: true });
}

/** Has whoever delivers look at them now. */
export async function callUp(db: Queryable, rids: readonly string[], at: number): Promise<void> {
  if (rids.length) await db.unsafe("update subscription set due = $2::bigint where rid = any($1::bigint[])", [numbers(rids), at], { prepare: true });
}

export type NewEvent = { rid: string; at: number; interaction: Interaction; type: string; id: string; version: number };

/** Numbers events, in the order given, after those each subscription has: without gaps, for the row is locked. */
export async function insertEvents(db: Queryable, events: readonly NewEvent[], at: number): Promise<void> {
  const bySubscription = Map.groupBy(events, ({ rid }) => rid);
  for (const [rid, own] of [...bySubscription].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [row] = await db.unsafe<{ events: string }[]>(`update subscription set events = events + $2::int,
      due = case when state <> 'active' or verified = 'websocket' or attempts > 0 then due else least(due, $3::bigint) end where rid = $1::bigint returning events`, [rid, own.length, at], { prepare: true });
    const first = Number(row!.events) - own.length + 1;
    await db.unsafe(`insert into subscription_event (rid, number, at, kind, type, id, version)
      select $1::bigint, $2::bigint + n - 1, at, kind, type, id, version from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::int[]) with ordinality u(at, kind, type, id, version, n)`,
      [rid, first, numbers(own.map((one) => one.at)), texts(own.map((one) => one.interaction)), texts(own.map((one) => one.type)), texts(own.map((one) => one.id)), numbers(own.map((one) => one.version))], { prepare: true });
  }
}

/** Events from one number to another, both included, oldest first; at most `count`. */
export async function readEvents(db: Queryable, rid: string, from: number, until: number, count: number): Promise<SubscriptionEvent[]> {
  const rows = await db.unsafe<{ number: string; at: string; kind: Interaction; type: string; id: string; version: number }[]>(
    "select number, at, kind, type, id, version from subscription_event where rid = $1::bigint and number between $2::bigint and $3::bigint order by number limit $4::int", [rid, from, until, count], { prepare: true });
  return rows.map(({ number, at, kind, ...rest }) => ({ number: Number(number), at: new Date(Number(at)).toISOString(), interaction: kind, ...rest }));
}

/** Events about resources that are erased keep their numbers alone. */
export async function forgetInEvents(db: Queryable, resources: readonly { type: string; id: string }[]): Promise<void> {
  await db.unsafe("update subscription_event e set type = '', id = '', version = 0 from unnest($1::text[], $2::text[]) u(type, id) where e.type = u.type and e.id = u.id",
    [texts(resources.map(({ type }) => type)), texts(resources.map(({ id }) => id))], { prepare: true });
}

export async function sweep(db: Queryable, eventsBefore: number, at: number): Promise<void> {
  await run(db, sql`delete from subscription_event where at < ${eventsBefore}::bigint`);
  await run(db, sql`delete from subscription_binding where expires < ${at}::bigint`);
}

/** A token that binds a websocket to subscriptions; only its hash is kept. */
export async function insertBinding(db: Queryable, ids: readonly string[], expires: number): Promise<string> {
  const token = `swb_${randomBytes(32).toString("base64url")}`;
  await run(db, sql`insert into subscription_binding (hash, ids, expires) values (${sha256Hex(token)}, ${ids.join(" ")}, ${expires}::bigint)`);
  return token;
}

export async function readBinding(db: Queryable, token: string, at: number): Promise<{ ids: string[]; expires: number } | undefined> {
  const [row] = await run<{ ids: string; expires: string }>(db, sql`select ids, expires from subscription_binding where hash = ${sha256Hex(token)} and expires > ${at}::bigint`);
  return row && { ids: row.ids.split(" "), expires: Number(row.expires) };
}
