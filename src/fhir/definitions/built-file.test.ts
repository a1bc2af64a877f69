import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { indexedLines } from "./built-file.ts";

test("an indexed file is built when absent, damaged or of another version, and read otherwise", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "salus-built-file-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "inner/lines.ndjson");
  let built = 0;
  const lines = (stamp: string) => indexedLines<{ url: string }, { text: string }>(file, stamp, () => { built += 1; return [[{ url: "a" }, { text: "Ä\n" }], [{ url: "b" }, { text: `build ${built}` }]]; });
  const bodies = (stamp: string) => lines(stamp).map(({ url, read }) => [url, read().text]);
  assert.deepEqual(bodies("1"), [["a", "Ä\n"], ["b", "build 1"]]);
  assert.deepEqual(bodies("1"), [["a", "Ä\n"], ["b", "build 1"]]);
  assert.deepEqual(bodies("2")[1], ["b", "build 2"]);
  writeFileSync(file, readFileSync(file).subarray(0, 10));
  assert.deepEqual(bodies("2")[1], ["b", "build 3"]);
});

test("a folder that cannot be written to costs the build, not the answer", () => {
  assert.deepEqual(indexedLines("/dev/null/x.ndjson", "1", () => [[{ n: 1 }, "body"]]).map(({ n, read }) => [n, read()]), [[1, "body"]]);
});
