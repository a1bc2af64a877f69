import { test } from "node:test";
import assert from "node:assert/strict";
import { clamp, day, hour, pan, shortestSpan, spanOf, spanText, ticks, toTime, toX, whole, year, zoom } from "./scale.ts";

const life = { from: Date.parse("1950-01-01T00:00:00Z"), to: Date.parse("2026-01-01T00:00:00Z") };

test("pixels and times are each other's inverse", () => {
  for (const x of [0, 13.5, 400, 801]) assert.ok(Math.abs(toX(life, 800, toTime(life, 800, x)) - x) < 1e-6);
});

test("zoom keeps the moment under the pointer where it was", () => {
  const at = Date.parse("2001-05-05T00:00:00Z"), before = toX(life, 800, at), closer = zoom(life, life, at, 0.5);
  assert.ok(Math.abs(toX(closer, 800, at) - before) < 1e-6);
  assert.equal(closer.to - closer.from, (life.to - life.from) / 2);
});

test("zoom ends at ten seconds and at the whole", () => {
  let span = life;
  for (let i = 0; i < 80; i += 1) span = zoom(span, life, life.from + year, 0.5);
  assert.ok(Math.abs(span.to - span.from - shortestSpan) < 1);
  for (let i = 0; i < 80; i += 1) span = zoom(span, life, life.from + year, 2);
  assert.deepEqual(span, life);
});

test("pan stops at the limits without changing the length", () => {
  const span = { from: life.from, to: life.from + year };
  assert.deepEqual(pan(span, life, -year), span);
  const end = pan(span, life, 200 * year);
  assert.equal(end.to, life.to);
  assert.equal(end.to - end.from, year);
});

test("clamp accepts limits shorter than the shortest span", () => {
  const limits = { from: 0, to: 1000 };
  assert.deepEqual(clamp({ from: -5, to: 5000 }, limits), limits);
});

test("ticks stand on calendar boundaries, inside the span, at least the gap apart", () => {
  for (const length of [76 * year, 8 * year, year, 60 * day, 9 * day, 30 * hour, 2 * hour, 60_000, 10_000]) {
    const span = { from: life.to - length, to: life.to }, found = ticks(span, 800);
    assert.ok(found.length >= 2, `${length} ms has ${found.length} ticks`);
    for (const [index, tick] of found.entries()) {
      assert.ok(tick.time >= span.from && tick.time <= span.to);
      const next = found[index + 1];
      if (next) assert.ok(toX(span, 800, next.time) - toX(span, 800, tick.time) > 75);
      if (tick.unit === "year") assert.equal(new Date(tick.time).getMonth(), 0);
    }
  }
});

test("a span survives the URL to its precision", () => {
  const span = { from: Date.parse("2026-02-03T04:05:06Z"), to: Date.parse("2026-02-03T04:05:36Z") };
  assert.deepEqual(spanOf(spanText(span.from, 30_000), spanText(span.to, 30_000)), span);
  assert.equal(spanText(span.from, year), "2026-02-03");
  assert.equal(spanOf("2026-02-03", "2026-02-01"), undefined);
  assert.equal(spanOf("x", undefined), undefined);
});

test("a single moment still makes a span", () => {
  const span = whole(life.from, life.from);
  assert.ok(span.to - span.from >= day);
});
