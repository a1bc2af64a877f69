import assert from "node:assert/strict";
import { test } from "node:test";
import { ageYears, isoDate, isoTime, parseDay, weekday } from "./time.ts";

const day = (text: string): number => { const parsed = parseDay(text); assert.ok(parsed.ok, text); return parsed.value; };

test("days are read and written back", () => {
  for (const text of ["1970-01-01", "1950-01-01", "2024-02-29", "2026-11-23"]) assert.equal(isoDate(day(text)), text);
  assert.equal(day("1970-01-02"), 1);
});

test("what is no day is refused", () => {
  for (const text of ["", "2026-2-3", "2026-02-30", "2025-02-29", "2026-13-01", "1949-12-31", "2201-01-01", "2026-01-01T00:00:00Z", "yesterday"]) {
    const parsed = parseDay(text);
    assert.equal(parsed.ok, false, text);
  }
});

test("completed years change on the birthday", () => {
  const rows: [string, string, number][] = [["1954-06-28", "2026-06-27", 71], ["1954-06-28", "2026-06-28", 72], ["2004-02-29", "2026-02-28", 21], ["2004-02-29", "2026-03-01", 22]];
  for (const [born, now, years] of rows) assert.equal(ageYears(day(born), day(now)), years, `${born} ${now}`);
});

test("minutes carry into hours and days", () => {
  assert.equal(isoTime(0, 0), "1970-01-01T00:00:00+08:00");
  assert.equal(isoTime(0, 61.5), "1970-01-01T01:01:30+08:00");
  assert.equal(isoTime(0, 1441), "1970-01-02T00:01:00+08:00");
});

test("weekdays", () => {
  assert.equal(weekday(day("2026-11-22")), 0); // a Sunday
  assert.equal(weekday(day("1969-12-31")), 3); // a Wednesday
});
