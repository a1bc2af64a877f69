import { test } from "node:test";
import assert from "node:assert/strict";
import { groupAccess } from "./access.ts";

const event = (at: string, who: string, kind = "read") => ({ at, agent: { en: who, zh: who }, kind });

test("the same person within an hour is one line; another person, kind or hour is not", () => {
  const groups = groupAccess([event("2026-01-01T10:30:00Z", "A"), event("2026-01-01T10:20:00Z", "B"), event("2026-01-01T10:10:00Z", "A"), event("2026-01-01T10:05:00Z", "A", "export"), event("2026-01-01T09:20:00Z", "A")]);
  assert.deepEqual(groups.map((group) => [group.agent.en, group.kind, group.count]), [["A", "read", 2], ["B", "read", 1], ["A", "export", 1], ["A", "read", 1]]);
  assert.equal(groups[0]?.at, "2026-01-01T10:30:00Z");
});
