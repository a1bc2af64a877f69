import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHeader } from "./header.ts";

test("reads the example of header(5) with its defaults", () => {
  const header = parseHeader("# before\n100 2 360 650000 0:0:0 0/0/0\n100.dat 212 200 11 1024 995 -22131 0 MLII\n100.dat 212 200 11 1024 1011 20052 0 V5 or so\n# 69 M 1085 1629 x1\n# Aldomet, Inderal\n");
  assert(header.ok);
  const { signals, comments, ...record } = header.value;
  assert.deepEqual(record, { record: "100", frameRateHz: 360, frames: 650000 });
  assert.deepEqual(comments, ["69 M 1085 1629 x1", "Aldomet, Inderal"]);
  assert.deepEqual(signals[0], { file: "100.dat", format: 212, samplesPerFrame: 1, byteOffset: 0, gain: 200, calibrated: true, baseline: 1024, unit: "mV", adcBits: 11, adcZero: 1024, initial: 995, checksum: -22131, description: "MLII" });
  assert.equal(signals[1]!.description, "V5 or so");
});

test("reads gain, baseline, units, frames, offset and time of day", () => {
  const header = parseHeader("s-1 2 250/1000(5) 500 23:59:01.5 31/12/1999\ns.dat 16x4+128 102.5(-3)/mmHg 16 7\ns.dat 16");
  assert(header.ok);
  assert.equal(header.value.start, "1999-12-31T23:59:01.5");
  const [pressure, plain] = header.value.signals;
  assert.deepEqual([pressure!.samplesPerFrame, pressure!.byteOffset, pressure!.gain, pressure!.baseline, pressure!.unit, pressure!.adcZero], [4, 128, 102.5, -3, "mm[Hg]", 7]);
  assert.deepEqual([plain!.gain, plain!.calibrated, plain!.unit, plain!.baseline], [200, false, "mV", 0]);
});

const faulty: [string, string, RegExp][] = [
  ["an empty file", "\n\n", /empty/],
  ["binary data", "100 1\0", /binary/],
  ["a letter", "Dear colleague", /number of signals/],
  ["no signals", "100 0 360", /number of signals/],
  ["a bad rate", "100 1 fast\na.dat 16", /rate/],
  ["bad samples", "100 1 360 -4\na.dat 16", /number of samples/],
  ["a cut header", "100 2 360 10\na.dat 16", /promises 2 signals, 1/],
  ["several segments", "100/3 2 360 10", /multi-segment/],
  ["another folder", "100 1 360 10\n../secret.dat 16", /beside its header/],
  ["an absolute path", "100 1 360 10\n/etc/passwd 16", /beside its header/],
  ["a Windows path", "100 1 360 10\nc:\\x.dat 16", /beside its header/],
  ["dots", "100 1 360 10\n.. 16", /beside its header/],
  ["standard input", "100 1 360 10\n- 16", /beside its header/],
  ["a format not read", "100 1 360 10\na.dat 310", /format 310/],
  ["a prototype's member", "100 1 360 10\na.dat constructor", /no format/],
  ["skew", "100 1 360 10\na.dat 16:5", /skew/],
  ["a bad gain", "100 1 360 10\na.dat 16 two", /gain/],
  ["two formats in a file", "100 2 360 10\na.dat 16\na.dat 212", /two formats/],
];
for (const [name, text, pattern] of faulty)
  test(`refuses ${name}`, () => {
    const header = parseHeader(text, "x.hea");
    assert(!header.ok);
    assert.match(header.failure.text, pattern);
  });

test("never throws", () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => { parseHeader(text); parseHeader(`r 1 100 5\n${text}`); }));
});
