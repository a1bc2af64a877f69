import assert from "node:assert/strict";
import { test } from "node:test";
import { distanceBetween, distanceDefault, parseNear } from "./near.ts";

test("distances along the great circle: Berlin to Paris, over the date line, between the poles", () => {
  const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < expected * 0.005, `${found} of ${expected} km`);
  near(distanceBetween({ latitude: 52.52, longitude: 13.405 }, { latitude: 48.8566, longitude: 2.3522 }), 878);
  near(distanceBetween({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 }), 111.2);
  near(distanceBetween({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 120 }), 20_015);
});

test("near: the example of location.html, units of length, and what is no place", () => {
  assert.deepEqual(parseNear("-83.694810|42.256500|11.20|km"), { ok: true, value: { latitude: -83.69481, longitude: 42.2565, distance: 11.2 } });
  const distance = (raw: string) => { const term = parseNear(raw); assert.ok(term.ok, raw); return term.value.distance; };
  assert.equal(distance("1|2"), distanceDefault);
  assert.equal(distance("1|2|3"), 3);
  assert.ok(Math.abs(distance("1|2|500|m") - 0.5) < 1e-12);
  assert.ok(Math.abs(distance("1|2|1|[mi_i]") - 1.609344) < 1e-9);
  for (const wrong of ["1", "91|0", "0|181", "a|b", "1|2|-1", "1|2|3|kg", "1|2|3|km|x", "1e5|2"]) assert.ok(!parseNear(wrong).ok, wrong);
});
