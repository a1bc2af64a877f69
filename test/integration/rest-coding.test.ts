/** Content codings of answers and bodies: RFC 9110 sections 8.4 and 12.5.3, https://hl7.org/fhir/R4/http.html#compression */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { issuesOf, password, rowCounts, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

test("a large answer is compressed as Accept-Encoding asks; a small one is not; the content is the same", async () => {
  const plain = await send("GET", "metadata");
  for (const [accepted, unpack] of [["gzip", gunzipSync], ["br", brotliDecompressSync], ["gzip, deflate, br", brotliDecompressSync], ["gzip;q=1, br;q=0.1", gunzipSync]] as const) {
    const answer = await send("GET", "metadata", { headers: { "accept-encoding": accepted } });
    assert.equal(answer.headers.vary, "Accept-Encoding");
    assert.ok(answer.rawPayload.length < plain.rawPayload.length / 5, accepted);
    assert.equal(unpack(answer.rawPayload).toString(), plain.body, accepted);
    assert.equal(Number(answer.headers["content-length"] ?? answer.rawPayload.length), answer.rawPayload.length);
  }
  for (const accepted of ["identity", "zstd", "gzip;q=0", ""]) assert.equal((await send("GET", "metadata", { headers: { "accept-encoding": accepted } })).body, plain.body, accepted);
  assert.equal((await send("GET", "Patient/ann", { headers: { "accept-encoding": "gzip" } })).headers["content-encoding"], undefined);
  const inXml = await send("GET", "metadata?_format=xml", { headers: { "accept-encoding": "gzip" } });
  assert.match(gunzipSync(inXml.rawPayload).toString(), /^<\?xml/);
});

test("an answer to a session's cookie is never compressed: its length would tell a stranger's page about it", async () => {
  const signedIn = await server.app.inject({ method: "POST", url: "/api/session", headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" }, payload: JSON.stringify({ username: "admin", password }) });
  assert.equal(signedIn.statusCode, 200, signedIn.body);
  const cookie = String([signedIn.headers["set-cookie"]].flat()[0]).split(";")[0]!;
  const ask = (headers: Record<string, string>) => send("GET", "_history?_count=20", { as: undefined, headers: { "accept-encoding": "gzip", ...headers } });
  const byCookie = await ask({ cookie });
  assert.equal(byCookie.statusCode, 200, byCookie.body);
  assert.equal(byCookie.headers["content-encoding"], undefined);
  assert.equal((await ask({ authorization: `Bearer ${server.tokens.get("admin")!}` })).headers["content-encoding"], "gzip");
});

test("a body in gzip, br or deflate is read like one that is not", async () => {
  const text = JSON.stringify({ resourceType: "Patient", name: [{ family: "Zhou".repeat(500) }] });
  for (const [coding, bytes] of [["gzip", gzipSync(text)], ["x-gzip", gzipSync(text)], ["br", brotliCompressSync(text)], ["deflate", deflateSync(text)], ["identity", Buffer.from(text)]] as const) {
    const answer = await send("POST", "Patient", { body: bytes, headers: { "content-encoding": coding } });
    assert.equal(answer.statusCode, 201, `${coding} ${answer.body}`);
  }
});

test("packed bytes that are none are 400; what unpacks beyond the limit is 413, soon and without being held; nothing is written", async () => {
  const before = await rowCounts(server.node);
  for (const [coding, body] of [["gzip", Buffer.from("{}")], ["br", Buffer.from([255, 255, 255, 255])], ["gzip", gzipSync('{"resourceType":"Patient"}').subarray(0, 20)]] as const) {
    const answer = await send("POST", "Patient", { body, headers: { "content-encoding": coding } });
    assert.equal(answer.statusCode, 400, `${coding} ${answer.body}`);
    assert.match(issuesOf(answer)[0]!.diagnostics, new RegExp(coding));
  }
  // 1 GiB of spaces in about 1 MiB.
  const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(64 << 20, " "), { level: 1 })));
  const memory = process.memoryUsage().rss;
  const answer = await send("POST", "Patient", { body: bomb, headers: { "content-encoding": "gzip" } });
  assert.equal(answer.statusCode, 413, answer.body);
  assert.ok(process.memoryUsage().rss - memory < 400 << 20);
  assert.deepEqual(await rowCounts(server.node), before);
});
