/** Recordings of the people one may see: each once, newest first, with its rhythm; another person's never. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { RecordingsPage } from "#server/api/contract.ts";
import { operator } from "#server/node.ts";
import { ecgFrame, ecgObservation, offsetText, segmentOffset, type EcgObservation } from "#signals/ecg/observation.ts";
import { synthesizeEcg } from "#signals/ecg/synthesize.ts";
import { testServer, type TestServer, type Who } from "./server.ts";

let server: TestServer;

function strip(patient: string, id: string, start: string, rhythm: "sinus" | "af"): EcgObservation & { id: string } {
  const { signal } = synthesizeEcg({ seed: id, seconds: 40, rateHz: 250, rhythm, heartRate: 72, amplitudeMv: 1, noiseMv: 0.01, start, lead: "I" });
  const made = ecgObservation([signal], { subject: { reference: `Patient/${patient}` } });
  assert.ok(made.ok);
  return { ...made.value, id };
}

before(async () => {
  server = await testServer();
  const segment = strip("ann", "segment", "2026-01-03T08:00:00Z", "sinus");
  segment.component!.push({ code: { coding: [segmentOffset], text: offsetText }, valueQuantity: { value: 0, unit: "s", system: "http://unitsofmeasure.org", code: "s" } });
  const resources = [
    strip("ann", "old", "2026-01-01T08:00:00Z", "af"), strip("ann", "new", "2026-01-02T08:00:00Z", "sinus"), strip("bob", "bobs", "2026-01-04T08:00:00Z", "sinus"), segment,
    { ...ecgFrame({ subject: { reference: "Patient/ann" }, start: "2026-01-03T08:00:00Z", seconds: 40 }), id: "long", hasMember: [{ reference: "Observation/segment" }] },
    { ...strip("ann", "wrong", "2026-01-05T08:00:00Z", "sinus"), status: "entered-in-error" },
  ];
  const put = await server.node.record.commit(operator, resources.map((resource) => ({ kind: "update", type: "Observation", id: resource.id, text: JSON.stringify(resource) })));
  assert.ok(put.ok, put.ok ? "" : JSON.stringify(put.failure));
  assert.equal((await server.send("POST", "/api/people/ann/assess", { as: "wang" })).statusCode, 200);
});
after(() => server.close());

const listed = async (as: Who): Promise<RecordingsPage["rows"]> => ((await server.send("GET", "/api/signals", { as })).json() as RecordingsPage).rows;

test("a doctor sees the recordings of the people in their care, newest first, each once, with length, leads and rhythm", async () => {
  const rows = await listed("wang");
  assert.deepEqual(rows.map(({ reference }) => reference), ["Observation/long", "Observation/new", "Observation/old"]);
  assert.deepEqual(rows.map(({ seconds, leads, rate }) => [seconds, leads.join(), rate]), [[40, "", 0], [40, "I", 250], [40, "I", 250]]);
  assert.deepEqual(rows.map(({ finding }) => finding?.finding.value?.kind === "coded" && finding.finding.value.coding.code), ["regular", "regular", "af-like"]);
  assert.ok(rows.every(({ person }) => person.id === "ann"));
});

test("the person sees their own, somebody without a record none, the administrator all; without a sign-in 401", async () => {
  assert.deepEqual((await listed("ann")).map(({ reference }) => reference), ["Observation/long", "Observation/new", "Observation/old"]);
  assert.deepEqual(await listed("nobody"), []);
  assert.deepEqual((await listed("admin")).map(({ reference }) => reference), ["Observation/bobs", "Observation/long", "Observation/new", "Observation/old"]);
  assert.equal((await server.send("GET", "/api/signals", { as: undefined })).statusCode, 401);
  assert.equal((await server.send("GET", "/api/signals?cursor=x'y", { as: "wang" })).statusCode, 400);
});
