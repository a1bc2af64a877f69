import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import type { Sql } from "postgres";
import type { Failure, Result } from "#platform/result.ts";
import { openTrust } from "../open.ts";
import { custodyOf } from "../signing/custody.ts";
import { HandClock, testCost, trustDatabase } from "../testing.ts";
import type { Account, NewAccount, Trust } from "../trust.ts";

let sql: Sql, close: () => Promise<void>, trust: Trust, clock: HandClock;
const custody = custodyOf(randomBytes(32));

before(async () => { ({ sql, close } = await trustDatabase()); });
after(() => close());
beforeEach(async () => {
  await sql`truncate trust.account, trust.token, trust.attempt, trust.signing_key`;
  clock = new HandClock();
  trust = openTrust(sql, custody, { clock, passwordCost: testCost });
});

const lin: NewAccount = { username: "Lin.Wei", password: "four plums by the river", display: { en: "Lin Wei", zh: "林薇" }, role: "practitioner", agent: "Practitioner/p1" };

function value<T>(result: Result<T>): T {
  assert(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}

function refused(result: Result<unknown>, code: Failure["code"], text: RegExp = /./): void {
  assert(!result.ok, "it should have been refused");
  assert.equal(result.failure.code, code);
  assert.match(result.failure.text, text);
}

const signIn = (password = lin.password, address = "192.0.2.1", username = "lin.wei", previous?: string): ReturnType<Trust["signIn"]> => trust.signIn(username, password, address, previous);

test("an account signs in, is known by its session, and signs out", async () => {
  const account = value(await trust.createAccount(lin));
  assert.equal(account.username, "lin.wei");
  const session = value(await signIn());
  assert.equal(session.expires, "2026-03-01T20:00:00.000Z");
  const principal = value(await trust.principal(session.token));
  assert.deepEqual(principal, {
    kind: "session", account, expires: session.expires,
    caller: { agent: "Practitioner/p1", display: "Lin Wei", role: "practitioner", account: account.id, filter: { kind: "practitioner", practitioner: "p1" }, canWrite: true },
  });
  await trust.signOut(session.token);
  refused(await trust.principal(session.token), "login");
});

test("neither password nor token stands in the database", async () => {
  await trust.createAccount(lin);
  const { token } = value(await signIn());
  const stored = JSON.stringify([await sql`select * from trust.account`, await sql`select kind, account, encode(hash, 'escape') as e, encode(hash, 'base64') as b from trust.token`]);
  assert(!stored.includes(lin.password) && !stored.includes(token) && !stored.includes(token.slice(4)));
  assert.match(stored, /scrypt\$1024\$8\$1\$/);
});

test("wrong password, unknown name and disabled account get one answer", async () => {
  const account = value(await trust.createAccount(lin));
  const answers = [await signIn("not the password"), await signIn(lin.password, "192.0.2.1", "nobody")];
  value(await trust.setDisabled(account.id, true));
  answers.push(await signIn());
  for (const answer of answers) assert.deepEqual(answer, { ok: false, failure: { code: "login", text: "username or password is not right", why: { code: "sign-in-wrong" } } });
});

test("guessing one account: five tries, then the wait doubles up to five minutes, from any address", async () => {
  await trust.createAccount(lin);
  for (let i = 0; i < 5; i++) refused(await signIn("guess", `192.0.2.${i}`), "login");
  const waits: number[] = [];
  for (let i = 0; i < 11; i++) {
    const answer = await signIn(lin.password, `198.51.100.${i}`);
    assert(!answer.ok && answer.failure.code === "throttled");
    waits.push(answer.failure.retryAfterSeconds!);
    clock.pass(answer.failure.retryAfterSeconds! - 1);
    assert.equal((await signIn(lin.password, `198.51.100.${i}`)).ok, false, "one second early is too early");
    clock.pass(1);
    refused(await signIn("guess", `203.0.113.${i}`), "login");
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  clock.pass(300);
  value(await signIn());
  refused(await signIn("guess"), "login");
});

test("many guesses at once do not get around the count", async () => {
  await trust.createAccount(lin);
  const answers = await Promise.all(Array.from({ length: 20 }, () => signIn("guess")));
  assert.equal(answers.filter((answer) => !answer.ok && answer.failure.code === "login").length, 5);
  assert.equal(answers.filter((answer) => !answer.ok && answer.failure.code === "throttled").length, 15);
});

test("guessing many accounts from one IPv6 network is slowed too; another network is not", async () => {
  await trust.createAccount(lin);
  for (let i = 0; i < 30; i++) refused(await signIn("guess", `2001:db8:0:7::${i}`, `name${i}`), "login");
  refused(await signIn(lin.password, "2001:0db8:0000:0007:ffff::1"), "throttled");
  value(await signIn(lin.password, "2001:db8:0:8::1"));
});

test("a session ends when idle for 30 minutes, and after 12 hours in any case", async () => {
  await trust.createAccount(lin);
  const idle = value(await signIn());
  clock.pass(29 * 60);
  value(await trust.principal(idle.token));
  clock.pass(29 * 60);
  value(await trust.principal(idle.token));
  clock.pass(30 * 60 + 1);
  refused(await trust.principal(idle.token), "expired", /30 minutes/);
  const busy = value(await signIn());
  for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
    value(await trust.principal(busy.token));
    clock.pass(20 * 60);
  }
  refused(await trust.principal(busy.token), "expired", /its end/);
});

test("signing in again ends the session held before", async () => {
  await trust.createAccount(lin);
  const first = value(await signIn());
  value(await trust.principal(first.token));
  const second = value(await signIn(lin.password, "192.0.2.1", "lin.wei", first.token));
  assert.notEqual(first.token, second.token);
  refused(await trust.principal(first.token), "login");
  value(await trust.principal(second.token));
});

test("a changed password and a disabled account end every session and token at once", async () => {
  const account = value(await trust.createAccount(lin));
  const held = [value(await signIn()).token, value(await trust.issueToken(account.id, 1)).token];
  for (const token of held) value(await trust.principal(token));
  refused(await trust.changePassword(account.id, "not mine", "seven cranes over snow"), "login");
  refused(await trust.changePassword(account.id, lin.password, "short"), "value", /at least 12/);
  value(await trust.changePassword(account.id, lin.password, "seven cranes over snow"));
  for (const token of held) refused(await trust.principal(token), "login");
  refused(await signIn(), "login");
  const { token } = value(await signIn("seven cranes over snow"));
  value(await trust.principal(token));
  value(await trust.setDisabled(account.id, true));
  refused(await trust.principal(token), "login");
});

test("a stolen session is no way around the throttle", async () => {
  const account = value(await trust.createAccount(lin));
  for (let i = 0; i < 5; i++) refused(await trust.changePassword(account.id, `guess ${i}`, "seven cranes over snow"), "login");
  const answer = await trust.changePassword(account.id, lin.password, "seven cranes over snow");
  assert(!answer.ok && answer.failure.code === "throttled" && answer.failure.retryAfterSeconds === 1);
  clock.pass(1);
  value(await trust.changePassword(account.id, lin.password, "seven cranes over snow"));
});

test("older hash parameters are renewed at sign-in", async () => {
  await trust.createAccount(lin);
  value(await openTrust(sql, custody, { clock, passwordCost: { N: 2048, r: 8, p: 1 } }).signIn("lin.wei", lin.password, "192.0.2.1"));
  assert.match((await sql<{ password: string }[]>`select password from trust.account`)[0]!.password, /^scrypt\$2048\$8\$1\$/);
  value(await signIn());
});

test("bearer tokens: for an account, for the local operator, with an end", async () => {
  const account = value(await trust.createAccount({ ...lin, role: "patient", agent: "Patient/7" }));
  const mine = value(await trust.issueToken(account.id, 2)), operator = value(await trust.issueToken(undefined, 1));
  assert.deepEqual(value(await trust.principal(mine.token)).caller, { agent: "Patient/7", display: "Lin Wei", role: "patient", account: account.id, filter: { kind: "patient", patient: "7" }, canWrite: false });
  assert.deepEqual(value(await trust.principal(operator.token)).caller.filter, { kind: "all" });
  clock.pass(3600);
  refused(await trust.principal(operator.token), "expired");
  value(await trust.principal(mine.token));
  refused(await trust.issueToken(account.id, 721), "value", /720/);
  refused(await trust.issueToken(account.id, Number.NaN), "value");
  refused(await trust.issueToken("nobody", 1), "not-found");
  for (const token of ["", "x", `${mine.token}x`, mine.token.replace("sat_", "sas_"), `sat_${"A".repeat(43)}`]) refused(await trust.principal(token), "login");
});

test("the first administrator's link works once, in time, and only while there is none", async () => {
  const eve = { username: "eve", password: "a lantern in the attic", display: { en: "Eve", zh: "伊芙" } };
  const old = value(await trust.createFirstAdministratorLink()), link = value(await trust.createFirstAdministratorLink(1));
  refused(await trust.redeemFirstAdministratorLink(old.token, eve), "login", /newer/);
  refused(await trust.principal(link.token), "login");
  refused(await trust.redeemFirstAdministratorLink(link.token, { ...eve, password: "password1234" }), "value");
  const [one, two] = await Promise.all([trust.redeemFirstAdministratorLink(link.token, eve), trust.redeemFirstAdministratorLink(link.token, { ...eve, username: "mallory" })]);
  assert.equal([one, two].filter(({ ok }) => ok).length, 1);
  assert.deepEqual((await trust.accounts()).map(({ role, agent }) => [role, agent]), [["administrator", "Device/salus"]]);
  refused(await trust.createFirstAdministratorLink(), "conflict");
  await sql`truncate trust.account, trust.token`;
  const late = value(await trust.createFirstAdministratorLink(1));
  clock.pass(3600);
  refused(await trust.redeemFirstAdministratorLink(late.token, eve), "login");
});

test("demo accounts: only when asked for, printed, made once, never over a real account", async () => {
  assert.deepEqual(await trust.demoAccounts(), []);
  const made = value(await trust.createDemoAccounts({ practitioner: "d1", patient: "p1" }));
  assert.deepEqual(made.map(({ username, role }) => [username, role]), [["doctor", "practitioner"], ["patient", "patient"], ["admin", "administrator"]]);
  for (const { username, password } of made) value(await signIn(password, "192.0.2.1", username));
  assert.deepEqual(value(await trust.createDemoAccounts({ practitioner: "d2", patient: "p1" })), made);
  const doctor = (await trust.account("doctor")) as Account;
  assert.deepEqual([doctor.agent, doctor.demo], ["Practitioner/d2", true]);
  value(await trust.changePassword(doctor.id, undefined, "seven cranes over snow"));
  assert.deepEqual((await trust.demoAccounts()).map(({ username }) => username), ["patient", "admin"]);
  await sql`truncate trust.account, trust.token`;
  value(await trust.createAccount({ ...lin, username: "admin" }));
  refused(await trust.createDemoAccounts({ practitioner: "d1", patient: "p1" }), "conflict");
});

test("accounts are checked at the door", async () => {
  value(await trust.createAccount(lin));
  refused(await trust.createAccount({ ...lin, username: " LIN.WEI " }), "duplicate");
  refused(await trust.createAccount({ ...lin, username: "a b" }), "value", /username/);
  refused(await trust.createAccount({ ...lin, username: "x1", agent: "Patient/p1" }), "value", /Practitioner\/id/);
  refused(await trust.createAccount({ ...lin, username: "x1", agent: "Practitioner/a/b" }), "value");
  refused(await trust.createAccount({ ...lin, username: "x1", display: { en: "", zh: "薇" } }), "required");
  value(await trust.createAccount({ ...lin, username: "林薇" }));
  assert.equal(await trust.accountCount(), 2);
});
