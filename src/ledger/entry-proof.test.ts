import assert from "node:assert/strict";
import { test } from "node:test";
import { signCheckpoint } from "./checkpoint.ts";
import { parseEntryProof, verifyEntryProof, type EntryProof } from "./entry-proof.ts";
import { entryLeafHash, sha256 } from "./hash.ts";
import { generateSigner } from "./note.ts";
import { inclusionProof } from "./proof.ts";
import { tileHashReader } from "./reader.ts";
import { append, emptyFrontier, rootOf } from "./tree.ts";

const log = generateSigner("log.example"), forger = generateSigner("log.example");
const content = Buffer.from('{"resourceType":"Observation","id":"o1"}');
const entries = Array.from({ length: 11 }, (_, i) => ({
  salt: Buffer.alloc(16, i), payload: JSON.stringify({ kind: "create", at: "2026-03-01T08:00:00.000Z", reference: `Observation/o${i}`, version: 1, sha256: sha256(content).toString("hex") }),
}));
const grown = append(emptyFrontier, entries.map(({ salt, payload }) => entryLeafHash(salt, Buffer.from(payload))));
const root = rootOf(grown.frontier);
const signed = (size: number, by = log): string => signCheckpoint({ origin: "log.example", size, root, extensions: [] }, [by]);

async function proofOf(index: number): Promise<EntryProof> {
  const path = await inclusionProof(index, 11, tileHashReader(11, async () => [grown.tiles[0]!.hashes]));
  const { salt, payload } = entries[index]!;
  return {
    reference: `Observation/o${index}`, version: "1", salt: salt.toString("hex"), payload, contentSha256: sha256(content).toString("hex"), leafHash: entryLeafHash(salt, Buffer.from(payload)).toString("hex"),
    index, size: 11, root: Buffer.from(root).toString("hex"), path: path.map((hash) => Buffer.from(hash).toString("hex")), checkpoint: signed(11), vkey: log.vkey,
  };
}

test("a proof goes through its file and verifies, with the key given or the key of the file", async () => {
  const parsed = parseEntryProof(JSON.stringify(await proofOf(4)));
  assert(parsed.ok);
  const given = verifyEntryProof(parsed.value, [log], content), own = verifyEntryProof(parsed.value, []);
  assert(given.ok && given.value.keyFrom === "given" && given.value.contentChecked && given.value.payload.kind === "create");
  assert(own.ok && own.value.keyFrom === "file" && !own.value.contentChecked);
});

test("whatever is changed, it is named", async () => {
  const proof = await proofOf(4);
  const other = await proofOf(5);
  const cases: [string, Partial<EntryProof>, Uint8Array?][] = [
    ["payload-differs", { payload: "[]" }], ["payload-differs", { reference: "Observation/o5" }], ["payload-differs", { version: "2" }], ["payload-differs", { contentSha256: "00".repeat(32) }],
    ["content-differs", {}, Buffer.from("{}")], ["leaf-differs", { salt: other.salt }], ["leaf-differs", { payload: proof.payload.replace("create", "update") }], ["leaf-differs", { leafHash: other.leafHash }],
    ["root-differs", { index: 5 }], ["root-differs", { path: other.path }], ["proof-too-short", { path: proof.path.slice(1) }], ["index-outside-tree", { index: 11 }],
    ["signature-wrong", { checkpoint: proof.checkpoint.replace("\n11\n", "\n12\n") }], ["no-known-key", { checkpoint: signed(11, forger) }], ["size-differs", { checkpoint: signed(12) }],
    ["checkpoint-root-differs", { checkpoint: signCheckpoint({ origin: "log.example", size: 11, root: sha256(content), extensions: [] }, [log]) }],
  ];
  for (const [reason, changed, bytes] of cases) {
    const checked = verifyEntryProof({ ...proof, ...changed }, [log], bytes);
    assert.equal(checked.ok ? "accepted" : checked.failure.reason, reason);
  }
  const keyless = verifyEntryProof({ ...proof, vkey: undefined }, []);
  assert(!keyless.ok && keyless.failure.reason === "no-key");
});

test("a file of another form names the member", async () => {
  const proof = await proofOf(0);
  const cases: [string, RegExp][] = [
    ["{", /not JSON/], ["null", /JSON object/], ["[]", /JSON object/], ["x".repeat(1_000_001), /1 MB/], [JSON.stringify({ ...proof, salt: "00" }), /"salt"/], [JSON.stringify({ ...proof, path: ["zz"] }), /"path"/],
    [JSON.stringify({ ...proof, index: "1" }), /"index"/], [JSON.stringify({ ...proof, checkpoint: undefined }), /"checkpoint"/], [JSON.stringify({ ...proof, root: proof.root.toUpperCase() }), /"root"/],
  ];
  for (const [text, message] of cases) {
    const parsed = parseEntryProof(text);
    assert(!parsed.ok);
    assert.match(parsed.failure.text, message);
  }
});
