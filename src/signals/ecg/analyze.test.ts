import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../random.ts";
import { analyzeEcg, type EcgAnalysis } from "./analyze.ts";
import { irregularity } from "./rhythm.ts";
import { synthesizeEcg, type EcgOptions } from "./synthesize.ts";

const read = (options: Omit<EcgOptions, "seed">, seed = 1): EcgAnalysis => analyzeEcg(synthesizeEcg({ seed, ...options }).signal);

test("sinus rhythm is regular, fibrillation af-like, over a hundred strips of 30 s and 60 s", () => {
  let regularAsAf = 0, afMissed = 0;
  for (let seed = 0; seed < 50; seed++) {
    const seconds = seed % 2 ? 30 : 60;
    if (read({ seconds, heartRate: 55 + seed, sdnnMs: 20 + (seed % 25) }, seed).rhythm === "af-like") regularAsAf++;
    if (read({ seconds, rhythm: "af", heartRate: 60 + seed }, seed).rhythm !== "af-like") afMissed++;
  }
  assert(regularAsAf <= 1, `${regularAsAf} sinus strips called af-like`);
  assert(afMissed <= 3, `${afMissed} fibrillating strips missed`);
});

test("rate classes at their limits", () => {
  for (const [heartRate, rate] of [[45, "bradycardia"], [48, "bradycardia"], [52, "normal"], [98, "normal"], [103, "tachycardia"], [150, "tachycardia"]] as const)
    assert.equal(read({ seconds: 60, heartRate, sdnnMs: 10 }).rate, rate, `${heartRate}`);
});

test("too few beats: rhythm undetermined, rate still told", () => {
  const analysis = read({ seconds: 12, heartRate: 60 });
  assert.equal(analysis.rhythm, "undetermined");
  assert(Math.abs(analysis.heartRate! - 60) < 3);
});

test("a pause is told with its place and length; 2.9 s is none, 3.2 s is", () => {
  for (const [seconds, expected] of [[2.7, 0], [3.3, 1]] as const) {
    const { signal, beats } = synthesizeEcg({ seed: 6, seconds: 60, heartRate: 70, sdnnMs: 5 });
    const chance = random(2), cut = beats[30]! + 125, gap = Math.round((seconds - 60 / 70) * 250);
    const samples = new Float32Array(signal.samples.length + gap);
    samples.set(signal.samples.subarray(0, cut));
    for (let index = cut; index < cut + gap; index++) samples[index] = signal.samples[cut]! + 0.01 * chance.normal();
    samples.set(signal.samples.subarray(cut), cut + gap);
    const { pauses } = analyzeEcg({ ...signal, samples });
    assert.equal(pauses.length, expected, `${seconds} s`);
    if (expected) { assert(Math.abs(pauses[0]!.seconds - seconds) < 0.1); assert(Math.abs(pauses[0]!.atSeconds - beats[30]! / 250) < 0.1); }
  }
});

test("flat, saturated, absent and noisy stretches say so and are not judged", () => {
  const make = (change: (samples: Float32Array) => void): EcgAnalysis => {
    const { signal } = synthesizeEcg({ seed: 2, seconds: 60, heartRate: 80 });
    change(signal.samples as Float32Array);
    return analyzeEcg(signal);
  };
  const chance = random(5);
  const cases: [keyof EcgAnalysis["quality"], (samples: Float32Array) => void][] = [
    ["flat", (samples) => samples.fill(0.2, 5000, 10000)],
    ["absent", (samples) => samples.fill(NaN, 5000, 10000)],
    ["saturated", (samples) => { for (let index = 5000; index < 10000; index++) samples[index] = Math.max(-5, Math.min(5, 60 * Math.sin(index / 40))); }],
    ["noisy", (samples) => { for (let index = 5000; index < 10000; index++) samples[index]! += 1.5 * chance.normal(); }],
  ];
  for (const [quality, change] of cases) {
    const analysis = make(change);
    assert.equal(analysis.quality[quality], 20, `${quality}: ${JSON.stringify(analysis.quality)}`);
    assert.equal(analysis.usableSeconds, 40);
    assert.equal(analysis.pauses.length, 0, `${quality} gave a pause`);
    assert.equal(analysis.rhythm, "regular");
  }
});

test("bigeminy and single premature beats are not called af-like", () => {
  const chance = random(4);
  const bigeminy = Array.from({ length: 60 }, (_, index) => (index % 2 ? 0.5 : 1.1) + 0.01 * chance.normal());
  const single = Array.from({ length: 60 }, (_, index) => (index % 9 === 4 ? 0.5 : index % 9 === 5 ? 1.1 : 0.8) + 0.01 * chance.normal());
  assert.equal(irregularity(bigeminy)!.afLike, false);
  const measures = irregularity(single)!;
  assert.equal(measures.afLike, false);
  assert(measures.ectopicPairs >= 5);
  assert.equal(irregularity([0.8, 0.8, 0.8]), undefined);
});

test("RMSSD and turning points by hand", () => {
  const measures = irregularity(Array.from({ length: 24 }, (_, index) => (index % 2 ? 0.9 : 0.8)))!;
  assert(Math.abs(measures.rmssdSeconds - 0.1) < 1e-12);
  assert(Math.abs(measures.meanSeconds - 0.85) < 1e-12);
  assert.equal(measures.turningPointRatio, 1);
});
