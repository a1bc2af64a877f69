import assert from "node:assert/strict";
import { test } from "node:test";
import { leafHash, nodeHash } from "./hash.ts";
import {
  consistencyProof, inclusionProof, subtreeConsistencyProof, subtreeInclusionProof,
  verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion, type Checked, type ProofReason,
} from "./proof.ts";
import { readFrontier, tileHashReader, type HashReader } from "./reader.ts";
import { tilePath } from "./tile.ts";
import { append, emptyFrontier, rootOf, rootOfLeaves } from "./tree.ts";

const leaves = Array.from({ length: 700 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));
const roots = leaves.map((_, i) => rootOfLeaves(leaves.slice(0, i)));

/** Reads from the tiles of a tree of 700, cut as a tree of `size` would have them. */
const tiles = new Map(append(emptyFrontier, leaves).tiles.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]));
function reader(size: number): HashReader {
  return tileHashReader(size, async (asked) => asked.map(({ level, index, width }) => tiles.get(`${level}/${index}`)!.subarray(0, width * 32)));
}

function reasonOf(checked: Checked): ProofReason | "accepted" {
  return checked.ok ? "accepted" : checked.failure.reason;
}

const flipped = (hash: Uint8Array): Uint8Array => Buffer.from(hash).map((byte, i) => (i === 5 ? byte ^ 0x10 : byte));

/** Every complete subtree at hand: thousands of proofs need not fold tiles again (tiles have their own tests below). */
const nodes: Uint8Array[][] = [leaves];
for (let height = 1; height <= 8; height++) nodes.push(Array.from({ length: nodes[height - 1]!.length >> 1 }, (_, i) => nodeHash(nodes[height - 1]![2 * i]!, nodes[height - 1]![2 * i + 1]!)));
const readNodes: HashReader = async (asked) => asked.map(({ height, index }) => nodes[height]![index]!);

test("inclusion: every index at every size to 256, and no other place", async () => {
  for (let size = 1; size <= 256; size++) {
    const read = readNodes;
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(index, size, read);
      assert.equal(reasonOf(verifyInclusion(index, size, leaves[index]!, proof, roots[size]!)), "accepted", `${index} of ${size}`);
      assert.notEqual(reasonOf(verifyInclusion((index + 1) % (size + 1), size, leaves[index]!, proof, roots[size]!)), "accepted");
      assert.equal(reasonOf(verifyInclusion(index, size, leaves[index + 1]!, proof, roots[size]!)), "root-differs");
    }
  }
});

test("consistency: every pair of sizes to 256, and no other old root", async () => {
  for (let now = 1; now <= 256; now++) {
    const read = readNodes;
    for (let old = 1; old <= now; old++) {
      const proof = await consistencyProof(old, now, read);
      assert.equal(reasonOf(verifyConsistency(old, now, roots[old]!, roots[now]!, proof)), "accepted", `${old} in ${now}`);
      // A whole old tree is itself the first hash on the way up, so a wrong one shows at the new root.
      const whole = Number.isInteger(Math.log2(old));
      assert.equal(reasonOf(verifyConsistency(old, now, flipped(roots[old]!), roots[now]!, proof)), old === now ? "roots-differ-at-same-size" : whole ? "root-differs" : "old-root-differs");
    }
  }
});

test("across tile borders: indexes and sizes around 256 and 512", async () => {
  for (const size of [257, 511, 512, 513, 699])
    for (const index of [0, 255, 256, 257, 511, 512, size - 1].filter((i) => i < size)) {
      assert.equal(reasonOf(verifyInclusion(index, size, leaves[index]!, await inclusionProof(index, size, reader(size)), roots[size]!)), "accepted");
      assert.equal(reasonOf(verifyConsistency(index + 1, size, roots[index + 1]!, roots[size]!, await consistencyProof(index + 1, size, reader(size)))), "accepted");
    }
});

