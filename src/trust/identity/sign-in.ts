/** Sign-in: the throttle, then the password, then a new session in place of the one held before. */
import type { Sql } from "postgres";
import { ok, refuse, type Result } from "#platform/result.ts";
import type { Account, Issued, SignInFailure } from "../trust.ts";
import { accountOf, canonicalUsername, rowByUsername } from "./accounts.ts";
import { hashPassword, isOutdated, verifyPassword, type PasswordCost } from "./password.ts";
import { accountSubject, addressSubject, countAttempt, forgive, throttled } from "./throttle.ts";
import { issue, revoke, sessionHoursMax } from "./tokens.ts";

export type SignIn = { username: string; password: string; address: string; previous?: string };

export async function signIn(sql: Sql, { username, password, address, previous }: SignIn, now: Date, cost?: PasswordCost): Promise<Result<Issued & { account: Account }, SignInFailure>> {
  const byAccount = accountSubject(canonicalUsername(username)), byAddress = addressSubject(address);
  for (const subject of [byAddress, byAccount]) {
    const wait = await countAttempt(sql, subject, now);
    if (wait !== undefined) return throttled(wait);
  }
  const row = await rowByUsername(sql, username);
  const right = await verifyPassword(password, row?.password, cost);
  // One answer for all: it must not tell whether the account exists or is disabled.
  if (!right || !row || row.disabled) return refuse("login", { code: "sign-in-wrong" }, "username or password is not right");
  await forgive(sql, byAccount, now, byAddress);
  if (isOutdated(row.password, cost)) await sql`update trust.account set password = ${await hashPassword(password, cost)} where id = ${row.id} and password = ${row.password}`;
  if (previous) await revoke(sql, previous);
  return ok({ ...await issue(sql, "session", row.id, now, sessionHoursMax), account: accountOf(row) });
}
