/**
 * From drafts to what one transaction writes: decides versions, persons and rights against the stored state, and
 * derives rows, leaves and the outbox entry. Nothing is written here; `flush` does that.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { restamp } from "#fhir/json/restamp.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { sharedTypes } from "../access.ts";
import { isAssignedForm, placeOf, randomBucket, ridOf } from "../keys.ts";
import { makeLeaf, sha256Hex, type Leaf } from "../ledger/leaf.ts";
import { inheritedPersons, patientsOf, targetsOf } from "../persons.ts";
import type { Caller, Committed } from "../record.ts";
import { definitionFault, withCustom, type Definitions } from "../parameters/definitions.ts";
import { derive, emptyRows, straysOf, type Rows } from "../rows.ts";
import { inBuckets, numbers, type Queryable } from "../sql.ts";
import { readCurrent, type Found } from "./current.ts";
import { subscriptionFault } from "../subscriptions/admit.ts";
import { ownerOf, ownersOf, type NewSubscription } from "../subscriptions/owner.ts";
import { bucketNamed, release, restore, type Draft } from "./draft.ts";
import { Raced } from "./transact.ts";
import { addHeritage, emptyHeritage, personsOf, type Heritage } from "./heritage.ts";
import { generationsMax, heirsOf, type Heir } from "./heirs.ts";

export type ResourceRow = { ck: number; rid: string; type: string; id: string; version: number; updated: number; deleted: boolean; persons: readonly string[]; content: string };

/** One element of an outbox entry. `persons` are rids; people are found again through the resource. */
export type ChangeEntry = { kind: "create" | "update" | "delete"; type: string; id: string; version: number; persons: readonly string[]; inPlace?: true };

export type Plan = {
  /** What the index rows were derived by. */
  definitions: Definitions;
  inserts: ResourceRow[];
  /** New contents of the version there is; `before` is when that one was written. */
  rewrites: (ResourceRow & { before: number })[];
  /** New states of stored resources; their version is one above the stored one, which was written at `before`. */
  updates: (ResourceRow & { before: number })[];
  directory: { rid: string; ck: number }[];
  /** Rows of stored resources that are derived anew or removed. */
  replaced: { ck: number; rid: string }[];
  strays: { person: string; ck: number }[];
  /** Stored resources that get other persons without being written. */
  heirs: Heir[];
  /** Whose persons it goes by and which it changes, to be looked at once more. */
  heritage: Heritage;
  rows: Rows;
  leaves: Leaf[];
  changes: ChangeEntry[];
  subscriptions: NewSubscription[];
};

export function emptyPlan(definitions: Definitions): Plan {
  return { definitions, inserts: [], rewrites: [], updates: [], directory: [], replaced: [], strays: [], heirs: [], heritage: emptyHeritage(), rows: emptyRows(), leaves: [], changes: [], subscriptions: [] };
}

type Decided = { draft: Draft; rid: string; found: Found; persons: readonly string[]; /** What its persons are inherited from, of what this commit does not write, and whose that is; nobody's where it is not here. */ heritage: readonly { key: ResourceKey; persons: readonly string[] }[]; visible: boolean; /** an earlier version said the same */ saidBefore?: boolean };

export type PlanOptions = { source?: string; /** Content that an earlier version had already is not written again (importing a file twice). */ skipEarlier?: boolean; /** Replaces the content of the current version: for meta alone, see meta.ts. */ keepVersion?: boolean };

type Moved = { heirs: readonly Heir[]; generation: number };

/**
 * Adds the drafts to the plan, or answers why they may not be written; then nothing was added. `stored`: the state of all
 * that is not fresh, where it was read already. `moved`: what stored resources were found to get
 * through these very drafts.
 */
