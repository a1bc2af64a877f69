/**
 * RFC 6962 Merkle tree that only grows, as its right edge: the roots of its complete subtrees, so the state
 * is O(log n) and appending costs one node hash a leaf. Appending also says which hashes join which tiles
 * (see tile.ts), so that a store adds to tiles without reading them.
 *
 * Sizes and indexes are whole numbers from 0 to 2^53 - 1; anything else is a bug of the caller and throws.
 */
import assert from "node:assert/strict";
import { emptyRoot, hashBytes, nodeHash } from "./hash.ts";
import { tileHeight, tileWidth } from "./tile.ts";

/** `edge`: roots of the complete subtrees from the largest (left) to the smallest (right); one for each 1 bit of `size`. */
export type Frontier = { readonly size: number; readonly edge: readonly Uint8Array[] };

export const emptyFrontier: Frontier = { size: 0, edge: [] };

/** Hashes that follow `offset` hashes already in tile (level, index); `hashes` holds 32 bytes for each. */
export type TileGrowth = { level: number; index: number; offset: number; hashes: Uint8Array };

/** Adds leaf hashes at the right. The given frontier stays as it was. */
export function append(frontier: Frontier, leafHashes: readonly Uint8Array[]): { frontier: Frontier; tiles: TileGrowth[] } {
  assertFrontier(frontier);
  assert(Number.isSafeInteger(frontier.size + leafHashes.length), "a tree holds fewer than 2^53 leaves");
  const edge = frontier.edge.slice();
  const heights = subtreeHeights(frontier.size);
  const levels: { first: number; hashes: Uint8Array[] }[] = [];
  let size = frontier.size;
  for (const leaf of leafHashes) {
    assert(leaf.length === hashBytes, "a leaf hash has 32 bytes");
    let node = leaf;
    let height = 0;
    collect(levels, 0, size, node);
    while (heights.length > 0 && heights.at(-1) === height) {
      heights.pop();
      node = nodeHash(edge.pop()!, node);
      height++;
      if (height % tileHeight === 0) collect(levels, height / tileHeight, (size + 1) / 2 ** height - 1, node);
    }
    edge.push(node);
    heights.push(height);
    size++;
  }
  return { frontier: { size, edge }, tiles: levels.flatMap(tilesOfLevel) };
}

function collect(levels: { first: number; hashes: Uint8Array[] }[], level: number, position: number, node: Uint8Array): void {
  (levels[level] ??= { first: position, hashes: [] }).hashes.push(node);
}

function tilesOfLevel({ first, hashes }: { first: number; hashes: Uint8Array[] }, level: number): TileGrowth[] {
  const tiles: TileGrowth[] = [];
  for (let done = 0; done < hashes.length; ) {
    const offset = (first + done) % tileWidth;
    const count = Math.min(tileWidth - offset, hashes.length - done);
    tiles.push({ level, index: Math.floor((first + done) / tileWidth), offset, hashes: Buffer.concat(hashes.slice(done, done + count)) });
    done += count;
  }
  return tiles;
}

/** Root hash of the tree (RFC 6962 MTH). */
export function rootOf(frontier: Frontier): Uint8Array {
  assertFrontier(frontier);
  return foldEdge(frontier.edge);
}

/** Root of complete subtrees given from largest to smallest. */
export function foldEdge(edge: readonly Uint8Array[]): Uint8Array {
  let root = edge.at(-1);
  if (!root) return emptyRoot;
  for (let i = edge.length - 2; i >= 0; i--) root = nodeHash(edge[i]!, root);
  return root;
}

/** Root of a tree over these leaf hashes. */
export function rootOfLeaves(leafHashes: readonly Uint8Array[]): Uint8Array {
  return rootOf(append(emptyFrontier, leafHashes).frontier);
}

/** Heights of the complete subtrees of a tree, left to right: the exponents of the binary form of `size`. */
export function subtreeHeights(size: number): number[] {
  assert(Number.isSafeInteger(size) && size >= 0, "a tree size is a whole number from 0 to 2^53 - 1");
  const heights: number[] = [];
  for (let rest = size, height = 0; rest > 0; rest = Math.floor(rest / 2), height++) if (rest % 2 === 1) heights.unshift(height);
  return heights;
}

function assertFrontier({ size, edge }: Frontier): void {
  assert(edge.length === subtreeHeights(size).length, "a frontier has one hash for each complete subtree");
  for (const hash of edge) assert(hash.length === hashBytes, "a frontier holds hashes of 32 bytes");
}
