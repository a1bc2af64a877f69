/** Signing in and out, sessions, guessing, and requests from other sites' pages. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cpuSeconds } from "#platform/cpu-time.ts";
import { base, issuesOf, password, rowCounts, testServer, type Answer, type TestServer } from "./server.ts";

class HandClock {
  at = Date.parse("2026-03-01T08:00:00Z");
  now(): Date { return new Date(this.at); }
}
const clock = new HandClock();
let server: TestServer;
before(async () => { server = await testServer({ clock }); });
after(() => server.close());

let address = 0;
/** Each from another address, so that one test's guesses do not count for another. */
function signIn(username: string, word: string, headers: Record<string, string> = {}): Promise<Answer> {
  return server.app.inject({ method: "POST", url: "/api/session", remoteAddress: `10.0.${address++}.1`, headers: { "content-type": "application/json", ...headers }, payload: JSON.stringify({ username, password: word }) });
}

function cookieOf(answer: Answer): string {
  const set = String(answer.headers["set-cookie"]);
  return set.slice(0, set.indexOf(";"));
}

function get(url: string, headers: Record<string, string>): Promise<Answer> {
  return server.app.inject({ method: "GET", url: url.startsWith("/") ? url : `${base}/${url}`, headers });
}

test("signing in sets a cookie that scripts cannot read and other sites do not send", async () => {
  const answer = await signIn("wang", password);
  assert.equal(answer.statusCode, 200);
  const set = String(answer.headers["set-cookie"]);
  for (const part of [/^salus_session=sas_[\w-]{43};/, /HttpOnly/i, /SameSite=Strict/i, /Path=\//]) assert.match(set, part);
  assert.ok(!answer.body.includes("sas_"), "the token stands in the cookie alone");
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal((await get("Patient/ann", { cookie: cookieOf(answer) })).statusCode, 200);
});

test("wrong password and unknown user: 401, the same words, about the same time", async () => {
  const took = async (username: string): Promise<{ seconds: number; answer: Answer }> => {
    const from = cpuSeconds();
    const answer = await signIn(username, "not the right word");
    return { seconds: cpuSeconds() - from, answer };
  };
  const known = [await took("ann"), await took("ann"), await took("ann")];
  const unknown = [await took("nobody-here"), await took("nor-here"), await took("nowhere")];
  for (const { answer } of [...known, ...unknown]) {
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.body, known[0]!.answer.body);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
  const least = (all: { seconds: number }[]): number => Math.min(...all.map(({ seconds }) => seconds));
  assert.ok(least(unknown) > least(known) / 3, "the hash is computed for nobody too");
});

test("a disabled account is answered as an unknown one, and its sessions end", async () => {
  const made = await server.node.trust.createAccount({ username: "leaver", password, role: "practitioner", agent: "Practitioner/wang", display: { en: "Leaver", zh: "离职者" } });
  assert.ok(made.ok);
  const cookie = cookieOf(await signIn("leaver", password));
  assert.equal((await get("Patient/ann", { cookie })).statusCode, 200);
  await server.node.trust.setDisabled(made.value.id, true);
  assert.equal((await get("Patient/ann", { cookie })).statusCode, 401);
  const answer = await signIn("leaver", password);
  assert.equal(answer.statusCode, 401);
  assert.equal(answer.body, (await signIn("no-such-account", password)).body);
});

test("guessing is slowed: 429 with Retry-After, also for a name that does not exist, and the right word waits too", async () => {
  for (const [username, right] of [["nobody", password], ["made-up-name", password]] as const) {
    const answers: Answer[] = [];
    for (let i = 0; i < 8; i += 1) answers.push(await signIn(username, `guess ${i}`));
    const blocked = answers.find(({ statusCode }) => statusCode === 429);
    assert.ok(blocked, answers.map(({ statusCode }) => statusCode).join());
    assert.match(String(blocked.headers["retry-after"]), /^[1-9]\d*$/);
    assert.equal(issuesOf(blocked)[0]!.code, "throttled");
    assert.equal((await signIn(username, right)).statusCode, 429);
  }
  clock.at += 3600_000;
  assert.equal((await signIn("nobody", password)).statusCode, 200);
});

test("a forged, cut or foreign token is 401, and a request with a broken Authorization does not fall back to the cookie", async () => {
  const cookie = cookieOf(await signIn("wang", password));
  for (const token of ["sat_" + "A".repeat(43), "sas_" + "0".repeat(43), server.tokens.get("wang")!.slice(0, -1), `${server.tokens.get("wang")!}x`, "x", "", "null", "é"])
    assert.equal((await get("Patient/ann", { authorization: `Bearer ${token}`, cookie })).statusCode, 401, token);
  assert.equal((await get("Patient/ann", { authorization: "Basic d2FuZzp4" })).statusCode, 401);
  for (const value of ["salus_session=", "salus_session=sas_" + "A".repeat(43), `salus_session=${"x".repeat(4000)}`, "salus_session=%zz"]) assert.equal((await get("Patient/ann", { cookie: value })).statusCode, 401, value.slice(0, 40));
});

test("a session ends when idle for 30 minutes, after 12 hours, and at sign-out", async () => {
  const idle = cookieOf(await signIn("wang", password));
  clock.at += 29 * 60_000;
  assert.equal((await get("Patient/ann", { cookie: idle })).statusCode, 200);
  clock.at += 31 * 60_000;
  const ended = await get("Patient/ann", { cookie: idle });
  assert.equal(ended.statusCode, 401);
  assert.match(issuesOf(ended)[0]!.diagnostics, /sign in again/);

  const long = cookieOf(await signIn("wang", password));
  for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
    clock.at += 20 * 60_000;
    assert.equal((await get("Patient/ann", { cookie: long })).statusCode, 200, `${minutes} min`);
  }
  clock.at += 21 * 60_000;
  assert.equal((await get("Patient/ann", { cookie: long })).statusCode, 401);

  const out = cookieOf(await signIn("wang", password));
  const gone = await server.app.inject({ method: "DELETE", url: "/api/session", headers: { cookie: out } });
  assert.equal(gone.statusCode, 204);
  assert.equal((await get("Patient/ann", { cookie: out })).statusCode, 401);
});

test("signing in ends the session held before", async () => {
  const first = cookieOf(await signIn("wang", password));
  const second = cookieOf(await signIn("wang", password, { cookie: first }));
  assert.notEqual(first, second);
  assert.equal((await get("Patient/ann", { cookie: first })).statusCode, 401);
  assert.equal((await get("Patient/ann", { cookie: second })).statusCode, 200);
});

test("a write with the cookie from another site's page is refused and not carried out; with a bearer token it is our client", async () => {
  const cookie = cookieOf(await signIn("wang", password));
  const before = await rowCounts(server.node);
  const body = JSON.stringify({ resourceType: "Observation", status: "final", code: { text: "x" }, subject: { reference: "Patient/ann" } });
  const post = (headers: Record<string, string>, url = `${base}/Observation`, method: "POST" | "PUT" | "DELETE" = "POST"): Promise<Answer> =>
    server.app.inject({ method, url, headers: { "content-type": url.startsWith("/api") ? "application/json" : "application/fhir+json", host: "salus.example", ...headers }, payload: body });
  const foreign: Record<string, string>[] = [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { origin: "https://evil.example" }, { origin: "null" }, { origin: "https://salus.example.evil.example" }, { "sec-fetch-site": "cross-site", origin: "https://salus.example" }];
  for (const headers of foreign) {
    for (const [url, method] of [[`${base}/Observation`, "POST"], [`${base}/`, "POST"], [`${base}/Observation/ann-glucose`, "DELETE"], ["/api/people/ann/assess", "POST"], ["/api/password", "POST"]] as const) {
      const answer = await post({ ...headers, cookie }, url, method);
      assert.equal(answer.statusCode, 403, `${url} ${JSON.stringify(headers)}`);
    }
  }
  assert.deepEqual(await rowCounts(server.node), before);
  for (const headers of [{ "sec-fetch-site": "same-origin" }, { origin: "http://salus.example" }, {}] as Record<string, string>[]) assert.equal((await post({ ...headers, cookie })).statusCode, 201, JSON.stringify(headers));
  assert.equal((await post({ authorization: `Bearer ${server.tokens.get("wang")!}`, "sec-fetch-site": "cross-site" })).statusCode, 201);
  assert.equal((await get("Patient/ann", { cookie, "sec-fetch-site": "cross-site" })).headers["access-control-allow-origin"], undefined, "no other site may read the answer");
});

test("a changed password ends every session; a wrong current one counts as a guess", async () => {
  const made = await server.node.trust.createAccount({ username: "changer", password, role: "practitioner", agent: "Practitioner/wang", display: { en: "Changer", zh: "更改者" } });
  assert.ok(made.ok);
  const cookie = cookieOf(await signIn("changer", password));
  const change = (current: string, next: string): Promise<Answer> => server.app.inject({ method: "POST", url: "/api/password", headers: { cookie, "content-type": "application/json" }, payload: JSON.stringify({ current, next }) });
  assert.equal((await change("wrong one here", "heron beyond seven gates")).statusCode, 401);
  assert.equal((await change(password, "short")).statusCode, 400);
  assert.equal((await change(password, "heron beyond seven gates")).statusCode, 204);
  assert.equal((await get("Patient/ann", { cookie })).statusCode, 401);
  assert.equal((await signIn("changer", password)).statusCode, 401);
  assert.equal((await signIn("changer", "heron beyond seven gates")).statusCode, 200);
});

test("after all of this the log holds no name, password or token", () => {
  assert.ok(server.log.length > 50);
  assert.deepEqual(server.log.filter((line) => /wang|ann\b|nobody|leaver|guess|thistle|heron|sas_|sat_/.test(line)), []);
});
