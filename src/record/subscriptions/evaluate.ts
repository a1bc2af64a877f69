/**
 * One turn of holding the outbox against subscriptions: reads the next entries, decides which changes are events of which
 * subscription, numbers them and moves on, all in one transaction. One process at a time does this (advisory lock), so each
 * change is an event once, in the outbox's order, whatever process dies.
 */
import type postgres from "postgres";
import type { Resource } from "#fhir/resource.ts";
import { compileMatcher, type Matcher } from "#fhir/subscriptions/matcher.ts";
import { channelKey, endOf, parseSubscription, type SubscriptionStatus } from "#fhir/subscriptions/subscription.ts";
import type { Topic } from "#fhir/subscriptions/topic.ts";
import type { Changed } from "#fhir/subscriptions/trigger.ts";
import { readChanges, type ChangedResource } from "../changes.ts";
import { ridOf } from "../keys.ts";
import type { Caller } from "../record.ts";
import type { Queryable } from "../sql.ts";
import type { Owner } from "./owner.ts";
import { applyVersion, callUp, insertEvents, readRunning, readSubscriptions, type NewEvent, type SubscriptionRow } from "./store.ts";
import { readTopics } from "./topics.ts";
import { readVersions, visibleVersions, type VersionKey } from "./versions.ts";

const lock = 0x73756273;
const entriesMax = 200;
/** Versions held at once. */
const changesMax = 250;

/** The caller an owner is today; undefined: no longer one who may read anything. */
export type Reach = (owner: Owner) => Promise<Caller | undefined>;

type Running = { row: SubscriptionRow; matcher: Matcher; owner: Owner };
/** What was read when the outbox stood at `pos`; any other place, and it is read again. */
export type Cache = { pos: number; running: readonly Running[]; topics: readonly Topic[] };
export type Turn = { kind: "elsewhere" } | { kind: "done"; more: boolean; /** something is due, or may be */ changed: boolean; cache: Cache };

export async function evaluate(db: postgres.Sql, cache: Cache | undefined, reach: Reach, now: number): Promise<Turn> {
  return await db.begin(async (tx): Promise<Turn> => {
    const [got] = await tx.unsafe<{ locked: boolean }[]>(`select pg_try_advisory_xact_lock(${lock}) as locked`);
    if (!got!.locked) return { kind: "elsewhere" };
    const [place] = await tx.unsafe<{ pos: string }[]>("select pos from subscription_place where one = 1");
    const pos = Number(place!.pos);
    // One snapshot: an entry that could be passed over here would bring its subscription's row along.
    const [none] = await tx.unsafe<{ last: string }[]>("select greatest(max(pos), 0) as last from change where not exists (select from subscription)");
    const last = Number(none!.last);
    if (last > pos) {
      await movePlace(tx, last);
      return { kind: "done", more: false, changed: false, cache: { pos: last, running: [], topics: [] } };
    }
    const known = cache?.pos === pos ? cache : await load(tx, pos);
    const entries = await readChanges(tx, pos, entriesMax);
    if (!entries.length) return { kind: "done", more: false, changed: false, cache: known };
    // A subscription or topic counts from the entry after the one that wrote it.
    const cut = entries.findIndex(({ changes }) => changes.some(({ type }) => type === "Subscription" || type === "Basic"));
    const taken = cut < 0 ? entries : entries.slice(0, cut + 1);
    const { events, lapsed } = await eventsOf(tx, taken.flatMap(({ at, changes }) => changes.map((change) => ({ ...change, at: Date.parse(at) }))), known.running, reach);
    await insertEvents(tx, events, now);
    await callUp(tx, [...lapsed], now);
    if (cut >= 0) await applySubscriptions(tx, taken.at(-1)!.changes, now);
    const next = taken.at(-1)!.position;
    await movePlace(tx, next);
    const after = cut < 0 ? { ...known, pos: next } : { pos: -1, running: [], topics: [] };
    return { kind: "done", more: taken.length < entries.length || entries.length === entriesMax, changed: cut >= 0 || events.length > 0 || lapsed.size > 0, cache: after };
  }) as Turn;
}

async function movePlace(tx: Queryable, pos: number): Promise<void> {
  await tx.unsafe("update subscription_place set pos = $1::bigint where one = 1", [pos]);
}

async function load(tx: Queryable, pos: number): Promise<Cache> {
  const rows = await readRunning(tx);
  if (!rows.length) return { pos, running: [], topics: [] };
  const topics = await readTopics(tx);
  const contents = await readVersions(tx, rows.map(({ id, version }) => ({ type: "Subscription", id, version })));
  const running = rows.flatMap((row): Running[] => {
    const resource = contents.get(`Subscription/${row.id}/${row.version}`);
    const request = resource && parseSubscription(resource);
    const matcher = request?.ok ? compileMatcher(request.value, topics) : undefined;
    // What cannot be evaluated any more (a topic that is gone) is told to its owner by whoever delivers.
    return matcher?.ok ? [{ row, matcher: matcher.value, owner: row.owner }] : [];
  });
  return { pos, running, topics };
}

type Candidate = ChangedResource & { at: number };
function before({ type, id, version }: VersionKey): VersionKey {
  return { type, id, version: version - 1 };
}

