/**
 * Ledger. The floor of each row is the bare work of the same run: node:crypto SHA-256 or Ed25519 calls in a plain
 * loop (digests as buffers), as many as the row cannot do without. `ours` and `floor` are per second.
 */
import { generateKeyPairSync, hash, sign, verify } from "node:crypto";
import { openCheckpoint, signCheckpoint } from "#ledger/checkpoint.ts";
import { entryLeafHash, leafHash } from "#ledger/hash.ts";
import { generateSigner } from "#ledger/note.ts";
import { inclusionProof, verifyInclusion } from "#ledger/proof.ts";
import { tileHashReader } from "#ledger/reader.ts";
import { append, emptyFrontier, rootOf, type TileGrowth } from "#ledger/tree.ts";
import type { Row } from "./row.ts";

const leafCount = 200_000, batch = 2_000, rounds = 3;

/** Best of three: the cores are shared, and the slow rounds measure the neighbours. */
async function perSecond(count: number, work: () => void | Promise<void>): Promise<number> {
  await work();
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return (count / best) * 1000;
}

function hashLoop(length: number, count: number): void {
  const input = Buffer.alloc(length);
  for (let i = 0; i < count; i++) {
    input.writeUInt32LE(i, 1);
    hash("sha256", input, "buffer");
  }
}

export async function run(): Promise<Row[]> {
  const datum = Buffer.alloc(32), salt = Buffer.alloc(16, 7), payload = Buffer.alloc(240, 0x61);
  const leaves = Array.from({ length: leafCount }, (_, i) => { datum.writeUInt32LE(i); return leafHash(datum); });
  let tiles: TileGrowth[] = [];
  let root = rootOf(emptyFrontier);
  const growInBatches = (leafOf: (i: number) => Uint8Array): void => {
    let frontier = emptyFrontier;
    tiles = [];
    for (let at = 0; at < leafCount; at += batch) {
      const grown = append(frontier, Array.from({ length: batch }, (_, i) => leafOf(at + i)));
      frontier = grown.frontier;
      tiles.push(...grown.tiles);
    }
    root = rootOf(frontier);
  };
  const hashed = await perSecond(leafCount, () => growInBatches((i) => { datum.writeUInt32LE(i); return leafHash(datum); }));
  const salted = await perSecond(leafCount, () => growInBatches((i) => { payload.writeUInt32LE(i); return entryLeafHash(salt, payload); }));
  growInBatches((i) => leaves[i]!);
  const twoHashes = await perSecond(leafCount, () => { hashLoop(33, leafCount); hashLoop(65, leafCount); });
  const threeHashes = await perSecond(leafCount, () => { hashLoop(salt.length + payload.length, leafCount); hashLoop(33, leafCount); hashLoop(65, leafCount); });

  const whole = new Map<string, Uint8Array>();
  for (const { level, index, hashes } of tiles) whole.set(`${level}/${index}`, Buffer.concat([whole.get(`${level}/${index}`) ?? Buffer.alloc(0), hashes]));
  const read = tileHashReader(leafCount, async (asked) => asked.map(({ level, index }) => whole.get(`${level}/${index}`)!));
  const proved = 500, places = Array.from({ length: proved }, (_, i) => (i * 7919) % leafCount);
  const proofs = await Promise.all(places.map((index) => inclusionProof(index, leafCount, read)));
  const make = await perSecond(proved, async () => { for (const index of places) await inclusionProof(index, leafCount, read); });
  const check = await perSecond(proved, () => { places.forEach((index, i) => { if (!verifyInclusion(index, leafCount, leaves[index]!, proofs[i]!, root).ok) throw new Error(`the proof of leaf ${index} does not verify`); }); });
  const depth = proofs[0]!.length;
  const path = await perSecond(proved, () => hashLoop(65, proved * depth));

  const signer = generateSigner("bench.example"), checkpoint = { origin: "bench.example", size: leafCount, root, extensions: [] }, note = signCheckpoint(checkpoint, [signer]);
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const text = Buffer.from(note), signature = sign(null, text, privateKey);
  const signatures = 1_000;
  const signed = await perSecond(signatures, () => { for (let i = 0; i < signatures; i++) signCheckpoint(checkpoint, [signer]); });
  const opened = await perSecond(signatures, () => { for (let i = 0; i < signatures; i++) if (!openCheckpoint(note, [signer]).ok) throw new Error("the checkpoint does not open"); });
  const bareSign = await perSecond(signatures, () => { for (let i = 0; i < signatures; i++) sign(null, text, privateKey); });
  const bareVerify = await perSecond(signatures, () => { for (let i = 0; i < signatures; i++) verify(null, text, publicKey, signature); });

  const row = (name: string, ours: number, floor: number, unit: string, note?: string): Row => ({ group: "ledger", name, ours: Math.round(ours), floor: Math.round(floor), unit, note });
  return [
    row("leaves hashed into the tree, with tiles", hashed, twoHashes, "leaves/s", `batches of ${batch}; floor: two SHA-256 a leaf`),
    row("salted entries into the tree, with tiles", salted, threeHashes, "entries/s", "240 byte payloads; floor: three SHA-256 an entry"),
    row("inclusion proof made from tiles", make, path, "proofs/s", `tree of ${leafCount}, ${depth} hashes; floor: hashing one path; nodes inside a tile are folded again`),
    row("inclusion proof checked", check, path, "proofs/s", `floor: ${depth} SHA-256`),
    row("checkpoint signed", signed, bareSign, "notes/s"),
    row("checkpoint opened and verified", opened, bareVerify, "notes/s"),
  ];
}
