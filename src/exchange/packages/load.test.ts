import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { loadPackages } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "salus-packages-"));
after(() => { rmSync(folder, { recursive: true, force: true }); });

/** A gzipped tar of these files. */
function archive(files: Record<string, unknown>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, value]) => {
    const body = Buffer.from(JSON.stringify(value));
    const head = Buffer.alloc(512);
    head.write(`package/${name}`, 0);
    head.write("0000644\0", 100);
    head.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    head.write("0", 156);
    head.fill(32, 148, 156);
    head.write(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
    return [head, body, Buffer.alloc((512 - body.length % 512) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function write(name: string, bytes: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const definition = (url: string): object => ({ resourceType: "StructureDefinition", url, type: "Patient" });

test("packages as .tgz: the one named and what it depends on, each once, by the shelf it lies on", async () => {
  const own = write("own.tgz", archive({ "package.json": { name: "own", version: "1.0.0", dependencies: { shared: "2.0.0", other: "1.0.0" } }, "a.json": definition("urn:a") }));
  const loaded = await loadPackages([own, write("shared.tgz", archive({ "package.json": { name: "shared", version: "2.0.0", dependencies: { own: "1.0.0" } }, "b.json": definition("urn:b") }))]);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.packages, ["own#1.0.0", "shared#2.0.0"]);
  assert.deepEqual(loaded.value.resources.map(({ url }) => url), ["urn:a", "urn:b"]);
  assert.deepEqual(loaded.value.notes, ["own depends on other#1.0.0, which is not at hand; add it with --package"]);
});

test("what cannot be read is named: no package, damaged, not there", async () => {
  const text = async (path: string): Promise<string> => { const loaded = await loadPackages([path]); return loaded.ok ? "loaded" : loaded.failure.text; };
  assert.match(await text(write("plain.tgz", "no gzip")), /plain\.tgz cannot be unpacked/);
  assert.match(await text(write("empty.tgz", archive({ "a.json": definition("urn:a") }))), /empty\.tgz: has no package\.json/);
  assert.match(await text(join(folder, "none")), /none is not there/);
});

test("single definitions, as JSON or XML", async () => {
  const loaded = await loadPackages([write("d.xml", '<StructureDefinition xmlns="http://hl7.org/fhir"><url value="urn:x"/></StructureDefinition>'), write("d.json", JSON.stringify(definition("urn:y")))]);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.resources.map(({ url }) => url), ["urn:x", "urn:y"]);
});
