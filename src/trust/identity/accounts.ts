/** Accounts: who may sign in, in which role, and which resource they are. Passwords only as hashes. */
import { randomUUID } from "node:crypto";
import type { ISql, Sql } from "postgres";
import { isId } from "#fhir/resource.ts";
import { ok, refuse, type Result } from "#platform/result.ts";
import type { Account, NewAccount, Role, SignInFailure } from "../trust.ts";
import { checkPassword, hashPassword, verifyPassword, type PasswordCost } from "./password.ts";
import { accountSubject, countAttempt, forgive, throttled } from "./throttle.ts";

export type AccountRow = { id: string; username: string; password: string; display_en: string; display_zh: string; role: Role; agent: string; demo: boolean; demo_password: string | null; disabled: boolean };

export function accountOf(row: Omit<AccountRow, "password" | "demo_password">): Account {
  return { id: row.id, username: row.username, display: { en: row.display_en, zh: row.display_zh }, role: row.role, agent: row.agent, demo: row.demo, disabled: row.disabled };
}

/** Usernames are compared in this form: without outer spaces, composed, in small letters. */
export function canonicalUsername(username: string): string {
  return username.trim().normalize("NFKC").toLowerCase();
}

/** The kind of resource each role is; an administrator may be a person or the node itself. */
const agentTypes: Record<Role, readonly string[]> = {
  patient: ["Patient"], practitioner: ["Practitioner"], administrator: ["Practitioner", "Person", "Device"],
};

export async function createAccount(sql: ISql, account: NewAccount, now: Date, cost?: PasswordCost): Promise<Result<Account>> {
  const username = canonicalUsername(account.username);
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$/u.test(username)) return refuse("value", { code: "username-form" }, "a username has 2 to 64 letters, digits or . _ @ - and begins with a letter or digit");
  const [type = "", id = "", ...more] = account.agent.split("/");
  if (!agentTypes[account.role].includes(type) || !isId(id) || more.length > 0)
    return refuse("value", { code: "agent-form", role: account.role, agent: account.agent }, `the agent of a ${account.role} account reads ${agentTypes[account.role].map((each) => `${each}/id`).join(" or ")}, not "${account.agent}"`);
  if (account.display.en.trim() === "" || account.display.zh.trim() === "") return refuse("required", { code: "name-required" }, "an account has a name to show, in both languages");
  if (!account.demo) {
    const accepted = checkPassword(account.password, username);
    if (!accepted.ok) return accepted;
  }
  const rows = await sql<AccountRow[]>`
    insert into trust.account (id, username, password, display_en, display_zh, role, agent, demo, demo_password, created)
    values (${randomUUID()}, ${username}, ${await hashPassword(account.password, cost)}, ${account.display.en}, ${account.display.zh}, ${account.role}, ${account.agent},
      ${account.demo ?? false}, ${account.demo ? account.password : null}, ${now})
    on conflict (username) do nothing returning *`;
  return rows[0] ? ok(accountOf(rows[0])) : refuse("duplicate", { code: "username-taken", username }, `the username "${username}" is taken`);
}

export async function rowByUsername(sql: Sql, username: string): Promise<AccountRow | undefined> {
  return (await sql<AccountRow[]>`select * from trust.account where username = ${canonicalUsername(username)}`)[0];
}

export async function rowById(sql: Sql, id: string): Promise<AccountRow | undefined> {
  return (await sql<AccountRow[]>`select * from trust.account where id = ${id}`)[0];
}

/**
 * A password changed by its owner (`current` given) or by an administrator; ends every session and token. Wrong
 * current passwords count as sign-in attempts, so that a stolen session is no way around the throttle.
 */
export async function changePassword(sql: Sql, id: string, current: string | undefined, next: string, now: Date, cost?: PasswordCost): Promise<Result<void, SignInFailure>> {
  const row = await rowById(sql, id);
  if (!row) return refuse("not-found", { code: "account-unknown" }, "there is no such account");
  if (current !== undefined) {
    const subject = accountSubject(row.username);
    const wait = await countAttempt(sql, subject, now);
    if (wait !== undefined) return throttled(wait);
    if (!(await verifyPassword(current, row.password, cost))) return refuse("login", { code: "password-wrong" }, "the current password is not right");
    await forgive(sql, subject, now);
  }
  const accepted = checkPassword(next, row.username);
  if (!accepted.ok) return accepted;
  const password = await hashPassword(next, cost);
  return sql.begin(async (tx) => {
    // Decided on the hash that was checked: of two changes at once, the second finds its current password gone.
    const changed = await tx`update trust.account set password = ${password}, demo_password = null where id = ${id} and password = ${row.password} returning 1`;
    if (changed.length === 0) return refuse("conflict", { code: "password-raced" }, "the password was changed by somebody else at the same time; try again");
    await tx`delete from trust.token where account = ${id}`;
    return ok(undefined);
  });
}

export async function setDisabled(sql: Sql, id: string, disabled: boolean): Promise<Result<void>> {
  return sql.begin(async (tx) => {
    const changed = await tx`update trust.account set disabled = ${disabled} where id = ${id} returning 1`;
    if (changed.length === 0) return refuse("not-found", { code: "account-unknown" }, "there is no such account");
    await tx`delete from trust.token where account = ${id}`;
    return ok(undefined);
  });
}
