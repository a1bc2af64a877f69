/**
 * Proofs that an entry is in the ledger (inclusion) and that nothing before was changed (consistency).
 * Sources: RFC 6962 sections 2.1.1 and 2.1.2; for a range of the tree ("subtree") the IETF draft on Merkle
 * tree certificates, section "Subtrees" (draft-ietf-plants-merkle-tree-certs).
 *
 * A proof is a list of hashes from the leaf upwards. Where the hashes stand follows from indexes and sizes
 * alone, so one plan serves for making and for checking. Checking never throws on data: each defect has its
 * own reason.
 */
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { emptyRoot, hashBytes, nodeHash, sameHash } from "./hash.ts";
import { readRanges, type HashReader, type Range } from "./reader.ts";

export type ProofReason =
  | "not-a-size" | "index-outside-tree" | "sizes-reversed" | "old-size-zero" | "subtree-invalid"
  | "hash-length" | "proof-too-short" | "proof-too-long"
  | "root-differs" | "old-root-differs" | "roots-differ-at-same-size";

export type ProofFailure = Failure & { reason: ProofReason };
export type Checked = Result<void, ProofFailure>;

/** One hash of a proof: the sibling it is the root of, and on which side it joins. `both`: it is part of the old tree too. */
type Step = { sibling: Range; side: "left" | "right"; both: boolean };

