/** Composites on the rows of elements: the parts of one hold for one element. */
import assert from "node:assert/strict";
import type { Filter } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { join, raw, sql, type Sql } from "../sql.ts";
import { sourceOf } from "./leaf.ts";
import { probe } from "./probe.ts";
import type { Scope } from "./scope.ts";

type Part = Extract<Filter, { kind: "element" }>["filters"][number];

/** The first part on this row, the others on rows of the same element. */
export function elementTest(scope: Scope, type: string, [first, ...rest]: readonly Part[], alias: string): Sql {
  const conditions = [partTest(type, first!, alias)];
  for (const part of rest) {
    const other = scope.alias();
    conditions.push(probe(sql`element ${raw(other)} where ${raw(`${other}.ck = ${alias}.ck and ${other}.rid = ${alias}.rid and ${other}.element = ${alias}.element`)} and ${partTest(type, part, other)}`));
  }
  return join(conditions, " and ");
}

/** Rows of elements have the columns of all types; their param tells the part. */
function partTest(type: string, part: Part, alias: string): Sql {
  const isPart = sql`${raw(alias)}.param = ${paramKey(type, part.param)}::int`;
  switch (part.kind) {
    case "missing": return part.missing ? assert.fail("a part that is missing is said by not") : isPart;
    default: return sql`${isPart} and ${sourceOf(type, part).condition(alias)}`;
  }
}