type Match = { running: Running; candidate: Candidate; changed: Changed };

/** `lapsed`: rids of subscriptions whose owner may no longer be told anything; whoever delivers ends them. */
async function eventsOf(tx: Queryable, changes: readonly Candidate[], running: readonly Running[], reach: Reach): Promise<{ events: NewEvent[]; lapsed: ReadonlySet<string> }> {
  const candidates = changes.filter(({ type, inPlace }) => !inPlace && running.some(({ matcher }) => matcher.types.has(type)));
  const events: NewEvent[] = [];
  const lapsed = new Set<string>();
  for (let i = 0; i < candidates.length; i += changesMax) {
    const some = candidates.slice(i, i + changesMax);
    const contents = await readVersions(tx, some.flatMap((one) => one.kind === "delete" || running.some(({ matcher }) => matcher.types.has(one.type) && matcher.looksBack(one.type)) ? [one, before(one)] : [one]));
    const matched = some.flatMap((candidate) => matchesOf(candidate, running, contents));
    for (const { running: { row }, candidate: { at, kind, type, id, version } } of await withinReach(tx, matched, reach, lapsed)) events.push({ rid: row.rid, at, interaction: kind, type, id, version });
  }
  return { events, lapsed };
}

function matchesOf(candidate: Candidate, running: readonly Running[], contents: ReadonlyMap<string, Resource>): Match[] {
  const { kind, type, id, version, at } = candidate;
  const content = (of: number): Resource | undefined => contents.get(`${type}/${id}/${of}`);
  const [current, previous] = [kind === "delete" ? undefined : content(version), kind === "create" ? undefined : content(version - 1)];
  // Erased since.
  if (current === undefined && (kind !== "delete" || previous === undefined)) return [];
  const changed: Changed = { interaction: kind, type, ...(current ? { current } : {}), ...(previous ? { previous } : {}) };
  return running.filter(({ row, matcher }) => matcher.types.has(type) && (row.ends === undefined || row.ends > at) && (matcher.matches(changed) || anew(matcher, changed))).map((one) => ({ running: one, candidate, changed }));
}

/** Whether it is an event for whoever cannot see that there was a version before. */
function anew(matcher: Matcher, { type, previous, current }: Changed): boolean {
  return previous !== undefined && current !== undefined && matcher.looksBack(type) && matcher.matches({ interaction: "create", type, current });
}

/** Keeps the events whose owner may read the version. A version before that the owner may not read has no part in the decision. */
async function withinReach(tx: Queryable, matched: readonly Match[], reach: Reach, lapsed: Set<string>): Promise<Match[]> {
  const kept = new Set<Match>();
  for (const own of Map.groupBy(matched, ({ running: { owner } }) => JSON.stringify(owner)).values()) {
    const caller = await reach(own[0]!.running.owner);
    if (!caller) {
      for (const { running: { row } } of own) lapsed.add(row.rid);
      continue;
    }
    const visible = await visibleVersions(tx, caller, own.flatMap(({ candidate }): VersionKey[] => [candidate, before(candidate)]));
    for (const match of own) {
      const { candidate: { type, id, version }, changed, running: { matcher } } = match;
      if (!visible.has(`${type}/${id}/${version}`)) continue;
      const hidden = changed.previous !== undefined && changed.current !== undefined && matcher.looksBack(type) && !visible.has(`${type}/${id}/${version - 1}`);
      if (hidden ? anew(matcher, changed) : matcher.matches(changed)) kept.add(match);
    }
  }
  return matched.filter((match) => kept.has(match));
}

async function applySubscriptions(tx: Queryable, changes: readonly ChangedResource[], now: number): Promise<void> {
  const written = changes.filter(({ type }) => type === "Subscription");
  const rows = await readSubscriptions(tx, written.map(({ id }) => id));
  const contents = await readVersions(tx, written);
  for (const { id, version, kind } of written) {
    const row = rows.get(id);
    if (!row) continue;
    const resource = kind === "delete" ? undefined : contents.get(`Subscription/${id}/${version}`);
    await applyVersion(tx, ridOf("Subscription", id), version, resource ? stateOf(resource, row) : { state: "off" }, now);
  }
}

/** What a version says of itself; one that claims to be active is so when its channel is the one that answered the handshake. */
function stateOf(resource: Resource, row: SubscriptionRow): { state: SubscriptionStatus; heartbeat?: number; ends?: number; error?: string } {
  const request = parseSubscription(resource);
  const error = typeof resource["error"] === "string" ? { error: resource["error"] } : {};
  const ends = endOf(resource);
  const shared = { ...error, ...(ends === undefined ? {} : { ends }) };
  if (!request.ok) return { ...shared, state: resource["status"] === "off" || resource["status"] === "error" ? resource["status"] : "requested" };
  const { status, heartbeatSeconds } = request.value;
  const proven = status === "active" && row.verified === channelKey(request.value);
  return { ...shared, state: status === "active" && !proven ? "requested" : status, ...(heartbeatSeconds === undefined ? {} : { heartbeat: heartbeatSeconds * 1000 }) };
}
