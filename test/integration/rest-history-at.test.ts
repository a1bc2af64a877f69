/** History at a time: https://hl7.org/fhir/R4/http.html#history, parameter _at */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, nextOf, testServer, type TestServer } from "./server.ts";

const start = Date.parse("2027-03-01T10:00:00Z");
let now = start;
let server: TestServer;
before(async () => { server = await testServer({ people: false, clock: { now: () => new Date(now) } }); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

test("_at: versions that were current at some point of the time given, at every level", async () => {
  const put = (url: string, more: object = {}) => send("PUT", url, { body: { resourceType: "Basic", id: url.split("/")[1], code: { text: "a" }, ...more } });
  const hour = 3_600_000;
  await put("Basic/a");
  now = start + hour; await put("Basic/b");
  now = start + 2 * hour; await put("Basic/a", { created: "2027-01-01" });
  now = start + 3 * hour; await send("DELETE", "Basic/b");
  now = start + 4 * hour;
  const rows: [string, string[]][] = [
    ["2027-02", []], ["2027-03-01T10:30:00Z", ["a1"]], ["2027-03-01T11:30:00Z", ["b1", "a1"]], ["2027-03-01T12:30:00Z", ["a2", "b1"]],
    ["2027-03-01T13:30:00Z", ["a2"]], ["2027-03-01T13:00:00Z", ["b2", "a2"]], ["2027-03-01", ["b2", "a2", "b1", "a1"]], ["2027", ["b2", "a2", "b1", "a1"]], ["2028", ["a2"]], ["2027-03-01T12:30:00+01:00", ["b1", "a1"]],
  ];
  const seen = async (url: string): Promise<string[]> => (bundleOf(await send("GET", url)).entry ?? []).map(({ fullUrl, response }) => fullUrl!.slice(-1) + response!.etag!.replaceAll(/\D/g, ""));
  for (const [at, expected] of rows) {
    const word = encodeURIComponent(at);
    for (const level of ["Basic/_history", "_history"]) assert.deepEqual((await seen(`${level}?_at=${word}`)).sort(), expected.toSorted(), `${level} ${at}`);
    assert.deepEqual(await seen(`Basic/a/_history?_at=${word}`), expected.filter((version) => version.startsWith("a")), at);
  }
  const pages: string[] = [];
  for (let next: string | undefined = "Basic/_history?_count=1&_at=2027-03-01&_since=2027-03-01T11:00:00Z"; next !== undefined;) {
    const page = bundleOf(await send("GET", next));
    pages.push(...page.entry!.map(({ fullUrl, response }) => fullUrl!.slice(-1) + response!.etag!.replaceAll(/\D/g, "")));
    next = nextOf(page);
  }
  assert.deepEqual(pages, ["b2", "a2", "b1"], "the links keep what was asked");
  for (const wrong of ["_at=yesterday", "_at=ge2027", "_at=2027-13", "_at="]) assert.equal((await send("GET", `Basic/_history?${wrong}`)).statusCode, 400, wrong);
});
