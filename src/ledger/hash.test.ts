import assert from "node:assert/strict";
import { test } from "node:test";
import { entryLeafHash, entryLeafHashHex } from "./hash.ts";

test("the hash of an entry is one and the same from bytes and from text, whatever its length and letters", () => {
  for (const salt of ["00112233445566778899aabbccddeeff", "ff".repeat(32)]) for (const payload of ["", "{}", "北京 \u{1F600}", "ä".repeat(5000), `{"kind":"create"}`])
    assert.equal(entryLeafHashHex(salt, payload), entryLeafHash(Buffer.from(salt, "hex"), Buffer.from(payload)).toString("hex"));
  assert.throws(() => entryLeafHashHex("00", "{}"), /at least 16 bytes/);
});
