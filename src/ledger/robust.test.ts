/** Data from outside never make the ledger throw: it answers a reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openCheckpoint, parseCheckpointText, signCheckpoint } from "./checkpoint.ts";
import { parseEntryProof, verifyEntryProof } from "./entry-proof.ts";
import { sha256 } from "./hash.ts";
import { generateSigner, parseNote, parseVkey, signatureType } from "./note.ts";
import { verifyConsistency, verifyInclusion, verifySubtreeConsistency } from "./proof.ts";
import { parseEntryBundle, parseTilePath } from "./tile.ts";
import { addCheckpoint } from "./witness.ts";

const log = generateSigner("log.example"), witness = generateSigner("w.example", signatureType.cosignatureV1);
const note = signCheckpoint({ origin: "log.example", size: 3, root: sha256(Buffer.from("r")), extensions: [] }, [log]);

/** A text with one stretch replaced by another. */
const mutated = (text: string): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(text.length), fc.nat(8), fc.string({ unit: "binary", maxLength: 8 })).map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));

test("a changed checkpoint never opens as another statement, and never throws", () => {
  fc.assert(fc.property(mutated(note), (text) => {
    const opened = openCheckpoint(text, [log]);
    if (opened.ok) assert.equal(opened.value.note.text, note.slice(0, note.indexOf("\n\n") + 1));
    else assert.notEqual(opened.failure.text, "");
  }), { numRuns: 2_000 });
});

test("texts of any kind are answered", () => {
  const answers: ((text: string) => unknown)[] = [parseNote, parseVkey, parseCheckpointText, parseTilePath, parseEntryProof, (text) => parseEntryBundle(Buffer.from(text)), (text) => addCheckpoint(text, [{ origin: "log.example", verifiers: [log] }], () => undefined, [witness], new Date(0))];
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), mutated(`old 0\n\n${note}`), mutated(log.vkey), mutated("tile/0/x001/234.p/7")), (text) => {
    for (const answer of answers) assert.notEqual(answer(text), undefined);
  }), { numRuns: 1_000 });
});

test("proofs of any shape are answered in bounded time", () => {
  const size = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 52, -0, Infinity));
  const hash = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }));
  fc.assert(fc.property(size, size, size, hash, hash, fc.array(hash, { maxLength: 60 }), (a, b, c, one, two, proof) => {
    assert.equal(verifyInclusion(a, b, one, proof, two).ok && proof.length > 0, false);
    assert.equal(typeof verifyConsistency(a, b, one, two, proof).ok, "boolean");
    assert.equal(typeof verifySubtreeConsistency(a, b, c, one, two, proof).ok, "boolean");
  }), { numRuns: 2_000 });
});

test("a proof file with any member replaced is answered", () => {
  const good = { reference: "A/1", version: "1", salt: "00".repeat(16), payload: "{}", contentSha256: "00".repeat(32), leafHash: "00".repeat(32), index: 0, size: 1, root: "00".repeat(32), path: [], checkpoint: note, vkey: log.vkey };
  fc.assert(fc.property(fc.constantFrom(...Object.keys(good)), fc.jsonValue({ maxDepth: 2 }), (member, value) => {
    const parsed = parseEntryProof(JSON.stringify({ ...good, [member]: value }));
    if (parsed.ok) assert.equal(verifyEntryProof(parsed.value, []).ok, false);
  }), { numRuns: 1_000 });
});
