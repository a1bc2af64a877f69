import assert from "node:assert/strict";
import test from "node:test";
import { isUnchanged, tagsOf } from "./preconditions.ts";

test("RFC 7232 3.1: weak, strong, listed and starred tags are read; others are refused", () => {
  const rows: [string, unknown][] = [[`W/"3"`, [3]], [`"3"`, [3]], [`W/"1", W/"22"`, [1, 22]], ["*", "*"], [`W/"abc"`, [-1]], [`W/"0"`, [-1]]];
  for (const [header, expected] of rows) {
    const tags = tagsOf("If-Match", header);
    assert.ok(tags.ok, header);
    assert.deepEqual(tags.value, expected, header);
  }
  for (const header of ["3", "W/3", "", `W/"1" W/"2"`, `"1`]) assert.equal(tagsOf("If-Match", header).ok, false, header);
  assert.deepEqual(tagsOf("If-Match", undefined), { ok: true, value: undefined });
});

test("RFC 7232 3.3: If-Modified-Since counts only without If-None-Match, in whole seconds", () => {
  const at = "2026-01-31T08:00:00.900Z";
  const date = "Sat, 31 Jan 2026 08:00:00 GMT";
  assert.equal(isUnchanged({ "if-modified-since": date }, 2, at), true);
  assert.equal(isUnchanged({ "if-modified-since": "Sat, 31 Jan 2026 07:59:59 GMT" }, 2, at), false);
  assert.equal(isUnchanged({ "if-modified-since": "yesterday" }, 2, at), false);
  assert.equal(isUnchanged({ "if-modified-since": date, "if-none-match": `W/"1"` }, 2, at), false);
  assert.equal(isUnchanged({ "if-none-match": `W/"1", W/"2"` }, 2, at), true);
  assert.equal(isUnchanged({ "if-none-match": "*" }, 2, at), true);
  assert.equal(isUnchanged({}, 2, at), false);
});