/** Greatest power of two below `size` (RFC 6962: k). */
function split(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

/**
 * The steps that lead from [start, end) up to the root of [0, size), and the range whose root they begin with:
 * [start, end) itself, or the right end of it where the old tree is not one node of the new.
 */
function plan(start: number, end: number, size: number): { seed: Range; steps: Step[] } {
  const steps: Step[] = [];
  let low = 0, high = size, from = start;
  while (from !== low || end !== high) {
    const middle = low + split(high - low);
    if (end <= middle) {
      steps.push({ sibling: { start: middle, end: high }, side: "right", both: false });
      high = middle;
    } else {
      steps.push({ sibling: { start: low, end: middle }, side: "left", both: from < middle });
      from = Math.max(from, middle);
      low = middle;
    }
  }
  return { seed: { start: from, end }, steps: steps.reverse() };
}

/** Proof that leaf `index` is in the tree of `size` leaves, 0 ≤ index < size. */
export async function inclusionProof(index: number, size: number, read: HashReader): Promise<Uint8Array[]> {
  return subtreeInclusionProof(index, 0, size, read);
}

/** Proof that leaf `index` is in the subtree [start, end). */
export async function subtreeInclusionProof(index: number, start: number, end: number, read: HashReader): Promise<Uint8Array[]> {
  const fault = subtreeFault(start, end) ?? indexFault(index, start, end);
  if (fault) throw new RangeError(fault.failure.text);
  const siblings = plan(index - start, index - start + 1, end - start).steps.map(({ sibling }) => ({ start: sibling.start + start, end: sibling.end + start }));
  return readRanges(siblings, read);
}

/** Proof that the tree of `newSize` leaves begins with the tree of `oldSize`, 1 ≤ oldSize ≤ newSize. */
export async function consistencyProof(oldSize: number, newSize: number, read: HashReader): Promise<Uint8Array[]> {
  return subtreeConsistencyProof(0, oldSize, newSize, read);
}

/** Proof that the tree of `size` leaves holds the subtree [start, end). */
export async function subtreeConsistencyProof(start: number, end: number, size: number, read: HashReader): Promise<Uint8Array[]> {
  const fault = subtreeFault(start, end) ?? (end > size ? failure("sizes-reversed", `${end} leaves are more than the ${size} of the tree`) : undefined);
  if (fault) throw new RangeError(fault.failure.text);
  const { seed, steps } = plan(start, end, size);
  const siblings = steps.map(({ sibling }) => sibling);
  return readRanges(seed.start === start ? siblings : [seed, ...siblings], read);
}

/** Checks an inclusion proof against the root of the tree of `size` leaves. */
export function verifyInclusion(index: number, size: number, leaf: Uint8Array, proof: readonly Uint8Array[], root: Uint8Array): Checked {
  return verifySubtreeInclusion(index, 0, size, leaf, proof, root);
}

/** Checks an inclusion proof against the root of the subtree [start, end). */
export function verifySubtreeInclusion(index: number, start: number, end: number, leaf: Uint8Array, proof: readonly Uint8Array[], root: Uint8Array): Checked {
  const shape = subtreeFault(start, end) ?? indexFault(index, start, end) ?? hashFault("leaf hash", leaf) ?? hashFault("root", root);
  if (shape) return shape;
  const { steps } = plan(index - start, index - start + 1, end - start);
  const fault = proofFault(proof, steps.length);
  if (fault) return fault;
  let node = leaf;
  steps.forEach(({ side }, i) => (node = side === "left" ? nodeHash(proof[i]!, node) : nodeHash(node, proof[i]!)));
  return sameHash(node, root) ? ok(undefined) : failure("root-differs", "leaf and proof lead to another root: the leaf is not at this place of this tree, or the proof was changed");
}

/** Checks that the tree with `newRoot` begins with the tree with `oldRoot`. An old tree without leaves proves nothing and is refused. */
export function verifyConsistency(oldSize: number, newSize: number, oldRoot: Uint8Array, newRoot: Uint8Array, proof: readonly Uint8Array[]): Checked {
  if (oldSize === 0) return failure("old-size-zero", "every tree begins with the empty one: there is nothing to prove from size 0");
  return verifySubtreeConsistency(0, oldSize, newSize, oldRoot, newRoot, proof);
}

/**
 * Checks that the tree with `root` holds the subtree [start, end) with `subtreeRoot`. An empty subtree (start = end)
 * is in every tree that reaches it: only its root and the absence of a proof are looked at.
 */
export function verifySubtreeConsistency(start: number, end: number, size: number, subtreeRoot: Uint8Array, root: Uint8Array, proof: readonly Uint8Array[]): Checked {
  const empty = start === end;
  const shape = sizeFault(size) ?? (empty ? sizeFault(start) : subtreeFault(start, end));
  if (shape) return shape;
  if (end > size) return failure("sizes-reversed", `the old size ${end} is above the new size ${size}`);
  if (empty)
    return proofFault(proof, 0) ?? (sameHash(subtreeRoot, emptyRoot) ? ok(undefined) : failure("old-root-differs", "the root of no leaves is the hash of nothing"));
  const { seed, steps } = plan(start, end, size);
  const whole = seed.start === start;
  const fault = proofFault(proof, steps.length + (whole ? 0 : 1));
  if (fault) return fault;
  // The same statement twice: nothing is hashed, so nothing about the root's form is decided here.
  if (steps.length === 0 && sameHash(subtreeRoot, root)) return ok(undefined);
  const lengths = hashFault("old root", subtreeRoot) ?? hashFault("root", root);
  if (lengths) return lengths;
  if (steps.length === 0) return failure("roots-differ-at-same-size", `two different roots claim the same ${size} leaves`);
  let old = whole ? subtreeRoot : proof[0]!;
  let now = old;
  steps.forEach(({ side, both }, i) => {
    const sibling = proof[whole ? i : i + 1]!;
    if (both) old = nodeHash(sibling, old);
    now = side === "left" ? nodeHash(sibling, now) : nodeHash(now, sibling);
  });
  if (!sameHash(old, subtreeRoot)) return failure("old-root-differs", "the proof leads to another old root: what was logged before was changed, or the proof was");
  return sameHash(now, root) ? ok(undefined) : failure("root-differs", "the proof leads to another new root: the new tree does not hold the old one, or the proof was changed");
}

/** Whether [start, end) is a subtree: start is a multiple of the least power of two that is at least its length. */
function subtreeFault(start: number, end: number): { ok: false; failure: ProofFailure } | undefined {
  const fault = sizeFault(start) ?? sizeFault(end);
  if (fault) return fault;
  if (start >= end) return failure("index-outside-tree", `[${start}, ${end}) has no leaves`);
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0 ? undefined : failure("subtree-invalid", `[${start}, ${end}) is no subtree: its start is not a multiple of ${width}`);
}

function sizeFault(size: number): { ok: false; failure: ProofFailure } | undefined {
  return Number.isSafeInteger(size) && size >= 0 ? undefined : failure("not-a-size", `${size} is not a whole number from 0 to 2^53 - 1`);
}

function indexFault(index: number, start: number, end: number): { ok: false; failure: ProofFailure } | undefined {
  return sizeFault(index) ?? (index >= start && index < end ? undefined : failure("index-outside-tree", `leaf ${index} is not among leaves ${start} to ${end - 1}`));
}

function hashFault(what: string, hash: Uint8Array): { ok: false; failure: ProofFailure } | undefined {
  return hash.length === hashBytes ? undefined : failure("hash-length", `the ${what} has ${hash.length} bytes instead of 32`);
}

function proofFault(proof: readonly Uint8Array[], expected: number): { ok: false; failure: ProofFailure } | undefined {
  if (proof.length < expected) return failure("proof-too-short", `the proof has ${proof.length} hashes, ${expected} are needed`);
  if (proof.length > expected) return failure("proof-too-long", `the proof has ${proof.length} hashes, only ${expected} belong to it`);
  const wrong = proof.findIndex((hash) => hash.length !== hashBytes);
  return wrong < 0 ? undefined : hashFault(`hash ${wrong} of the proof`, proof[wrong]!);
}

function failure(reason: ProofReason, text: string): { ok: false; failure: ProofFailure } {
  return { ok: false, failure: { ...fail("invalid", text).failure, reason } };
}
