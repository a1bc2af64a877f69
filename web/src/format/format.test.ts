import { test } from "node:test";
import assert from "node:assert/strict";
import { makeFormat, perHundred, placeInRange, placeOfAll } from "./format.ts";

const en = makeFormat("en"), zh = makeFormat("zh");

test("partial dates keep their precision and unreadable ones come back unchanged", () => {
  assert.equal(en.date("1988"), "1988");
  assert.equal(zh.date("1988"), "1988年");
  assert.equal(en.date("1988-05"), "May 1988");
  assert.equal(en.date("1952-03-14"), "14 Mar 1952");
  assert.equal(zh.date("1952-03-14"), "1952年3月14日");
  assert.equal(en.date("soon"), "soon");
  assert.equal(en.date(undefined), "–");
});

test("a value on the edge of its range is inside; unknown stays distinct", () => {
  assert.equal(placeInRange(5.1, { low: 3.5, high: 5.1 }), "in");
  assert.equal(placeInRange(5.11, { low: 3.5, high: 5.1 }), "above");
  assert.equal(placeInRange(3.49, { low: 3.5 }), "below");
  assert.equal(placeInRange(1, undefined), "unknown");
  assert.equal(placeInRange(1, {}), "unknown");
});

test("a pressure is outside when either number is", () => {
  assert.equal(placeOfAll(["in", "above"]), "above");
  assert.equal(placeOfAll(["below", "in"]), "below");
  assert.equal(placeOfAll(["unknown", "in"]), "in");
  assert.equal(placeOfAll(["unknown", "unknown"]), "unknown");
});

test("risk as frequency never rounds a small risk to none", () => {
  assert.equal(perHundred(0.12), "12");
  assert.equal(perHundred(0.004), "0.4");
  assert.equal(perHundred(0.0004), "<0.1");
  assert.equal(perHundred(0), "0");
});

test("quantities print UCUM as people write it, and an open range says so", () => {
  assert.equal(en.quantity(138, "mm[Hg]"), "138\u00a0mmHg");
  assert.equal(zh.quantity(78, "/min"), "78\u00a0次/分");
  assert.equal(en.quantity(6.9, "%"), "6.9%");
  assert.equal(en.range({ low: 60 }, "mL/min/{1.73_m2}"), "≥ 60 mL/min/1.73 m²");
  assert.equal(en.range({ high: 200 }), "≤ 200");
  assert.equal(en.range(undefined), "–");
});

test("ago speaks of minutes, hours and days, then gives the date", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  assert.equal(en.ago("2026-11-23T11:15:00Z", now), "45 minutes ago");
  assert.equal(en.ago("2026-11-23T07:00:00Z", now), "5 hours ago");
  assert.equal(en.ago("2026-11-20T12:00:00Z", now), "3 days ago");
  assert.equal(en.ago("2025-01-02T12:00:00Z", now), "2 Jan 2025");
});
