/**
 * SQL of the record beside what Citus refuses on distributed tables, by reading: text between backticks and quotes of our
 * sources that names such a table, and the schema's keys. Whether Citus runs them is for bin/test-citus.ts to show.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "#platform/database/binaries.ts";
import { recordMigrations } from "../schema/migrate.ts";
import { distributedTables, referenceTables } from "./distribute.ts";

const refused: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["a trigger", /\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\b/i],
  ["MERGE", /\bmerge\s+into\b/i],
  ["FOR UPDATE without ck", /^(?!.*\bck\s*=).*\bfor\s+(?:no\s+key\s+)?update\b/is],
  ["a volatile function in ON CONFLICT DO UPDATE", /\bon\s+conflict\b[^;]*\bdo\s+update\b[^;]*\b(?:now|random|gen_random_uuid|clock_timestamp|statement_timestamp|timeofday|nextval|current_timestamp)\b/is],
  ["WITH RECURSIVE", /\bwith\s+recursive\b/i],
  ["GROUPING SETS", /\bgroup\s+by\s+(?:grouping\s+sets|rollup|cube)\b/i],
  ["a new ck", /\bupdate\s+\w+(?:\s+\w+)?\s+set\b(?:(?!\b(?:where|from)\b).)*(?<![.\w])ck\s*=/is],
  ["LOCK TABLE", /\block\s+table\b/i],
];

function refusalsOf(statement: string): string[] {
  return refused.filter(([, pattern]) => pattern.test(statement)).map(([name]) => name);
}

const names = new RegExp(`\\b(?:from|join|into|update|using|table)\\s+(?:${distributedTables.join("|")})\\b`, "i");

/** Literals that are SQL on a distributed table; what stands in ${…} is a piece of its own. */
function statementsIn(source: string): string[] {
  return [...source.matchAll(/`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/gs)].map(([text]) => text.slice(1, -1)).filter((text) => names.test(text) && /\b(?:select|insert|update|delete|create|alter|merge|lock)\b/i.test(text));
}

test("no statement on a distributed table uses what Citus refuses", () => {
  const files = globSync("src/record/**/*.ts", { cwd: repositoryRoot }).filter((file) => !/(?:\.test|testing[\w-]*)\.ts$/.test(file));
  const found = files.flatMap((file) => statementsIn(readFileSync(join(repositoryRoot, file), "utf8")).map((text) => ({ file, text })));
  assert.ok(found.length > 60, `only ${found.length} statements were found`);
  assert.deepEqual(found.flatMap(({ file, text }) => refusalsOf(text).map((name) => `${file}: ${name}`)), []);
});

test("each refusal is recognised, and its allowed neighbour is not", () => {
  for (const [statement, expected] of [
    ["create trigger t after insert on resource", ["a trigger"]], ["merge into resource r using u on true", ["MERGE"]],
    ["select * from resource where rid = $1 for update", ["FOR UPDATE without ck"]], ["select * from resource where ck = $1 and rid = $2 for update", []],
    ["insert into version values (1) on conflict (ck) do update set updated = now()", ["a volatile function in ON CONFLICT DO UPDATE"]], ["insert into version values (1) on conflict (ck) do update set updated = $1", []],
    ["with recursive w as (select 1) select * from resource", ["WITH RECURSIVE"]], ["select type from resource group by rollup (type)", ["GROUPING SETS"]],
    ["update resource set version = 2, ck = 3 where rid = 1", ["a new ck"]], ["update resource r set version = u.version from u where r.ck = u.ck", []], ["lock table resource", ["LOCK TABLE"]],
  ] as const) assert.deepEqual(refusalsOf(statement), expected, statement);
});

test("unique keys of distributed tables begin with ck, nothing refers to them, and every table with a bucket has its place", () => {
  const tables = recordMigrations.flatMap(({ statements }) => statements).flatMap((statement) => {
    const made = /^\s*create table (\w+) \((.*)\)/s.exec(statement);
    return made ? [{ name: made[1]!, body: made[2]! }] : [];
  });
  for (const { name, body } of tables) {
    if (/(?:^|\s|,)ck bigint\b/.test(body)) assert.ok([...distributedTables, ...referenceTables].includes(name), `${name} has a bucket: is it distributed, or a reference table?`);
    if (!distributedTables.includes(name)) continue;
    for (const [, key] of body.matchAll(/(?:primary key|unique)\s*\(([^)]*)\)/g)) assert.match(key!, /^ck\b/, name);
    assert.doesNotMatch(body, /\b(?:references|unique|generated)\b(?!\s*\()|(?:bigint|text|int) primary key/, name);
  }
  for (const statement of recordMigrations.flatMap(({ statements }) => statements)) {
    const unique = /^\s*create unique index \w+ on (\w+) \((\w+)/.exec(statement);
    if (unique && distributedTables.includes(unique[1]!)) assert.equal(unique[2], "ck", statement);
  }
});
