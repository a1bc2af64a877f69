/**
 * Checks the whole record against its ledger, streaming: every leaf's hash and the tree over them (also against an
 * earlier checkpoint), every stored version against the leaf written with it, and every index row against the
 * content it is derived from. Names what was touched; changes nothing.
 */
import { entryLeafHash, hashBytes, sameHash } from "#ledger/hash.ts";
import { append, emptyFrontier, rootOf, type Frontier } from "#ledger/tree.ts";
import type postgres from "postgres";
import { readOneMoment } from "../citus/one-moment.ts";
import type { Queryable } from "../sql.ts";
import { Balance, statementOf } from "./balance.ts";
import { leavesBetween } from "./pack.ts";
import { readStoredFrontier, saltBytes } from "./sequencer.ts";
import { Purges } from "./verify-purges.ts";
import type { VerifyFault, VerifyProgress, VerifyReport } from "./verify-report.ts";
import { checkIndexRows } from "./verify-rows.ts";
import { checkVersions } from "./verify-versions.ts";

export type VerifyOptions = { checkpoint?: { size: number; root: Uint8Array }; onProgress?: (progress: VerifyProgress) => void };

/** More faults are counted by the first hundred thousand; the report stays readable. */
export const faultsMax = 1000;

/** `beside`: see citus/one-moment.ts. */
export async function verifyRecord(db: postgres.Sql & Queryable, beside: postgres.Sql, options: VerifyOptions = {}): Promise<VerifyReport> {
  const start = performance.now();
  const faults: VerifyFault[] = [];
  const note = (fault: VerifyFault) => { if (faults.length < faultsMax) faults.push(fault); };
  const progress = options.onProgress ?? (() => {});
  // One moment for all steps: writers go on meanwhile without appearing as faults.
  const counts = await readOneMoment(db, beside, async (tx) => {
    const balance = new Balance();
    const leavesChecked = await checkLeaves(tx, options, note, progress, balance);
    const versionsChecked = await checkVersions(tx, balance, leavesChecked, note, progress, () => faults.length >= faultsMax);
    const indexRowsChecked = await checkIndexRows(tx, note, progress);
    return { leavesChecked, versionsChecked, indexRowsChecked };
  });
  return { ok: faults.length === 0, ...counts, faults, ms: Math.round(performance.now() - start) };
}

/** The ledger alone, as a transaction sees it: leaves, tiles, root, and the checkpoint where one is given. */
export async function verifyLedger(tx: Queryable, options: VerifyOptions = {}): Promise<{ leavesChecked: number; faults: VerifyFault[] }> {
  const faults: VerifyFault[] = [];
  const leavesChecked = await checkLeaves(tx, options, (fault) => { if (faults.length < faultsMax) faults.push(fault); }, options.onProgress ?? (() => {}));
  return { leavesChecked, faults };
}

const batch = 4096;
type LeafRow = { idx: string; salt: string; payload: string };

async function checkLeaves(tx: Queryable, { checkpoint }: VerifyOptions, note: (fault: VerifyFault) => void, progress: (progress: VerifyProgress) => void, balance?: Balance): Promise<number> {
  // Leaves beyond the stored size wait for the sequencer.
  const stored = await readStoredFrontier(tx);
  const purges = await Purges.read(tx);
  let frontier: Frontier = emptyFrontier;
  if (checkpoint && checkpoint.size > stored.size) note({ what: "checkpoint", fault: { code: "checkpoint-ahead", said: checkpoint.size, found: stored.size }, text: `The checkpoint speaks of ${checkpoint.size} leaves, the ledger has ${stored.size}: leaves were removed` });
  if (checkpoint?.size === 0 && !sameHash(rootOf(frontier), checkpoint.root)) note({ what: "checkpoint", fault: { code: "checkpoint-empty" }, text: "The checkpoint of no leaves has another root than an empty tree" });
  for (let next = 0; ; ) {
    const rows = await tx.unsafe<LeafRow[]>(`${leavesBetween("$1::bigint", "$2::bigint")} order by idx limit ${batch}`, [String(next), String(Math.min(next + batch, stored.size))], { prepare: true });
    if (!rows.length) {
      if (next !== stored.size) note({ what: "tree", fault: { code: "leaves-missing", said: stored.size, found: next }, text: `The ledger says it has ${stored.size} leaves, ${next} are there` });
      break;
    }
    const tile = await storedHashes(tx, next, rows.length);
    const hashes: Uint8Array[] = [];
    for (const [i, row] of rows.entries()) {
      const index = Number(row.idx);
      if (index !== next + i) { note({ what: "leaf", fault: { code: "leaf-missing", index: next + i }, text: `Leaf ${next + i} is missing` }); break; }
      const known = tile.get(index), statement = balance && statementOf(row.payload);
      if (statement) balance.add(statement);
      if (row.payload === "" && known) {
        const fault = purges.see(index, known);
        if (fault) note(fault);
        hashes.push(known);
        continue;
      }
      const hash = entryLeafHash(saltBytes(row.salt), Buffer.from(row.payload));
      if (!known) note({ what: "tree", fault: { code: "tile-missing", index }, text: `The hash of leaf ${index} is missing from its tile` });
      else if (!sameHash(hash, known)) note({ what: "leaf", fault: { code: "leaf-changed", index }, ...named(row.payload), text: `Leaf ${index} was changed: its salt and payload do not give the hash in the tree` });
      // The tree goes on over what was published, so that one changed leaf is one fault.
      hashes.push(known ?? hash);
    }
    if (!hashes.length) break;
    if (checkpoint && checkpoint.size > next && checkpoint.size <= next + hashes.length) {
      const then = append(frontier, hashes.slice(0, checkpoint.size - next)).frontier;
      if (!sameHash(rootOf(then), checkpoint.root)) note({ what: "checkpoint", fault: { code: "checkpoint-rewritten", size: checkpoint.size }, text: `The first ${checkpoint.size} leaves give another root than the checkpoint: the ledger was rewritten` });
    }
    frontier = append(frontier, hashes).frontier;
    next += hashes.length;
    progress({ step: "leaves", done: next, total: stored.size });
    if (hashes.length < rows.length) break;
  }
  for (const fault of purges.faults()) note(fault);
  if (frontier.size === stored.size && !sameHash(rootOf(frontier), rootOf(stored))) note({ what: "tree", fault: { code: "root-differs" }, text: "The tiles do not give the root that the ledger states" });
  return frontier.size;
}

/** Hashes of leaves as published in the lowest tiles. */
async function storedHashes(tx: Queryable, start: number, count: number): Promise<Map<number, Uint8Array>> {
  const rows = await tx.unsafe<{ idx: string; hashes: Uint8Array }[]>("select idx, hashes from tile where level = 0 and idx between $1::bigint and $2::bigint",
    [String(Math.floor(start / 256)), String(Math.floor((start + count) / 256))], { prepare: true });
  const found = new Map<number, Uint8Array>();
  for (const { idx, hashes } of rows) for (let at = 0; at + hashBytes <= hashes.length; at += hashBytes) found.set(Number(idx) * 256 + at / hashBytes, hashes.subarray(at, at + hashBytes));
  return found;
}

function named(payload: string): { reference?: string; version?: string } {
  try {
    const { reference, version } = JSON.parse(payload) as { reference?: string; version?: number };
    return { ...(typeof reference === "string" ? { reference } : {}), ...(version === undefined ? {} : { version: String(version) }) };
  } catch { return {}; }
}
