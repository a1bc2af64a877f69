/** Signing keys of accounts and of the log: made at first use, sealed at rest, retired by rotation, never removed. */
import { randomBytes, type KeyObject } from "node:crypto";
import type { ISql, Sql } from "postgres";
import { generateSigner, privateKeyOf } from "#ledger/note.ts";
import { ok, type Result } from "#platform/result.ts";
import type { Jwks } from "../trust.ts";
import type { Custody } from "./custody.ts";
import { thumbprint } from "./jws.ts";

type KeyRow = { id: string; owner: string; agent: string; public_key: Buffer; sealed: Buffer; created: Date; retired: Date | null };
export type SigningKey = { id: string; privateKey: KeyObject };

/** `owner`: "account:<id>" or "log:<origin>". `agent` is what the key speaks for, published with it. */
export async function activeKey(sql: Sql, custody: Custody, owner: string, agent: string, now: Date): Promise<Result<SigningKey>> {
  const row = (await activeRow(sql, owner)) ?? (await makeKey(sql, custody, owner, agent, now));
  const seed = custody.open(row.sealed, aboutKey(row.id, row.owner));
  return seed.ok ? ok({ id: row.id, privateKey: privateKeyOf(seed.value) }) : seed;
}

async function activeRow(sql: ISql, owner: string): Promise<KeyRow | undefined> {
  return (await sql<KeyRow[]>`select * from trust.signing_key where owner = ${owner} and retired is null`)[0];
}

async function makeKey(sql: ISql, custody: Custody, owner: string, agent: string, now: Date): Promise<KeyRow> {
  const { publicKey, seed } = generateSigner("key");
  const id = thumbprint(publicKey);
  await sql`
    insert into trust.signing_key (id, owner, agent, public_key, sealed, created)
    values (${id}, ${owner}, ${agent}, ${Buffer.from(publicKey)}, ${custody.seal(seed, aboutKey(id, owner))}, ${now})
    on conflict (owner) where retired is null do nothing`;
  // Of two made at once the first stands, and both use it.
  return (await activeRow(sql, owner))!;
}

/** "salus" ‖ "log": one process at a time names the log of a node. */
const originLock = 0x73616c6f67;

/** The origin of the node's log: the one it has a key for, else a new name that no other node has. */
export async function logOrigin(sql: Sql, custody: Custody, now: Date): Promise<string> {
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${originLock}::bigint)`;
    const [row] = await tx<{ owner: string }[]>`select owner from trust.signing_key where owner like 'log:%' and retired is null order by created, owner limit 1`;
    if (row) return row.owner.slice("log:".length);
    const origin = `salus.local/log/${randomBytes(8).toString("hex")}`;
    await makeKey(tx, custody, `log:${origin}`, "Device/salus", now);
    return origin;
  });
}

/** Retires the key in use, forgetting its private half, and makes the next. Works too when the old one can no longer be opened. */
export async function rotate(sql: Sql, custody: Custody, owner: string, agent: string, now: Date): Promise<string> {
  return sql.begin(async (tx) => {
    await tx`update trust.signing_key set retired = ${now}, sealed = '' where owner = ${owner} and retired is null`;
    return (await makeKey(tx, custody, owner, agent, now)).id;
  });
}

export async function publicKeyById(sql: Sql, id: string): Promise<Pick<KeyRow, "id" | "owner" | "agent" | "public_key" | "created" | "retired"> | undefined> {
  return (await sql<KeyRow[]>`select id, owner, agent, public_key, created, retired from trust.signing_key where id = ${id}`)[0];
}

/** Every key that ever signed for an account, retired ones marked: old signatures stay checkable. */
export async function jwks(sql: Sql): Promise<Jwks> {
  const rows = await sql<KeyRow[]>`select id, agent, public_key, retired from trust.signing_key where owner like 'account:%' order by created, id`;
  return {
    keys: rows.map(({ id, agent, public_key, retired }) => ({
      kty: "OKP", crv: "Ed25519", x: public_key.toString("base64url"), kid: id, alg: "EdDSA", use: "sig",
      "salus:agent": agent, ...(retired ? { "salus:retired": retired.toISOString() } : {}),
    })),
  };
}

export function aboutKey(id: string, owner: string): string {
  return `salus signing key 1\n${id}\n${owner}`;
}
