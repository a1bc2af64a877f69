/**
 * Sessions and bearer tokens: 256 random bits, of which only the SHA-256 is stored, so a copy of the database
 * opens nothing. A session ends when idle, at its absolute end, at sign-out, and when its account changes.
 */
import { randomBytes } from "node:crypto";
import type { ISql, Sql } from "postgres";
import { sha256 } from "#ledger/hash.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { callerOf, localOperator } from "../caller.ts";
import type { Issued, Principal } from "../trust.ts";
import { accountOf, type AccountRow } from "./accounts.ts";

export const sessionHoursMax = 12;
export const sessionIdleMinutesMax = 30;
export const bearerHoursMax = 720;
/** A session's last use is written at most this often: no write for every request. */
const seenEverySeconds = 60;
/** How long an answer may serve without asking the database again; a change in this process shows at once. */
const rememberedMs = 2_000;
const rememberedMax = 10_000;

export type TokenKind = "session" | "bearer" | "first-administrator";

/** Readable beginnings tell scanners of leaked secrets, and people, what a token is. */
const prefixes: Record<TokenKind, string> = { session: "sas_", bearer: "sat_", "first-administrator": "saf_" };

/** What is stored of a token; undefined when the text cannot be one of this kind. */
export function tokenHash(token: string, kind?: TokenKind): Buffer | undefined {
  return /^sa[stf]_[\w-]{43}$/.test(token) && (!kind || token.startsWith(prefixes[kind])) ? sha256(Buffer.from(token)) : undefined;
}

export async function issue(sql: ISql, kind: TokenKind, account: string | null, now: Date, hours: number): Promise<Issued> {
  const token = prefixes[kind] + randomBytes(32).toString("base64url");
  const expires = new Date(now.getTime() + hours * 3_600_000);
  await sql`insert into trust.token (hash, kind, account, created, seen, expires) values (${sha256(Buffer.from(token))}, ${kind}, ${account}, ${now}, ${now}, ${expires})`;
  return { token, expires: expires.toISOString() };
}

export async function revoke(sql: Sql, token: string): Promise<void> {
  const hash = tokenHash(token);
  if (hash) await sql`delete from trust.token where hash = ${hash}`;
}

type Row = AccountRow & { kind: TokenKind; account: string | null; seen: Date; expires: Date };

/** Who holds this token. A token of a disabled account answers as an unknown one. */
export async function lookUp(sql: Sql, token: string, now: Date): Promise<Result<Principal>> {
  const hash = tokenHash(token);
  const unknown = fail("login", "this sign-in is not known here; sign in again");
  if (!hash) return unknown;
  const [row] = await sql<Row[]>`
    select t.kind, t.account, t.seen, t.expires, a.id, a.username, a.display_en, a.display_zh, a.role, a.agent, a.demo, a.disabled
    from trust.token t left join trust.account a on a.id = t.account where t.hash = ${hash}`;
  if (!row || row.kind === "first-administrator" || row.disabled) return unknown;
  const idleFor = now.getTime() - row.seen.getTime();
  if (row.expires <= now) return fail("expired", "this sign-in has reached its end; sign in again");
  if (row.kind === "session") {
    if (idleFor > sessionIdleMinutesMax * 60_000) return fail("expired", `this sign-in was not used for ${sessionIdleMinutesMax} minutes; sign in again`);
    if (idleFor > seenEverySeconds * 1000) await sql`update trust.token set seen = ${now} where hash = ${hash} and seen < ${now}`;
  }
  const expires = row.expires.toISOString();
  if (row.account === null) return ok({ kind: "bearer", caller: localOperator, expires });
  const account = accountOf(row);
  return ok({ kind: row.kind, account, caller: callerOf(account), expires });
}

/** Remembers answers for a moment, so that a busy client costs no query for each request. Keys are hashes, not tokens. */
export class Remembered {
  readonly #answers = new Map<string, { at: number; result: Result<Principal> }>();
  #generation = 0;

  async get(token: string, now: Date, ask: () => Promise<Result<Principal>>): Promise<Result<Principal>> {
    const key = tokenHash(token)?.toString("base64");
    if (key === undefined) return ask();
    const known = this.#answers.get(key);
    const age = known ? now.getTime() - known.at : Infinity;
    if (known && age >= 0 && age < rememberedMs) return known.result;
    const generation = this.#generation;
    const result = await ask();
    if (this.#answers.size >= rememberedMax) this.#answers.clear();
    // An answer asked for before a change must not outlive it.
    if (result.ok && generation === this.#generation) this.#answers.set(key, { at: now.getTime(), result });
    return result;
  }

  forget(): void {
    this.#generation++;
    this.#answers.clear();
  }
}

/** Removes tokens past their end. */
export async function sweepTokens(sql: Sql, now: Date): Promise<void> {
  await sql`delete from trust.token where expires < ${now} or (kind = 'session' and seen < ${new Date(now.getTime() - sessionIdleMinutesMax * 60_000)})`;
}
