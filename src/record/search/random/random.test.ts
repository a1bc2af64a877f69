/** Random queries over a random world: what the database finds, against the evaluation in memory. `SEED` gives another world and other queries, `RUNS` more of them. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { Resource } from "#fhir/resource.ts";
import { customParameterOf, type CustomSearch } from "#fhir/search/custom.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { containedMatches, MemoryWorld } from "#fhir/search/matches.ts";
import { parseQuery } from "#fhir/search/query.ts";
import { resolve } from "#fhir/search/resolve.ts";
import { withCustom } from "../../parameters/definitions.ts";
import type { Caller, SearchPage } from "../../record.ts";
import { administrator, node, patientCaller, practitionerCaller, testRecord, value, type TestRecord } from "../../testing.ts";
import { lookupsOf } from "./lookups.ts";
import { plainConditions, queries } from "./queries.ts";
import { ownParameters, pick, types, worldOfSeed } from "./resources.ts";

const seed = Number(process.env.SEED ?? 30), runs = Number(process.env.RUNS ?? 1);
const parameters = ownParameters.map((one) => value(customParameterOf(one))!);
const custom: CustomSearch = { of: (type) => parameters.filter(({ base }) => base.includes(type)), building: () => undefined };
const byType = new Map([...new Set(parameters.flatMap(({ base }) => base))].map((type) => [type, custom.of(type)]));
const rowsOf = (resource: Resource) => withCustom(indexRows(resource), resource, { byType });

let db: TestRecord;
const stored: Resource[] = [];
before(async () => {
  db = await testRecord();
  value(await db.record.commit(administrator, ownParameters.map((one) => ({ kind: "update", type: one.resourceType, id: one.id, text: JSON.stringify(one) }))));
  value(await db.record.commit(node, worldOfSeed(seed).map((one) => ({ kind: "update", type: one.resourceType, id: one.id, text: JSON.stringify(one) })), { validate: false }));
  for (const type of [...types, "Practitioner"]) stored.push(...value(await db.record.search(node, type, "_count=1000")).entries.map(({ stored: { text } }) => JSON.parse(text) as Resource));
  for (let i = 0; !(await db.record.search(node, "Observation", "own-range:missing=true&own-author:missing=true")).ok; i++) { assert.ok(i < 1000, "own parameters are indexed"); await sleep(20); }
});
after(async () => { await db.close(); });

async function visible(caller: Caller): Promise<Resource[]> {
  if (caller === node) return stored;
  const seen: Resource[] = [];
  for (const resource of stored) if ((await db.record.read(caller, { type: resource.resourceType, id: resource.id! })).kind === "current") seen.push(resource);
  return seen;
}

async function pagesOf(caller: Caller, type: string, query: string, count: number): Promise<SearchPage[]> {
  const pages: SearchPage[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined;) {
    const page: SearchPage = value(await db.record.search(caller, type, `${query}&_count=${count}${cursor}`));
    pages.push(page);
    cursor = page.next === undefined ? undefined : `&_cursor=${page.next}`;
  }
  return pages;
}

for (const [caller, share] of [[node, 1], [patientCaller("p0"), 0.3], [practitionerCaller("d1"), 0.3]] as const)
  test(`property: what the database finds for a ${caller.role} is what the evaluation in memory finds in what they may see`, async () => {
    const seen = await visible(caller), world = new MemoryWorld(seen, rowsOf), lookups = lookupsOf(seen);
    let tried = 0, asked = 0, fruitful = 0;
    await fc.assert(fc.asyncProperty(queries, pick(7, 1000), async ({ type, query }, count) => {
      tried++;
      const parsed = parseQuery(type, query, { custom });
      if (!parsed.ok) return; // a prefix twice, a comparison that a type does not know: refused by the language
      const expected = world.find({ type, filters: value(await resolve(parsed.value.filters, lookups)) }).map(({ id }) => id!).toSorted();
      asked++;
      if (expected.length) fruitful++;
      const found = (await pagesOf(caller, type, query, count)).flatMap(({ entries }) => entries.filter(({ mode }) => mode === "match").map(({ stored: { id } }) => id));
      assert.deepEqual(found.toSorted(), expected, `${type}?${query}`);
      assert.equal(value(await db.record.search(caller, type, `${query}&_summary=count`)).total, expected.length);
    }), { numRuns: Math.round(300 * share * runs), seed });
    assert.ok(asked > tried * 0.8 && fruitful > asked / (caller === node ? 3 : 20), `${asked} of ${tried} are taken, ${fruitful} find anything`);
  });

test("property: contained resources are found by any condition that they can be asked", async () => {
  const lookups = lookupsOf(stored), world = new MemoryWorld(stored, rowsOf), indexed = stored.map((resource) => ({ resource, rows: rowsOf(resource) }));
  let fruitful = 0;
  const some = pick("Observation", "Patient", "Encounter", "Organization", "Questionnaire", "Medication", "Location").chain((type) => fc.array(plainConditions(type), { maxLength: 2 }).map((parts) => ({ type, query: parts.join("&") })));
  await fc.assert(fc.asyncProperty(some, pick("true", "both"), pick("container", "contained"), pick(1, 3, 1000), async ({ type, query }, which, shown, count) => {
    const text = `${query}&_contained=${which}&_containedType=${shown}`, parsed = parseQuery(type, text, { takesContained: true, custom });
    if (!parsed.ok) return;
    const filters = value(await resolve(parsed.value.filters, lookups)), own = which === "both" ? world.find({ type, filters }) : [];
    const held = indexed.flatMap(({ resource, rows }) => containedMatches(rows, { kind: "contained", type, filters }, world).map(({ id }) => ({ resource, id })));
    const nameOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`;
    const expected = shown === "contained" ? [...own.map(nameOf), ...held.map(({ resource, id }) => `${nameOf(resource)}#${id}`)] : [...new Set([...own, ...held.map(({ resource }) => resource)].map(nameOf))];
    if (held.length) fruitful++;
    const pages = await pagesOf(node, type, text, count);
    assert.ok(pages.every(({ entries }) => entries.length <= count));
    const found = pages.flatMap(({ entries }) => entries.map(({ stored: one, container }) => container ? `${container.type}/${container.id}#${one.id}` : `${one.type}/${one.id}`));
    assert.deepEqual(found.toSorted(), expected.toSorted(), `${type}?${text}`);
  }), { numRuns: 80 * runs, seed });
  assert.ok(fruitful > 10 * runs, `${fruitful} find something contained`);
});
