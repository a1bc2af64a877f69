/** History, statement by statement: https://hl7.org/fhir/R4/http.html#history */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, created, nextOf, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const create = (body: object = patient): ReturnType<typeof created> => created(server, body);

test("history of an instance: newest first, with request and response; the deletion without resource", async () => {
  const { id, url } = await create();
  await send("PUT", url, { body: { ...patient, id, birthDate: "1970-01-01" } });
  await send("DELETE", url);
  const history = bundleOf(await send("GET", `${url}/_history`));
  assert.equal(history.type, "history");
  assert.deepEqual(history.entry!.map(({ request, response }) => [request!.method, request!.url, response!.status, response!.etag]),
    [["DELETE", url, "204", 'W/"3"'], ["PUT", url, "200", 'W/"2"'], ["POST", "Patient", "201", 'W/"1"']]);
  assert.equal(history.entry![0]!.resource, undefined);
  assert.equal(history.entry![1]!.resource!.meta.versionId, "2");
  assert.equal((await send("GET", "Patient/none-such/_history")).statusCode, 404);
});

test("history of type and system: _count and next links give every version once; _since cuts", async () => {
  const { url } = await create({ resourceType: "Basic", code: { text: "a" } });
  for (let i = 0; i < 6; i += 1) await create({ resourceType: "Basic", code: { text: String(i) } });
  await send("DELETE", url);
  const seen: string[] = [];
  for (let next: string | undefined = "Basic/_history?_count=3"; next !== undefined;) {
    const page = bundleOf(await send("GET", next));
    assert.ok(page.entry!.length <= 3);
    seen.push(...page.entry!.map(({ fullUrl, response }) => `${fullUrl} ${response!.etag}`));
    next = nextOf(page);
  }
  assert.equal(seen.length, 8);
  assert.equal(new Set(seen).size, 8);
  const system = bundleOf(await send("GET", "_history?_count=5"));
  assert.equal(system.entry!.length, 5);
  assert.equal(system.entry![0]!.request!.method, "DELETE");
  const now = new Date(Date.now() + 60_000).toISOString();
  assert.equal(bundleOf(await send("GET", `Basic/_history?_since=${now}`)).entry, undefined);
  assert.equal(bundleOf(await send("GET", "Basic/_history?_since=2026-01-01T00:00:00%2B01:00")).entry!.length, 8);
  for (const wrong of ["_since=yesterday", "_since=1", "_since=2026-01-01", "_count=x", "_count=-1", "_cursor=zz", "_sort=date"]) assert.equal((await send("GET", `Basic/_history?${wrong}`)).statusCode, 400, wrong);
});

test("each entry says how its version came to be: PUT for an id of the client's, POST for one assigned here; 201 where it was created or brought back", async () => {
  const said = async (url: string): Promise<unknown[]> => bundleOf(await send("GET", `${url}/_history`)).entry!.map(({ request, response }) => [request!.method, request!.url, response!.status, response!.etag]);
  await send("PUT", "Patient/chosen-1", { body: { ...patient, id: "chosen-1" } });
  await send("DELETE", "Patient/chosen-1");
  await send("PUT", "Patient/chosen-1", { body: { ...patient, id: "chosen-1" } });
  await send("PUT", "Patient/chosen-1", { body: { ...patient, id: "chosen-1", active: true } });
  assert.deepEqual(await said("Patient/chosen-1"), [["PUT", "Patient/chosen-1", "200", 'W/"4"'], ["PUT", "Patient/chosen-1", "201", 'W/"3"'], ["DELETE", "Patient/chosen-1", "204", 'W/"2"'], ["PUT", "Patient/chosen-1", "201", 'W/"1"']]);
  const { id, url } = await create();
  assert.deepEqual(await said(url), [["POST", "Patient", "201", 'W/"1"']]);
  // A client may choose an id that looks like one of ours.
  const alike = `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
  for (const type of ["Patient", "Basic"]) {
    assert.equal((await send("PUT", `${type}/${alike}`, { body: type === "Patient" ? { ...patient, id: alike } : { resourceType: "Basic", id: alike, code: { text: "a" } } })).statusCode, 201);
    assert.deepEqual(await said(`${type}/${alike}`), [["PUT", `${type}/${alike}`, "201", 'W/"1"']]);
  }
  const conditional = await send("PUT", "Patient?identifier=urn:none|1", { body: patient });
  assert.equal(conditional.statusCode, 201);
  assert.deepEqual(await said(`Patient/${(conditional.json() as { id: string }).id}`), [["POST", "Patient", "201", 'W/"1"']]);
});

test("_list: only resources that the list names, and only for who may read the list", async () => {
  const [one, other] = [await create(), await create()];
  const list = await create({ resourceType: "List", status: "current", mode: "working", entry: [{ item: { reference: one.url } }] });
  const seen = (bundleOf(await send("GET", `Patient/_history?_list=${list.id}`)).entry ?? []).map(({ resource }) => `Patient/${resource!.id}`);
  assert.deepEqual(seen, [one.url]);
  assert.equal(bundleOf(await send("GET", `${other.url}/_history?_list=${list.id}`)).entry, undefined);
  assert.equal(bundleOf(await send("GET", `_history?_list=${list.id}`)).entry!.length, 1);
  for (const as of ["wang", "ann"] as const) assert.equal((await send("GET", `Patient/_history?_list=${list.id}`, { as })).statusCode, 404);
  assert.equal((await send("GET", "Patient/_history?_list=none-such")).statusCode, 404);
});
