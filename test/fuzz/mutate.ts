/** New inputs from known ones: bytes, words of the grammar, repeated and exchanged stretches, parts of another input. */
import type { Random } from "#research/population/random.ts";

const numbers = ["0", "-1", "1", "2", "9", "10", "255", "1024", "65536", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "1e400", "0.1", "1e-400", "00", "99999999999999999999"];
const bytes = [0, 9, 10, 13, 32, 34, 39, 47, 60, 62, 92, 123, 125, 127, 128, 192, 237, 239, 244, 255];
const pairs: readonly (readonly [string, string])[] = [["(", ")"], ["[", "]"], ["{", "}"], ['"', '"'], ["'", "'"], ["<a>", "</a>"], ['{"a":', "}"], ["(a|", ")*"]];

/** One to eight changes in a row. `other` is any other known input. */
export function mutate(input: Uint8Array, other: Uint8Array, words: readonly Uint8Array[], random: Random, lengthMax: number): Uint8Array {
  let out: Uint8Array = input;
  for (let left = 1 + random.int(random.chance(0.7) ? 2 : 8); left > 0; left--) out = change(out, other, words, random);
  return out.length > lengthMax ? out.subarray(0, lengthMax) : out;
}

function change(input: Uint8Array, other: Uint8Array, words: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.int(input.length + 1);
  const stretch = (of: Uint8Array): Uint8Array => {
    const from = random.int(of.length + 1);
    return of.subarray(from, from + length(random));
  };
  switch (random.int(11)) {
    case 0: {
      if (input.length === 0) return Uint8Array.of(random.int(256));
      const out = Uint8Array.from(input), spot = random.int(out.length);
      out[spot] = random.chance(0.5) ? out[spot]! ^ (1 << random.int(8)) : random.pick(bytes);
      return out;
    }
    case 1: return spliced(input, at, 0, Uint8Array.from({ length: 1 + random.int(4) }, () => random.int(256)));
    case 2: return spliced(input, at, length(random), new Uint8Array());
    case 3: return spliced(input, at, 0, stretch(input));
    case 4: return spliced(input, at, length(random), stretch(other));
    case 5: case 6: return words.length === 0 ? input : spliced(input, at, 0, random.pick(words));
    case 7: {
      if (words.length === 0) return input;
      const [from, to] = word(input, at);
      return spliced(input, from, to - from, random.pick(words));
    }
    case 8: {
      const [from, to] = word(input, at);
      return spliced(input, from, to - from, Buffer.from(random.pick(numbers)));
    }
    case 9: {
      const repeated = stretch(input), times = 2 ** (1 + random.int(7));
      return spliced(input, at, 0, Buffer.concat(Array.from({ length: times }, () => repeated)));
    }
    default: {
      const [open, close] = random.pick(pairs), times = 2 ** random.int(8), end = Math.min(input.length, at + length(random));
      return Buffer.concat([input.subarray(0, at), Buffer.from(open.repeat(times)), input.subarray(at, end), Buffer.from(close.repeat(times)), input.subarray(end)]);
    }
  }
}

/** Mostly short, sometimes long. */
function length(random: Random): number {
  return 1 + random.int(2 ** (1 + random.int(8)));
}

function spliced(input: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  return Buffer.concat([input.subarray(0, at), insert, input.subarray(at + remove)]);
}

/** The letters and digits around a place. */
function word(input: Uint8Array, at: number): [from: number, to: number] {
  let from = at, to = at;
  while (from > 0 && isWord(input[from - 1]!)) from--;
  while (to < input.length && isWord(input[to]!)) to++;
  return [from, to];
}

function isWord(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95;
}
