/** What only an administrator may ask: accounts, the node, the verification. Others get 403, and never data. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import type { ManagedAccount, NodeView, VerifyState } from "#server/api/contract.ts";
import { reasonSystem } from "#server/http/outcome.ts";
import { issuesOf, password, testServer, type Answer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const accounts = async (): Promise<ManagedAccount[]> => (await server.send("GET", "/api/accounts", { as: "admin" })).json();
const idOf = async (username: string): Promise<string> => (await accounts()).find((one) => one.username === username)!.id;
const reasonOf = (answer: Answer): string | undefined => (issuesOf(answer)[0] as { details?: { coding: { system: string; code: string }[] } }).details?.coding.find(({ system }) => system === reasonSystem)?.code;
const signsIn = async (username: string, word: string, address: string): Promise<number> =>
  (await server.app.inject({ method: "POST", url: "/api/session", remoteAddress: address, headers: { "content-type": "application/json" }, payload: JSON.stringify({ username, password: word }) })).statusCode;
const newcomer = { username: "newcomer", password: "seven quiet rivers at dusk", role: "practitioner", agent: "Practitioner/wang", en: "Dr New", zh: "" };

test("a patient, a doctor and nobody: refused on every route, nothing told and nothing done", async () => {
  const id = await idOf("wang");
  const routes: [string, string, unknown?][] = [
    ["GET", "/api/accounts"], ["POST", "/api/accounts", newcomer], ["PUT", `/api/accounts/${id}/disabled`, { disabled: true }], ["PUT", `/api/accounts/${id}/password`, { password: newcomer.password }],
    ["GET", "/api/node"], ["POST", "/api/ledger/verify"], ["GET", "/api/ledger/verify"],
  ];
  for (const [method, url, body] of routes) {
    for (const as of ["ann", "wang", "nobody"] as const) {
      const answer = await server.send(method, url, { as, ...(body === undefined ? {} : { body }) });
      assert.equal(answer.statusCode, 403, `${method} ${url} as ${as}`);
      assert.equal(reasonOf(answer), "administrator-only");
      assert.ok(!/Practitioner|username|checkpoint|postgres/i.test(answer.body), answer.body);
    }
    assert.equal((await server.send(method, url, { as: undefined, ...(body === undefined ? {} : { body }) })).statusCode, 401, url);
  }
  assert.equal((await accounts()).length, 4);
  assert.equal((await server.send("GET", "/api/people", { as: "wang" })).statusCode, 200, "the doctor's token still holds");
});

test("accounts are listed without hashes or passwords", async () => {
  const answer = await server.send("GET", "/api/accounts", { as: "admin" });
  assert.deepEqual((answer.json() as ManagedAccount[]).map(({ username, role, disabled }) => [username, role, disabled]), [["admin", "administrator", false], ["ann", "patient", false], ["nobody", "patient", false], ["wang", "practitioner", false]]);
  assert.ok(!/scrypt|password/i.test(answer.body));
});

test("a new account signs in with its reach; a name given in one language stands for both; each change is in the ledger", async () => {
  const size = (await server.node.record.ledgerState()).size;
  const made = await server.send("POST", "/api/accounts", { as: "admin", body: newcomer });
  assert.equal(made.statusCode, 201, made.body);
  assert.deepEqual((made.json() as ManagedAccount).display, { en: "Dr New", zh: "Dr New" });
  assert.equal(await signsIn("newcomer", newcomer.password, "10.9.0.1"), 200);
  await server.node.record.settleLedger();
  const kinds = (await server.node.record.leaves(size, 1000)).map(({ kind }) => kind);
  assert.ok(kinds.includes("policy"), kinds.join());
});

test("what cannot be: said with a code the screens word", async () => {
  const rows: [object, number, string][] = [
    [{ username: "x" }, 400, "username-form"], [{ username: "wang" }, 400, "username-taken"], [{ password: "short" }, 400, "password-short"], [{ password: "abababababababab" }, 400, "password-pattern"],
    [{ agent: "Practitioner/nobody-here" }, 400, "agent-unknown"], [{ agent: "wang" }, 400, "agent-form"], [{ role: "patient" }, 400, "agent-form"], [{ role: "owner" }, 400, "input-value"], [{ en: " " }, 400, "name-required"],
  ];
  for (const [more, status, code] of rows) {
    const answer = await server.send("POST", "/api/accounts", { as: "admin", body: { ...newcomer, username: "other", ...more } });
    assert.deepEqual([answer.statusCode, reasonOf(answer)], [status, code], answer.body);
  }
  assert.equal((await server.send("PUT", "/api/accounts/none/disabled", { as: "admin", body: { disabled: true } })).statusCode, 404);
});

test("disabling ends tokens and sign-in, enabling lets sign in again; one's own account is not disabled or reset here", async () => {
  const id = await idOf("nobody");
  assert.equal((await server.send("GET", "/api/people", { as: "nobody" })).statusCode, 200);
  assert.equal((await server.send("PUT", `/api/accounts/${id}/disabled`, { as: "admin", body: { disabled: true } })).statusCode, 204);
  assert.equal((await server.send("GET", "/api/people", { as: "nobody" })).statusCode, 401);
  assert.equal(await signsIn("nobody", password, "10.9.1.1"), 401);
  assert.equal((await server.send("PUT", `/api/accounts/${id}/disabled`, { as: "admin", body: { disabled: false } })).statusCode, 204);
  assert.equal(await signsIn("nobody", password, "10.9.1.2"), 200);
  for (const [part, body] of [["disabled", { disabled: true }], ["password", { password: newcomer.password }]] as const) {
    const answer = await server.send("PUT", `/api/accounts/${await idOf("admin")}/${part}`, { as: "admin", body });
    assert.deepEqual([answer.statusCode, reasonOf(answer)], [409, "account-own"]);
  }
});

test("a new password replaces the old one", async () => {
  const id = await idOf("newcomer"), next = "nine lanterns over the old bridge";
  assert.equal((await server.send("PUT", `/api/accounts/${id}/password`, { as: "admin", body: { password: next } })).statusCode, 204);
  assert.equal(await signsIn("newcomer", newcomer.password, "10.9.2.1"), 401);
  assert.equal(await signsIn("newcomer", next, "10.9.2.2"), 200);
});

test("the node says what runs, on which database, and where the ledger stands", async () => {
  const node = (await server.send("GET", "/api/node", { as: "admin" })).json() as NodeView;
  assert.match(node.version, /^\d+\.\d+\.\d+$/);
  assert.match(node.database.postgres, /^\d+/);
  assert.ok(node.database.bytes > 1_000_000 && node.ledger.size > 0 && node.accounts >= 4);
  assert.equal(node.ledger.checkpoint, undefined);
  await server.send("GET", "/api/ledger", { as: "admin" });
  const after = (await server.send("GET", "/api/node", { as: "admin" })).json() as NodeView;
  assert.ok(after.ledger.checkpoint && after.ledger.checkpoint.size > 0);
});

test("a verification runs by itself, says how far it is, and names a touched version by code", async () => {
  await server.node.sql`update resource set content = replace(content, 'Andersen', 'Andersson') where type = 'Patient' and id = 'ann'`;
  const started = await server.send("POST", "/api/ledger/verify", { as: "admin" });
  assert.equal(started.statusCode, 202);
  assert.equal((started.json() as VerifyState).state, "running");
  const state = await until(async () => {
    const now = (await server.send("GET", "/api/ledger/verify", { as: "operator" })).json() as VerifyState;
    if (now.state !== "running") return now;
    assert.ok(now.share >= 0 && now.share <= 1 && now.done <= now.total);
    return undefined;
  }, "the end of the verification");
  assert.ok(state.state === "done", JSON.stringify(state));
  assert.equal(state.report.ok, false);
  assert.deepEqual(state.report.faults.filter(({ what }) => what === "version").map(({ fault, reference }) => [fault.code, reference]), [["version-changed", "Patient/ann"]]);
});