export async function plan(into: Plan, db: Queryable, caller: Caller, drafts: readonly Draft[], at: number, options: PlanOptions, stored?: ReadonlyMap<string, Found>, moved: Moved = { heirs: [], generation: 0 }): Promise<Result<Committed[]>> {
  drafts.forEach(restore);
  const found = stored ?? await readCurrent(db, drafts.filter((draft) => !draft.fresh));
  const decided = await decide(db, caller, drafts, found, moved.heirs);
  const forbidden = refusal(caller, decided);
  if (forbidden !== undefined) return fail("forbidden", forbidden);
  const parameters = drafts.flatMap(({ type, id, value }) => type === "SearchParameter" && value ? [{ id, value }] : []);
  const unfit = parameters.length ? definitionFault(into.definitions, parameters) : undefined;
  if (unfit && !unfit.ok) return unfit;
  const fault = await subscriptionFault(db, caller, drafts);
  if (fault) return { ok: false, failure: fault };
  if (options.skipEarlier) await markSaidBefore(db, decided, options);
  const committed: Committed[] = [];
  const writes: (() => void)[] = [];
  for (const one of decided) {
    const outcome = settle(one, caller, at, options, into, writes);
    if (!outcome.ok) return outcome;
    committed.push(outcome.value);
  }
  const written = decided.filter((_, i) => committed[i]!.kind !== "unchanged"), heritage = emptyHeritage();
  const heirs = await heirsOf(db, written.filter(changesPersons).map((one) => one.rid), new Map(written.map((one) => [one.rid, one.persons])), heritage);
  if (written.length) {
    const movedNow = new Map(heirs.map(({ rid, persons }) => [rid, persons.join()]));
    const taken = decided.flatMap((one) => one.heritage.map((source) => ({ rid: ridOf(source.key.type, source.key.id), source })));
    // What is written takes its persons from one that gets others through it: with those, once more.
    if (moved.generation < generationsMax && taken.some(({ rid, source }) => (movedNow.get(rid) ?? source.persons.join()) !== source.persons.join()))
      return await plan(into, db, caller, drafts, at, options, found, { heirs, generation: moved.generation + 1 });
    for (const { rid, source } of taken) if (!movedNow.has(rid)) heritage.taken.set(rid, source);
  }
  addHeritage(into.heritage, heritage);
  for (const write of writes) write();
  drafts.forEach(release);
  for (const heir of heirs) {
    into.heirs.push(heir);
    for (const person of heir.persons) into.rows.compartment.push([heir.ck, heir.rid, person]);
  }
  return ok(committed);
}

/** Nobody can refer yet to an id that was assigned a moment ago. */
function changesPersons({ draft, found, persons }: Decided): boolean {
  return draft.value !== undefined && !draft.fresh && persons.join() !== (found.current?.persons ?? []).join();
}

async function decide(db: Queryable, caller: Caller, drafts: readonly Draft[], found: ReadonlyMap<string, Found>, moved: readonly Heir[]): Promise<Decided[]> {
  const own = new Map<string, string[]>();
  const asked = new Map<string, { type: string; id: string }>();
  const rids = drafts.map(({ type, id }) => ridOf(type, id));
  for (const [i, draft] of drafts.entries()) {
    if (!draft.value) continue;
    const value = draft.type === "Patient" ? { ...draft.value, id: draft.id } : draft.value;
    draft.index ??= indexRows(value);
    own.set(rids[i]!, patientsOf(value, draft.index).map((id) => ridOf("Patient", id)));
  }
  const inheriting = drafts.flatMap((draft, i) => draft.value && own.get(rids[i]!)!.length === 0 ? [{ draft, rid: rids[i]!, targets: targetsOf(draft.value, draft.index!) }] : []);
  for (const { targets } of inheriting) for (const target of targets) if (!own.has(ridOf(target.type, target.id))) asked.set(`${target.type}/${target.id}`, target);
  const stored = await readCurrent(db, [...asked.values()]);
  const others = new Map(moved.map(({ rid, persons }) => [rid, persons]));
  const sourceOf = (key: ResourceKey) => { const rid = ridOf(key.type, key.id); return own.get(rid) ?? others.get(rid) ?? personsOf(stored, key); };
  const heritages = new Map(inheriting.map(({ rid, targets }) => [rid, targets.filter(({ type, id }) => !own.has(ridOf(type, id))).map((key) => ({ key, persons: sourceOf(key) }))]));
  // One may take them from another that takes them, and stand before it.
  for (let generation = 0, again = true; again && generation < generationsMax; generation++) {
    again = false;
    for (const { draft, rid, targets } of inheriting) {
      const persons = inheritedPersons(draft.type, targets.map(sourceOf));
      if (persons.join() !== own.get(rid)!.join()) again = true;
      own.set(rid, persons);
    }
  }
  const decided = drafts.map((draft, i): Decided => {
    const rid = rids[i]!;
    const state = found.get(rid) ?? {};
    let persons: readonly string[] = own.get(rid) ?? state.current?.persons ?? [];
    if (draft.value && persons.length === 0 && sharedTypes.has(draft.type)) persons = ["0"];
    if (draft.type === "Subscription") persons = state.current?.persons ?? ownersOf(caller);
    return { draft, rid, found: state, persons, heritage: heritages.get(rid) ?? [], visible: true };
  });
  await markVisible(db, caller, decided);
  return decided;
}

