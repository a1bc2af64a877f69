/** The table of statements and the tests: each statement that is this server's has one, and the figures in the documentation are the table's. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { Statement } from "./statements/statement.ts";
import { statements } from "./statements/all.ts";

const folder = import.meta.dirname;
const all: readonly Statement[] = statements;
const tested = all.filter(([, , , untested]) => untested === undefined).map(([id]) => id);
const page = (id: string): string => id.split(" ")[0]!;

test("every statement of the server has one test, and no test names another", () => {
  const named = readdirSync(folder).filter((name) => name.endsWith(".test.ts")).flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/^states\("([^"]+)"/gm)].map(([, id]) => id!));
  assert.deepEqual(named.filter((id, i) => named.indexOf(id) !== i), [], "twice");
  assert.deepEqual(tested.filter((id) => !named.includes(id)), [], "without a test");
  assert.deepEqual(named.filter((id) => !tested.includes(id)), [], "of no statement");
});

test("ids stand once", () => {
  const ids = all.map(([id]) => id);
  assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
});

test("docs/conformance.md counts them as they are", () => {
  const text = readFileSync(join(folder, "../../../docs/conformance.md"), "utf8");
  const count = (name: string, of: (statement: Statement) => boolean): number => all.filter((one) => page(one[0]) === name && of(one)).length;
  for (const name of [...new Set(all.map(([id]) => page(id)))]) {
    const row = [count(name, () => true), count(name, ([, , , untested]) => untested === undefined), count(name, ([, , , untested]) => untested !== undefined && "by" in untested), count(name, ([, , , untested]) => untested !== undefined && "not" in untested)];
    assert.ok(text.includes(`| ${name}.html | ${row.join(" | ")} |`) || text.includes(`| ${name}definition.html | ${row.join(" | ")} |`), `${name}: | ${row.join(" | ")} |`);
  }
});
