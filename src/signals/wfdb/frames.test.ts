import assert from "node:assert/strict";
import { test } from "node:test";
import { addChecksum, byteRange, checksumMatches, decodeFrames, framesIn, groups, toPhysical } from "./frames.ts";
import { parseHeader } from "./header.ts";

function header(text: string) {
  const parsed = parseHeader(text);
  assert(parsed.ok);
  return parsed.value;
}

test("signals of different rates are separated frame by frame", () => {
  const [group, other] = groups(header("r 3 100 4\na.dat 16x2 200 16 0 0 0 0 A\na.dat 16 200 16 0 0 0 0 B\nb.dat 80 1 8 0 0 0 0 C"));
  assert.deepEqual(group!.indices, [0, 1]);
  assert.deepEqual(other!.indices, [2]);
  const raw = Int16Array.of(1, 2, 100, 3, 4, 101, 5, 6, 102, 7, 8, 103);
  assert.deepEqual(decodeFrames(group!, new Uint8Array(raw.buffer), 4).map((values) => [...values]), [[1, 2, 3, 4, 5, 6, 7, 8], [100, 101, 102, 103]]);
  assert.equal(framesIn(group!, 24), 4);
  assert.equal(framesIn(group!, 23), 3);
});

test("byte ranges of chunks join to the whole file, also in format 212 with three signals", () => {
  const [group] = groups(header("r 3 100 9\na.dat 212+5 200\na.dat 212 200\na.dat 212 200"));
  const whole = byteRange(group!, 0, 9);
  assert.deepEqual(whole, { offset: 5, length: 41 });
  assert.equal(framesIn(group!, 46), 9);
  assert.equal(framesIn(group!, 45), 8);
  let end = 5;
  for (const [from, to] of [[0, 2], [2, 6], [6, 8], [8, 9]] as const) {
    const range = byteRange(group!, from, to);
    assert.equal(range.offset, end);
    end += range.length;
  }
  assert.equal(end, 46);
  assert.throws(() => byteRange(group!, 1, 3), /even/);
});

test("physical values take gain and baseline; the format's missing value is no number", () => {
  const { signals } = header("r 1 100 3\na.dat 212 100(50)/mV");
  assert.deepEqual([...toPhysical(signals[0]!, Int16Array.of(50, 150, -2048))], [0, 1, NaN]);
});

test("the checksum wraps at 16 bits", () => {
  const { signals } = header("r 1 100 3\na.dat 16 200 16 0 0 -2 0");
  assert.equal(checksumMatches(signals[0]!, addChecksum(addChecksum(0, Int16Array.of(32767)), Int16Array.of(32767))), true);
  assert.equal(checksumMatches(signals[0]!, addChecksum(0, Int16Array.of(3))), false);
  delete signals[0]!.checksum;
  assert.equal(checksumMatches(signals[0]!, 5), true);
});
