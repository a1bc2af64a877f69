/**
 * Signed notes: a text followed by signature lines. Source: C2SP signed-note (https://c2sp.org/signed-note),
 * cosignatures of C2SP tlog-cosignature (https://c2sp.org/tlog-cosignature, type 0x04).
 * Signatures of unknown keys are kept and passed on; a wrong signature of a known key refuses the note.
 * Notes have at most 1 MB and 100 signatures.
 */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { sha256 } from "./hash.ts";

const noteBytesMax = 1_000_000;
const signaturesMax = 100;

/** Signature types of C2SP signed-note that Salus makes and checks; other types are carried along. */
export const signatureType = { ed25519: 0x01, cosignatureV1: 0x04 } as const;
export type SignatureType = (typeof signatureType)[keyof typeof signatureType];

export type NoteReason =
  | "too-long" | "not-utf8" | "control-character" | "no-signature-block" | "no-signatures" | "too-many-signatures" | "signature-line" | "key-name" | "base64"
  | "vkey-format" | "key-id-mismatch" | "key-type-unknown" | "key-length"
  | "no-known-key" | "signature-wrong";
export type NoteFailure = Failure & { reason: NoteReason };

/** `keyId`: 8 hex digits; `bytes`: the signature after the key id. */
export type NoteSignature = { name: string; keyId: string; bytes: Uint8Array };
/** `text` ends with a newline; it is what is signed. */
export type Note = { text: string; signatures: NoteSignature[] };

export type NoteVerifier = { name: string; keyId: string; type: SignatureType; publicKey: Uint8Array; vkey: string };
/** `sign` makes the bytes after the key id; `at` is the time of a cosignature. */
export type NoteSigner = NoteVerifier & { sign(text: string, at?: Date): Uint8Array };

export function isKeyName(name: string): boolean {
  return name !== "" && !/[\s+\p{Z}\p{Cc}]/u.test(name) && name.isWellFormed();
}

/** First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), as 8 hex digits. */
export function keyIdOf(name: string, type: SignatureType, publicKey: Uint8Array): string {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey])).toString("hex", 0, 4);
}

/** Verifier for a raw 32 byte Ed25519 public key. */
export function noteVerifier(name: string, type: SignatureType, publicKey: Uint8Array): NoteVerifier {
  assert(isKeyName(name) && publicKey.length === 32, "a note key has a name without spaces or plus, and 32 bytes");
  const keyId = keyIdOf(name, type, publicKey);
  return { name, keyId, type, publicKey, vkey: `${name}+${keyId}+${Buffer.concat([Buffer.of(type), publicKey]).toString("base64")}` };
}

/** Reads "name+keyid+base64(type ‖ public key)". */
export function parseVkey(vkey: string): Result<NoteVerifier, NoteFailure> {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey.trim());
  if (!match || !isKeyName(match[1]!)) return failure("vkey-format", "a verifier key reads name+8 hex digits+base64");
  const key = fromBase64(match[3]!);
  if (!key) return failure("base64", "the key of the verifier key is not base64");
  const type = key[0];
  if (type !== signatureType.ed25519 && type !== signatureType.cosignatureV1) return failure("key-type-unknown", `key type ${type} is not known (1 is Ed25519, 4 a cosignature)`);
  if (key.length !== 33) return failure("key-length", `an Ed25519 public key has 32 bytes, not ${key.length - 1}`);
  const verifier = noteVerifier(match[1]!, type, key.subarray(1));
  return verifier.keyId === match[2] ? ok(verifier) : failure("key-id-mismatch", `the key id is ${verifier.keyId}, not ${match[2]}: name or key was changed`);
}

/** Signer for an Ed25519 private key. */
export function noteSigner(name: string, type: SignatureType, privateKey: KeyObject): NoteSigner {
  assert(privateKey.type === "private" && privateKey.asymmetricKeyType === "ed25519");
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x!, "base64url");
  return {
    ...noteVerifier(name, type, publicKey),
    sign(text, at = new Date()) {
      if (type === signatureType.ed25519) return sign(null, Buffer.from(text), privateKey);
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 1000)));
      return Buffer.concat([time, sign(null, cosigned(time, text), privateKey)]);
    },
  };
}

/** A new key pair; the private key's raw 32 byte seed is what custody must keep. */
export function generateSigner(name: string, type: SignatureType = signatureType.ed25519): NoteSigner & { seed: Uint8Array } {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { ...noteSigner(name, type, privateKey), seed: Buffer.from(privateKey.export({ format: "jwk" }).d!, "base64url") };
}

/** Ed25519 private key of a raw 32 byte seed (RFC 8032), by its fixed PKCS #8 form (RFC 8410). */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  assert(seed.length === 32, "an Ed25519 seed has 32 bytes");
  return createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), format: "der", type: "pkcs8" });
}

/** Ed25519 public key of its 32 bytes. */
export function publicKeyOf(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(bytes).toString("base64url") }, format: "jwk" });
}

