import assert from "node:assert/strict";
import { test } from "node:test";
import { assessQuality } from "./quality.ts";
import { detect } from "./qrs.ts";
import { synthesizeEcg, type EcgOptions } from "./synthesize.ts";

const windowsOf = (options: Omit<EcgOptions, "seed">) => {
  const { signal } = synthesizeEcg({ seed: 1, ...options });
  return assessQuality(signal, detect(signal));
};

test("windows of 10 s cover the recording without gap; a short rest joins the last", () => {
  for (const seconds of [4, 10, 14, 16, 65]) {
    const windows = windowsOf({ seconds });
    assert.equal(windows[0]!.from, 0);
    assert.equal(windows.at(-1)!.to, seconds * 250);
    windows.forEach((window, index) => { if (index > 0) assert.equal(window.from, windows[index - 1]!.to); });
  }
  assert.equal(windowsOf({ seconds: 14 }).length, 1);
  assert.equal(windowsOf({ seconds: 16 }).length, 2);
});

test("ordinary ECGs are good at every rate, also with tall T, fast rhythm and some noise", () => {
  for (const options of [{}, { rateHz: 100 }, { rateHz: 1000 }, { waves: { t: 3 } }, { heartRate: 180, sdnnMs: 5 }, { noiseMv: 0.08 }, { rhythm: "af" as const, heartRate: 110 }])
    for (const { quality } of windowsOf({ seconds: 30, ...options })) assert.equal(quality, "good", JSON.stringify(options));
});

test("noise that hides the beats is noisy", () => {
  for (const { quality } of windowsOf({ seconds: 30, noiseMv: 0.8 })) assert.equal(quality, "noisy");
});
