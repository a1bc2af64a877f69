import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEntryBundle, parseEntryBundle, parseTilePath, tileAt, tilePath, tilesBetween, type Tile } from "./tile.ts";

test("paths, C2SP tlog-tiles", () => {
  const cases: [Tile, string][] = [
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: 1, index: 1_000, width: 8 }, "tile/1/x001/000.p/8"],
    [{ level: "entries", index: 273, width: 112 }, "tile/entries/273.p/112"],
    [{ level: 63, index: Number.MAX_SAFE_INTEGER, width: 1 }, "tile/63/x009/x007/x199/x254/x740/991.p/1"],
  ];
  for (const [tile, path] of cases) {
    assert.equal(tilePath(tile), path);
    assert.deepEqual(parseTilePath(path), { ok: true, value: tile });
  }
});

test("other spellings are refused", () => {
  for (const path of ["tile/0/0", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/08", "tile/00/000", "tile/0/x000/001", "tile/64/000", "tile/-1/000", "tile/0/x999/x999/x999/x999/x999/999", "tile/0/001/002", "/tile/0/000", "tile/0/000/", "tile/data/000", ""])
    assert.equal(parseTilePath(path).ok, false, path);
});

test("tiles of a tree of 70,000: 273 full and one partial at level 0, one full and one partial at level 1, one partial at level 2", () => {
  const tiles = tilesBetween(0, 70_000);
  assert.deepEqual(tiles.filter(({ level }) => level === 0).length, 274);
  assert.deepEqual(tiles.filter(({ level }) => level !== 0), [
    { level: 1, index: 0, width: 256 }, { level: 1, index: 1, width: 17 }, { level: 2, index: 0, width: 1 },
  ]);
  for (const tile of tiles) assert.deepEqual(tileAt(tile.level as number, tile.index, 70_000), tile);
  assert.equal(tileAt(0, 274, 70_000), undefined);
  assert.deepEqual(tilesBetween(70_000, 70_000), []);
  assert.deepEqual(tilesBetween(255, 257).map(tilePath), ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
});

test("entry bundles go round; cut ones say where", () => {
  const entries = ["", "one", "x".repeat(65_535)].map((text) => Buffer.from(text));
  const bundle = formatEntryBundle(entries);
  const parsed = parseEntryBundle(bundle, 3);
  assert(parsed.ok);
  assert.deepEqual(parsed.value.map((entry) => Buffer.from(entry)), entries);
  const faults: [Uint8Array, number | undefined, RegExp][] = [
    [bundle.subarray(0, 3), undefined, /inside the length of entry 1/], [bundle.subarray(0, 6), undefined, /inside entry 1/],
    [bundle, 4, /3 entries instead of 4/], [Buffer.alloc(2 * 257), undefined, /at most 256/],
  ];
  for (const [bytes, width, text] of faults) {
    const result = parseEntryBundle(bytes, width);
    assert(!result.ok);
    assert.match(result.failure.text, text);
  }
});
