/**
 * A proof about one entry that a stranger checks offline: salt and payload of its leaf, the path to the root, and
 * the signed checkpoint that states the root. JSON, at most 1 MB. The payload is JSON text that names what was
 * logged: `reference`, `version` and `sha256` (hex, of the exact content) where it speaks of a version.
 */
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { openCheckpoint, type CheckpointFailure, type OpenedCheckpoint } from "./checkpoint.ts";
import { entryLeafHash, sameHash, saltBytesMin, sha256 } from "./hash.ts";
import { parseVkey, type NoteFailure, type NoteVerifier } from "./note.ts";
import { verifyInclusion, type ProofFailure } from "./proof.ts";

/** Hashes and salt in hex; `path` from the leaf upwards; `vkey` is the key as the prover states it, which proves nothing by itself. */
export type EntryProof = {
  reference: string; version: string; salt: string; payload: string; contentSha256: string;
  leafHash: string; index: number; size: number; root: string; path: string[]; checkpoint: string; vkey?: string;
};

export type EntryProofReason = "not-json" | "too-long" | "member" | "payload-differs" | "leaf-differs" | "content-differs" | "size-differs" | "checkpoint-root-differs" | "no-key";
export type EntryProofFailure = (Failure & { reason: EntryProofReason }) | ProofFailure | CheckpointFailure | NoteFailure;

/** `keyFrom` "file": only the prover vouches for the key, so who signed is open; compare the key with one learned elsewhere. */
export type VerifiedEntry = { reference: string; version: string; payload: Record<string, unknown>; index: number; checkpoint: OpenedCheckpoint; keyFrom: "given" | "file"; contentChecked: boolean };

const charactersMax = 1_000_000;

/** Reads a proof; the first member that is missing or of another form is named. */
export function parseEntryProof(text: string): Result<EntryProof, EntryProofFailure> {
  if (text.length > charactersMax) return failure("too-long", "a proof has at most 1 MB");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failure("not-json", `the proof is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return failure("not-json", "the proof is not a JSON object");
  const proof = value as Record<string, unknown>;
  const hex = (member: unknown, bytesMin: number, bytesMax = bytesMin): boolean => typeof member === "string" && /^([0-9a-f]{2})*$/.test(member) && member.length >= 2 * bytesMin && member.length <= 2 * bytesMax;
  const forms: [keyof EntryProof, boolean, string][] = [
    ["reference", typeof proof.reference === "string", "a reference such as Observation/1"], ["version", typeof proof.version === "string", "a version number in quotes"],
    ["salt", hex(proof.salt, saltBytesMin, 64), "16 to 64 bytes in hex"], ["payload", typeof proof.payload === "string", "the JSON text of the entry"],
    ["contentSha256", hex(proof.contentSha256, 32), "32 bytes in hex"], ["leafHash", hex(proof.leafHash, 32), "32 bytes in hex"], ["root", hex(proof.root, 32), "32 bytes in hex"],
    ["index", Number.isSafeInteger(proof.index), "a whole number"], ["size", Number.isSafeInteger(proof.size), "a whole number"],
    ["path", Array.isArray(proof.path) && proof.path.every((hash) => hex(hash, 32)), "a list of hashes of 32 bytes in hex"],
    ["checkpoint", typeof proof.checkpoint === "string", "a signed checkpoint"], ["vkey", proof.vkey === undefined || typeof proof.vkey === "string", "a verifier key"],
  ];
  for (const [member, right, form] of forms) if (!right) return failure("member", `"${member}" of the proof is not ${form}`);
  return ok(value as EntryProof);
}

/**
 * Checks everything a proof claims. `verifiers`: keys of the log as learned elsewhere; empty: the key in the file is
 * used and the answer says so. `content`: the bytes of the version itself, when at hand.
 */
export function verifyEntryProof(proof: EntryProof, verifiers: readonly NoteVerifier[], content?: Uint8Array): Result<VerifiedEntry, EntryProofFailure> {
  const payload = parsePayload(proof.payload);
  if (!payload) return failure("payload-differs", "the payload of the entry is not a JSON object");
  for (const [member, claimed] of [["reference", proof.reference], ["version", proof.version], ["sha256", proof.contentSha256]] as const)
    if (String(payload[member]) !== claimed) return failure("payload-differs", `the proof says ${member} is ${claimed}, the entry says ${String(payload[member])}`);
  if (content && sha256(content).toString("hex") !== proof.contentSha256) return failure("content-differs", "the content at hand is not the one that was logged: its SHA-256 differs");

  const leaf = entryLeafHash(Buffer.from(proof.salt, "hex"), Buffer.from(proof.payload));
  if (leaf.toString("hex") !== proof.leafHash) return failure("leaf-differs", "salt and payload do not give the leaf hash: one of them was changed");
  const root = Buffer.from(proof.root, "hex");
  const included = verifyInclusion(proof.index, proof.size, leaf, proof.path.map((hash) => Buffer.from(hash, "hex")), root);
  if (!included.ok) return included;

  let keys = verifiers;
  if (keys.length === 0) {
    if (proof.vkey === undefined) return failure("no-key", "no verifier key is known: give the key of the log");
    const stated = parseVkey(proof.vkey);
    if (!stated.ok) return stated;
    keys = [stated.value];
  }
  const opened = openCheckpoint(proof.checkpoint, keys);
  if (!opened.ok) return opened;
  const { size, root: stated } = opened.value.checkpoint;
  if (size !== proof.size) return failure("size-differs", `the checkpoint is of ${size} entries, the proof of ${proof.size}`);
  if (!sameHash(stated, root)) return failure("checkpoint-root-differs", "the checkpoint states another root than the proof leads to");
  return ok({ reference: proof.reference, version: proof.version, payload, index: proof.index, checkpoint: opened.value, keyFrom: verifiers.length > 0 ? "given" : "file", contentChecked: content !== undefined });
}

function parsePayload(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function failure(reason: EntryProofReason, text: string): { ok: false; failure: EntryProofFailure } {
  return { ok: false, failure: { ...fail("invalid", text).failure, reason } };
}
