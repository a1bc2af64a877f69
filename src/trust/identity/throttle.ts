/**
 * Slows guessing: attempts are counted per account name and per address, and beyond a few the wait doubles.
 * The count stands in the database, so it holds over restarts and over several server processes. An attempt
 * is counted before its password is looked at, so many at once do not get around it.
 */
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Sql } from "postgres";
import { fail } from "#platform/result.ts";
import type { SignInFailure } from "../trust.ts";

/** `free` attempts, then a wait of 1, 2, 4, … seconds up to `waitMaxSeconds`; forgotten after a day without any. */
type Allowance = { free: number; waitMaxSeconds: number };
export const accountAllowance: Allowance = { free: 5, waitMaxSeconds: 300 };
export const addressAllowance: Allowance = { free: 30, waitMaxSeconds: 900 };
const forgetAfterMs = 24 * 3600 * 1000;

export type Subject = { key: string; allowance: Allowance };

/** The name is kept as a hash: people type passwords into the wrong field. */
export function accountSubject(username: string): Subject {
  return { key: `account:${createHash("sha256").update(username).digest("base64url")}`, allowance: accountAllowance };
}

/** IPv6 by its /64, which is what one subscriber has. */
export function addressSubject(address: string): Subject {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain)) return { key: `address:${plain}`, allowance: addressAllowance };
  const [head = "", tail] = plain.split("%")[0]!.split("::");
  const left = head.split(":").filter(Boolean), right = (tail ?? "").split(":").filter(Boolean);
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right];
  return { key: `address:${groups.slice(0, 4).map((group) => group.padStart(4, "0").toLowerCase()).join(":")}/64`, allowance: addressAllowance };
}

/** Counts an attempt; answers the seconds to wait when it may not be made now (then it is not counted). */
export async function countAttempt(sql: Sql, { key, allowance }: Subject, now: Date): Promise<number | undefined> {
  const forget = new Date(now.getTime() - forgetAfterMs);
  // Never more than 2^20 seconds, so that the power cannot overflow however long the row lives.
  const counted = await sql`
    insert into trust.attempt as a (subject, failures, blocked_until, last) values (${key}, 1, ${now}, ${now})
    on conflict (subject) do update set
      failures = case when a.last < ${forget} then 1 else a.failures + 1 end,
      blocked_until = case when a.last < ${forget} or a.failures + 1 < ${allowance.free} then ${now}
        else ${now}::timestamptz + make_interval(secs => least(${allowance.waitMaxSeconds}::float8, power(2::float8, least(a.failures + 1 - ${allowance.free}, 20)))) end,
      last = ${now}
    where a.blocked_until <= ${now}
    returning 1`;
  if (counted.length > 0) return undefined;
  const [row] = await sql<{ blocked_until: Date }[]>`select blocked_until from trust.attempt where subject = ${key}`;
  return Math.max(1, Math.ceil(((row?.blocked_until.getTime() ?? now.getTime()) - now.getTime()) / 1000));
}

/** What is answered when an attempt may not be made now. */
export function throttled(waitSeconds: number): { ok: false; failure: SignInFailure } {
  const text = `too many attempts to sign in; try again in ${waitSeconds} ${waitSeconds === 1 ? "second" : "seconds"}`;
  return { ok: false, failure: { ...fail("throttled", text).failure, retryAfterSeconds: waitSeconds } };
}

/** After the right password: the account's count ends; the address, where one asked, gets back its one attempt. */
export async function forgive(sql: Sql, account: Subject, now: Date, address?: Subject): Promise<void> {
  await sql`delete from trust.attempt where subject = ${account.key}`;
  if (address) await sql`update trust.attempt set failures = greatest(0, failures - 1), blocked_until = ${now} where subject = ${address.key}`;
}

/** Removes what no longer matters. */
export async function sweepAttempts(sql: Sql, now: Date): Promise<void> {
  await sql`delete from trust.attempt where last < ${new Date(now.getTime() - forgetAfterMs)}`;
}
