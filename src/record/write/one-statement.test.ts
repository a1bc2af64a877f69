import assert from "node:assert/strict";
import { test } from "node:test";
import { oneStatement } from "./one-statement.ts";

test("parameters are counted through, each part keeps its own, the last one answers", () => {
  const parts = [{ name: "a", text: "insert into t select $1, $2 where $1 > 0", values: [1, "x"] }, { name: "b", text: "insert into u values ($1)", values: ["y"] }];
  const last = { name: "last", text: "select (select count(*) from a) + $1", values: [7] };
  const { text, values } = oneStatement(parts, last);
  assert.equal(text, "with a as (insert into t select $1, $2 where $1 > 0),\nb as (insert into u values ($3))\nselect (select count(*) from a) + $4");
  assert.deepEqual(values, [1, "x", "y", 7]);
  assert.equal(oneStatement(parts.map((part) => ({ ...part, values: part.values.map(() => "other") })), last).text, text, "the text does not depend on values");
  assert.equal(oneStatement([], last).text, "select (select count(*) from a) + $1");
});
