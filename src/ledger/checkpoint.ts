/**
 * Checkpoints: the signed statement of a log's size and root. Source: C2SP tlog-checkpoint
 * (https://c2sp.org/tlog-checkpoint): origin, decimal size, base64 root, optional extension lines.
 */
import assert from "node:assert/strict";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { emptyRoot, hashBytes, sameHash } from "./hash.ts";
import { formatNote, fromBase64, openNote, parseNote, signNote, type NoteFailure, type NoteSigner, type NoteVerifier, type VerifiedNote } from "./note.ts";

export type Checkpoint = { origin: string; size: number; root: Uint8Array; extensions: string[] };

export type CheckpointReason = "lines-missing" | "origin-empty" | "origin-differs" | "size-format" | "size-too-large" | "root-format" | "root-length" | "empty-root-differs" | "extension-empty" | "text-differs";
export type CheckpointFailure = NoteFailure | (Failure & { reason: CheckpointReason });

/** The text that is signed. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  assert(origin !== "" && !/[\x00-\x1f]/.test(origin) && Number.isSafeInteger(size) && size >= 0 && root.length === hashBytes);
  assert(extensions.every((line) => line !== "" && !/[\x00-\x1f]/.test(line)), "an extension is one line that is not empty");
  return [origin, String(size), Buffer.from(root).toString("base64"), ...extensions, ""].join("\n");
}

/** Reads the text of a checkpoint (without signatures). */
export function parseCheckpointText(text: string): Result<Checkpoint, CheckpointFailure> {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length < 3) return failure("lines-missing", "a checkpoint has an origin, a size and a root, each on its own line");
  const [origin, sizeText, rootText, ...extensions] = lines as [string, string, string, ...string[]];
  if (origin === "") return failure("origin-empty", "the first line of a checkpoint names the log; it is empty");
  if (!/^(0|[1-9]\d{0,19})$/.test(sizeText)) return failure("size-format", "the second line of a checkpoint is its size in decimal, without leading zeros");
  const size = Number(sizeText);
  if (!Number.isSafeInteger(size)) return failure("size-too-large", `size ${sizeText} is above 2^53 - 1`);
  const root = fromBase64(rootText);
  if (!root) return failure("root-format", "the third line of a checkpoint is its root in base64");
  if (root.length !== hashBytes) return failure("root-length", `the root has ${root.length} bytes instead of 32`);
  if (size === 0 && !sameHash(root, emptyRoot)) return failure("empty-root-differs", "a log without entries has the hash of nothing as its root");
  const empty = extensions.indexOf("");
  if (empty >= 0) return failure("extension-empty", `line ${empty + 4} of the checkpoint is empty`);
  return ok({ origin, size, root, extensions });
}

/** The checkpoint as a note signed by the log. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[], at?: Date): string {
  return signNote(formatCheckpoint(checkpoint), signers, at);
}

export type OpenedCheckpoint = { checkpoint: Checkpoint; note: VerifiedNote };

/** Reads a signed checkpoint: signed by at least one of `verifiers`, and by none of them wrongly; of `origin`, when given. */
export function openCheckpoint(raw: string | Uint8Array, verifiers: readonly NoteVerifier[], origin?: string): Result<OpenedCheckpoint, CheckpointFailure> {
  const note = openNote(raw, verifiers);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  if (origin !== undefined && checkpoint.value.origin !== origin)
    return failure("origin-differs", `the checkpoint is of the log "${checkpoint.value.origin}", not "${origin}"`);
  return ok({ checkpoint: checkpoint.value, note: note.value });
}

/** Adds the signatures of another copy of the same checkpoint, such as one a witness cosigned. Each (name, key) stays once. */
export function mergeSignatures(raw: string, other: string): Result<string, CheckpointFailure> {
  const ours = parseNote(raw), theirs = parseNote(other);
  if (!ours.ok) return ours;
  if (!theirs.ok) return theirs;
  if (ours.value.text !== theirs.value.text) return failure("text-differs", "signatures can only be taken from a copy of the same checkpoint");
  const signatures = [...ours.value.signatures];
  for (const added of theirs.value.signatures)
    if (!signatures.some(({ name, keyId }) => name === added.name && keyId === added.keyId)) signatures.push(added);
  return ok(formatNote({ text: ours.value.text, signatures }));
}

function failure(reason: CheckpointReason, text: string): { ok: false; failure: CheckpointFailure } {
  return { ok: false, failure: { ...fail("invalid", text).failure, reason } };
}
