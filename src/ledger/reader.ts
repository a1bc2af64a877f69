/**
 * Nodes of the tree read back from tiles. Only roots of complete subtrees are stored; the root of any other
 * range is folded from them.
 */
import assert from "node:assert/strict";
import { hashBytes, nodeHash } from "./hash.ts";
import { tileAt, tileHeight, tilePath, tileWidth, type Tile } from "./tile.ts";
import { foldEdge, subtreeHeights, type Frontier } from "./tree.ts";

/** Root of the complete subtree over the leaves index·2^height … (index + 1)·2^height - 1. */
export type Node = { height: number; index: number };

/** Answers the hashes of the nodes asked for, in their order. Throws when a stored hash is missing. */
export type HashReader = (nodes: readonly Node[]) => Promise<readonly Uint8Array[]>;

/** Answers the hashes of each tile (32 bytes for each of `width`, or more), in the order asked for. */
export type TileReader = (tiles: readonly Tile[]) => Promise<readonly Uint8Array[]>;

/** Leaves start … end - 1. `start` is a multiple of the least power of two that holds the range. */
export type Range = { start: number; end: number };

/** The complete subtrees a range is made of, largest first. */
export function nodesOf({ start, end }: Range): Node[] {
  let at = start;
  return subtreeHeights(end - start).map((height) => {
    const node = { height, index: at / 2 ** height };
    assert(Number.isInteger(node.index), "a range starts where its largest complete subtree may start");
    at += 2 ** height;
    return node;
  });
}

/** Roots of the ranges, all of them read at once. */
export async function readRanges(ranges: readonly Range[], read: HashReader): Promise<Uint8Array[]> {
  const nodes = ranges.map(nodesOf);
  const hashes = await read(nodes.flat());
  let at = 0;
  return nodes.map(({ length }) => foldEdge(hashes.slice(at, (at += length))));
}

/** The right edge of the tree of `size` leaves, to go on appending. */
export async function readFrontier(size: number, read: HashReader): Promise<Frontier> {
  return { size, edge: size === 0 ? [] : [...await read(nodesOf({ start: 0, end: size }))] };
}

/** Reads nodes of the tree of `size` leaves from its tiles; each tile is asked for once a call. */
export function tileHashReader(size: number, readTiles: TileReader): HashReader {
  return async (nodes) => {
    const tiles = new Map<string, Tile>();
    const places = nodes.map(({ height, index }) => {
      const level = Math.floor(height / tileHeight);
      const count = 2 ** (height % tileHeight);
      const tile = tileAt(level, Math.floor((index * count) / tileWidth), size);
      const offset = (index * count) % tileWidth;
      assert(tile && offset + count <= tile.width, `node ${index} of height ${height} is not complete in a tree of ${size}`);
      const path = tilePath(tile);
      tiles.set(path, tile);
      return { path, offset, count };
    });
    const contents = await readTiles([...tiles.values()]);
    const byPath = new Map([...tiles.keys()].map((path, i) => [path, contents[i]]));
    return places.map(({ path, offset, count }) => {
      const content = byPath.get(path);
      if (!content || content.length < tiles.get(path)!.width * hashBytes) throw new Error(`${path} is missing or too short in the stored ledger`);
      return foldComplete(content.subarray(offset * hashBytes, (offset + count) * hashBytes));
    });
  };
}

/** Root of a complete subtree given its 2^k leaves' hashes joined. */
function foldComplete(hashes: Uint8Array): Uint8Array {
  if (hashes.length === hashBytes) return hashes;
  const half = hashes.length / 2;
  return nodeHash(foldComplete(hashes.subarray(0, half)), foldComplete(hashes.subarray(half)));
}
