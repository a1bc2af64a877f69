/** $import of NDJSON: good lines are kept, bad ones named, again adds nothing; addresses from a configured list alone. */
import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { issuesOf, observation, testServer, type Answer, type TestServer, type Who } from "./server.ts";

let server: TestServer, source: Server, at: string;
const files = new Map<string, (response: ServerResponse) => void>();
before(async () => {
  source = createServer((request, response) => {
    const send = files.get(request.url ?? "");
    if (send) send(response); else response.writeHead(404).end();
  });
  await new Promise<void>((done) => source.listen(0, "127.0.0.1", done));
  at = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
  server = await testServer({ importFrom: [new URL(`${at}/bulk`)] });
});
after(async () => { await server.close(); source.closeAllConnections(); source.close(); });

const line = (id: string, more: object = {}): string => JSON.stringify({ ...observation("ann", 5), id, ...more });
const upload = (payload: string | Buffer, as: Who = "admin") => server.send("POST", "$import", { as, body: payload, headers: { "content-type": "application/fhir+ndjson" } });
type Counts = { read: number; created: number; updated: number; unchanged: number; rejected: number };

function countsOf(answer: Answer): Counts & { issues: string[] } {
  assert.equal(answer.statusCode, 200, answer.body);
  const { parameter } = answer.json() as { parameter: { name: string; valueInteger?: number; resource?: { issue: { diagnostics: string }[] } }[] };
  return { ...Object.fromEntries(parameter.filter(({ valueInteger }) => valueInteger !== undefined).map(({ name, valueInteger }) => [name, valueInteger])) as Counts, issues: parameter.find(({ name }) => name === "outcome")?.resource?.issue.map(({ diagnostics }) => diagnostics) ?? [] };
}

function parameters(...urls: (string | [string, string])[]): object {
  return { resourceType: "Parameters", parameter: [{ name: "inputFormat", valueCode: "application/fhir+ndjson" }, ...urls.map((one) => ({ name: "input", part: [{ name: "url", valueUri: [one].flat()[0] }, ...(typeof one === "string" ? [] : [{ name: "type", valueCode: one[1] }])] }))] };
}
const begin = (body: object, as: Who = "admin") => server.send("POST", "$import", { as, body, headers: { prefer: "respond-async" } });
type Manifest = { output: { url: string; inputUrl: string }[]; error: { url: string; inputUrl: string; count: number }[]; extension: { counts: Counts } };

async function done(answer: Answer): Promise<Manifest> {
  assert.equal(answer.statusCode, 202, answer.body);
  const status = new URL(String(answer.headers["content-location"])).pathname;
  return await until(async () => {
    const now = await server.send("GET", status, { as: "admin" });
    if (now.statusCode === 200) return now.json() as Manifest;
    assert.equal(now.statusCode, 202, now.body);
    return undefined;
  }, "the end of the import");
}

test("lines as the body: one bad among good, a truncated last one; the good are kept, the bad named by line; again adds nothing", async () => {
  const body = [line("i1"), "{\"resourceType\":\"Observation\",", line("i2", { status: "wizard" }), "", line("i3"), "{\"resourceType\":\"Wizard\"}", Buffer.from(line("i4")).subarray(0, 60).toString()].join("\n");
  const first = countsOf(await upload(body));
  assert.deepEqual([first.created, first.rejected], [2, 4]);
  for (const [i, place] of ["line 2", "line 3", "line 6", "line 7"].entries()) assert.ok(first.issues.toSorted()[i]!.startsWith(place), first.issues.join("\n"));
  assert.ok(first.issues.every((text) => !text.includes("2339-0")), "faults do not quote the data");
  const again = countsOf(await upload(body));
  assert.deepEqual([again.created, again.updated, again.unchanged, again.rejected], [0, 0, 2, 4]);
  assert.equal((await server.send("GET", "Observation/i3")).statusCode, 200);
});

test("bytes that are no UTF-8 and a line beyond the limit are named; what follows is read", async () => {
  const found = countsOf(await upload(Buffer.concat([Buffer.from([0x7b, 0xff, 0xfe, 0x0a]), Buffer.alloc((64 << 20) + 10, 0x78), Buffer.from(`\n${line("after-long")}\n`)])));
  assert.deepEqual([found.created, found.rejected], [1, 2]);
  assert.match(found.issues.join(), /line 1: is not UTF-8.*line 2: /s);
});

test("a resource that stands twice: the later line wins, in whichever batch it comes", async () => {
  const many = Array.from({ length: 1200 }, (_, i) => line(`twice${i % 600}`, { valueQuantity: { value: i } }));
  const found = countsOf(await upload(many.join("\n")));
  assert.deepEqual([found.created, found.updated], [600, 600]);
  const { valueQuantity } = (await server.send("GET", "Observation/twice7")).json() as { valueQuantity: { value: number } };
  assert.equal(valueQuantity.value, 607);
});

