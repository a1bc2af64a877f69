import { test } from "node:test";
import assert from "node:assert/strict";
import type { TimelineItem } from "#server/api/contract.ts";
import { layoutLane } from "./layout.ts";

const span = { from: Date.parse("2020-01-01T00:00:00Z"), to: Date.parse("2024-01-01T00:00:00Z") }, now = span.to;
const item = (start: string, more: Partial<TimelineItem> = {}): TimelineItem => ({ reference: `Observation/${start}`, lane: "tests", start, label: { en: start, zh: start }, ...more });

test("moments close together become one mark that counts them; far ones stay apart", () => {
  const { marks, rows } = layoutLane([item("2021-01-01"), item("2021-01-02", { tone: "out-of-range" }), item("2023-01-01")], span, 800, now);
  assert.equal(rows, 1);
  assert.deepEqual(marks.map((mark) => mark.kind), ["cluster", "point"]);
  assert.ok(marks[0]?.kind === "cluster" && marks[0].items.length === 2 && marks[0].outside);
});

test("bars that overlap take rows of their own and a free row is used again", () => {
  const lane = "medicines" as const;
  const { marks, rows } = layoutLane([item("2020-02-01", { lane, end: "2021-01-01" }), item("2020-06-01", { lane, end: "2022-01-01" }), item("2021-06-01", { lane })], span, 800, now);
  assert.equal(rows, 2);
  assert.deepEqual(marks.map((mark) => mark.kind === "bar" && [mark.row, mark.open]), [[0, false], [1, false], [0, true]]);
});

test("a problem without an end lasts until now, a test without an end is a moment", () => {
  assert.equal(layoutLane([item("2020-01-05", { lane: "problems" })], { from: span.to - 86_400_000, to: span.to }, 800, now).marks[0]?.kind, "bar");
  assert.equal(layoutLane([item("2020-01-05")], { from: span.to - 86_400_000, to: span.to }, 800, now).marks.length, 0);
});

test("what does not fit is counted, unreadable dates are left out", () => {
  const crowd = Array.from({ length: 9 }, () => item("2020-02-01", { lane: "problems" }));
  const { rows, hidden } = layoutLane([...crowd, item("never")], span, 800, now, { maxRows: 4 });
  assert.equal(rows, 4);
  assert.equal(hidden, 5);
});
