/**
 * Demo sign-ins for a node with made-up people. Their passwords are printed on purpose, so they are made only
 * when asked for, are flagged, and are never made beside real accounts of the same name.
 */
import type { Sql } from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
import type { DemoAccount, DemoPeople, NewAccount } from "../trust.ts";
import { createAccount, rowByUsername } from "./accounts.ts";
import type { PasswordCost } from "./password.ts";

export async function createDemoAccounts(sql: Sql, people: DemoPeople, now: Date, cost?: PasswordCost): Promise<Result<DemoAccount[]>> {
  const wanted: NewAccount[] = [
    { username: "doctor", password: "salus-doctor", role: "practitioner", agent: `Practitioner/${people.practitioner}`, display: people.display?.practitioner ?? { en: "Demo doctor", zh: "演示医生" }, demo: true },
    { username: "patient", password: "salus-patient", role: "patient", agent: `Patient/${people.patient}`, display: people.display?.patient ?? { en: "Demo patient", zh: "演示患者" }, demo: true },
    { username: "admin", password: "salus-admin", role: "administrator", agent: "Device/salus", display: { en: "Demo administrator", zh: "演示管理员" }, demo: true },
  ];
  for (const account of wanted) {
    const row = await rowByUsername(sql, account.username);
    if (row && !row.demo) return fail("conflict", `the account "${account.username}" exists and is no demo account; demo accounts belong on a node of their own`);
    if (row) await sql`update trust.account set agent = ${account.agent}, display_en = ${account.display.en}, display_zh = ${account.display.zh} where id = ${row.id}`;
    else {
      const created = await createAccount(sql, account, now, cost);
      // Another process making the same accounts at this moment is no fault.
      if (!created.ok && created.failure.code !== "duplicate") return created;
    }
  }
  return ok(await demoAccounts(sql));
}

/** Those whose printed password still opens them. */
export async function demoAccounts(sql: Sql): Promise<DemoAccount[]> {
  const rows = await sql<{ username: string; demo_password: string; role: DemoAccount["role"]; display_en: string; display_zh: string }[]>`
    select username, demo_password, role, display_en, display_zh from trust.account
    where demo and not disabled and demo_password is not null
    order by array_position(array['practitioner', 'patient', 'administrator'], role), username`;
  return rows.map((row) => ({ username: row.username, password: row.demo_password, role: row.role, display: { en: row.display_en, zh: row.display_zh } }));
}
