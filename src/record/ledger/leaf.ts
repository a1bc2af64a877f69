/**
 * Leaves of the ledger as the record writes them: one for each write, decision, signature, export, sign-in and
 * each request by anyone other than the subject. The ledger publishes SHA-256(0x00 ‖ SHA-256(salt ‖ payload)) alone;
 * the payload names no person but through the reference, and is shown to whoever may read what it speaks of.
 */
import { hash } from "node:crypto";
import { newSalt, ridOf } from "../keys.ts";
import type { Queryable } from "../sql.ts";
import { insertWrites, packMax, packOfWrites } from "./pack.ts";

/** "meta": the meta of a version was changed in place. */
export type LeafKind = "create" | "update" | "delete" | "meta" | "decision" | "signature" | "export" | "login" | "policy" | "merge" | "unmerge" | "purge" | "read" | "search" | "history" | "everything";

/** What is hashed, and what lists of leaves show. */
export type Entry = { kind: LeafKind; at: number; salt: string; payload: string };
/** Of a write. `mark` finds it again: rid of the resource written. Other leaves have version 0 and as mark their own place, see queue.ts. */
export type Leaf = Entry & { mark: string; version: number };

/** `sha256`: hex, of the content written or of the versions a request returned. `count`: how many versions those were. */
export type LeafContent = { kind: LeafKind; at: number; agent: string; reference?: string; version?: number; sha256?: string; count?: number };

export function makeEntry({ kind, at, agent, reference, version, sha256, count }: LeafContent): Entry {
  const salt = newSalt();
  const iso = new Date(at).toISOString();
  const payload = JSON.stringify({ kind, at: iso, reference, version, count, sha256, agent: hash("sha256", `${salt} ${agent}`) });
  return { kind, at, salt, payload };
}

export function makeLeaf(content: LeafContent & { reference: string; version: number }): Leaf {
  return { ...makeEntry(content), mark: ridOfReference(content.reference), version: content.version };
}

export function ridOfReference(reference: string): string {
  const slash = reference.indexOf("/");
  return ridOf(reference.slice(0, slash), reference.slice(slash + 1));
}

export async function insertLeaves(db: Queryable, leaves: readonly Leaf[]): Promise<void> {
  for (const { text, values } of leafParts(leaves)) await db.unsafe(text, values, { prepare: true });
}

/** One part for each pack. */
export function leafParts(leaves: readonly Leaf[]): { name: string; text: string; values: (string | number)[] }[] {
  const parts = [];
  for (let at = 0; at < leaves.length; at += packMax) parts.push({ name: `leaf_rows_${at / packMax}`, text: insertWrites, values: packOfWrites(leaves.slice(at, at + packMax)) });
  return parts;
}

export function sha256Hex(text: string): string {
  return hash("sha256", text);
}
