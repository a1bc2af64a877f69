/**
 * `salus ecg FILE`: beats, heart rate, rhythm and quality of an ECG. Reads a WFDB record (.hea, .dat), one column of
 * numbers (CSV or text, with --rate), or a FHIR Observation or Bundle with ECG SampledData; `-` is standard input.
 * JSON shape: docs/cli/ecg.md.
 */
import { readFile, stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { fail, ok, type Result } from "#platform/result.ts";
import type { Resource } from "#fhir/resource.ts";
import { analyzeEcg, type EcgAnalysis } from "#signals/ecg/analyze.ts";
import { rankLead } from "#signals/ecg/leads.ts";
import { ecgLeads } from "#signals/ecg/observation.ts";
import { recordings } from "#signals/methods/recordings.ts";
import { rhythmLabels, rhythmStatement } from "#signals/methods/ecg-wording.ts";
import type { Signal } from "#signals/signal.ts";
import { toPhysical } from "#signals/wfdb/frames.ts";
import { openRecord, readChunks } from "#exchange/wfdb/record.ts";
import type { Command } from "./command.ts";

const textBytesMost = 512 << 20;

export const command: Command = {
  name: "ecg",
  summary: "beats, heart rate, rhythm and quality of an ECG file",
  usage: "salus ecg FILE [--rate HZ] [--unit mV|uV|V] [--lead NAME] [--json]",
  async run(args, io) {
    let options;
    try {
      options = parseArgs({ args: [...args], allowPositionals: true, options: { rate: { type: "string" }, unit: { type: "string" }, lead: { type: "string" }, json: { type: "boolean" } } });
    } catch (error) {
      io.stderr.write(`${(error as Error).message}\nUsage: ${command.usage}\n`);
      return 2;
    }
    const [path] = options.positionals;
    if (path === undefined || options.positionals.length > 1) {
      io.stderr.write(`Name one file, or - for standard input.\nUsage: ${command.usage}\n`);
      return 2;
    }
    const { rate, unit, lead } = options.values;
    const read = await readSignals(path, io.stdin, { ...(rate === undefined ? {} : { rate: Number(rate) }), unit: unit ?? "mV" });
    const chosen = read.ok ? choose(read.value, lead) : read;
    if (!chosen.ok) {
      io.stderr.write(`${chosen.failure.text}\n`);
      return 1;
    }
    const analysis = analyzeEcg(chosen.value);
    io.stdout.write(options.values.json ? `${JSON.stringify(toJson(path, chosen.value, analysis))}\n` : toText(chosen.value, analysis));
    return 0;
  },
};

/** The lead named, else the one in which beats are best found. */
function choose(signals: Signal[], lead: string | undefined): Result<Signal> {
  const names = signals.map((signal) => signal.lead ?? "unnamed").join(", ");
  const signal = lead === undefined
    ? signals.toSorted((left, right) => rankLead(left.lead) - rankLead(right.lead))[0]
    : signals.find((candidate) => candidate.lead?.toUpperCase() === lead.toUpperCase());
  if (!signal) return fail("not-found", `There is no lead "${lead}"; the file has ${names}.`);
  if (!(signal.rateHz >= 60 && signal.rateHz <= 20_000)) return fail("value", `A rate of ${signal.rateHz} Hz is outside 60 to 20000 Hz; beats cannot be found.`);
  return ok(signal);
}

async function readSignals(path: string, stdin: NodeJS.ReadableStream, about: { rate?: number; unit: string }): Promise<Result<Signal[]>> {
  if (path !== "-") {
    if (/\.(hea|dat|atr)$/i.test(path) || (await isRecordBase(path))) return readRecord(path);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) return fail("not-found", `${path} is not a file that can be read.`);
    if (found.size > textBytesMost) return fail("too-long", `${path} has ${found.size} bytes, above ${textBytesMost}; split it, or convert it to a WFDB record.`);
  }
  const text = path === "-" ? await collect(stdin) : await readFile(path, "utf8");
  if (text === undefined) return fail("too-long", `Standard input holds more than ${textBytesMost} bytes.`);
  return /^\s*[{[]/.test(text) ? readFhir(text, path) : readColumn(text, path, about);
}

async function isRecordBase(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) === undefined && (await stat(`${path}.hea`).catch(() => undefined)) !== undefined;
}

async function collect(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > textBytesMost) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function readRecord(path: string): Promise<Result<Signal[]>> {
  const opened = await openRecord(path);
  if (!opened.ok) return opened;
  const { header, frames } = opened.value;
  const signals = header.signals.map((spec): Signal => ({ samples: new Float32Array(frames * spec.samplesPerFrame), unit: spec.unit, rateHz: header.frameRateHz * spec.samplesPerFrame, lead: spec.description || "ECG" }));
  for await (const { from, raw } of readChunks(opened.value))
    raw.forEach((values, index) => toPhysical(header.signals[index]!, values, signals[index]!.samples as Float32Array<ArrayBuffer>, from * header.signals[index]!.samplesPerFrame));
  if (header.start !== undefined) for (const signal of signals) signal.start = `${header.start}Z`;
  const electric = signals.filter(({ unit }) => unit === "mV" || unit === "uV" || unit === "V");
  return electric.length > 0 ? ok(electric) : fail("not-supported", `${header.record} has no signal in volts: ${signals.map(({ lead, unit }) => `${lead} (${unit})`).join(", ")}.`);
}

/** One number per line; a first line that is no number is a title, other columns after the first are left. */
function readColumn(text: string, path: string, { rate, unit }: { rate?: number; unit: string }): Result<Signal[]> {
  if (rate === undefined) return fail("required", `${path} is a column of numbers; say its sampling rate with --rate HZ.`);
  if (!Number.isFinite(rate)) return fail("value", "--rate is not a number of samples per second.");
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)!.trim() === "") lines.pop();
  const samples = new Float32Array(lines.length);
  let count = 0;
  for (const [index, line] of lines.entries()) {
    const word = line.split(/[,;\t]/, 1)[0]!.trim(), value = word === "" || word.toLowerCase() === "nan" ? NaN : Number(word);
    if (Number.isNaN(value) && word !== "" && word.toLowerCase() !== "nan") {
      if (index === 0) continue;
      return fail("value", `${path} line ${index + 1}: "${word.slice(0, 40)}" is no number. Give one sample per line.`);
    }
    samples[count++] = value;
  }
  return count === 0 ? fail("incomplete", `${path} holds no samples.`) : ok([{ samples: samples.slice(0, count), unit, rateHz: rate, lead: "ECG" }]);
}

