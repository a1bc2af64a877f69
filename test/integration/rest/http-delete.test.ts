/** https://hl7.org/fhir/R4/http.html: delete (3.1.0.7). */
import assert from "node:assert/strict";
import { bundleOf, created, issuesOf, patient } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer();
const identified = (value: string): object => ({ ...patient, identifier: [{ system: "urn:delete", value }] });

states("http 3.1.0.7-2", async () => {
  const { id, url } = await created(server(), patient);
  await send("DELETE", url);
  assert.equal((await send("GET", url)).statusCode, 410);
  for (const query of [`_id=${id}`, "name=Zhou"]) assert.equal(bundleOf(await send("GET", `Patient?${query}`)).total, 0, query);
});

states("http 3.1.0.7-3", async () => {
  const { url } = await created(server(), patient);
  const gone = await send("DELETE", url);
  assert.deepEqual([gone.statusCode, gone.body], [204, ""]);
  assert.equal((await send("DELETE", "Patient/never-there")).statusCode, 204);
  const told = await send("DELETE", "Patient/never-there", { headers: { prefer: "return=OperationOutcome" } });
  assert.deepEqual([told.statusCode, issuesOf(told)[0]!.severity], [200, "information"]);
  assert.equal((await send("DELETE", "Patient/never-there", { headers: { "content-type": "application/fhir+json" } })).statusCode, 204, "a Content-Type without a body does no harm");
});

states("http 3.1.0.7-4", async () => {
  const { url } = await created(server(), patient);
  for (let i = 0; i < 3; i++) assert.equal((await send("DELETE", url)).statusCode, 204);
  assert.equal(bundleOf(await send("GET", `${url}/_history`)).entry!.length, 2);
});

states("http 3.1.0.7-5", async () => {
  const { id, url } = await created(server(), patient);
  await send("DELETE", url);
  const back = await send("PUT", url, { body: { ...patient, id } });
  assert.deepEqual([back.statusCode, back.headers.etag], [201, 'W/"3"']);
  assert.equal((await send("GET", url)).statusCode, 200);
  assert.equal(bundleOf(await send("GET", `Patient?_id=${id}`)).total, 1);
});

states("http 3.1.0.7-6", async () => {
  const { url } = await created(server(), patient);
  assert.equal((await send("DELETE", url)).headers.etag, 'W/"2"');
  assert.deepEqual(bundleOf(await send("GET", `${url}/_history`)).entry!.map(({ request, resource }) => [request!.method, resource !== undefined]), [["DELETE", false], ["POST", true]]);
  assert.equal((await send("GET", `${url}/_history/1`)).statusCode, 200);
});

states("http 3.1.0.7.1-1", async () => {
  // R4 writes the address with a slash before "?".
  for (const [value, path] of [["1", "Patient?"], ["2", "Patient/?"]] as const) {
    const { url } = await created(server(), identified(value));
    const other = await created(server(), identified("other"));
    for (let i = 0; i < 2; i++) assert.equal((await send("DELETE", `${path}identifier=urn:delete|${value}`)).statusCode, 204);
    assert.deepEqual([(await send("GET", url)).statusCode, (await send("GET", other.url)).statusCode], [410, 200]);
  }
  for (const condition of ["", "?", "?identifier=", "?identifier=&active=true", "?nonsense=1", "?_count=5"]) assert.equal((await send("DELETE", `Patient${condition}`)).statusCode, 400, condition);
});

states("http 3.1.0.7.1-2", async () => {
  const { rest } = (await send("GET", "metadata")).json() as { rest: { resource: { conditionalDelete: string }[] }[] };
  assert.ok(rest[0]!.resource.every(({ conditionalDelete }) => conditionalDelete === "multiple"));
  const several = [await created(server(), identified("m")), await created(server(), identified("m")), await created(server(), identified("m"))];
  // Who says a number takes no more.
  for (const count of [1, 2]) assert.equal((await send("DELETE", `Patient?identifier=urn:delete|m&_count=${count}`)).statusCode, 412);
  for (const { url } of several) assert.equal((await send("GET", url)).statusCode, 200);
  assert.equal((await send("DELETE", "Patient?identifier=urn:delete|m&_count=3")).statusCode, 204);
  for (const { url } of several) assert.equal((await send("GET", url)).statusCode, 410);
});
