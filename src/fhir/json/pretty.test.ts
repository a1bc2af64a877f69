import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { prettyJson } from "./pretty.ts";

test("any JSON is laid out as JSON.stringify lays it out, whatever spaces it came with", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, space) => {
    assert.equal(prettyJson(JSON.stringify(value, undefined, space)), JSON.stringify(value, undefined, 2));
  }));
});

test("number literals and escapes stay", () => {
  assert.equal(prettyJson('{"a":1.50,"b":[1e3,"\\u00e9\\"{"]}'), '{\n  "a": 1.50,\n  "b": [\n    1e3,\n    "\\u00e9\\"{"\n  ]\n}');
});