test("subtrees: every valid range of every tree to 40", async () => {
  for (let size = 1; size <= 40; size++)
    for (let start = 0; start < size; start++)
      for (let end = start + 1; end <= size; end++) {
        const root = rootOfLeaves(leaves.slice(start, end));
        let width = 1;
        while (width < end - start) width *= 2;
        if (start % width !== 0) {
          assert.equal(reasonOf(verifySubtreeConsistency(start, end, size, root, roots[size]!, [])), "subtree-invalid");
          continue;
        }
        assert.equal(reasonOf(verifySubtreeConsistency(start, end, size, root, roots[size]!, await subtreeConsistencyProof(start, end, size, reader(size)))), "accepted", `[${start}, ${end}) of ${size}`);
        const index = start + ((end - start) >> 1);
        assert.equal(reasonOf(verifySubtreeInclusion(index, start, end, leaves[index]!, await subtreeInclusionProof(index, start, end, reader(size)), root)), "accepted");
      }
});

test("a frontier read back from tiles goes on growing", async () => {
  for (const size of [0, 1, 255, 256, 300, 512, 699]) {
    const frontier = await readFrontier(size, reader(size));
    assert.deepEqual(Buffer.from(rootOf(append(frontier, leaves.slice(size)).frontier)), Buffer.from(rootOfLeaves(leaves)));
  }
});

test("each defect of a proof has its own reason", async () => {
  const proof = await inclusionProof(5, 13, reader(13));
  const root = roots[13]!, leaf = leaves[5]!;
  const inclusion: [ProofReason, Checked][] = [
    ["not-a-size", verifyInclusion(5, -1, leaf, proof, root)],
    ["not-a-size", verifyInclusion(1.5, 13, leaf, proof, root)],
    ["not-a-size", verifyInclusion(5, 2 ** 53, leaf, proof, root)],
    ["index-outside-tree", verifyInclusion(13, 13, leaf, proof, root)],
    ["index-outside-tree", verifyInclusion(0, 0, leaf, [], root)],
    ["hash-length", verifyInclusion(5, 13, leaf.subarray(1), proof, root)],
    ["hash-length", verifyInclusion(5, 13, leaf, proof, Buffer.alloc(33))],
    ["hash-length", verifyInclusion(5, 13, leaf, proof.with(1, Buffer.alloc(31)), root)],
    ["proof-too-short", verifyInclusion(5, 13, leaf, proof.slice(1), root)],
    ["proof-too-long", verifyInclusion(5, 13, leaf, [...proof, root], root)],
    ["root-differs", verifyInclusion(5, 13, leaf, proof.with(2, flipped(proof[2]!)), root)],
    ["root-differs", verifyInclusion(5, 13, leaf, proof, flipped(root))],
  ];
  const growth = await consistencyProof(6, 13, reader(13));
  const consistency: [ProofReason, Checked][] = [
    ["old-size-zero", verifyConsistency(0, 13, roots[0]!, root, [])],
    ["sizes-reversed", verifyConsistency(14, 13, root, root, [])],
    ["roots-differ-at-same-size", verifyConsistency(13, 13, flipped(root), root, [])],
    ["proof-too-long", verifyConsistency(13, 13, root, root, [root])],
    ["hash-length", verifyConsistency(6, 13, Buffer.alloc(31), root, growth)],
    ["old-root-differs", verifySubtreeConsistency(4, 4, 13, root, root, [])],
    ["proof-too-long", verifySubtreeConsistency(4, 4, 13, roots[0]!, root, [root])],
    ["sizes-reversed", verifySubtreeConsistency(14, 14, 13, roots[0]!, root, [])],
    ["proof-too-short", verifyConsistency(6, 13, roots[6]!, root, [])],
    ["old-root-differs", verifyConsistency(6, 13, flipped(roots[6]!), root, growth)],
    ["root-differs", verifyConsistency(6, 13, roots[6]!, flipped(root), growth)],
    ["root-differs", verifyConsistency(6, 13, roots[6]!, root, growth.with(1, flipped(growth[1]!)))],
  ];
  for (const [reason, checked] of [...inclusion, ...consistency]) assert.equal(reasonOf(checked), reason);
});

test("a missing tile is named", async () => {
  const read = tileHashReader(300, async (asked) => asked.map((tile) => (tilePath(tile) === "tile/0/001.p/44" ? new Uint8Array(0) : tiles.get(`${tile.level}/${tile.index}`)!)));
  await assert.rejects(inclusionProof(299, 300, read), /tile\/0\/001\.p\/44 is missing/);
  await assert.rejects(inclusionProof(300, 300, read), /leaf 300 is not among leaves 0 to 299/);
});