/** Marks drafts whose content one of the older versions had. */
async function markSaidBefore(db: Queryable, decided: readonly Decided[], options: PlanOptions): Promise<void> {
  const changed = decided.filter(({ draft, found: { current } }) => current && draft.document && (current.deleted || stamped(draft, draft.id, current.version, new Date(current.updated).toISOString(), options) !== current.content));
  if (changed.length === 0) return;
  const rows = await db.unsafe<{ rid: string; version: number; updated: string; content: string }[]>(
    `select v.rid, v.version, v.updated, v.content from unnest($1::bigint[], $2::bigint[]) u(ck, rid) join version v on v.ck = u.ck and v.rid = u.rid where not v.deleted${inBuckets(db, "v", 1)}`,
    [numbers(changed.map(({ found }) => found.current!.ck)), numbers(changed.map(({ rid }) => rid))], { prepare: true });
  const byRid = Map.groupBy(rows, ({ rid }) => rid);
  for (const one of changed)
    one.saidBefore = byRid.get(one.rid)?.some(({ version, updated, content }) => stamped(one.draft, one.draft.id, version, new Date(Number(updated)).toISOString(), options) === content) ?? false;
}

/** For practitioners: which of the persons are in their care, counting people registered by this very commit. */
async function markVisible(db: Queryable, caller: Caller, decided: readonly Decided[]): Promise<void> {
  if (caller.filter.kind === "all") return;
  const practitioner = caller.filter.kind === "practitioner" ? ridOf("Practitioner", caller.filter.practitioner) : undefined;
  const persons = new Set(decided.flatMap((one) => [...one.persons, ...one.heritage.flatMap(({ persons: taken }) => taken), ...one.found.current?.persons ?? []]));
  const inCare = new Set<string>();
  if (practitioner !== undefined) {
    const rows = await db.unsafe<{ person: string }[]>("select distinct person from care where practitioner = $1::bigint and person = any($2::bigint[])", [practitioner, numbers([...persons])], { prepare: true });
    for (const { person } of rows) inCare.add(person);
    // Stands in the place of a person where they subscribed.
    inCare.add(practitioner);
    for (const { draft, rid, found } of decided) if (draft.type === "Patient" && draft.kind !== "delete" && !found.current) inCare.add(rid);
  }
  for (const one of decided) {
    const before = one.found.current?.persons;
    const seen = before === undefined || before.some((person) => person === "0" || inCare.has(person));
    const allowed = one.draft.kind === "delete" || (one.persons.length > 0 && one.persons.every((person) => inCare.has(person) || (person === "0" && before !== undefined)));
    // What it is about must be there for its writer to see: else whether it is there could be tried out.
    const known = one.draft.kind === "delete" || one.heritage.every(({ persons }) => persons.some((person) => person === "0" || inCare.has(person)));
    one.visible = seen && allowed && known;
  }
}

function refusal(caller: Caller, decided: readonly Decided[]): string | undefined {
  if (!caller.canWrite || caller.filter.kind === "none" || caller.filter.kind === "patient") return `${caller.display} may not write to the record`;
  // An id that is taken beyond the caller's reach and a free one are answered alike: ids cannot be tried out.
  const chosen = caller.filter.kind === "practitioner" ? decided.find((one) => one.draft.kind === "update" && (!one.visible || !one.found.current)) : undefined;
  if (chosen) return `${caller.display} may update what is recorded about people in their care; something new is created with POST, under an id that the record gives`;
  if (caller.filter.kind !== "all" && decided.some(({ draft }) => draft.type === "SearchParameter")) return "What can be searched by is an administrator's to define";
  // A deletion out of reach is answered like one of an unknown resource; see settle.
  const beyond = decided.find((one) => !one.visible && one.draft.kind !== "delete");
  return beyond && `${caller.display} may write only about people in their care; this ${beyond.draft.type} is about nobody, or somebody else`;
}

