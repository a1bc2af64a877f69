import assert from "node:assert/strict";
import { test } from "node:test";
import { floorFaults } from "./floors.ts";

test("a downward import and one within the room are fine", () => {
  assert.deepEqual(floorFaults("src/record/read.ts", 'import { ok } from "#platform/result.ts";\nimport { x } from "./x.ts";'), []);
});

test("an upward import fails, with file and line", () => {
  const faults = floorFaults("src/record/read.ts", '// why\nimport { care } from "#care/assess.ts";');
  assert.equal(faults.length, 1);
  assert.equal(faults[0]!.line, 2);
  assert.match(faults[0]!.text, /record\/ \(floor 4\) may not import care\/ \(floor 10\)/);
});

test("a neighbour on the same floor fails, by relative path and by dynamic import too", () => {
  assert.equal(floorFaults("src/signals/a.ts", 'export { t } from "../ledger/tree.ts";').length, 1);
  assert.equal(floorFaults("src/signals/a.ts", 'const t = await import("#ledger/tree.ts");').length, 1);
});

test("type imports count too: the plan is of knowledge, not of bytes", () => {
  assert.equal(floorFaults("src/fhir/a.ts", 'import type { HealthRecord } from "#record/record.ts";').length, 1);
});

test("the web may know the server's types and nothing else of it", () => {
  assert.deepEqual(floorFaults("web/src/api.ts", 'import type { SessionView } from "../../src/server/api/contract.ts";'), []);
  assert.equal(floorFaults("web/src/api.ts", 'import { x } from "../../src/server/api/contract.ts";').length, 1);
});