test("only administrators import; other bodies are refused", async () => {
  for (const as of ["wang", "ann"] as const) assert.equal((await upload(line("x"), as)).statusCode, 403);
  assert.equal((await server.send("GET", "Observation/x")).statusCode, 404);
  assert.equal((await server.send("POST", "Observation", { body: line("x"), headers: { "content-type": "application/fhir+ndjson" } })).statusCode, 415);
  assert.match(issuesOf(await server.send("POST", "CodeSystem/$lookup", { body: line("x"), headers: { "content-type": "application/fhir+ndjson" } }))[0]!.diagnostics, /NDJSON/);
});

test("from addresses: a job with counts, an outcome for each input, and its faults as NDJSON", async () => {
  files.set("/bulk/a.ndjson", (response) => response.end(`${line("u1")}\n{bad\n${JSON.stringify({ resourceType: "Patient", id: "stray" })}\n${line("u2")}`));
  files.set("/bulk/b/c.ndjson", (response) => response.end(JSON.stringify({ resourceType: "Patient", id: "u3" })));
  const manifest = await done(await begin(parameters([`${at}/bulk/a.ndjson`, "Observation"], `${at}/bulk/b/c.ndjson`, `${at}/bulk/none.ndjson`)));
  assert.deepEqual(manifest.extension.counts, { read: 4, created: 3, updated: 0, unchanged: 0, rejected: 2 });
  assert.deepEqual(manifest.error.map(({ inputUrl, count }) => [inputUrl.slice(at.length), count]), [["/bulk/a.ndjson", 2], ["/bulk/none.ndjson", 1]]);
  const faults = (await server.send("GET", new URL(manifest.error[0]!.url).pathname, { as: "admin" })).body.trim().split("\n").map((text) => JSON.parse(text) as { issue: { diagnostics: string }[] });
  assert.match(faults.map(({ issue }) => issue[0]!.diagnostics).sort().join("\n"), /^line 2: .*\nline 3: is no Observation/);
  assert.equal(manifest.output.length, 3);
});

test("addresses outside the list are refused by name, and redirects are not followed", async () => {
  for (const url of ["http://169.254.169.254/latest", `${at}/other/a.ndjson`, `${at}/bulkier/a`, `${at}/bulk/../secret`, `${at}/bulk/%2e%2e/secret`, "file:///etc/passwd", `${at.replace("http://", "http://user:pass@")}/bulk/a.ndjson`, "nonsense"]) {
    const answer = await begin(parameters(url));
    assert.ok(answer.statusCode === 400 || answer.statusCode === 403, `${url} ${answer.statusCode}`);
    assert.match(issuesOf(answer)[0]!.diagnostics, /input\[0\]: url/);
  }
  let reached = false;
  files.set("/secret", (response) => { reached = true; response.end(line("leak")); });
  files.set("/bulk/moved", (response) => response.writeHead(302, { location: "/secret" }).end());
  assert.equal((await done(await begin(parameters(`${at}/bulk/moved`)))).error.length, 1);
  assert.equal(reached, false);
  for (const [body, text] of [[{ resourceType: "Parameters" }, /at least one input/], [{ resourceType: "Parameters", parameter: [{ name: "input", part: [] }] }, /part url/], [parameters([`${at}/bulk/a`, "Wizard"]), /Wizard/]] as const) assert.match(issuesOf(await begin(body))[0]!.diagnostics, text);
  assert.match(issuesOf(await server.send("POST", "$import", { body: parameters(`${at}/bulk/a.ndjson`) }))[0]!.diagnostics, /respond-async/);
});

test("a source that breaks off: what came before is stored, the fault is named; a cancelled job stops reading", async () => {
  files.set("/bulk/cut", (response) => {
    // Broken off when what was written is on its way.
    response.writeHead(200, { "content-length": "1000000" }).write(`${line("cut1")}\n${line("cut2")}\n{"resour`, () => response.socket!.end());
  });
  const cut = await done(await begin(parameters(`${at}/bulk/cut`)));
  assert.equal(cut.extension.counts.created, 2);
  assert.match((await server.send("GET", new URL(cut.error[0]!.url).pathname, { as: "admin" })).body, /could not be read to the end/);
  let closed: () => void = () => {}, sent = 0;
  const stopped = new Promise<void>((resolve) => { closed = resolve; });
  files.set("/bulk/endless", (response) => {
    const timer = setInterval(() => response.write(`${line(`endless${sent++}`)}\n`), 5);
    response.on("close", () => { clearInterval(timer); closed(); });
  });
  const job = await begin(parameters(`${at}/bulk/endless`));
  const status = new URL(String(job.headers["content-location"])).pathname;
  await until(() => sent > 20, "reading of the endless source");
  assert.equal((await server.send("DELETE", status, { as: "admin" })).statusCode, 202);
  await stopped;
  assert.equal((await server.send("GET", status, { as: "admin" })).statusCode, 404);
});
