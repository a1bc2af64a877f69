import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Stored } from "#record/record.ts";
import { Groups } from "./lastn.ts";

type Seen = { id: string; codes: string[]; day: number | undefined };

const seen = fc.array(fc.record({ codes: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 3 }), day: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }) }), { maxLength: 25 })
  .map((rows) => rows.map((row, i): Seen => ({ ...row, id: String(i) })));

function stored({ id, codes, day }: Seen): Stored {
  const text = JSON.stringify({ resourceType: "Observation", id, code: codes.length ? { coding: codes.map((code) => ({ system: "urn:s", code })) } : { text: "T" }, ...(day === undefined ? {} : { effectiveDateTime: `2026-01-0${day}` }) });
  return { type: "Observation", id, version: 1, lastUpdated: "", text };
}

/** Groups by walking from code to code until nothing is added; then all of the n latest times' ranks. */
function naive(rows: readonly Seen[], max: number): string[] {
  const left = new Set(rows);
  const out: string[] = [];
  while (left.size) {
    const group = [[...left][0]!];
    left.delete(group[0]!);
    for (const member of group) for (const other of [...left]) {
      if (member.codes.some((code) => other.codes.includes(code)) || (member.codes.length === 0 && other.codes.length === 0)) { group.push(other); left.delete(other); }
    }
    const times = group.map(({ day = -Infinity }) => day).sort((a, b) => b - a);
    const last = times[Math.min(max, times.length) - 1]!;
    out.push(...group.filter(({ day = -Infinity }) => day >= last).map(({ id }) => id));
  }
  return out.sort();
}

test("groups joined by shared codings, the latest of each with ties: as a naive evaluation finds them, in any order", () => {
  fc.assert(fc.property(seen, fc.integer({ min: 1, max: 4 }), (rows, max) => {
    const groups = new Groups(max);
    for (const row of rows) groups.add(stored(row));
    const found = groups.all();
    assert.deepEqual(found.map(({ id }) => id).sort(), naive(rows, max));
  }));
});