function readFhir(text: string, path: string): Result<Signal[]> {
  let parsed: Resource;
  try {
    parsed = JSON.parse(text) as Resource;
  } catch (error) {
    return fail("invalid", `${path} is not JSON: ${(error as Error).message}`);
  }
  if (parsed?.resourceType === "Bundle") {
    const entries = Array.isArray(parsed["entry"]) ? (parsed["entry"] as { resource?: Resource }[]) : [];
    const resources = entries.map((entry) => entry?.resource).filter((resource) => resource !== undefined);
    const found = recordings({ subject: "Patient/any", asOf: "9999-12-31T00:00:00Z", resources });
    const first = found.find(({ leads }) => leads.length > 0);
    if (!first) return fail("not-found", `${path}: the Bundle has no Observation of an ECG (LOINC 11524-6) with SampledData${found[0]?.failure ? `: ${found[0].failure}` : ""}.`);
    return ok(first.leads.map(({ signal }) => signal));
  }
  if (parsed?.resourceType !== "Observation") return fail("not-supported", `${path} is ${typeof parsed?.resourceType === "string" ? `a ${parsed.resourceType}` : "no FHIR resource"}; give an Observation or a Bundle.`);
  const leads = ecgLeads(parsed);
  if (!leads.ok) return leads;
  if (leads.value.length === 0) return fail("not-found", `${path}: no component holds SampledData in volts${Array.isArray(parsed["hasMember"]) ? "; its segments are in other Observations, give a Bundle with them" : ""}.`);
  return ok(leads.value.map(({ signal }) => signal));
}

function toJson(file: string, signal: Signal, analysis: EcgAnalysis): Record<string, unknown> {
  const round = (value: number | undefined, digits: number): number | undefined => (value === undefined ? undefined : Number(value.toFixed(digits)));
  return {
    file, lead: signal.lead, rateHz: signal.rateHz, samples: signal.samples.length, seconds: round(analysis.seconds, 3),
    beats: [...analysis.beats], beatCount: analysis.beats.length,
    heartRate: round(analysis.heartRate, 1), slowest: round(analysis.slowest, 1), fastest: round(analysis.fastest, 1), rate: analysis.rate,
    rhythm: analysis.rhythm, statement: rhythmStatement(analysis), measures: analysis.measures, afLike: analysis.afLike, pauses: analysis.pauses,
    quality: { usableSeconds: round(analysis.usableSeconds, 3), seconds: analysis.quality, windows: analysis.windows },
  };
}

function toText(signal: Signal, analysis: EcgAnalysis): string {
  const seconds = (value: number): string => `${value.toFixed(1)} s`;
  const bad = (["noisy", "saturated", "flat", "absent"] as const).filter((name) => analysis.quality[name] > 0).map((name) => `${name} ${seconds(analysis.quality[name])}`);
  const lines = [
    `Lead        ${signal.lead ?? "ECG"}, ${signal.rateHz} Hz, ${seconds(analysis.seconds)}`,
    `Beats       ${analysis.beats.length}`,
    `Heart rate  ${analysis.heartRate === undefined ? "unknown" : `${analysis.heartRate.toFixed(0)}/min`}${analysis.slowest === undefined ? "" : ` (${analysis.slowest.toFixed(0)} to ${analysis.fastest!.toFixed(0)} over 8 beats)`}`,
    `Rhythm      ${rhythmLabels[analysis.rhythm].en}`,
    `Quality     ${seconds(analysis.usableSeconds)} usable${bad.length > 0 ? `; ${bad.join(", ")}` : ""}`,
    rhythmStatement(analysis).en,
  ];
  return `${lines.join("\n")}\n`;
}
