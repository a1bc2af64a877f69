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

test("RFC 9112 3.2: HTTP/1.1 without a Host, or any with two, is 400; HTTP/1.0 without one gets addresses that lead here", async () => {
  const get = `GET ${base}/Patient?_id=ann HTTP/1.1\r\n${bearer()}`;
  for (const bytes of [`${get}\r\n`, `${get}Host: a\r\nhost: b\r\n\r\n`, `${get}Host: a\r\nHost: a\r\n\r\n`]) {
    const answer = await sent(bytes);
    assert.equal(answer.status, 400, bytes);
    assert.match(answer.body, /"code":"invalid","diagnostics":"[^"]*Host/);
  }
  const old = await sent(`${get.replace("HTTP/1.1", "HTTP/1.0")}\r\n`);
  assert.equal(old.status, 200);
  const { link, entry } = JSON.parse(old.body) as { link: { url: string }[]; entry: { fullUrl: string }[] };
  assert.equal(entry[0]!.fullUrl, `http://127.0.0.1:${port}${base}/Patient/ann`);
  assert.ok(link.every(({ url }) => url.startsWith(`http://127.0.0.1:${port}${base}/`)));
});

test("RFC 9110 13.1.3, 13.1.4: a condition whose date is no HTTP date is ignored; a Bundle writes it as an instant", async () => {
  const modified = String((await server.send("GET", "Patient/ann")).headers["last-modified"]);
  const read = async (since: string): Promise<number> => (await server.send("GET", "Patient/ann", { headers: { "if-modified-since": since } })).statusCode;
  for (const since of [modified, "Fri, 01 Jan 2100 00:00:00 GMT", "Friday, 01-Jan-49 00:00:00 GMT", "Fri Jan  1 00:00:00 2100"]) assert.equal(await read(since), 304, since);
  for (const since of ["Sat, 01 Jan 2000 00:00:00 GMT", "2100-01-01", "2100-01-01T00:00:00Z", "4102444800000", "Fri, 01 Jan 2100 00:00:00 +0100", "soon", ""]) assert.equal(await read(since), 200, since);
  await server.send("PUT", "Basic/dated", { body: { resourceType: "Basic", id: "dated", code: { text: "0" } } });
  const put = async (text: string, since: string): Promise<number> => (await server.send("PUT", "Basic/dated", { body: { resourceType: "Basic", id: "dated", code: { text } }, headers: { "if-unmodified-since": since } })).statusCode;
  assert.deepEqual([await put("1", "Sat, 01 Jan 2000 00:00:00 GMT"), await put("2", "2000-01-01"), await put("3", "Fri, 01 Jan 2100 00:00:00 GMT")], [412, 200, 200]);
});

test("RFC 7240 2: of a preference that stands twice the first counts", async () => {
  const search = async (prefer: string): Promise<number> => (await server.send("GET", "Patient?nonsense=1", { headers: { prefer } })).statusCode;
  for (const [prefer, status] of [["handling=lenient", 200], ["return=minimal, handling=lenient", 200], ['Handling = "lenient"; x=y', 200], ["handling=lenient, handling=strict", 200], ["handling=strict, handling=lenient", 400], ["handling=strict", 400], ["handling=leniently", 400], ["x-handling=lenient", 400]] as const) assert.equal(await search(prefer), status, prefer);
});

test("http 3.1.0.1.8: lines of NDJSON are no resource: 415 where no operation takes them", async () => {
  for (const [method, url] of [["POST", "Patient"], ["PUT", "Patient/lines"], ["POST", ""], ["PATCH", "Patient/ann"]] as const)
    assert.equal((await server.send(method, url, { body: '{"resourceType":"Patient"}\n', headers: { "content-type": "application/fhir+ndjson" } })).statusCode, 415, `${method} ${url}`);
});
