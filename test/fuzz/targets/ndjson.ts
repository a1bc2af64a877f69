/** Lines for a view: the same whole and in pieces of any size; the first byte of the input is the size. */
import assert from "node:assert/strict";
import type { Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/views/read.ts"],
  seeds: [
    '\u0007{"resourceType":"Patient","id":"1","x":1.0}\r\n{"resourceType":"Observation","id":"2"}\n\n{"id":"3","resourceType":"Patient"}', '\u0003\ufeff{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"Bundle","entry":[]}}]}\n[]\nnull\n{"resourceType":"Patie\\u006et"}\n', Uint8Array.of(4, 0x7b, 0x7d, 10, 0xff, 10, 0xc3, 0xa4, 10),
  ],
  words: ['{"resourceType":"Patient"}\n', '{"resourceType":"', "\r\n", "\ufeff", "1e400"],
  giants: () => ["\u00ff".repeat(2_000_000), `\u0010${'{"resourceType":"Patient"}'}${"\n".repeat(300_000)}`, `z{"resourceType":"Patient","a":"${"x".repeat(5_000_000)}"}`, `z${"[".repeat(3_000_000)}\n`, `z{"resourceType":"Bundle","entry":[${'{"resource":{"resourceType":"Bundle","entry":['.repeat(2000)}${"]}}".repeat(2000)}]}\n`],
  async open() {
    const { NdjsonReader } = await import("#fhir/views/read.ts");
    return (input) => {
      const size = Math.max(1, input[0] ?? 1), bytes = input.subarray(1);
      const read = (step: number, digits: boolean): unknown[] => {
        const seen: unknown[] = [];
        const reader = new NdjsonReader({ resource: "Patient", digits, each: (resource, line) => { seen.push([line, resource]); }, fault: ({ line, text }) => { assert.ok(line > 0); seen.push([line, text]); } });
        for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
        reader.end();
        return seen;
      };
      assert.deepEqual(read(size, false), read(bytes.length + 1, false));
      read(size, true);
    };
  },
};
