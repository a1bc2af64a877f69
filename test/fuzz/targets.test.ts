/** Every fuzz target under fast-check for a second or two: known inputs, edited. The long run is `npm run fuzz`. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { cpuSeconds } from "#platform/cpu-time.ts";
import { bytesOf, type Target } from "./target.ts";

/** Seconds of this process's own work, so that a busy machine changes nothing; far above what linear time needs for some megabytes. */
const secondsMax = 15;
const files = readdirSync(new URL("./targets/", import.meta.url)).filter((file) => file.endsWith(".ts")).sort();

for (const file of files) {
  test(`${file.slice(0, -3)}: whatever comes in, a sound answer or a named failure comes out`, async () => {
    const { target } = (await import(`./targets/${file}`)) as { target: Target };
    const run = await target.open();
    const word = fc.oneof(fc.constantFrom("", ...(target.words ?? [])).map((text) => bytesOf(text)), fc.uint8Array({ maxLength: 4 }), fc.constantFrom("(", "[", "{", '{"a":', "<a>").chain((open) => fc.integer({ min: 1, max: 500 }).map((times) => bytesOf(open.repeat(times)))));
    const edit = fc.record({ at: fc.nat(4000), remove: fc.oneof(fc.constant(0), fc.nat(30)), insert: word });
    const inputs = fc.tuple(fc.constantFrom(...target.seeds.map(bytesOf)), fc.array(edit, { maxLength: 6 })).map(([seed, edits]) => edits.reduce<Uint8Array>((bytes, { at, remove, insert }) => {
      const place = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
    }, seed));
    for (const seed of target.seeds) await run(bytesOf(seed));
    await fc.assert(fc.asyncProperty(inputs, async (input) => run(input)), { numRuns: 20_000, interruptAfterTimeLimit: 1500, markInterruptAsFailure: false });
  });

  test(`${file.slice(0, -3)}: hostile inputs of megabytes end in seconds`, async () => {
    const { target } = (await import(`./targets/${file}`)) as { target: Target };
    const run = await target.open();
    for (const giant of target.giants?.() ?? []) {
      const input = bytesOf(giant), started = cpuSeconds();
      await run(input);
      const seconds = cpuSeconds() - started;
      const shown = (bytes: Uint8Array) => JSON.stringify(Buffer.from(bytes).toString("latin1"));
      assert.ok(seconds < secondsMax, `${shown(input.subarray(0, 60))} … ${shown(input.subarray(-60))} of ${input.length} bytes took ${seconds} s`);
    }
  });
}
