import assert from "node:assert/strict";
import { test } from "node:test";
import { withExists } from "./exists.ts";

test("probes become EXISTS, nested ones too; whatever else has a limit stays", () => {
  for (const [before, after] of [
    ["select m.rid from token m where ((select true from reference a where a.ck = m.ck limit 1) is not null) and m.code = $1", "select m.rid from token m where (exists (select true from reference a where a.ck = m.ck)) and m.code = $1"],
    ["where not ((select true from token a where (a.code = $1) limit 1) is not null) limit 1", "where not (exists (select true from token a where (a.code = $1))) limit 1"],
    ["where (p && '{0}' or (select true from care k where k.person = any(p) limit 1))", "where (p && '{0}' or exists (select true from care k where k.person = any(p)))"],
    ["where (select true from compartment c where (c.person = 0 or (select true from care k where k.person = c.person limit 1)) limit 1) is not null", "where exists (select true from compartment c where (c.person = 0 or exists (select true from care k where k.person = c.person)))"],
    ["where (select true from uri a where a.value = ')''(' limit 1) is not null", "where exists (select true from uri a where a.value = ')''(')"],
    ["select (select true from directory d where d.rid = h.rid) as listed from h limit 1", "select (select true from directory d where d.rid = h.rid) as listed from h limit 1"],
    ["select 1 limit 1", "select 1 limit 1"],
  ] as const) assert.equal(withExists(before), after);
});
