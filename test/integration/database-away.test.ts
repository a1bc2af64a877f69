/** What clients are told while the database cannot be reached, and that the node finds it again by itself. */
import assert from "node:assert/strict";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { after, before, test } from "node:test";
import { isThrownByDriver, isUnreachable } from "#platform/database/unreachable.ts";
import { testServer, type Answer, type TestServer } from "./server.ts";

/** Between node and database; while it is not open, nobody gets through. It goes on listening, so that nobody else gets its port. */
let door: Server, open = true, server: TestServer;
const sockets = new Set<Socket>();

/** As `salus start` has it: what the driver throws from a timer ends nothing. All else is the test runner's. */
function passOver(): void {
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error, origin) => { if (!isThrownByDriver(error)) for (const other of others) other.call(process, error, origin); });
}

before(async () => {
  passOver();
  server = await testServer({ async through(url) {
    const inner = new URL(url), to = { host: inner.hostname, port: Number(inner.port || 5432) };
    door = createServer((socket) => {
      if (!open) { socket.on("error", () => {}).destroy(); return; }
      const other = connect(to);
      for (const [from, into] of [[socket, other], [other, socket]] as const) {
        sockets.add(from);
        from.on("error", () => {}).on("close", () => { sockets.delete(from); into.destroy(); }).pipe(into);
      }
    });
    await new Promise<void>((done) => { door.listen(0, "127.0.0.1", done); });
    inner.hostname = "127.0.0.1";
    inner.port = String((door.address() as { port: number }).port);
    return inner.href;
  } });
});
after(async () => {
  await server.close();
  for (const socket of sockets) socket.destroy();
  door.close();
});

function away(answer: Answer, what: string): void {
  assert.equal(answer.statusCode, 503, `${what}: ${answer.body}`);
  assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/, what);
  assert.equal((answer.json() as { issue: { code: string }[] }).issue[0]!.code, "no-store", what);
}

test("while the database is away requests are 503 with Retry-After; afterwards all is as it was", async () => {
  assert.equal((await server.send("PUT", "Patient/here", { body: { resourceType: "Patient", id: "here", active: true } })).statusCode, 201);
  open = false;
  for (const socket of sockets) socket.destroy();
  const away1 = { resourceType: "Patient", id: "away1" };
  for (const [what, method, url, body] of [
    ["create", "POST", "Patient", { resourceType: "Patient" }], ["update", "PUT", "Patient/away1", away1], ["read", "GET", "Patient/here"], ["search", "GET", "Patient?active=true"],
    ["transaction", "POST", "", { resourceType: "Bundle", type: "transaction", entry: [{ resource: away1, request: { method: "PUT", url: "Patient/away1" } }] }],
  ] as const) away(await server.send(method, url, body === undefined ? {} : { body }), what);
  open = true;
  for (let tries = 0; (await server.send("GET", "Patient/here")).statusCode === 503; tries++) {
    assert.ok(tries < 200, "the database is there again, the node does not find it");
    await wait(100);
  }
  assert.equal((await server.send("GET", "Patient/away1")).statusCode, 404);
  assert.equal((await server.send("PUT", "Patient/away1", { body: away1 })).statusCode, 201);
});

test("which errors say so", () => {
  const error = (code: string): Error => Object.assign(new Error("x"), { code });
  for (const code of ["08006", "57P01", "57P03", "53300", "ECONNREFUSED", "CONNECTION_CLOSED"]) assert.ok(isUnreachable(error(code)), code);
  assert.ok(isUnreachable(new Error("x", { cause: error("08006") })));
  for (const code of ["57014", "57P04", "23505", "ENOENT", ""]) assert.ok(!isUnreachable(error(code)), code);
  assert.ok(!isUnreachable("08006"));
  assert.ok(!isThrownByDriver(new Error("x")));
});
