import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { synthesizeEcg, type SyntheticEcg } from "./synthesize.ts";

const hash = ({ signal }: SyntheticEcg): string => createHash("sha256").update(new Uint8Array(signal.samples.buffer)).digest("hex");
function intervals({ beats, signal }: SyntheticEcg): number[] {
  return Array.from(beats.subarray(1), (beat, index) => (beat - beats[index]!) / signal.rateHz);
}
function moments(values: number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

test("same seed, same bytes; another seed, other bytes", () => {
  const options = { seed: "a person", seconds: 10, heartRate: 70 };
  assert.equal(hash(synthesizeEcg(options)), hash(synthesizeEcg(options)));
  assert.notEqual(hash(synthesizeEcg(options)), hash(synthesizeEcg({ ...options, seed: "another" })));
});

test("RR mean and SDNN are those asked for", () => {
  for (const [heartRate, sdnnMs] of [[50, 80], [72, 40], [110, 15]] as const) {
    const { mean, deviation } = moments(intervals(synthesizeEcg({ seed: 3, seconds: 600, heartRate, sdnnMs })));
    assert(Math.abs(mean - 60 / heartRate) < 0.01, `mean ${mean} at ${heartRate}`);
    assert(Math.abs(deviation * 1000 - sdnnMs) < sdnnMs * 0.25, `SDNN ${deviation} for ${sdnnMs}`);
  }
});

test("the RR spectrum has its two bands in the ratio asked for", () => {
  const power = (rr: number[], times: number[], low: number, high: number): number => {
    const { mean } = moments(rr);
    let sum = 0;
    for (let frequency = low; frequency < high; frequency += 1 / 1200) {
      let real = 0, imaginary = 0;
      rr.forEach((value, index) => {
        real += (value - mean) * Math.cos(2 * Math.PI * frequency * times[index]!);
        imaginary += (value - mean) * Math.sin(2 * Math.PI * frequency * times[index]!);
      });
      sum += real * real + imaginary * imaginary;
    }
    return sum;
  };
  for (const lfHfRatio of [0.5, 3]) {
    const ecg = synthesizeEcg({ seed: 11, seconds: 1200, heartRate: 75, sdnnMs: 40, lfHfRatio });
    const rr = intervals(ecg), times = Array.from(ecg.beats.subarray(0, rr.length), (beat) => beat / ecg.signal.rateHz);
    const seen = power(rr, times, 0.05, 0.15) / power(rr, times, 0.18, 0.32);
    assert(seen > lfHfRatio / 1.7 && seen < lfHfRatio * 1.7, `ratio ${seen} for ${lfHfRatio}`);
  }
});

test("R peaks are where the signal is highest", () => {
  for (const rateHz of [125, 250, 500, 1000]) {
    const { signal, beats } = synthesizeEcg({ seed: 5, seconds: 20, rateHz, heartRate: 80, noiseMv: 0 });
    const reach = Math.round(0.3 * rateHz);
    for (const beat of beats.subarray(1, -1)) {
      let best = beat;
      for (let index = beat - reach; index <= beat + reach; index++) if (signal.samples[index]! > signal.samples[best]!) best = index;
      assert(Math.abs(best - beat) <= Math.ceil(0.012 * rateHz), `${best} against ${beat} at ${rateHz} Hz`);
      assert(Math.abs(signal.samples[best]! - 1.2) < 0.25);
    }
  }
});

test("atrial fibrillation: RR irregular from beat to beat, without autocorrelation, and no P wave", () => {
  const ecg = synthesizeEcg({ seed: 9, seconds: 600, rhythm: "af", heartRate: 90 });
  const rr = intervals(ecg), { mean, deviation } = moments(rr);
  assert(deviation / mean > 0.17 && deviation / mean < 0.27, `variation ${deviation / mean}`);
  const lagged = rr.slice(1).reduce((sum, value, index) => sum + (value - mean) * (rr[index]! - mean), 0) / (rr.length * deviation ** 2);
  assert(Math.abs(lagged) < 0.1, `autocorrelation ${lagged}`);
});

test("a negative amplitude turns the complex over", () => {
  const upright = synthesizeEcg({ seed: 2, seconds: 10, noiseMv: 0 }), inverted = synthesizeEcg({ seed: 2, seconds: 10, noiseMv: 0, amplitudeMv: -1.2 });
  upright.signal.samples.forEach((value, index) => assert.equal(inverted.signal.samples[index], value === 0 ? inverted.signal.samples[index] : -value));
});
