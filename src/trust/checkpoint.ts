/**
 * Publishes the ledger's checkpoint: numbers what waits, signs size and root with the node's key, and keeps it. A
 * node does not sign a tree that contradicts a checkpoint it signed before: it answers "conflict" instead.
 */
import { openCheckpoint, signCheckpoint, type Checkpoint } from "#ledger/checkpoint.ts";
import type { NoteSigner } from "#ledger/note.ts";
import { verifyConsistency } from "#ledger/proof.ts";
import { sameHash } from "#ledger/hash.ts";
import { ok, refuse, type Result } from "#platform/result.ts";
import type { OpenRecord } from "#record/open.ts";

/** `note`: the signed checkpoint, with the cosignatures it has so far. `pending`: leaves that came meanwhile. */
export type Published = { checkpoint: Checkpoint; note: string; signedAt: string; pending: number };

export type CheckpointStore = Pick<OpenRecord, "ledgerState" | "latestCheckpoint" | "saveCheckpoint" | "proveConsistency" | "clock">;

export async function publishCheckpoint(record: CheckpointStore, signer: NoteSigner): Promise<Result<Published>> {
  const { size, root, pending } = await record.ledgerState();
  const last = await record.latestCheckpoint();
  const opened = last && openCheckpoint(last.note, [signer]);
  if (last && opened?.ok) {
    const before = opened.value.checkpoint;
    if (before.size === size && sameHash(before.root, root)) return ok({ checkpoint: before, note: last.note, signedAt: last.at, pending });
    const contradicts = await contradiction(record, before, { size, root });
    if (contradicts !== undefined) return refuse("conflict", { code: "ledger-contradiction", size: before.size }, `this ledger contradicts its own checkpoint of ${before.size} entries signed at ${last.at}: ${contradicts}. No new checkpoint was signed; \`salus ledger verify\` names what was touched`);
  }
  const checkpoint: Checkpoint = { origin: signer.name, size, root, extensions: [] };
  const note = signCheckpoint(checkpoint, [signer]);
  const signedAt = record.clock.now().toISOString();
  await record.saveCheckpoint(size, note);
  return ok({ checkpoint, note, signedAt, pending });
}

/** Why the tree now does not begin with the tree before; undefined when it does. */
async function contradiction(record: CheckpointStore, before: Checkpoint, now: { size: number; root: Uint8Array }): Promise<string | undefined> {
  if (before.size > now.size) return `it now has only ${now.size}`;
  if (before.size === 0) return undefined;
  const proof = await record.proveConsistency(before.size, now.size);
  if (!proof.ok) return proof.failure.text;
  const checked = verifyConsistency(before.size, now.size, before.root, now.root, proof.value.map((hash) => Buffer.from(hash, "hex")));
  return checked.ok ? undefined : checked.failure.text;
}
