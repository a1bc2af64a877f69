/** Files cut into resources for the import: each is text of its own, a failure names its place. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/exchange/fhir/"],
  seeds: [
    '{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"1","name":[{"family":"\\"{x]"}]}},{"resource":{"resourceType":"Basic"},"request":{"method":"PUT"}}],"link":[]}', '{"resourceType":"Patient","id":"1"}\n{"resourceType":"Patient","id":"2"}\r\n\n{"resourceType":"Patient"', '{"entry":[{"resource":{"resourceType":"A"}}],"resourceType":"Bundle"}', '\ufeff {"resourceType":"Patient"}', Buffer.concat([Buffer.from('{"resourceType":"Patient","id":"1"}\n{"resourceType":"Patient","x":"'), Uint8Array.of(0xc3, 0x28), Buffer.from('"}')]),
  ],
  words: ['"entry":[', '"resource":{', '"fullUrl":"', '"resourceType":"Bundle"', "\\\"", "[", "]", "{", "}", ",", "\n"],
  giants: () => [
    `{"resourceType":"Bundle","entry":[${"[".repeat(5_000_000)}`, `{"resourceType":"Bundle","entry":[${'{"resource":{"resourceType":"Basic"}},'.repeat(100_000)}{}]}`, `{"resourceType":"Bundle","entry":[{"resource":{"a":"${"\\".repeat(3_000_000)}`, `${'{"resourceType":"Basic"}\n'.repeat(100_000)}`, `{"${"a".repeat(5_000_000)}":1,"resourceType":"Bundle","entry":[]}`, `{"resourceType":"Bundle","entry":[{"fullUrl":"${"x".repeat(5_000_000)}","resource":{"resourceType":"Basic"}}]}`, "]".repeat(5_000_000), `{"resourceType":${" ".repeat(5_000_000)}"Bundle"}`, Buffer.alloc(5_000_000, 0xff),
  ],
  async open() {
    const { formOf, splitFhir } = await import("#exchange/fhir/split.ts");
    const file = join(tmpdir(), `salus-fuzz-split-${process.pid}.json`);
    return async (input) => {
      rmSync(file, { force: true }); // a file written over is flushed to disk, which takes longer than all else
      writeFileSync(file, input);
      const form = formOf(Buffer.from(input));
      for (const each of form === undefined ? (["bundle", "ndjson"] as const) : [form])
        for await (const part of splitFhir(file, each)) {
          if (part.ok) assert.ok(part.value.place !== "" && part.value.text.isWellFormed() && !part.value.text.includes("\ufffd"));
          else assert.ok(part.failure.text.length > 8);
        }
    };
  },
};
