/**
 * Leaves of the ledger as the record writes them: one for each write, decision, signature, export, sign-in and
 * each request by anyone other than the subject. The ledger publishes SHA-256(0x00 ‖ SHA-256(salt ‖ payload)) alone;
 * the payload names no person but through the reference, and is shown to whoever may read what it speaks of.
 */
import { hash } from "node:crypto";
import { newSalt } from "../keys.ts";
import type { Queryable } from "../sql.ts";
import { insertApart, packMax, packApart } from "./pack.ts";
import { insertWrites, packOfWrites } from "./writes.ts";

/** "meta": the meta of a version was changed in place. */
export type LeafKind = "create" | "update" | "delete" | "meta" | "decision" | "signature" | "export" | "login" | "policy" | "merge" | "unmerge" | "purge" | "read" | "search" | "history" | "everything";

/** What is hashed, and what lists of leaves show. */
export type Entry = { kind: LeafKind; at: number; salt: string; payload: string };
/** Of a write. `mark`: rid of the resource written. */
export type Leaf = Entry & { mark: string; version: number };

/** `sha256`: hex, of the content written or of the versions a request returned. `count`: how many versions those were. */
export type LeafContent = { kind: LeafKind; at: number; agent: string; reference?: string; version?: number; sha256?: string; count?: number };

// What is written together has one time, and making its text costs as much as the hash.
let known = { at: 0, iso: new Date(0).toISOString() };

function isoOf(at: number): string {
  if (known.at !== at) known = { at, iso: new Date(at).toISOString() };
  return known.iso;
}

export function makeEntry({ kind, at, agent, reference, version, sha256, count }: LeafContent): Entry {
  const salt = newSalt();
  const payload = JSON.stringify({ kind, at: isoOf(at), reference, version, count, sha256, agent: hash("sha256", `${salt} ${agent}`) });
  return { kind, at, salt, payload };
}

export function makeLeaf(content: LeafContent & { reference: string; version: number }, mark: string): Leaf {
  return { ...makeEntry(content), mark, version: content.version };
}

/** Leaves that stand apart: found by what they speak of, not by a version's time. */
export async function insertLeaves(db: Queryable, leaves: readonly Leaf[]): Promise<void> {
  for (const { text, values } of inPacks("leaf_apart", leaves, insertApart, packApart)) await db.unsafe(text, values, { prepare: true });
}

type LeafPart = { name: string; text: string; values: (string | number)[] };

/** One part for each pack. Those that do not have the time of their version's row, or of most others, stand apart. */
export function leafParts(leaves: readonly Leaf[]): LeafPart[] {
  // A version that follows another within its millisecond is dated later than what is written with it.
  const at = leaves.reduce((least, leaf) => Math.min(least, leaf.at), Infinity);
  const { together = [], apart = [] } = Object.groupBy(leaves, (leaf) => leaf.at === at && leaf.kind !== "meta" ? "together" : "apart");
  return [...inPacks("leaf_write", together, insertWrites, packOfWrites), ...inPacks("leaf_apart", apart, insertApart, packApart)];
}

function inPacks(name: string, leaves: readonly Leaf[], text: string, valuesOf: (pack: readonly Leaf[]) => (string | number)[]): LeafPart[] {
  const parts = [];
  for (let at = 0; at < leaves.length; at += packMax) parts.push({ name: `${name}_rows_${at / packMax}`, text, values: valuesOf(leaves.slice(at, at + packMax)) });
  return parts;
}

export function sha256Hex(text: string): string {
  return hash("sha256", text);
}
