/** WFDB headers, and the frames they promise read from a short file. */
import assert from "node:assert/strict";
import { textOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/signals/wfdb/"],
  seeds: ["100 2 360 650000 12:30:05 01/02/1990\n100.dat 212 200 11 1024 995 -22131 0 MLII\n100.dat 212 200(0)/mV 11 1024 1011 20052 0 V5\n# 69 M 1085 1629 x1\n#Aldomet\n", "a 1 250/60(3) 10\r\na.dat 16x2:0+512 1e2/uV 16 0 0 0 0 lead I\n", "b/3 2 500\n", "c 1\nc.dat 80\nd.dat 61 -4.5(-12)/% 8 -1 5 6\n"],
  words: ["212", "16", "80", "61", "x2", "+512", ":1", "(0)", "/mV", "#", " ", "\n", "..", "-", "NaN", "Infinity"],
  lengthMax: 512,
  giants: () => [`a 256 1\n${"b.dat 16 ".repeat(1)}${" ".repeat(500_000)}x\n`, `a ${"9".repeat(1_000_000)}`, "#\n".repeat(500_000), `a 1 ${"1".repeat(1_000_000)}\nb.dat 16\n`, `a 1\nb.dat 16 ${"1".repeat(500_000)}(${"2".repeat(500_000)})/mV\n`, `a 1\nb.dat ${"1".repeat(500_000)}x\n`, `a 1\n${"b".repeat(1_000_000)} 16\n`, `a 200\n${"b.dat 16x10000\n".repeat(200)}`, " ".repeat(2_000_000), `a 1\nb.dat 16${" 1".repeat(300_000)}\n`],
  async open() {
    const { parseHeader } = await import("#signals/wfdb/header.ts");
    const { byteRange, decodeFrames, framesIn, groups, toPhysical } = await import("#signals/wfdb/frames.ts");
    const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255);
    return (input) => {
      const header = parseHeader(textOf(input));
      if (!header.ok) { assert.ok(header.failure.text.startsWith("header"), header.failure.text); return; }
      for (const group of groups(header.value)) {
        const frames = Math.min(framesIn(group, bytes.length), 4);
        assert.ok(frames >= 0, String(frames));
        if (frames === 0) continue;
        const { offset, length } = byteRange(group, 0, frames);
        assert.ok(offset >= 0 && offset + length <= bytes.length, `${offset} ${length}`);
        decodeFrames(group, bytes.subarray(offset, offset + length), frames).forEach((raw, index) => toPhysical(group.signals[index]!, raw));
      }
    };
  },
};
