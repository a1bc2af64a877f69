import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { node, patientCaller, practitionerCaller, put, testRecord, value, type TestRecord } from "../testing.ts";
import type { Caller } from "../record.ts";
import { Plans } from "./plans.ts";
import type { Part } from "./page.ts";

let db: TestRecord;
before(async () => {
  db = await testRecord();
  await put(db.record, ...["a", "b"].flatMap((id) => [
    { resourceType: "Patient", id, ...(id === "a" ? { generalPractitioner: [{ reference: "Practitioner/d" }] } : {}) },
    { resourceType: "Observation", id: `of-${id}`, status: "final", code: { coding: [{ code: "x" }] }, subject: { reference: `Patient/${id}` } },
  ]));
});
after(async () => { await db.close(); });

const found = async (caller: Caller, query: string) => value(await db.record.search(caller, "Observation", query)).entries.map(({ stored }) => stored.id).sort();

test("the same question by another caller is another question; asked again it sees what was written since", async () => {
  const callers: [Caller, string[]][] = [[node, ["of-a", "of-b"]], [practitionerCaller("d"), ["of-a"]], [practitionerCaller("e"), []], [patientCaller("a"), ["of-a"]], [patientCaller("b"), ["of-b"]]];
  for (let turn = 0; turn < 3; turn++) for (const [caller, expected] of callers) assert.deepEqual(await found(caller, "code=x"), expected, caller.agent);
  await put(db.record, { resourceType: "Observation", id: "of-a2", status: "final", code: { coding: [{ code: "x" }] }, subject: { reference: "Patient/a" } });
  assert.deepEqual(await found(practitionerCaller("d"), "code=x"), ["of-a", "of-a2"]);
  assert.deepEqual(await found(patientCaller("b"), "code=x"), ["of-b"]);
});

test("what hangs on the clock is not kept, however it is spelled; other questions are, for whoever asked, in their handling", () => {
  const plans = new Plans();
  const parts: Part[] = [];
  const scope = { type: "Observation" };
  for (const text of ["date=ap2020", "date=ap2020-01", "date=eq2019,ap2020", "date=%61p2020", "date=a%702020", "value-quantity=ap5", "_filter=date ap 2020", `code=${"x".repeat(1001)}`]) {
    plans.keep(node, scope, text, undefined, undefined, parts);
    assert.equal(plans.find(node, scope, text, undefined, undefined), undefined, text);
  }
  plans.keep(patientCaller("a"), scope, "code=x", "strict", undefined, parts);
  assert.equal(plans.find(patientCaller("a"), scope, "code=x", "strict", undefined), parts);
  for (const [caller, where, text, handling] of [[patientCaller("b"), scope, "code=x", "strict"], [node, scope, "code=x", "strict"], [patientCaller("a"), { type: "Condition" }, "code=x", "strict"], [patientCaller("a"), scope, "code=y", "strict"], [patientCaller("a"), scope, "code=x", "lenient"]] as const)
    assert.equal(plans.find(caller, where, text, handling, undefined), undefined);
  const custom = { of: () => [], get: () => undefined } as never;
  assert.equal(plans.find(patientCaller("a"), scope, "code=x", "strict", custom), undefined, "other parameters of the node's own");
});
