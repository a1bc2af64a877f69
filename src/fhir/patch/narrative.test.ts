import assert from "node:assert/strict";
import test from "node:test";
import { withoutStaleNarrative } from "./narrative.ts";

const resource = (more: object, status = "generated", div = "a"): string => JSON.stringify({ resourceType: "Patient", meta: { versionId: "1" }, text: { status, div }, active: true, ...more });

test("a generated narrative goes when the data change, and stays when they do not or it changes with them", () => {
  const gone = withoutStaleNarrative(resource({}), resource({ active: false }));
  assert.deepEqual(gone, { ok: true, value: '{"resourceType":"Patient","meta":{"versionId":"1"},"active":false}' });
  assert.deepEqual(withoutStaleNarrative(resource({}, "extensions"), resource({ active: false }, "extensions")), gone);
  for (const after of [resource({}), resource({ meta: { versionId: "1", tag: [{ code: "x" }] } }), resource({ active: false }, "generated", "b"), '{"resourceType":"Patient","active":false}'])
    assert.deepEqual(withoutStaleNarrative(resource({}), after), { ok: true, value: after });
});

test("one that says more than the data must be patched with them; an empty one says nothing", () => {
  const refused = withoutStaleNarrative(resource({}, "additional"), resource({ active: false }, "additional"));
  assert.ok(!refused.ok && refused.failure.code === "processing");
  assert.ok(withoutStaleNarrative(resource({}, "additional"), resource({ active: false }, "additional", "b")).ok);
  const empty = resource({ active: false }, "empty");
  assert.deepEqual(withoutStaleNarrative(resource({}, "empty"), empty), { ok: true, value: empty });
});

test("number literals survive", () => {
  const text = (value: string, more = "") => `{"resourceType":"Observation","text":{"status":"generated","div":"a"},"valueQuantity":{"value":${value}}${more}}`;
  assert.deepEqual(withoutStaleNarrative(text("1.50"), text("1.50", ',"status":"final"')), { ok: true, value: '{"resourceType":"Observation","valueQuantity":{"value":1.50},"status":"final"}' });
});
