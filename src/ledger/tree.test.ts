import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commitment, emptyRoot, entryLeafHash, leafHash, nodeHash, sha256 } from "./hash.ts";
import { append, emptyFrontier, rootOf, rootOfLeaves, subtreeHeights, type Frontier } from "./tree.ts";

// RFC 6962 test vectors: the eight inputs of certificate-transparency's Merkle tree tests and their roots.
const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** The definition of RFC 6962 section 2.1, word for word. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

test("RFC 6962 vectors: root after each of eight leaves", () => {
  let frontier: Frontier = emptyFrontier;
  assert.equal(Buffer.from(rootOf(frontier)).toString("hex"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  inputs.forEach((input, i) => {
    frontier = append(frontier, [leafHash(Buffer.from(input, "hex"))]).frontier;
    assert.equal(Buffer.from(rootOf(frontier)).toString("hex"), roots[i]);
  });
});

test("batches of any cut give the root of the definition, and their growth gives the tiles", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }), (cuts) => {
    const leaves: Uint8Array[] = [];
    let frontier: Frontier = emptyFrontier;
    const tiles = new Map<string, Uint8Array>();
    for (const cut of cuts) {
      const batch = Array.from({ length: cut }, (_, i) => leafHash(Buffer.from(String(leaves.length + i))));
      const grown = append(frontier, batch);
      for (const { level, index, offset, hashes } of grown.tiles) {
        const before = tiles.get(`${level}/${index}`) ?? new Uint8Array(0);
        assert.equal(before.length, offset * 32);
        tiles.set(`${level}/${index}`, Buffer.concat([before, hashes]));
      }
      leaves.push(...batch);
      frontier = grown.frontier;
    }
    assert.equal(frontier.size, leaves.length);
    assert.deepEqual(Buffer.from(rootOf(frontier)), Buffer.from(mth(leaves)));
    for (const [key, hashes] of tiles) {
      const [level, index] = key.split("/").map(Number) as [number, number];
      const span = 256 ** level;
      for (let i = 0; i < hashes.length / 32; i++) {
        const from = (index * 256 + i) * span;
        assert.deepEqual(Buffer.from(hashes.subarray(i * 32, i * 32 + 32)), Buffer.from(mth(leaves.slice(from, from + span))));
      }
      assert.equal(hashes.length / 32, Math.min(256, Math.floor(leaves.length / span) - index * 256));
    }
  }), { numRuns: 30 });
});

test("appending leaves the given frontier as it was", () => {
  const one = append(emptyFrontier, [leafHash(Buffer.from("a"))]).frontier;
  append(one, [leafHash(Buffer.from("b"))]);
  assert.deepEqual(one, { size: 1, edge: [leafHash(Buffer.from("a"))] });
});

test("complete subtrees are the binary form of the size", () => {
  assert.deepEqual(subtreeHeights(0), []);
  assert.deepEqual(subtreeHeights(0b1011001), [6, 4, 3, 0]);
  assert.deepEqual(subtreeHeights(2 ** 53 - 1).length, 53);
});

test("a salted leaf is SHA-256(00 ‖ SHA-256(salt ‖ payload)); another salt hides the same payload", () => {
  const salt = Buffer.alloc(16, 7), payload = Buffer.from('{"a":1}');
  assert.deepEqual(entryLeafHash(salt, payload), sha256(Buffer.concat([Buffer.of(0), sha256(Buffer.concat([salt, payload]))])));
  assert.notDeepEqual(commitment(Buffer.alloc(16, 8), payload), commitment(salt, payload));
  assert.throws(() => commitment(Buffer.alloc(15), payload), /at least 16 bytes/);
});

test("wrong lengths are bugs", () => {
  assert.throws(() => append(emptyFrontier, [Buffer.alloc(31)]), /32 bytes/);
  assert.throws(() => rootOf({ size: 3, edge: [emptyRoot] }), /one hash for each/);
  assert.throws(() => nodeHash(Buffer.alloc(32), Buffer.alloc(33)), /32 bytes/);
  assert.equal(rootOfLeaves([]), emptyRoot);
});
