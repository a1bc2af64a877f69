import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../random.ts";
import { detect, detectBeats } from "./qrs.ts";
import { scoreBeats, type BeatScore } from "./score-beats.ts";
import { synthesizeEcg, type EcgOptions } from "./synthesize.ts";

type Change = (samples: Float32Array, beats: Int32Array, rateHz: number) => void;
/** Beats within the first and last 0.3 s may be cut through and are not asked for. */
function score(options: Omit<EcgOptions, "seed" | "seconds">, change?: Change): BeatScore {
  const total: BeatScore = { hit: 0, missed: 0, extra: 0 };
  for (let seed = 0; seed < 3; seed++) {
    const { signal, beats } = synthesizeEcg({ seed: `qrs ${seed}`, seconds: 120, ...options });
    change?.(signal.samples as Float32Array, beats, signal.rateHz);
    const inside = (list: Int32Array): Int32Array => list.filter((beat) => beat > 0.3 * signal.rateHz && beat < signal.samples.length - 0.3 * signal.rateHz);
    const counts = scoreBeats(inside(detectBeats(signal)), inside(beats), 0.15 * signal.rateHz);
    total.hit += counts.hit; total.missed += counts.missed; total.extra += counts.extra;
  }
  return total;
}
const wrong = ({ missed, extra }: BeatScore): number => missed + extra;

const shapes: [string, Omit<EcgOptions, "seed" | "seconds">, Change?][] = [
  ["plain", {}],
  ["inverted", { amplitudeMv: -1.2 }],
  ["tiny", { amplitudeMv: 0.15, noiseMv: 0.008 }],
  ["tall T", { waves: { t: 3 } }],
  ["tall inverted T", { waves: { t: -3 } }],
  ["tall P", { waves: { p: 3 } }],
  ["slow", { heartRate: 30 }],
  ["fast", { heartRate: 200, sdnnMs: 5 }],
  ["atrial fibrillation", { rhythm: "af", heartRate: 95 }],
  ["fast atrial fibrillation", { rhythm: "af", heartRate: 150 }],
  ["noise of a sixth of R", { noiseMv: 0.2 }],
  ["gain falling to a quarter and back", {}, (samples, _, rateHz) => { for (let index = 0; index < samples.length; index++) if (index % (60 * rateHz) > 30 * rateHz) samples[index]! *= 0.25; }],
  ["every third complex small", { heartRate: 80 }, (samples, beats, rateHz) => { beats.forEach((beat, place) => { if (place % 3 === 0) for (let index = Math.max(0, beat - rateHz / 10); index < Math.min(samples.length, beat + rateHz / 10); index++) samples[Math.floor(index)]! *= 0.45; }); }],
  ["baseline wandering by 2 mV", {}, (samples, _, rateHz) => { for (let index = 0; index < samples.length; index++) samples[index]! += 2 * Math.sin((2 * Math.PI * 0.3 * index) / rateHz); }],
  ["mains hum of 0.2 mV", { rateHz: 500 }, (samples) => { for (let index = 0; index < samples.length; index++) samples[index]! += 0.2 * Math.sin((2 * Math.PI * 50 * index) / 500); }],
  ["a step of 3 mV every ten seconds", {}, (samples, _, rateHz) => { for (let index = 0; index < samples.length; index++) samples[index]! += 3 * (Math.floor(index / (10 * rateHz) + 0.5) % 2); }],
];
for (const [name, options, change] of shapes)
  test(`finds beats: ${name}`, () => {
    const counts = score(options, change);
    const allowed = name.startsWith("a step") ? 36 : Math.ceil(0.005 * (counts.hit + counts.missed));
    assert(wrong(counts) <= allowed, JSON.stringify(counts));
  });

for (const rateHz of [100, 125, 128, 200, 250, 257, 360, 500, 512, 1000])
  test(`the same beats at ${rateHz} Hz`, () => {
    const counts = score({ rateHz, rhythm: "af", heartRate: 90 });
    assert(wrong(counts) <= 3, JSON.stringify(counts));
  });

test("R peaks stand within 15 ms of the model's", () => {
  const { signal, beats } = synthesizeEcg({ seed: 3, seconds: 60, rateHz: 500, heartRate: 70 });
  const found = detectBeats(signal);
  for (const beat of beats.subarray(1, -1)) assert(found.some((at) => Math.abs(at - beat) <= 0.015 * 500), `none near ${beat}`);
});

test("gain and unit change nothing", () => {
  const { signal } = synthesizeEcg({ seed: 8, seconds: 60 });
  const micro = { ...signal, unit: "uV", samples: signal.samples.map((value) => value * 1000) as Float32Array };
  assert.deepEqual(detectBeats(micro), detectBeats(signal));
});

