import assert from "node:assert/strict";
import { test } from "node:test";
import { traceOf } from "./log.ts";

test("a trace says where and which code, not what was sent", () => {
  const error = Object.assign(new Error("duplicate key value: (Patient/anna)"), { code: "23505" });
  const trace = traceOf(error);
  assert.equal(trace.code, "23505");
  assert.match(trace.stack, /^Error\n\s+at .*log\.test\.ts/);
  assert.doesNotMatch(JSON.stringify(trace), /anna/);
  assert.deepEqual(traceOf("anna"), { stack: "not an Error" });
});
