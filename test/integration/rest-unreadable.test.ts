/** Requests that no route sees: what is no HTTP, what is too long, and a Host that is none. */
import assert from "node:assert/strict";
import { connect, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { base, issuesOf, testServer, type TestServer } from "./server.ts";

let server: TestServer, port: number;
before(async () => {
  server = await testServer();
  await server.app.listen({ port: 0, host: "127.0.0.1" });
  port = (server.app.server.address() as AddressInfo).port;
});
after(() => server.close());

/** Status line, headers and body of what comes back until the server closes. */
async function sent(bytes: string): Promise<{ status: number; head: string; body: string }> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  let text = "";
  for await (const part of socket) text += String(part);
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head, body };
}

const bearer = (): string => `Authorization: Bearer ${server.tokens.get("operator")!}\r\nConnection: close\r\n`;

test("what is no HTTP is 400, headers above the limit are 431, each with an OperationOutcome", async () => {
  for (const [bytes, status, code] of [["nonsense\r\n\r\n", 400, "invalid"], [`GET ${base}/metadata?x=\xff HTTP/1.1\r\nHost: a\r\n\r\n`, 400, "invalid"], [`GET ${base}/Patient?_id=${"a,".repeat(40_000)} HTTP/1.1\r\nHost: a\r\n${bearer()}\r\n`, 431, "too-long"]] as const) {
    const answer = await sent(bytes);
    assert.equal(answer.status, status, bytes.slice(0, 40));
    assert.match(answer.head, /Content-Type: application\/fhir\+json/);
    const outcome = JSON.parse(answer.body) as { resourceType: string; issue: { code: string; diagnostics: string }[] };
    assert.deepEqual([outcome.resourceType, outcome.issue[0]!.code], ["OperationOutcome", code]);
    assert.ok(outcome.issue[0]!.diagnostics.length > 10);
  }
});

test("an address of many thousand characters is read", async () => {
  const answer = await sent(`GET ${base}/Patient?_id=ann,${"x".repeat(30_000)}&_count=0 HTTP/1.1\r\nHost: a\r\n${bearer()}\r\n`);
  assert.notEqual(answer.status, 431);
  assert.match(answer.body, /"resourceType":"(?:Bundle|OperationOutcome)"/);
});

test("RFC 9112: a Host that is none is 400, so that it stands in no address of an answer", async () => {
  for (const host of ['evil"<x>', "a b", "a/b", "a@b", "a:port"]) {
    const answer = await server.send("GET", "Patient/ann/_history", { headers: { host } });
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.code], [400, "invalid"], host);
  }
  for (const host of ["a", "a.example:8080", "127.0.0.1:1", "[::1]:7272", "my_host"]) assert.equal((await server.send("GET", "Patient/ann", { headers: { host } })).statusCode, 200, host);
});