test("a pause of six seconds stays a pause", () => {
  const { signal, beats } = synthesizeEcg({ seed: 6, seconds: 60, heartRate: 70 });
  const chance = random(1), from = beats[20]! + 100, to = from + 6 * signal.rateHz;
  for (let index = from; index < to; index++) signal.samples[index] = signal.samples[from - 1]! + 0.01 * chance.normal();
  const inside = detectBeats(signal).filter((beat) => beat > from + 25 && beat < to - 25);
  assert.equal(inside.length, 0);
});

test("wide ventricular beats in bigeminy, couplets and fast runs are found", () => {
  const rateHz = 360;
  for (const [name, next] of [
    ["bigeminy", (place: number) => (place % 2 ? ["V", 0.45] : ["N", 1.1])],
    ["couplets", (place: number) => (place % 6 > 3 ? ["V", 0.42] : ["N", 0.85])],
    ["fast run", () => ["V", 0.29]],
  ] as const) {
    const chance = random(name), samples = new Float32Array(120 * rateHz), beats: number[] = [];
    const put = (at: number, width: number, height: number): void => {
      for (let index = Math.max(0, Math.floor((at - 5 * width) * rateHz)); index < Math.min(samples.length, (at + 5 * width) * rateHz); index++) samples[index]! += height * Math.exp(-0.5 * ((index / rateHz - at) / width) ** 2);
    };
    for (let time = 1, place = 0; time < 118; place++) {
      const [kind, rr] = next(place) as [string, number];
      beats.push(Math.round(time * rateHz));
      if (kind === "N") { put(time - 0.16, 0.025, 0.12); put(time, 0.012, 1); put(time + 0.03, 0.012, -0.25); put(time + 0.28, 0.05, 0.25); }
      else { put(time, 0.033, 1.6); put(time + 0.08, 0.036, -0.7); if (rr > 0.4) put(time + 0.32, 0.07, -0.4); }
      time += rr * (1 + 0.03 * chance.normal());
    }
    for (let index = 0; index < samples.length; index++) samples[index]! += 0.02 * chance.normal();
    const counts = scoreBeats(detectBeats({ samples, rateHz, unit: "mV" }), beats, 0.15 * rateHz);
    assert(wrong(counts) <= 0.02 * beats.length, `${name}: ${JSON.stringify(counts)}`);
  }
});

test("nothing is found where nothing is", () => {
  for (const samples of [new Float32Array(0), new Float32Array(50), new Float32Array(5000), new Float32Array(5000).fill(NaN), new Float32Array(5000).fill(Infinity)])
    assert.equal(detectBeats({ samples, rateHz: 250, unit: "mV" }).length, 0);
  const dither = Float32Array.from({ length: 5000 }, (_, index) => (index % 7 === 0 ? 0.0005 : 0));
  assert.equal(detectBeats({ samples: dither, rateHz: 250, unit: "mV" }).length, 0);
});

test("gaps do not make beats", () => {
  const { signal, beats } = synthesizeEcg({ seed: 12, seconds: 60, heartRate: 70 });
  signal.samples.fill(NaN, 20 * 250, 25 * 250);
  const found = detectBeats(signal), outside = (list: Int32Array): Int32Array => list.filter((beat) => beat < 19.8 * 250 || beat > 25.2 * 250);
  assert(found.length - outside(found).length <= 2);
  assert(wrong(scoreBeats(outside(found), outside(beats), 37)) <= 2);
});

test("an electrode off for half the recording disturbs neither half", () => {
  for (const value of [0, 2.5]) {
    const { signal, beats } = synthesizeEcg({ seed: 21, seconds: 120, heartRate: 70, waves: { t: 2 } });
    signal.samples.fill(value, 30 * 250, 90 * 250);
    const there = (list: Int32Array): Int32Array => list.filter((beat) => (beat > 75 && beat < 29.7 * 250) || (beat > 90.4 * 250 && beat < 119.7 * 250));
    const found = detectBeats(signal);
    assert(wrong(scoreBeats(there(found), there(beats), 37)) <= 1);
    assert(found.length - there(found).length <= 6, `${found.length - there(found).length} beats in a flat line`);
  }
});

test("level and between are told for every beat", () => {
  const { beats, level, between } = detect(synthesizeEcg({ seed: 1, seconds: 30 }).signal);
  assert.equal(level.length, beats.length);
  assert.equal(between.length, beats.length);
  for (let beat = 1; beat < beats.length; beat++) assert(between[beat]! < level[beat]!);
});

test("the greedy match is one to one", () => {
  assert.deepEqual(scoreBeats([10, 12, 30, 80], [11, 29, 60], 5), { hit: 2, missed: 1, extra: 2 });
  assert.deepEqual(scoreBeats([], [1], 5), { hit: 0, missed: 1, extra: 0 });
});
