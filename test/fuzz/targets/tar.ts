/** Tar archives of packages: files with their names, or a failure that names the place. */
import assert from "node:assert/strict";
import type { Target } from "../target.ts";

function entry(name: string, body: string, kind = "0"): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write(`${Buffer.byteLength(body).toString(8).padStart(11, "0")}\0`, 124);
  head.write(`${kind}ustar`, 156);
  head.fill(32, 148, 156);
  head.write(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([head, Buffer.from(body), Buffer.alloc((512 - Buffer.byteLength(body) % 512) % 512)]);
}

export const target: Target = {
  rooms: ["src/fhir/profiles/tar.ts"],
  seeds: [
    Buffer.concat([entry("package/a.json", "{}"), Buffer.alloc(1024)]),
    Buffer.concat([entry("x", "package/long.json\0", "L"), entry("cut", "[1]")]),
    Buffer.concat([entry("x", "20 path=package/p.json\n", "x"), entry("cut", "[2]")]),
  ],
  lengthMax: 4096,
  giants: () => [Buffer.concat(Array.from({ length: 20_000 }, (_, i) => entry(`f${i}`, ""))), Buffer.alloc(8_000_000), entry("a", "x".repeat(5_000_000)), entry("x", "path=".repeat(500_000), "x")],
  async open() {
    const { readTar } = await import("#fhir/profiles/tar.ts");
    return (input) => {
      const read = readTar(input);
      if (!read.ok) return assert.ok(read.failure.text.length > 0);
      for (const { bytes } of read.value) assert.ok(bytes.length <= input.length);
    };
  },
};