/** Decides one draft; `writes` is run when all of the transaction are sound. */
function settle({ draft, rid, found, persons, visible, saidBefore }: Decided, caller: Caller, at: number, options: PlanOptions, into: Plan, writes: (() => void)[]): Result<Committed> {
  const { type, id } = draft;
  const before = found.current;
  if (draft.base !== undefined && before?.updated !== draft.base) throw new Raced();
  // A version out of reach is answered like none: a guess must not be told apart from a miss.
  if (draft.ifMatch !== undefined && (visible ? before?.version ?? 0 : 0) !== draft.ifMatch)
    return fail("precondition", draft.ifMatch === 0 ? `${type}/${id} is taken already, and If-None-Match: * asks for a new resource` : `If-Match asks for version ${draft.ifMatch} of ${type}/${id}${before && visible ? `, the current one is ${before.version}; read it again and repeat the change` : ", which is not known"}`);
  if (draft.kind === "delete") {
    if (!before || before.deleted || !visible) return ok({ kind: "deleted", type, id, version: visible ? before?.version ?? 0 : 0, lastUpdated: new Date(before && visible ? before.updated : at).toISOString() });
  } else if (draft.kind === "create" && before) return fail("conflict", `${type}/${id} exists already; update it instead`);
  const version = (before?.version ?? 0) + (options.keepVersion ? 0 : 1);
  // Time never runs backwards for one resource, whatever the clocks of the machines say.
  const updated = before ? Math.max(at, before.updated + 1) : at;
  const lastUpdated = new Date(updated).toISOString();
  let content = "";
  if (draft.document) {
    if (before && !before.deleted && stamped(draft, id, before.version, new Date(before.updated).toISOString(), options) === before.content)
      return ok({ kind: "unchanged", type, id, version: before.version, lastUpdated: new Date(before.updated).toISOString(), text: before.content });
    if (saidBefore && visible) return ok({ kind: "unchanged", type, id, version: before!.version, lastUpdated: new Date(before!.updated).toISOString(), text: before!.content });
    content = stamped(draft, id, version, lastUpdated, options);
  }
  // The source that is stamped into meta is searchable like one that came with the resource.
  if (options.source !== undefined && draft.index && draft.value?.meta?.source === undefined && !draft.index.uris.some(({ param }) => param === "_source")) draft.index.uris.push({ param: "_source", value: options.source });
  const kind = draft.kind === "delete" ? "delete" : before && !before.deleted ? "update" : "create";
  writes.push(() => write(into, draft, { rid, found, persons }, { kind, version, updated, content, keepVersion: options.keepVersion ?? false }, caller));
  return ok({ kind: kind === "delete" ? "deleted" : kind === "create" ? "created" : "updated", type, id, version, lastUpdated, ...(draft.document ? { text: content } : {}) });
}

function stamped(draft: Draft, id: string, version: number, lastUpdated: string, { source }: { source?: string }): string {
  const ownSource = draft.value?.meta?.source;
  return restamp(draft.document!, { id, meta: { versionId: String(version), lastUpdated, ...(source !== undefined && ownSource === undefined ? { source } : {}) } });
}

type Written = { kind: "create" | "update" | "delete"; version: number; updated: number; content: string; keepVersion: boolean };

function write(into: Plan, draft: Draft, { rid, found, persons }: Pick<Decided, "rid" | "found" | "persons">, { kind, version, updated, content, keepVersion }: Written, caller: Caller): void {
  const { type, id } = draft;
  const known = placeOf(type, id);
  const ck = found.ck ?? known ?? (draft.value ? bucketNamed(draft.value, draft.index!) : undefined) ?? randomBucket();
  const row = { ck, rid, type, id, version, updated, deleted: kind === "delete", persons, content };
  if (found.current) (keepVersion ? into.rewrites : into.updates).push({ ...row, before: found.current.updated });
  else into.inserts.push(row);
  if (found.current) into.replaced.push({ ck, rid });
  // Of an id that tells its bucket, the directory says that a client chose it: history then calls its creation a PUT.
  const chosen = draft.kind === "update" && !draft.fresh && !found.current && isAssignedForm(id);
  if (chosen || known === undefined && found.ck === undefined) into.directory.push({ rid, ck });
  if (draft.value) {
    const index = withCustom(draft.index!, draft.value, into.definitions);
    derive(into.rows, draft.value, ck, rid, persons, index);
    into.strays.push(...straysOf(index, ck));
  }
  into.leaves.push(makeLeaf({ kind: keepVersion ? "meta" : kind, at: updated, agent: caller.agent, reference: `${type}/${id}`, version, sha256: sha256Hex(content) }, rid));
  into.changes.push({ kind, type, id, version, persons, ...(keepVersion ? { inPlace: true } : {}) });
  if (type === "Subscription" && caller.role !== "system") into.subscriptions.push({ rid, id, owner: ownerOf(caller) });
}

