/** Patient/$everything and Encounter/$everything: what belongs to them, narrowed, in pages, for whom. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, nextOf, observation, testServer, type TestServer, type Who } from "./server.ts";

let server: TestServer;
before(async () => {
  server = await testServer();
  const about = (type: string, id: string, more: object): Promise<unknown> => send("PUT", `${type}/${id}`, { body: { resourceType: type, id, ...more } });
  await about("Encounter", "visit", { status: "finished", class: { code: "AMB" }, subject: { reference: "Patient/ann" }, period: { start: "2026-02-01" }, participant: [{ individual: { reference: "Practitioner/wang" } }] });
  await about("Observation", "old", observation("ann", 80, { effectiveDateTime: "2019-06-01" }));
  await about("Observation", "seen", observation("ann", 81, { effectiveDateTime: "2026-02-01T10:00:00Z", encounter: { reference: "Encounter/visit" } }));
  await about("Appointment", "both", { status: "booked", participant: ["ann", "bob"].map((id) => ({ status: "accepted", actor: { reference: `Patient/${id}` } })) });
});
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

async function walk(url: string, as: Who = "operator"): Promise<string[]> {
  const found: string[] = [];
  for (let next: string | undefined = url; next !== undefined;) {
    const page = bundleOf(await send("GET", next, { as }));
    for (const { resource, search } of page.entry ?? []) found.push(`${search!.mode === "include" ? "+" : ""}${resource!.resourceType}/${resource!.id}`);
    next = nextOf(page);
  }
  return [...new Set(found)].sort();
}

test("patient-operation-everything#_type, _since and pages", async () => {
  assert.deepEqual(await walk("Patient/ann/$everything?_type=Observation,Encounter&_count=1"), ["Encounter/visit", "Observation/ann-glucose", "Observation/old", "Observation/seen"]);
  assert.deepEqual(await walk("Patient/ann/$everything?_type=Observation&_type=Practitioner"), ["+Practitioner/wang", "Observation/ann-glucose", "Observation/old", "Observation/seen"]);
  assert.deepEqual(await walk("Patient/ann/$everything?_since=2100-01-01T00:00:00Z"), []);
  const { meta } = (await send("GET", "Observation/old")).json() as { meta: { lastUpdated: string } };
  const since = await walk(`Patient/ann/$everything?_since=${encodeURIComponent(meta.lastUpdated)}&_type=Observation`);
  assert.deepEqual(since, ["Observation/old", "Observation/seen"]);
});

test("patient-operation-everything#start: care dates, not record dates; what has none is in every range", async () => {
  const inRange = await walk("Patient/ann/$everything?start=2026-01-06&end=2026-02-01");
  for (const expected of ["Encounter/visit", "Observation/seen", "Patient/ann", "Condition/ann-asthma"]) assert.ok(inRange.includes(expected), expected);
  for (const beyond of ["Observation/old", "Observation/ann-glucose"]) assert.ok(!inRange.includes(beyond), beyond);
  assert.deepEqual(await walk("Patient/ann/$everything?end=2019&_type=Observation"), ["Observation/old"]);
  for (const wrong of ["start=yesterday", "_type=Nonsense", "_since=1", "_count=0"]) assert.equal((await send("GET", `Patient/ann/$everything?${wrong}`)).statusCode, 400, wrong);
});

test("encounter-operation-everything: the encounter, what refers to it, and whom it is about", async () => {
  assert.deepEqual(await walk("Encounter/visit/$everything"), ["+Organization/clinic", "Encounter/visit", "Observation/seen", "Patient/ann", "Practitioner/wang"]);
  assert.deepEqual(await walk("Encounter/visit/$everything?_count=1&_type=Observation"), ["Observation/seen"]);
  assert.equal((await send("GET", "Encounter/none/$everything")).statusCode, 404);
});

test("everybody within the caller's reach: a patient themselves, a practitioner the people in their care", async () => {
  for (const who of ["ann", "wang"] as const) {
    const found = await walk("Patient/$everything?_count=2", who);
    assert.ok(found.includes("Observation/seen"), who);
    assert.ok(!found.some((reference) => /bob/.test(reference)), who);
    assert.equal(found.filter((reference) => reference === "Appointment/both").length, 1);
  }
  const all = await walk("Patient/$everything");
  assert.ok(all.includes("Patient/ann") && all.includes("Patient/bob"));
});

test("somebody else, an encounter of somebody else: the same bytes as for nobody, though a resource of both is within reach", async () => {
  await send("PUT", "Encounter/bobs", { body: { resourceType: "Encounter", id: "bobs", status: "finished", class: { code: "AMB" }, subject: { reference: "Patient/bob" } } });
  for (const who of ["ann", "wang", "nobody"] as const)
    for (const [real, none] of [["Patient/bob/$everything", "Patient/xyz/$everything"], ["Patient/bob/$everything?_type=Appointment&_count=1", "Patient/xyz/$everything?_type=Appointment&_count=1"], ["Encounter/bobs/$everything", "Encounter/xyzs/$everything"]] as const) {
      const [a, b] = [await send("GET", real, { as: who }), await send("GET", none, { as: who })];
      assert.deepEqual([a.statusCode, a.body.replaceAll("bob", "<id>")], [b.statusCode, b.body.replaceAll("xyz", "<id>")], real);
      assert.equal(a.statusCode, 404);
    }
});
