/** One parser under fuzzing. Its file's name is its name; it imports types only. */
export type Target = {
  /** Where coverage is counted: prefixes of paths from the root of the checkout. */
  rooms: readonly string[];
  /** Inputs of its grammar to begin with. */
  seeds: readonly (string | Uint8Array)[];
  /** Words of its grammar beyond the text literals of the rooms, which are taken by themselves. */
  words?: readonly string[];
  /** Hostile inputs of some megabytes: nested, long, repeated, exponential. Each must end in seconds, by the same judgement. */
  giants?: () => readonly (string | Uint8Array)[];
  /** Bytes of an input; default 2048. */
  lengthMax?: number;
  /** Loads the parser (here and not before, so that it can be loaded with counters) and gives what runs it. */
  open: () => Promise<Run>;
};

/** Throws on what must not happen: anything thrown by the parser, or an answer that is not sound. */
export type Run = (input: Uint8Array) => void | Promise<void>;

/** Text of an input: UTF-8, what is none replaced. */
export function textOf(input: Uint8Array): string {
  return Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString("utf8");
}

export function bytesOf(seed: string | Uint8Array): Uint8Array {
  return typeof seed === "string" ? Buffer.from(seed, "utf8") : seed;
}

/** Two texts in one input, parted by the first line that is "---"; without one the second is empty. */
export function partsOf(input: Uint8Array): [string, string] {
  const text = textOf(input);
  const at = text.indexOf("\n---\n");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 5)];
}
