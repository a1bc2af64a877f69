import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Resource } from "../resource.ts";
import { instantRange, matchesDate, parseDateTerm } from "./date.ts";
import { indexRows } from "./index-rows.ts";
import { matches } from "./matches.ts";
import { parseQuery } from "./query.ts";
import type { Prefix } from "./query-model.ts";
import { openHigh, openLow } from "./rows.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

function finds(term: string, value: { date?: string; start?: string; end?: string }): boolean {
  const resource: Resource = value.date === undefined
    ? { resourceType: "Procedure", performedPeriod: { ...(value.start ? { start: value.start } : {}), ...(value.end ? { end: value.end } : {}) } }
    : { resourceType: "Procedure", performedDateTime: value.date };
  const parsed = parseQuery("Procedure", `date=${term}`, { now });
  assert.ok(parsed.ok, term);
  return matches(resource, parsed.value);
}

test("#date: the examples of the specification", () => {
  const from21Jan = { start: "2013-01-21" }, from15Mar = { start: "2013-03-15" }, until21Jan = { end: "2013-01-21" };
  const table: [string, { date?: string; start?: string; end?: string }, boolean][] = [
    ["eq2013-01-14", { date: "2013-01-14T00:00:00Z" }, true], ["eq2013-01-14", { date: "2013-01-14T10:00:00Z" }, true], ["eq2013-01-14", { date: "2013-01-15T00:00:00Z" }, false],
    ["2013-01-14", { date: "2013-01-14T23:59:59Z" }, true],
    ["ne2013-01-14", { date: "2013-01-15T00:00:00Z" }, true], ["ne2013-01-14", { date: "2013-01-14T00:00:00Z" }, false], ["ne2013-01-14", { date: "2013-01-14T10:00:00Z" }, false],
    ["lt2013-01-14T10:00", { date: "2013-01-14" }, true], ["gt2013-01-14T10:00", { date: "2013-01-14" }, true],
    ["lt2013-01-14", { date: "2013-01-14" }, false], ["gt2013-01-14", { date: "2013-01-14" }, false],
    ["ge2013-03-14", from21Jan, true], ["le2013-03-14", from21Jan, true],
    ["sa2013-03-14", from15Mar, true], ["sa2013-03-14", from21Jan, false], ["sa2013-03-14", until21Jan, false],
    ["eb2013-03-14", from15Mar, false], ["eb2013-03-14", from21Jan, false], ["eb2013-03-14", until21Jan, true],
    ["ap2013-03-14", { date: "2013-03-14" }, true], ["ap2025-12-14", { date: "2013-01-01" }, false],
  ];
  for (const [term, value, expected] of table) assert.equal(finds(term, value), expected, `${term} on ${JSON.stringify(value)}`);
});

test("#prefix: both sides of each boundary", () => {
  // On [2020-02-01, 2020-03-01); rows of the day before, the first and last day, the day after, and a month around.
  const rows = { before: "2020-01-31", first: "2020-02-01", last: "2020-02-29", after: "2020-03-01", month: "2020-02", year: "2020" };
  const expected: Record<Prefix, (keyof typeof rows)[]> = {
    eq: ["first", "last", "month"], ne: ["before", "after", "year"], gt: ["after", "year"], lt: ["before", "year"],
    ge: ["first", "last", "after", "month", "year"], le: ["before", "first", "last", "month", "year"], sa: ["after"], eb: ["before"],
    ap: Object.keys(rows) as (keyof typeof rows)[],
  };
  for (const [prefix, found] of Object.entries(expected))
    assert.deepEqual(Object.entries(rows).filter(([, date]) => finds(`${prefix}2020-02`, { date })).map(([name]) => name), found, prefix);
});

test("rows: open periods, timings, what is no date", () => {
  const dates = (resource: Resource, param: string) => indexRows(resource).dates.filter((row) => row.param === param).map(({ low, high }) => [low, high]);
  const at = (text: string) => Date.parse(text);
  assert.deepEqual(dates({ resourceType: "Encounter", period: { start: "2020-01-01" } }, "date"), [[at("2020-01-01"), openHigh]]);
  assert.deepEqual(dates({ resourceType: "Encounter", period: { end: "2020-01" } }, "date"), [[openLow, at("2020-02-01")]]);
  assert.deepEqual(dates({ resourceType: "Encounter", period: {} }, "date"), []);
  assert.deepEqual(dates({ resourceType: "Observation", effectiveTiming: { event: ["2020-03-01", "2020-01-01"] } }, "date"), [[at("2020-01-01"), at("2020-03-02")]]);
  assert.deepEqual(dates({ resourceType: "Observation", effectiveTiming: { repeat: { boundsPeriod: { start: "2020" } } } }, "date"), [[at("2020-01-01"), openHigh]]);
  assert.deepEqual(dates({ resourceType: "Observation", effectiveTiming: { repeat: { frequency: 1 } } }, "date"), []);
  assert.deepEqual(dates({ resourceType: "Observation", effectiveInstant: "2020-01-01T00:00:00.5+08:00" }, "date"), [[at("2019-12-31T16:00:00.500Z"), at("2019-12-31T16:00:00.600Z")]]);
  for (const birthDate of ["2020-02-30", "yesterday", "", 20200101]) assert.deepEqual(dates({ resourceType: "Patient", birthDate }, "birthdate"), [], String(birthDate));
});

test("terms that are no dates", () => {
  for (const raw of ["2013-13", "2013-02-30", "13", "ge", "2013-01-14T10", "2013-01-14T", "xx2013", "2013-01-14T25:00"]) assert.ok(!parseDateTerm(raw, now).ok, raw);
  for (const raw of ["2013", "ge2013-01", "2013-01-14T10:00", "2013-01-14T10:00:00.123Z", "2013-01-14T10:00:00 08:00"]) assert.ok(parseDateTerm(raw, now).ok, raw);
});

const instants = fc.date({ min: new Date("1900-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
const stated = fc.tuple(instants, fc.constantFrom(4, 7, 10, 19, 24)).map(([date, length]) => {
  const text = date.toISOString().slice(0, length);
  return length === 19 ? `${text}Z` : text;
});

test("property: the fast and the general reading agree", () => {
  fc.assert(fc.property(instants, fc.constantFrom("Z", "+08:00", "-03:30", "+00:00"), (date, zone) => {
    const text = `${date.toISOString().slice(0, 19)}${zone}`;
    const low = Date.parse(text);
    assert.deepEqual(instantRange(text), { low, high: low + 1000 });
  }));
});

test("property: how prefixes relate on any two stated dates", () => {
  fc.assert(fc.property(stated, stated, (value, term) => {
    const row = { param: "date", ...instantRange(value)! };
    const is = (prefix: Prefix) => {
      const parsed = parseDateTerm(prefix + term, now);
      assert.ok(parsed.ok);
      return matchesDate(row, parsed.value);
    };
    assert.ok(row.low < row.high);
    assert.equal(is("ne"), !is("eq"));
    assert.equal(is("ge"), is("eq") || is("gt"));
    assert.equal(is("le"), is("eq") || is("lt"));
    if (is("sa")) assert.ok(is("gt") && !is("lt") && !is("eq"));
    if (is("eb")) assert.ok(is("lt") && !is("gt") && !is("eq"));
    if (is("eq")) assert.ok(is("ap"));
    assert.ok(is("eq") || is("gt") || is("lt"));
    if (value === term) assert.ok(is("eq"));
  }));
});
