import assert from "node:assert/strict";
import { test } from "node:test";
import { bandPoints, news2, newsResponse } from "./news2.ts";

const well = { breathsPerMin: 16, spo2Percent: 97, supplementalOxygen: false, systolicMmHg: 120, pulsePerMin: 70, consciousness: "alert", temperatureCelsius: 37 };
const run = (over: Record<string, number | boolean | string>) => news2.runInputs!({ ...well, ...over })[0]!;
const total = (over: Record<string, number | boolean | string>) => { const { value } = run(over); return value?.kind === "quantity" ? value.value : undefined; };

test("RCP 2017 chart 1: both sides of each band", () => {
  const table: [Parameters<typeof bandPoints>[0], [number, number][]][] = [
    ["breaths", [[8, 3], [9, 1], [11, 1], [12, 0], [20, 0], [21, 2], [24, 2], [25, 3]]],
    ["saturation1", [[91, 3], [92, 2], [93, 2], [94, 1], [95, 1], [96, 0]]],
    ["saturation2Air", [[83, 3], [84, 2], [85, 2], [86, 1], [87, 1], [88, 0], [92, 0], [93, 0], [100, 0]]],
    ["saturation2Oxygen", [[92, 0], [93, 1], [94, 1], [95, 2], [96, 2], [97, 3]]],
    ["systolic", [[90, 3], [91, 2], [100, 2], [101, 1], [110, 1], [111, 0], [219, 0], [220, 3]]],
    ["pulse", [[40, 3], [41, 1], [50, 1], [51, 0], [90, 0], [91, 1], [110, 1], [111, 2], [130, 2], [131, 3]]],
    ["temperature", [[35.0, 3], [35.1, 1], [36.0, 1], [36.1, 0], [38.0, 0], [38.1, 1], [39.0, 1], [39.1, 2]]],
  ];
  for (const [kind, values] of table) for (const [value, points] of values) assert.equal(bandPoints(kind, value), points, `${kind} ${value}`);
});

test("oxygen 2, new confusion 3, scale 2 only when said", () => {
  assert.equal(total({}), 0);
  assert.equal(total({ supplementalOxygen: true }), 2);
  assert.equal(total({ consciousness: "confusion" }), 3);
  assert.equal(total({ spo2Percent: 90 }), 3);
  assert.equal(total({ spo2Percent: 90, spo2Scale: "2" }), 0);
  assert.equal(total({ spo2Percent: 98, spo2Scale: "2", supplementalOxygen: true }), 5);
});

test("RCP 2017 chart 2: response", () => {
  assert.deepEqual([[4, false], [3, true], [4, true], [5, false], [6, true], [7, false]].map(([score, three]) => newsResponse(score as number, three as boolean).urgency), ["routine", "urgent", "urgent", "urgent", "urgent", "emergency"]);
});

test("an unknown measurement is never taken for normal", () => {
  for (const name of Object.keys(well)) {
    const { [name as "pulsePerMin"]: _, ...rest } = well;
    assert.equal(news2.runInputs!(rest)[0]!.outcome, "abstained", name);
  }
  assert.equal(run({ ageYears: 15 }).outcome, "abstained");
  assert.equal(run({ ageYears: 16 }).outcome, "computed");
});
