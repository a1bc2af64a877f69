/**
 * Tiles of the tree. Source: C2SP tlog-tiles (https://c2sp.org/tlog-tiles), tile height 8.
 * A tile at level L, index N holds the roots of 256 neighbouring complete subtrees of height 8·L; the last
 * tile of a level may be partial, with 1 to 255 hashes. An entry bundle holds the entries under a level 0 tile.
 */
import assert from "node:assert/strict";
import { fail, ok, type Result } from "#platform/result.ts";

export const tileHeight = 8;
export const tileWidth = 2 ** tileHeight;
/** Levels 0 to 6 hold every node of a tree with fewer than 2^53 leaves; the format itself allows 63. */
const levelMax = 63;
const entryBytesMax = 0xffff;

/** `width` is 256 for a full tile, 1 to 255 for a partial one. Level "entries" is a bundle of entries. */
export type Tile = { level: number | "entries"; index: number; width: number };

/** Path under the log's prefix: "tile/0/x001/x234/067", partial "tile/0/x001/x234/067.p/8". */
export function tilePath({ level, index, width }: Tile): string {
  assert(Number.isSafeInteger(index) && index >= 0 && Number.isInteger(width) && width >= 1 && width <= tileWidth);
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  return `tile/${level}/${groups.join("/")}${width === tileWidth ? "" : `.p/${width}`}`;
}

/** Reads a tile path. Only the one spelling of each tile is taken. */
export function parseTilePath(path: string): Result<Tile> {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (!match) return fail("invalid", `"${path.slice(0, 100)}" is not a tile path such as tile/0/x001/067 or tile/0/x001/067.p/8`);
  const index = Number(match[2]!.replaceAll(/[x/]/g, ""));
  const width = match[3] === undefined ? tileWidth : Number(match[3]);
  const level = match[1] === "entries" ? match[1] : Number(match[1]);
  if (level !== "entries" && level > levelMax) return fail("invalid", `tile level ${level} is above ${levelMax}`);
  if (!Number.isSafeInteger(index)) return fail("invalid", `tile index of "${path}" is above 2^53 - 1`);
  if (width < 1 || width > tileWidth || (match[3] !== undefined && width === tileWidth)) return fail("invalid", `a partial tile has 1 to 255 hashes, not ${width}`);
  const tile: Tile = { level, index, width };
  if (tilePath(tile) !== path) return fail("invalid", `"${path}" has leading zeros; the tile is ${tilePath(tile)}`);
  return ok(tile);
}

/** The tile at (level, index) as a tree of `size` leaves has it; undefined when the tree has no such tile. */
export function tileAt(level: number, index: number, size: number): Tile | undefined {
  const width = Math.min(tileWidth, Math.floor(size / 2 ** (tileHeight * level)) - index * tileWidth);
  return width >= 1 && index >= 0 ? { level, index, width } : undefined;
}

/** The tiles a log must hold after growing from one size to another, lowest level first; none when it did not grow. */
export function tilesBetween(oldSize: number, newSize: number): Tile[] {
  assert(oldSize >= 0 && oldSize <= newSize && Number.isSafeInteger(newSize));
  const tiles: Tile[] = [];
  for (let level = 0; ; level++) {
    const before = Math.floor(oldSize / 2 ** (tileHeight * level));
    const after = Math.floor(newSize / 2 ** (tileHeight * level));
    if (after === 0) return tiles;
    if (after === before) continue;
    for (let index = Math.floor(before / tileWidth); index * tileWidth < after; index++) tiles.push({ level, index, width: Math.min(tileWidth, after - index * tileWidth) });
  }
}

/** Entries each preceded by its length (uint16, big-endian). Entries above 65,535 bytes are a bug of the caller. */
export function formatEntryBundle(entries: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    assert(entry.length <= entryBytesMax, "an entry of a bundle has at most 65,535 bytes");
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return Buffer.concat(parts);
}

/** Reads an entry bundle of at most 256 entries; `width`, when given, is the number it must hold. */
export function parseEntryBundle(bundle: Uint8Array, width?: number): Result<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length; ) {
    if (entries.length === tileWidth) return fail("invalid", "an entry bundle holds at most 256 entries");
    if (at + 2 > bundle.length) return fail("incomplete", `the entry bundle ends inside the length of entry ${entries.length}`);
    const end = at + 2 + (bundle[at]! << 8) + bundle[at + 1]!;
    if (end > bundle.length) return fail("incomplete", `the entry bundle ends inside entry ${entries.length}`);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  if (width !== undefined && entries.length !== width) return fail("incomplete", `the entry bundle holds ${entries.length} entries instead of ${width}`);
  return ok(entries);
}
