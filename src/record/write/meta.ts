/**
 * Profiles, tags and security labels of one version, changed in place: no version is made, and versions of the past
 * can be labelled too. The ledger keeps the earlier leaf and gets one of kind "meta" with the new content's hash.
 * Source: https://hl7.org/fhir/R4/resource-operation-meta-add.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { parseDocument } from "#fhir/json/document.ts";
import { replaceMeta } from "#fhir/json/restamp.ts";
import type { Meta, ResourceKey } from "#fhir/resource.ts";
import { rowVisible } from "../access.ts";
import { ridOf } from "../keys.ts";
import { insertLeaves, makeLeaf, sha256Hex } from "../ledger/leaf.ts";
import { bucketOf } from "../read/read.ts";
import type { Caller } from "../record.ts";
import { run, sql, type Queryable } from "../sql.ts";
import type { Committer } from "./commit.ts";
import { readCurrent } from "./current.ts";
import { draftOf } from "./draft.ts";
import { Raced } from "./transact.ts";

/** What a change makes of the three sets of a meta. */
export type MetaChange = (meta: Meta) => Meta;

/** Answers the meta as it is then. `version` undefined: the current one. */
export async function changeMeta(committer: Committer, caller: Caller, key: ResourceKey, version: number | undefined, change: MetaChange, at: number): Promise<Result<Meta>> {
  if (!caller.canWrite) return fail("forbidden", `${caller.display} may not write to the record`);
  let meta: Meta = {};
  const unknown = fail("not-found", `${key.type}/${key.id}${version === undefined ? "" : `, version ${version},`} is not known.`);
  const done = await committer.alone(caller, async (tx) => {
    const visible = await readVisible(tx, caller, key, version);
    if (!visible) return unknown;
    const text = withMeta(visible.content, change);
    if (!text.ok) return text;
    meta = text.value.meta;
    if (visible.past) {
      if (text.value.text !== visible.content) await rewritePast(tx, caller, key, version!, visible.content, text.value.text, at);
      return ok([]);
    }
    const draft = draftOf({ kind: "update", ...key, text: text.value.text }, true);
    return draft.ok ? ok([{ ...draft.value, base: visible.updated }]) : draft;
  }, { keepVersion: true });
  if (!done.ok) return done;
  const written = done.value[0]?.text;
  return ok(written === undefined ? meta : (JSON.parse(written) as { meta: Meta }).meta);
}

type Row = { content: string; updated: string };
type Visible = { content: string; updated: number; past: boolean };

async function readVisible(tx: Queryable, caller: Caller, key: ResourceKey, version: number | undefined): Promise<Visible | undefined> {
  const current = (await readCurrent(tx, [key])).get(ridOf(key.type, key.id))?.current;
  if (!current) return undefined;
  const at = sql`ck = ${current.ck}::bigint and rid = ${ridOf(key.type, key.id)}::bigint`;
  const past = version !== undefined && version !== current.version;
  const [row] = past
    ? await run<Row>(tx, sql`select r.content, r.updated from version r where ${at} and r.version = ${version}::int and not r.deleted and ${rowVisible(caller.filter, "r")}`)
    : await run<Row>(tx, sql`select r.content, r.updated from resource r where ${at} and not r.deleted and ${rowVisible(caller.filter, "r")}`);
  return row && { content: row.content, updated: Number(row.updated), past };
}

function withMeta(content: string, change: MetaChange): Result<{ text: string; meta: Meta }> {
  const document = parseDocument(content);
  if (!document.ok) return document;
  const { versionId, lastUpdated, source, profile, security, tag, ...rest } = document.value.value.meta ?? {};
  const changed = change({ ...(profile ? { profile } : {}), ...(security ? { security } : {}), ...(tag ? { tag } : {}) });
  const meta: Meta = { ...(versionId === undefined ? {} : { versionId }), ...(lastUpdated === undefined ? {} : { lastUpdated }), ...(source === undefined ? {} : { source }), ...rest };
  for (const name of ["profile", "security", "tag"] as const) if (changed[name]?.length) Object.assign(meta, { [name]: changed[name] });
  return ok({ text: replaceMeta(document.value, meta), meta });
}

/** By a practitioner as well: who may see a version may label it, as they may write about the person. */
async function rewritePast(tx: Queryable, { agent }: Caller, { type, id }: ResourceKey, version: number, before: string, content: string, at: number): Promise<void> {
  const done = await run(tx, sql`update version r set content = ${content} where r.ck = ${await bucketOf(tx, { type, id })} and r.rid = ${ridOf(type, id)}::bigint and r.version = ${version}::int and r.content = ${before} returning r.version`);
  if (done.length !== 1) throw new Raced();
  await insertLeaves(tx, [makeLeaf({ kind: "meta", at, agent, reference: `${type}/${id}`, version, sha256: sha256Hex(content) }, ridOf(type, id))]);
}
