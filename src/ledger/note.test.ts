import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCheckpoint, mergeSignatures, openCheckpoint, parseCheckpointText, signCheckpoint, type CheckpointFailure } from "./checkpoint.ts";
import { emptyRoot, sha256 } from "./hash.ts";
import { generateSigner, noteSigner, openNote, parseNote, parseVkey, privateKeyOf, signatureType, signNote } from "./note.ts";
import type { Result } from "#platform/result.ts";

function reasonOf(result: Result<unknown, CheckpointFailure>): string {
  return result.ok ? "accepted" : result.failure.reason;
}

// The worked example of the Go package golang.org/x/mod/sumdb/note: PeterNeumann's key and note.
const peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const quote = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const signedQuote = `${quote}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
// RFC 8032 section 7.1, test 1: seed and public key.
const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");

test("golang.org/x/mod/sumdb/note: its example opens with its key", () => {
  const verifier = parseVkey(peter);
  assert(verifier.ok);
  const opened = openNote(signedQuote, [verifier.value]);
  assert(opened.ok);
  assert.equal(opened.value.text, quote);
  assert.equal(verifier.value.vkey, peter);
});

test("RFC 8032 7.1 test 1: the seed gives its public key", () => {
  const signer = noteSigner("log.example", signatureType.ed25519, privateKeyOf(seed));
  assert.equal(Buffer.from(signer.publicKey).toString("hex"), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  assert.deepEqual(parseVkey(signer.vkey), { ok: true, value: { name: signer.name, keyId: signer.keyId, type: 1, publicKey: signer.publicKey, vkey: signer.vkey } });
});

test("other signatures are kept; a wrong one of a known key refuses the note", () => {
  const log = generateSigner("log.example"), other = generateSigner("other.example"), witness = generateSigner("w.example", signatureType.cosignatureV1);
  const at = new Date("2026-01-02T03:04:05Z");
  const note = signNote("hello\n", [other, log, witness], at);
  const opened = openNote(note, [log, witness]);
  assert(opened.ok);
  assert.deepEqual(opened.value.verified.map(({ name, at }) => [name, at]), [["log.example", undefined], ["w.example", at.getTime() / 1000]]);
  assert.deepEqual(opened.value.unverified.map(({ name }) => name), ["other.example"]);
  assert.equal(reasonOf(openNote(note.replace("hello", "hullo"), [log])), "signature-wrong");
  assert.equal(reasonOf(openNote(note, [generateSigner("log.example")])), "no-known-key");
  assert.equal(reasonOf(openNote(note, [])), "no-known-key");
});

test("each defect of a note has its own reason", () => {
  const line = signedQuote.slice(quote.length + 1);
  const cases: [string, string | Uint8Array][] = [
    ["too-long", "x".repeat(1_000_001)], ["not-utf8", Buffer.of(0xff, 0x0a)], ["not-utf8", "\ud800\n\n"], ["control-character", `a\tb\n\n${line}`],
    ["control-character", signedQuote.replaceAll("\n", "\r\n")], ["no-signature-block", quote], ["no-signatures", `${quote}\n`], ["signature-line", signedQuote.slice(0, -1)],
    ["signature-line", signedQuote.replace("—", "-")], ["key-name", signedQuote.replace("PeterNeumann x", "Peter+Neumann x")], ["base64", signedQuote.replace("AM=\n", "AM\n")],
    ["base64", `${quote}\n— PeterNeumann x08g\n`], ["too-many-signatures", quote + "\n" + line.repeat(101)],
  ];
  for (const [reason, note] of cases) assert.equal(reasonOf(parseNote(note)), reason);
  const keys: [string, string][] = [
    ["vkey-format", "PeterNeumann"], ["vkey-format", peter.replace("Peter", "Peter ")], ["vkey-format", peter.replace("c74f20a3", "C74F20A3")], ["base64", peter.replace("ARpc", "AR_c")],
    ["key-id-mismatch", peter.replace("c74f20a3", "c74f20a4")], ["key-id-mismatch", peter.replace("Peter", "Petra")], ["key-type-unknown", peter.replace("+ARpc", "+Bhpc")], ["key-length", "a+00000000+AQ=="],
  ];
  for (const [reason, vkey] of keys) assert.equal(reasonOf(parseVkey(vkey)), reason, vkey);
});

test("checkpoints go round; each defect has its own reason", () => {
  const log = generateSigner("log.example"), witness = generateSigner("w.example", signatureType.cosignatureV1);
  const checkpoint = { origin: "log.example", size: 5, root: sha256(Buffer.from("root")), extensions: ["more"] };
  const signed = signCheckpoint(checkpoint, [log]);
  const opened = openCheckpoint(signed, [log], "log.example");
  assert(opened.ok);
  assert.deepEqual(opened.value.checkpoint, checkpoint);
  assert.equal(reasonOf(openCheckpoint(signed, [log], "elsewhere.example")), "origin-differs");

  const merged = mergeSignatures(signed, signCheckpoint(checkpoint, [log, witness]));
  assert(merged.ok);
  const both = openCheckpoint(merged.value, [log, witness]);
  assert(both.ok && both.value.note.verified.length === 2 && both.value.note.signatures.length === 2);
  assert.equal(reasonOf(mergeSignatures(signed, signCheckpoint({ ...checkpoint, size: 6 }, [witness]))), "text-differs");

  const root = checkpoint.root.toString("base64");
  const cases: [string, string][] = [
    ["lines-missing", "o\n1\n"], ["lines-missing", `o\n1\n${root}`], ["origin-empty", `\n1\n${root}\n`], ["size-format", `o\n01\n${root}\n`], ["size-format", `o\n-1\n${root}\n`], ["size-format", `o\n1 \n${root}\n`],
    ["size-too-large", `o\n9007199254740992\n${root}\n`], ["root-format", `o\n1\n${root.slice(0, -1)}\n`], ["root-length", `o\n1\nAAAA\n`], ["empty-root-differs", `o\n0\n${root}\n`], ["extension-empty", `o\n1\n${root}\na\n\n`],
    ["accepted", `o\n9007199254740991\n${root}\n`], ["accepted", formatCheckpoint({ origin: "go.sum database tree", size: 0, root: emptyRoot, extensions: [] })],
  ];
  for (const [reason, text] of cases) assert.equal(reasonOf(parseCheckpointText(text)), reason, text);
});
