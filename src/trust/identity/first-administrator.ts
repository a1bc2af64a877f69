/** The first administrator of an empty node: one link, used once, printed where the node was started. */
import type { ISql, Sql } from "postgres";
import { fail, ok, refuse, type Result } from "#platform/result.ts";
import type { Account, Issued } from "../trust.ts";
import type { Bilingual } from "#findings/finding.ts";
import { createAccount } from "./accounts.ts";
import type { PasswordCost } from "./password.ts";
import { issue, tokenHash } from "./tokens.ts";

async function administratorExists(sql: ISql): Promise<boolean> {
  return (await sql`select 1 from trust.account where role = 'administrator' and not disabled limit 1`).length > 0;
}

export async function createLink(sql: Sql, now: Date, hours: number): Promise<Result<Issued>> {
  if (!(hours > 0 && hours <= 168)) return fail("value", "a link for the first administrator lasts up to 168 hours");
  return sql.begin(async (tx) => {
    if (await administratorExists(tx)) return fail("conflict", "this node has an administrator; who can sign in can make further accounts");
    await tx`delete from trust.token where kind = 'first-administrator'`;
    return ok(await issue(tx, "first-administrator", null, now, hours));
  });
}

/** The link stays usable when the account is refused (a weak password), and ends when it is made. */
export async function redeemLink(sql: Sql, token: string, account: { username: string; password: string; display: Bilingual }, now: Date, cost?: PasswordCost): Promise<Result<Account>> {
  const hash = tokenHash(token, "first-administrator");
  const gone = refuse("login", { code: "link-gone" }, "this link is not valid: it was used, has ended, or a newer one was printed; start the node again for another");
  if (!hash) return gone;
  return sql.begin(async (tx) => {
    // The row lock lets one of two redemptions wait for the other, and then find the link gone.
    const [row] = await tx<{ expires: Date }[]>`select expires from trust.token where hash = ${hash} and kind = 'first-administrator' for update`;
    if (!row || row.expires <= now || await administratorExists(tx)) return gone;
    const created = await createAccount(tx, { ...account, role: "administrator", agent: "Device/salus" }, now, cost);
    if (created.ok) await tx`delete from trust.token where hash = ${hash}`;
    return created;
  });
}
