import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareTemporal, parseDate, parseDateTime, parseTime, range } from "./temporal.ts";

test("dates that do not exist are refused", () => {
  for (const text of ["2021-02-29", "2020-13", "2020-00", "2020-04-31", "20", "2020-1", "2020-01-01T", "1900-02-29"]) assert.equal(parseDate(text), undefined, text);
  for (const text of ["2020-02-29", "2000-02-29", "2020", "2020-12"]) assert.ok(parseDate(text), text);
  for (const text of ["2020-01-01T24:00", "2020-01-01T10:60", "2020-01-01T10:30:61Z", "2020-01T10:00", "2020-01-01 10:00"]) assert.equal(parseDateTime(text), undefined, text);
  for (const text of ["24:00", "10:60", "1:00"]) assert.equal(parseTime(text), undefined, text);
});

test("the range of stated precision", () => {
  const at = (text: string) => Date.parse(text);
  const table: [string, number, number][] = [
    ["2020", at("2020-01-01"), at("2021-01-01")],
    ["2020-02", at("2020-02-01"), at("2020-03-01")],
    ["2020-12", at("2020-12-01"), at("2021-01-01")],
    ["2020-02-29", at("2020-02-29"), at("2020-03-01")],
    ["2020-01-01T10:30Z", at("2020-01-01T10:30Z"), at("2020-01-01T10:31Z")],
    ["2020-01-01T10:30:00+08:00", at("2020-01-01T02:30:00Z"), at("2020-01-01T02:30:01Z")],
    ["2020-01-01T00:00:00.120Z", at("2020-01-01T00:00:00.120Z"), at("2020-01-01T00:00:00.121Z")],
    ["2020-01-01T00:00:00.1Z", at("2020-01-01T00:00:00.100Z"), at("2020-01-01T00:00:00.200Z")],
    ["0099", -59042995200000, -59011459200000],
  ];
  for (const [text, low, high] of table) assert.deepEqual(range(parseDateTime(text)!), [low, high], text);
});

test("property: an instant lies in the range of each of its prefixes, and ranges nest", () => {
  fc.assert(fc.property(fc.date({ min: new Date("0100-01-01"), max: new Date("9998-01-01"), noInvalidDate: true }), (date) => {
    const full = date.toISOString();
    let [low, high] = range(parseDateTime(full)!);
    assert.equal(low, date.getTime());
    for (const length of [10, 7, 4]) {
      const [wideLow, wideHigh] = range(parseDateTime(full.slice(0, length))!);
      assert.ok(wideLow <= low && high <= wideHigh, full.slice(0, length));
      [low, high] = [wideLow, wideHigh];
    }
  }));
});

test("property: order of zoned instants is the order of their epochs; comparison is antisymmetric", () => {
  const zoned = fc.tuple(fc.date({ min: new Date("1000-01-01"), max: new Date("3000-01-01"), noInvalidDate: true }), fc.integer({ min: -12 * 60, max: 14 * 60 }))
    .map(([date, offset]) => {
      const local = new Date(Math.floor(date.getTime() / 1000) * 1000 + offset * 60_000).toISOString().slice(0, 19);
      const sign = offset < 0 ? "-" : "+";
      const two = (n: number) => String(n).padStart(2, "0");
      return { text: `${local}${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`, epoch: Math.floor(date.getTime() / 1000) };
    });
  fc.assert(fc.property(zoned, zoned, (a, b) => {
    const order = compareTemporal(parseDateTime(a.text)!, parseDateTime(b.text)!);
    assert.equal(order, Math.sign(a.epoch - b.epoch));
    assert.equal(compareTemporal(parseDateTime(b.text)!, parseDateTime(a.text)!), -order! || 0);
  }));
});
