/**
 * Group `signals`: 24 h of one ECG lead, FHIR SampledData both ways, WFDB format 212. The floor is one plain pass over
 * the same array (a sum; for text, one visit to every character).
 */
import { analyzeEcg } from "#signals/ecg/analyze.ts";
import { detectBeats } from "#signals/ecg/qrs.ts";
import { synthesizeEcg } from "#signals/ecg/synthesize.ts";
import { decode, encode } from "#signals/encode.ts";
import { formats } from "#signals/wfdb/formats.ts";
import type { Row } from "./row.ts";

const rateHz = 360, daySeconds = 86_400;

function best(times: number, work: () => void): number {
  let least = Infinity;
  for (let time = 0; time < times; time++) {
    const started = performance.now();
    work();
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

export async function run(): Promise<Row[]> {
  const hour = synthesizeEcg({ seed: 1, seconds: 3600, rateHz, heartRate: 74, noiseMv: 0.03 }).signal.samples;
  const day = new Float32Array(daySeconds * rateHz);
  for (let at = 0; at < day.length; at += hour.length) day.set(hour, at);
  const signal = { samples: day, rateHz, unit: "mV" };
  let sink = 0;
  const pass = (): void => { let sum = 0; for (let index = 0; index < day.length; index++) sum += day[index]!; sink += sum; };
  detectBeats({ ...signal, samples: hour });
  pass();
  const floor = best(3, pass), detected = best(2, () => { sink += detectBeats(signal).length; }), analyzed = best(2, () => { sink += analyzeEcg(signal).beats.length; });

  const minute = { ...signal, samples: hour.subarray(0, 60 * rateHz) };
  const encoded = encode(minute, 0.001);
  if (!encoded.ok) throw new Error(encoded.failure.text);
  const text = encoded.value.data, passText = (): void => { let sum = 0; for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index); sink += sum; };
  const perSecond = (milliseconds: number, amount: number): number => amount / milliseconds / 1000;
  const count = minute.samples.length;
  const bytes = new Uint8Array(3 * 500_000).map((_, index) => (index * 31) & 255), out = new Int16Array(1_000_000);
  const passBytes = (): void => { let sum = 0; for (let index = 0; index < bytes.length; index++) sum += bytes[index]!; sink += sum; };
  passText();
  const textFloor = best(50, passText), bytesFloor = best(20, passBytes);
  const rows: Row[] = [
    { group: "signals", name: "ECG beats, 24 h at 360 Hz", ours: detected / 1000, floor: floor / 1000, unit: "s", note: "target < 4 s" },
    { group: "signals", name: "ECG beats, quality and rhythm, 24 h at 360 Hz", ours: analyzed / 1000, floor: floor / 1000, unit: "s", note: "target < 4 s" },
    { group: "signals", name: "SampledData from signal", ours: perSecond(best(50, () => { const again = encode(minute, 0.001); sink += again.ok ? 1 : 0; }), count), floor: perSecond(textFloor, count), unit: "million samples/s" },
    { group: "signals", name: "SampledData to signal", ours: perSecond(best(50, () => { const again = decode(encoded.value); sink += again.ok ? 1 : 0; }), count), floor: perSecond(textFloor, count), unit: "million samples/s" },
    { group: "signals", name: "WFDB format 212", ours: perSecond(best(20, () => formats[212].decode(bytes, out, out.length)), out.length), floor: perSecond(bytesFloor, out.length), unit: "million samples/s" },
  ];
  if (Number.isNaN(sink)) throw new Error("a pass met a value that is no number");
  return rows;
}
