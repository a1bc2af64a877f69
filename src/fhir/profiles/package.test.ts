import assert from "node:assert/strict";
import { test } from "node:test";
import { pick, packageKey, readPackage } from "./package.ts";
import { readTar } from "./tar.ts";

/** One ustar entry. */
function entry(name: string, body: string, kind = "0"): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write("0000644\0", 100);
  head.write(`${Buffer.byteLength(body).toString(8).padStart(11, "0")}\0`, 124);
  head.write(kind, 156);
  head.write("ustar\0", 257);
  head.fill(32, 148, 156);
  head.write(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([head, Buffer.from(body), Buffer.alloc((512 - Buffer.byteLength(body) % 512) % 512)]);
}

const end = Buffer.alloc(1024);

test("tar: files with their names, long names too", () => {
  const long = `package/${"x".repeat(120)}.json`;
  const read = readTar(Buffer.concat([entry("package/a.json", "{}"), entry("././@LongLink", `${long}\0`, "L"), entry("cut", "[1]"), entry("PaxHeader", `${`  path=${long}\n`.length + 3} path=${long}\n`, "x"), entry("cut", "[2]"), end]));
  assert.ok(read.ok);
  assert.deepEqual(read.value.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]), [["package/a.json", "{}"], [long, "[1]"], [long, "[2]"]]);
});

test("tar: damage is named by its place", () => {
  const whole = Buffer.concat([entry("a", "x".repeat(600)), end]);
  const broken = readTar(Buffer.concat([entry("a", "x"), Buffer.from("garbage".repeat(100))]));
  assert.ok(!broken.ok && /damaged at byte 1024/.test(broken.failure.text));
  const cut = readTar(whole.subarray(0, 700));
  assert.ok(!cut.ok && /ends inside the file at byte 0/.test(cut.failure.text));
});

test("a package: what it is, what it needs, its definitions; a bad file is named", () => {
  const read = readPackage([
    { name: "package.json", text: '{"name":"a.b","version":"1.2.0","dependencies":{"hl7.fhir.r4.core":"4.0.1","c.d":"1.0.x"}}' },
    { name: ".index.json", text: "{}" },
    { name: "StructureDefinition-x.json", text: '{"resourceType":"StructureDefinition","url":"u","type":"Patient"}' },
    { name: "example/Patient-y.json", text: '{"resourceType":"Patient"}' },
    { name: "bad.json", text: '{"resourceType":' },
  ], "a.tgz");
  assert.ok(read.ok);
  assert.deepEqual([read.value.name, read.value.version, [...read.value.dependencies.keys()], read.value.resources.length], ["a.b", "1.2.0", ["hl7.fhir.r4.core", "c.d"], 1]);
  assert.match(read.value.faults[0]!, /a\.tgz: bad\.json/);
  assert.ok(!readPackage([], "a.tgz").ok);
});

test("dependencies take the version asked for, or the highest that fits", () => {
  const at = ["1.0.0", "1.0.2", "1.0.10", "1.1.0-ballot", "1.1.0", "2.0.0"];
  assert.equal(pick("c.d", "1.0.2", at), "1.0.2");
  assert.equal(pick("c.d", "1.0.x", at), "1.0.10");
  assert.equal(pick("c.d", "1.x", at), "1.1.0");
  assert.equal(pick("c.d", "latest", at), "2.0.0");
  assert.equal(pick("c.d", "3.0.0", at), undefined);
  assert.equal(pick("hl7.fhir.r4.core", "4.0.1", ["4.0.1"]), undefined);
  assert.deepEqual(packageKey("hl7.fhir.us.core#6.1.0"), { name: "hl7.fhir.us.core", version: "6.1.0" });
});
