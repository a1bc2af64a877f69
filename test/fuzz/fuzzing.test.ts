/** The fuzzer's own parts: counters that change nothing, inputs that lead on, shorter inputs that still fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "#research/population/random.ts";
import { Corpus } from "./corpus.ts";
import { counters } from "./counters.ts";
import { instrumented } from "./instrument.ts";
import { minimise } from "./minimise.ts";
import { mutate } from "./mutate.ts";
import { bytesOf } from "./target.ts";

const source = `export function f(n) { if (n > 1) return n % 2 ? "odd" : (n > 9 && "big") || "even"; else if (n === 1) { return "one"; }
  switch (n) { case 0: return [1, 2].map(x => ({ x })).map((y) => y.x).join("+"); default: for (const z of [n]) try { z.a.b; } catch { if (z < -1) return "caught"; } } while (n < 0) n++; return (() => "end")(); }`;

test("counted code does what it did, and counts", async () => {
  const { code, points, words } = instrumented(source, 0);
  const load = async (text: string): Promise<{ f: (n: number) => string }> => await import(`data:text/javascript,${encodeURIComponent(text)}`) as { f: (n: number) => string };
  const plain = await load(source), counted = await load(code);
  for (const n of [-2, -1, 0, 1, 2, 3, 10, 11]) assert.equal(String(counted.f(n)), String(plain.f(n)), String(n));
  assert.ok(words.includes("odd") && words.includes("+"));
  assert.ok(counters.subarray(0, points).every((count) => count > 0), counters.subarray(0, points).join());
  assert.equal(counters[points], 0);
  assert.ok(points > 12, String(points));
});

test("an input is kept when it reaches a new point, or a known one clearly more often", () => {
  const corpus = new Corpus(() => 4);
  const shows = (counts: number[]): boolean => { counters.fill(0); counters.set(counts); return corpus.consider(Uint8Array.of(1)); };
  assert.deepEqual([[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [5, 0, 1, 0], [6, 0, 0, 0], [200, 0, 0, 0], [3000, 0, 0, 0]].map(shows), [true, false, true, true, false, true, false]);
  assert.equal(corpus.reached(0, 4), 2);
  assert.equal(corpus.inputs.length, 4);
});

test("the same seed mutates in the same way, within the length", () => {
  const chain = (seed: string): string => {
    const dice = random("m", seed);
    let input: Uint8Array = bytesOf("name.given");
    for (let i = 0; i < 500; i++) { input = mutate(input, bytesOf("other(text)"), [bytesOf("word")], dice, 300); assert.ok(input.length <= 300); }
    return Buffer.from(input).toString("hex");
  };
  assert.equal(chain("1"), chain("1"));
  assert.notEqual(chain("1"), chain("2"));
});

test("an input is made shorter as long as it fails", async () => {
  const least = await minimise(bytesOf("aaaaXbbbbbbbbYcc"), async (input) => /X.*Y/.test(Buffer.from(input).toString()), 60_000);
  assert.equal(Buffer.from(least).toString(), "XY");
});