/** The signed note: text, blank line, one line per signer. */
export function signNote(text: string, signers: readonly NoteSigner[], at?: Date): string {
  assert(text.endsWith("\n"), "the text of a note ends with a newline");
  return formatNote({ text, signatures: signers.map((signer) => ({ name: signer.name, keyId: signer.keyId, bytes: signer.sign(text, at) })) });
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(({ name, keyId, bytes }) => `— ${name} ${Buffer.concat([Buffer.from(keyId, "hex"), bytes]).toString("base64")}\n`).join("")}`;
}

/** Splits a note into its text and signatures without checking any. */
export function parseNote(raw: string | Uint8Array): Result<Note, NoteFailure> {
  if (raw.length > noteBytesMax) return failure("too-long", "a note has at most 1 MB");
  let note: string;
  try {
    note = typeof raw === "string" ? raw : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return failure("not-utf8", "the note is not UTF-8");
  }
  if (!note.isWellFormed()) return failure("not-utf8", "the note holds half a surrogate pair");
  const control = /[\x00-\x09\x0b-\x1f]/.exec(note);
  if (control) return failure("control-character", `the note holds control character ${control[0].charCodeAt(0)} at ${control.index}`);
  const end = note.lastIndexOf("\n\n");
  if (end < 0) return failure("no-signature-block", "the note has no blank line before its signatures");
  const block = note.slice(end + 2);
  if (block === "") return failure("no-signatures", "the note has no signature after its blank line");
  if (!block.endsWith("\n")) return failure("signature-line", "the last signature line does not end with a newline");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > signaturesMax) return failure("too-many-signatures", `a note has at most ${signaturesMax} signatures, not ${lines.length}`);
  const signatures: NoteSignature[] = [];
  for (const [i, line] of lines.entries()) {
    const match = /^— (\S+) (\S+)$/u.exec(line);
    if (!match) return failure("signature-line", `signature line ${i + 1} does not read "— name base64"`);
    if (!isKeyName(match[1]!)) return failure("key-name", `signature line ${i + 1} has a key name with a space or plus`);
    const bytes = fromBase64(match[2]!);
    if (!bytes || bytes.length < 5) return failure("base64", `signature line ${i + 1} does not hold base64 of a key id and a signature`);
    signatures.push({ name: match[1]!, keyId: bytes.toString("hex", 0, 4), bytes: bytes.subarray(4) });
  }
  return ok({ text: note.slice(0, end + 1), signatures });
}

export type VerifiedNote = Note & {
  /** One for each known key that signed; `at`: POSIX seconds of a cosignature. */
  verified: (NoteSignature & { at?: number })[];
  /** Signatures of keys not known here, kept so that others can check them. */
  unverified: NoteSignature[];
};

/** Reads a note and checks the signatures of the keys given: at least one of them must have signed, and none wrongly. */
export function openNote(raw: string | Uint8Array, verifiers: readonly NoteVerifier[]): Result<VerifiedNote, NoteFailure> {
  const parsed = parseNote(raw);
  if (!parsed.ok) return parsed;
  const { text, signatures } = parsed.value;
  const verified: VerifiedNote["verified"] = [], unverified: NoteSignature[] = [], seen = new Set<NoteVerifier>();
  for (const signature of signatures) {
    const verifier = verifiers.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (!verifier) unverified.push(signature);
    else if (!seen.has(verifier)) {
      seen.add(verifier);
      const checked = verifySignature(verifier, text, signature.bytes);
      if (!checked) return failure("signature-wrong", `the signature of ${verifier.name} (${verifier.keyId}) is wrong: the text was changed, or another key signed`);
      verified.push({ ...signature, ...checked });
    }
  }
  if (verified.length === 0) return failure("no-known-key", `no signature is of a known key (${verifiers.map(({ name, keyId }) => `${name} ${keyId}`).join(", ") || "none given"})`);
  return ok({ text, signatures, verified, unverified });
}

function verifySignature({ type, publicKey }: NoteVerifier, text: string, bytes: Uint8Array): { at?: number } | undefined {
  const key = publicKeyOf(publicKey);
  if (type === signatureType.ed25519) return bytes.length === 64 && verify(null, Buffer.from(text), key, bytes) ? {} : undefined;
  if (bytes.length !== 72) return undefined;
  const time = Buffer.from(bytes.subarray(0, 8));
  if (!verify(null, cosigned(time, text), key, bytes.subarray(8))) return undefined;
  return { at: Number(time.readBigUInt64BE()) };
}

/** What a cosignature v1 signs: a line of its own, the time, and the whole text. */
function cosigned(time: Buffer, text: string): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time.readBigUInt64BE()}\n${text}`);
}

/** Standard base64 with padding, in its one spelling; anything else is undefined. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

function failure(reason: NoteReason, text: string): { ok: false; failure: NoteFailure } {
  return { ok: false, failure: { ...fail("invalid", text).failure, reason } };
}
