/** Merkle proofs (transparency-dev/merkle), a log with its tiles (tessera) and a witnessed checkpoint (sumdb). */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatCheckpoint, openCheckpoint } from "#ledger/checkpoint.ts";
import { leafHash } from "#ledger/hash.ts";
import { generateSigner, openNote, parseVkey, signatureType, type NoteVerifier } from "#ledger/note.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion, type Checked } from "#ledger/proof.ts";
import { tileHashReader } from "#ledger/reader.ts";
import { formatEntryBundle, parseEntryBundle } from "#ledger/tile.ts";
import { append, emptyFrontier, rootOf } from "#ledger/tree.ts";
import { addCheckpoint } from "#ledger/witness.ts";
import type { Checkpoint } from "#ledger/checkpoint.ts";

export const pack = "tlog";

type Case = { name: string; run: () => void | Promise<void>; skip?: string };
type ProofCase = { name: string; desc?: string; wantErr: boolean; proof: string[] | null; root?: string; root1?: string; root2?: string; leafHash?: string; leafIdx?: number; treeSize?: number; size1?: number; size2?: number; size?: number; start?: number; end?: number };

const bytes = (base64: string | undefined | null): Buffer => Buffer.from(base64 ?? "", "base64");

/** By the name of the file; each checks one kind of proof. */
const proofKinds: Record<string, (c: ProofCase, proof: Uint8Array[]) => Checked> = {
  inclusion: (c, proof) => verifyInclusion(c.leafIdx!, c.treeSize!, bytes(c.leafHash), proof, bytes(c.root)),
  consistency: (c, proof) => verifyConsistency(c.size1!, c.size2!, bytes(c.root1), bytes(c.root2), proof),
  subtreeinclusion: (c, proof) => verifySubtreeInclusion(c.leafIdx!, c.start!, c.end!, bytes(c.leafHash), proof, bytes(c.root)),
  subtreeconsistency: (c, proof) => verifySubtreeConsistency(c.start!, c.end!, c.size!, bytes(c.root1), bytes(c.root2), proof),
};

export async function* cases(dir: string): AsyncGenerator<Case> {
  for (const file of jsonFiles(join(dir, "merkle"))) {
    const check = proofKinds[file.name];
    for (const [i, c] of (file.read() as ProofCase[]).entries()) {
      const name = `merkle/${c.name ?? `${file.name} ${i}`}`;
      if (!check) yield { name, run() {}, skip: `no kind of proof is called ${file.name}` };
      else yield { name, run: () => proofCase(c, check) };
    }
  }
  for (const file of jsonFiles(join(dir, "log"))) yield* logCases(file.name, file.read() as Log);
  for (const file of jsonFiles(join(dir, "witness"))) yield* witnessCases(file.name, file.read() as WitnessLog);
}

function jsonFiles(folder: string): { name: string; read(): unknown }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json")).sort()
    .map((name) => ({ name: name.slice(0, -".json".length), read: () => JSON.parse(readFileSync(join(folder, name), "utf8")) as unknown }));
}

function proofCase(c: ProofCase, check: (c: ProofCase, proof: Uint8Array[]) => Checked): void {
  const checked = check(c, (c.proof ?? []).map(bytes));
  assert.equal(!checked.ok, c.wantErr, checked.ok ? `accepted: ${c.desc}` : `refused (${checked.failure.reason}): ${c.desc}`);
}

type Log = { origin: string; vkey: string; leaves: string[]; checkpoints: { size: number; root: string; checkpoint: string; hash_tile_hex?: string; entry_bundle_hex?: string }[] };

function* logCases(file: string, log: Log): Generator<Case> {
  const leaves = log.leaves.map((leaf) => leafHash(Buffer.from(leaf)));
  for (const { size, root, checkpoint, hash_tile_hex, entry_bundle_hex } of log.checkpoints) {
    const name = `log/${file}/size ${size}`;
    const grown = append(emptyFrontier, leaves.slice(0, size));
    yield { name: `${name}: root`, run: () => assert.equal(Buffer.from(rootOf(grown.frontier)).toString("base64"), root) };
    yield {
      name: `${name}: checkpoint`,
      run() {
        const opened = openCheckpoint(checkpoint, [verifierOf(log.vkey)], log.origin);
        assert(opened.ok, opened.ok ? "" : opened.failure.text);
        assert.equal(opened.value.checkpoint.size, size);
        assert.equal(Buffer.from(opened.value.checkpoint.root).toString("base64"), root);
        assert(checkpoint.startsWith(`${formatCheckpoint(opened.value.checkpoint)}\n`));
        assert(!openCheckpoint(checkpoint.replace(`\n${size}\n`, `\n${size + 1}\n`), [verifierOf(log.vkey)]).ok, "a changed size must not verify");
      },
    };
    if (hash_tile_hex !== undefined)
      yield { name: `${name}: tile`, run: () => assert.equal(Buffer.from(grown.tiles.find(({ level, index }) => level === 0 && index === 0)!.hashes).toString("hex"), hash_tile_hex) };
    if (entry_bundle_hex !== undefined)
      yield {
        name: `${name}: entries`,
        run() {
          const parsed = parseEntryBundle(Buffer.from(entry_bundle_hex, "hex"), Math.min(size, 256));
          assert(parsed.ok, parsed.ok ? "" : parsed.failure.text);
          assert.deepEqual(parsed.value.map((entry) => Buffer.from(entry).toString()), log.leaves.slice(0, parsed.value.length));
          assert.equal(formatEntryBundle(parsed.value).toString("hex"), entry_bundle_hex);
        },
      };
    yield {
      name: `${name}: proofs made from its tiles`,
      async run() {
        const read = tileHashReader(size, async (asked) => asked.map((tile) => grown.tiles.find(({ level, index }) => level === tile.level && index === tile.index)!.hashes));
        for (let index = 0; index < size; index++) accepted(verifyInclusion(index, size, leaves[index]!, await inclusionProof(index, size, read), bytes(root)));
        for (const old of log.checkpoints.filter((each) => each.size > 0 && each.size <= size))
          accepted(verifyConsistency(old.size, size, bytes(old.root), bytes(root), await consistencyProof(old.size, size, read)));
      },
    };
  }
}

function accepted(checked: Checked): void {
  assert(checked.ok, checked.ok ? "" : checked.failure.text);
}

type WitnessLog = { log_origin: string; log_vkey: string; steps: { request_body: string; expected_status: number }[] };

/** The steps of one file reach one witness, in their order. */
function* witnessCases(file: string, log: WitnessLog): Generator<Case> {
  const witness = generateSigner("witness.example", signatureType.cosignatureV1);
  let latest: Checkpoint | undefined;
  for (const [i, { request_body, expected_status }] of log.steps.entries())
    yield {
      name: `witness/${file}/step ${i + 1}`,
      run() {
        const answer = addCheckpoint(request_body, [{ origin: log.log_origin, verifiers: [verifierOf(log.log_vkey)] }], () => latest, [witness], new Date());
        assert.equal(answer.status, expected_status, answer.body);
        if (answer.status !== 200) return;
        latest = answer.latest;
        const text = request_body.slice(request_body.indexOf("\n\n") + 2);
        const cosigned = openNote(text + answer.body, [verifierOf(log.log_vkey), witness]);
        assert(cosigned.ok, cosigned.ok ? "" : cosigned.failure.text);
        assert.equal(cosigned.value.verified.length, 2);
      },
    };
}

function verifierOf(vkey: string): NoteVerifier {
  const parsed = parseVkey(vkey);
  assert(parsed.ok, parsed.ok ? "" : parsed.failure.text);
  return parsed.value;
}
