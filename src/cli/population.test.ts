import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { test } from "node:test";
import { command } from "./population.ts";

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "", err = "";
  const sink = (take: (text: string) => void): Writable => new Writable({ write(chunk: Buffer, _encoding, done) { take(chunk.toString()); done(); } });
  const code = await command.run(args, { stdout: sink((text) => { out += text; }), stderr: sink((text) => { err += text; }), stdin: process.stdin });
  return { code, out, err };
}

test("wrong words are named, exit 2, nothing on stdout", async () => {
  for (const [args, said] of [[["--size", "3"], "--as-of"], [["--as-of", "2026-02-30"], "2026-02-30"], [["--as-of", "2026-01-01", "--size", "many"], "many"], [["--as-of", "2026-01-01", "--seed", "-1"], "seed"], [["--sise", "3"], "sise"], [["--as-of", "2026-01-01", "--size", "99999999"], "10000000"]] as const) {
    const { code, out, err } = await run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "");
    assert.ok(err.includes(said), err);
  }
});

test("without --out one Bundle per line, the shared one first", async () => {
  const { code, out, err } = await run("--size", "3", "--as-of", "2026-01-01");
  assert.equal(code, 0);
  const bundles = out.trimEnd().split("\n").map((line) => JSON.parse(line) as { resourceType: string; entry: { resource: { resourceType: string } }[] });
  assert.deepEqual(bundles.map((x) => x.entry[0]!.resource.resourceType), ["Organization", "Patient", "Patient", "Patient"]);
  assert.match(err, /3 people, \d+ resources/);
});

test("--out writes one file per type and counts what it wrote; a folder that cannot be made is exit 1", async () => {
  const folder = mkdtempSync(join(tmpdir(), "population-"));
  try {
    const { code, out } = await run("--size", "2", "--as-of", "2026-01-01", "--out", join(folder, "new"), "--json");
    assert.equal(code, 0);
    const summary = JSON.parse(out) as { people: number; resources: number; counts: Record<string, number> };
    const lines = Object.fromEntries(readdirSync(join(folder, "new")).map((name) => [name.replace(".ndjson", ""), readFileSync(join(folder, "new", name), "utf8").trimEnd().split("\n").length]));
    assert.deepEqual(lines, summary.counts);
    assert.equal(summary.people, 2);
    const blocked = await run("--size", "1", "--as-of", "2026-01-01", "--out", join(folder, "new", "Patient.ndjson", "x"));
    assert.equal(blocked.code, 1);
    assert.match(blocked.err, /could not be written/);
  } finally { rmSync(folder, { recursive: true }); }
});

test("neither the clock nor the time zone of the machine changes a byte", () => {
  const script = `import { command } from ${JSON.stringify(new URL("population.ts", import.meta.url).href)};
    const real = Date.now; Date.now = () => { throw new Error("the clock was read"); };
    process.exitCode = await command.run(["--size", "3", "--as-of", "2026-01-01"], { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin }); Date.now = real;`;
  const bytes = ["UTC", "America/New_York", "Asia/Shanghai"].map((zone) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env: { ...process.env, TZ: zone }, maxBuffer: 64 << 20 });
    assert.equal(status, 0, stderr.toString());
    return stdout;
  });
  assert.ok(bytes[0]!.length > 100_000 && bytes[0]!.equals(bytes[1]!) && bytes[0]!.equals(bytes[2]!));
});
