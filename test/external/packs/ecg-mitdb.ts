/**
 * ECG records with reference beats (SOURCE.md of the pack): every WFDB record under mitdb/ and every noise clip under
 * nstdb/. One-to-one matching within ±150 ms, greedy from the left, whole record, first signal, no learning period.
 * A record passes when its checksums, beats and floor of accuracy hold; the pooled case asks Se ≥ 99.8 %, +P ≥ 99.4 %.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openRecord, readChunks, verifyRecord } from "#exchange/wfdb/record.ts";
import { detectBeats } from "#signals/ecg/qrs.ts";
import { scoreBeats } from "#signals/ecg/score-beats.ts";
import { beatSamples } from "#signals/wfdb/annotations.ts";
import { toPhysical } from "#signals/wfdb/frames.ts";
import type { ExternalCase } from "../run.ts";

export const pack = "ecg-mitdb";

const toleranceSeconds = 0.15;
const pooledLeast = { sensitivity: 0.998, predictivity: 0.994 };
/** A single record may be harder than the pool; under this something is wrong with the detector. */
const recordLeast = { sensitivity: 0.75, predictivity: 0.75 };

type Counts = { hit: number; missed: number; extra: number };
const sensitivity = ({ hit, missed }: Counts): number => (hit + missed === 0 ? 1 : hit / (hit + missed));
const predictivity = ({ hit, extra }: Counts): number => (hit + extra === 0 ? 1 : hit / (hit + extra));
const percent = (counts: Counts): string => `Se ${(100 * sensitivity(counts)).toFixed(2)} %, +P ${(100 * predictivity(counts)).toFixed(2)} % (${counts.missed} missed, ${counts.extra} extra of ${counts.hit + counts.missed})`;

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  const pooled: Counts = { hit: 0, missed: 0, extra: 0 };
  const records = existsSync(join(dir, "mitdb")) ? readdirSync(join(dir, "mitdb")).filter((name) => name.endsWith(".hea")).sort() : [];
  let judged = 0;
  for (const name of records) {
    yield {
      name: `mitdb/${name.slice(0, -4)}: samples match the checksums, beats are found`,
      async run() {
        const opened = await openRecord(join(dir, "mitdb", name));
        assert(opened.ok, opened.ok ? "" : opened.failure.text);
        const { header, frames, annotations } = opened.value;
        const verified = await verifyRecord(opened.value);
        assert(verified.ok, verified.ok ? "" : verified.failure.text);
        assert(annotations, `${name}: no .atr beside it`);
        const reference = beatSamples(annotations), spec = header.signals[0]!, samples = new Float32Array(frames * spec.samplesPerFrame);
        for await (const { from, raw } of readChunks(opened.value)) toPhysical(spec, raw[0]!, samples, from * spec.samplesPerFrame);
        const rateHz = header.frameRateHz * spec.samplesPerFrame;
        const counts = scoreBeats(detectBeats({ samples, rateHz, unit: spec.unit }), reference, toleranceSeconds * rateHz);
        pooled.hit += counts.hit; pooled.missed += counts.missed; pooled.extra += counts.extra;
        judged++;
        assert(sensitivity(counts) >= recordLeast.sensitivity && predictivity(counts) >= recordLeast.predictivity, percent(counts));
      },
    };
  }
  if (records.length > 0) yield {
    name: `mitdb pooled over ${records.length} records: Se ≥ 99.8 %, +P ≥ 99.4 %`,
    run() {
      assert(judged > 0, "no record could be read");
      assert(sensitivity(pooled) >= pooledLeast.sensitivity && predictivity(pooled) >= pooledLeast.predictivity, percent(pooled));
    },
  };
  const clips = existsSync(join(dir, "nstdb")) ? readdirSync(join(dir, "nstdb")).filter((name) => name.endsWith(".csv") && !name.endsWith(".beats.csv")).sort() : [];
  for (const name of clips) {
    const beats = join(dir, "nstdb", name.replace(/\.csv$/, ".beats.csv"));
    const noise = Number(/e(_?\d+)\.csv$/.exec(name)?.[1]?.replace("_", "-") ?? 24);
    yield {
      name: `nstdb/${name.slice(0, -4)}: beats in noise`,
      ...(existsSync(beats) ? {} : { skip: `no ${name.replace(/\.csv$/, ".beats.csv")} beside the clip` }),
      run() {
        const column = (path: string): number[] => readFileSync(path, "utf8").trim().split(/\r?\n/).slice(1).map(Number);
        const counts = scoreBeats(detectBeats({ samples: Float32Array.from(column(join(dir, "nstdb", name))), rateHz: 360, unit: "mV" }), column(beats), toleranceSeconds * 360);
        // Down to 18 dB nearly every beat can be told; below, noise hides beats from anybody.
        const least = noise >= 18 ? 0.97 : noise >= 12 ? 0.9 : 0.6;
        assert(sensitivity(counts) >= least && predictivity(counts) >= least, percent(counts));
      },
    };
  }
}
