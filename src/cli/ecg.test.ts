import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { ecgObservation } from "#signals/ecg/observation.ts";
import { synthesizeEcg } from "#signals/ecg/synthesize.ts";
import { command } from "./ecg.ts";

async function run(args: string[], input = ""): Promise<{ code: number; out: string; err: string }> {
  let out = "", err = "";
  const into = (add: (text: string) => void): Writable => new Writable({ write(chunk, _, done) { add(String(chunk)); done(); } });
  const code = await command.run(args, { stdin: Readable.from([input]), stdout: into((text) => { out += text; }), stderr: into((text) => { err += text; }) });
  return { code, out, err };
}
const { signal, beats } = synthesizeEcg({ seed: 1, seconds: 60, heartRate: 80, lead: "II", start: "2024-01-01T00:00:00Z" });
const near = (count: number): void => { assert(Math.abs(count - beats.length) <= 2, `${count} beats for ${beats.length}`); };

test("a column, an Observation and a Bundle give the same beats", async () => {
  const observation = ecgObservation([signal]);
  assert(observation.ok);
  const column = await run(["-", "--rate", "250", "--json"], `mV\n${[...signal.samples].map((value) => value.toFixed(3)).join("\n")}\n`);
  const single = await run(["-", "--json"], JSON.stringify(observation.value));
  const bundle = await run(["-", "--json"], JSON.stringify({ resourceType: "Bundle", entry: [{ resource: { resourceType: "Patient" } }, { resource: observation.value }] }));
  for (const { code, out, err } of [column, single, bundle]) {
    assert.equal(code, 0, err);
    const result = JSON.parse(out);
    near(result.beatCount);
    assert.equal(result.rhythm, "regular");
    assert.deepEqual(result.beats, JSON.parse(column.out).beats);
  }
  assert.match((await run(["-", "--rate", "250"], [...signal.samples].join("\n"))).out, /Heart rate  8\d\/min/);
});

test("a WFDB record by its header, its signal file or its name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "salus-ecg-"));
  try {
    const raw = Int16Array.from(signal.samples, (value) => Math.round(value * 1000));
    await writeFile(join(folder, "r.dat"), new Uint8Array(raw.buffer));
    await writeFile(join(folder, "r.hea"), `r 1 250 ${raw.length}\nr.dat 16 1000 16 0 0 0 0 II\n`.replace(" 0 0 0 II", ` ${raw[0]} ${(raw.reduce((sum, value) => sum + value, 0) << 16) >> 16} 0 II`));
    for (const name of ["r.hea", "r.dat", "r"]) near(JSON.parse((await run([join(folder, name), "--json"])).out).beatCount);
    const lead = await run([join(folder, "r"), "--lead", "V9"]);
    assert.equal(lead.code, 1);
    assert.match(lead.err, /no lead "V9".*II/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const refused: [string, string[], string, number, RegExp][] = [
  ["no file", [], "", 2, /Name one file/],
  ["an unknown option", ["-", "--colour"], "", 2, /colour/],
  ["a column without rate", ["-"], "1\n2\n", 1, /--rate/],
  ["a rate that is none", ["-", "--rate", "fast"], "1\n2\n", 1, /--rate/],
  ["a rate too low", ["-", "--rate", "10"], "1\n2\n", 1, /60 to 20000/],
  ["a word among numbers", ["-", "--rate", "250"], "1\nx\n", 1, /line 2: "x"/],
  ["nothing", ["-", "--rate", "250"], "\n", 1, /no samples/],
  ["broken JSON", ["-"], "{\"a\":", 1, /not JSON/],
  ["another resource", ["-"], "{\"resourceType\":\"Patient\"}", 1, /a Patient/],
  ["an Observation without samples", ["-"], "{\"resourceType\":\"Observation\"}", 1, /SampledData/],
  ["an empty Bundle", ["-"], "{\"resourceType\":\"Bundle\"}", 1, /no Observation of an ECG/],
  ["a missing file", ["/nowhere/x.csv"], "", 1, /not a file/],
  ["a missing header", ["/nowhere/x.dat"], "", 1, /x\.hea is missing/],
];
for (const [name, args, input, expected, pattern] of refused)
  test(`refuses ${name}`, async () => {
    const { code, out, err } = await run(args, input);
    assert.equal(code, expected);
    assert.equal(out, "");
    assert.match(err, pattern);
  });
