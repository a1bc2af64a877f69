import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Resource } from "#fhir/resource.ts";
import { ecgLeads } from "#signals/ecg/observation.ts";
import { ecgRhythm } from "#signals/methods/ecg-rhythm.ts";
import { synthesizeEcg } from "#signals/ecg/synthesize.ts";
import { detectWfdb, readWfdb, type WfdbOptions } from "./read.ts";

/** A two-lead format 212 record of 150 s with one annotation per beat. */
async function record(work: (folder: string, raw: Int16Array, beats: Int32Array) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "salus-wfdb-"));
  try {
    const { signal, beats } = synthesizeEcg({ seed: 7, seconds: 150, rateHz: 250, heartRate: 75 });
    const raw = Int16Array.from(signal.samples, (value) => Math.round(value * 200) + 1024);
    const dat = new Uint8Array(raw.length * 3);
    let sum = 0;
    raw.forEach((value, index) => {
      const other = -value;
      dat.set([value & 255, ((value >> 8) & 15) | (((other >> 8) & 15) << 4), other & 255], index * 3);
      sum += value;
    });
    const words: number[] = [];
    let last = 0;
    for (const beat of beats) { words.push((1 << 10) | (beat - last)); last = beat; }
    await writeFile(join(folder, "r1.atr"), new Uint8Array(Uint16Array.from([...words, 0]).buffer));
    await writeFile(join(folder, "r1.dat"), dat);
    await writeFile(join(folder, "r1.hea"), `r1 2 250 ${raw.length} 08:30:00 01/02/2020\nr1.dat 212 200 12 1024 ${raw[0]} ${(sum << 16) >> 16} 0 II\nr1.dat 212 200 12 1024 ${-raw[0]!} ${(-sum << 16) >> 16} 0 V5\n# 69 F\n# Aspirin\n`);
    await work(folder, raw, beats);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function all(path: string, options?: WfdbOptions): Promise<Resource[]> {
  const resources: Resource[] = [];
  for await (const result of readWfdb(path, options)) {
    assert(result.ok, result.ok ? "" : result.failure.text);
    resources.push(result.value);
  }
  return resources;
}
async function failure(path: string): Promise<string> {
  for await (const result of readWfdb(path)) { assert(!result.ok, "a resource came before the failure"); return `${result.failure.code}: ${result.failure.text}`; }
  return "nothing";
}

test("a record becomes a patient, segments of at most a minute and a recording, every sample kept", () => record(async (folder, raw, beats) => {
  const resources = await all(join(folder, "r1.hea"));
  assert.deepEqual(resources.map(({ resourceType }) => resourceType), ["Patient", "Observation", "Observation", "Observation", "Observation"]);
  assert.equal(resources[0]!["gender"], "female");
  const recording = resources.at(-1)!;
  assert.deepEqual(recording["hasMember"], resources.slice(1, 4).map(({ id }) => ({ reference: `Observation/${id}` })));
  assert.deepEqual(recording["effectivePeriod"], { start: "2020-02-01T08:30:00.000Z", end: "2020-02-01T08:32:30.000Z" });
  assert.deepEqual(recording["note"], [{ text: "69 F" }, { text: "Aspirin" }]);
  const kept = resources.slice(1, 4).flatMap((segment) => {
    const leads = ecgLeads(segment);
    assert(leads.ok);
    assert.deepEqual(leads.value.map(({ signal }) => signal.lead), ["II", "V5"]);
    return [...leads.value[0]!.signal.samples];
  });
  assert.equal(kept.length, raw.length);
  kept.forEach((value, index) => assert(Math.abs(value - (raw[index]! - 1024) / 200) < 1e-9));
  const marks = resources.slice(1, 4).flatMap((segment, index) => {
    const component = (segment["component"] as { code: { text?: string }; valueString?: string }[]).find(({ code }) => code.text === "Beat annotations");
    return component!.valueString!.split(" ").map((mark) => Number(mark.split(":")[0]) + index * 15000);
  });
  assert.deepEqual(marks, [...beats]);
}));

test("the same files give the same resources; another subject, others", () => record(async (folder) => {
  const path = join(folder, "r1.hea");
  assert.deepEqual(await all(path), await all(join(folder, "r1.dat")));
  const mine = await all(path, { subject: "Patient/7" });
  assert.equal(mine[0]!.resourceType, "Observation");
  assert.notEqual(mine.at(-1)!.id, (await all(path)).at(-1)!.id);
}));

test("the rhythm method joins the segments", () => record(async (folder, _, beats) => {
  const resources = await all(join(folder, "r1"), { subject: "Patient/7" });
  const findings = ecgRhythm.run({ subject: "Patient/7", asOf: "2024-01-01T00:00:00Z", resources });
  assert.equal(findings.length, 2);
  assert.equal(findings[0]!.value?.kind === "coded" && findings[0]!.value.coding.code, "regular");
  assert(Math.abs(Number(findings[0]!.contributions.find(({ factor }) => factor === "beats")!.observed) - beats.length) <= 1);
}));

test("missing, truncated and damaged files are named", () => record(async (folder, raw) => {
  const path = join(folder, "r1.hea");
  await truncate(join(folder, "r1.dat"), 3 * (raw.length - 10));
  assert.match(await failure(path), /incomplete: r1\.dat is cut short.*37500.*37490/);
  await truncate(join(folder, "r1.dat"), 3 * raw.length);
  assert.match(await failure(path), /invalid: r1\.dat.*checksum/);
  await truncate(join(folder, "r1.atr"), 20);
  assert.match(await failure(path), /r1\.atr ends without its end mark/);
  await unlink(join(folder, "r1.dat"));
  assert.match(await failure(path), /not-found: r1\.dat/);
  await unlink(path);
  assert.match(await failure(join(folder, "r1.dat")), /not-found: r1\.hea is missing/);
}));

test("detection tells header, companion and orphan", () => record(async (folder) => {
  assert.equal(await detectWfdb(join(folder, "r1.hea")), "header");
  assert.equal(await detectWfdb(join(folder, "r1.dat")), "companion");
  assert.equal(await detectWfdb(join(folder, "r1.atr")), "companion");
  await writeFile(join(folder, "else.dat"), "x");
  assert.equal(await detectWfdb(join(folder, "else.dat")), "orphan");
  await writeFile(join(folder, "notes.hea"), "Dear colleague");
  assert.equal(await detectWfdb(join(folder, "notes.hea")), undefined);
}));
