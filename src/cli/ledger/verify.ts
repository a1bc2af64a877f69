/** `salus ledger verify`: the whole record against its ledger, and the ledger against a checkpoint kept elsewhere. */
import { readFile } from "node:fs/promises";
import { openCheckpoint, type Checkpoint } from "#ledger/checkpoint.ts";
import { parseVkey, type NoteVerifier } from "#ledger/note.ts";
import { progressBar } from "#platform/progress.ts";
import { openNode, type NodeOptions, type OpenedNode } from "#server/node.ts";
import type { CommandIo } from "../command.ts";

export async function verify(options: NodeOptions, { checkpoint: file, vkeys, json }: { checkpoint?: string; vkeys: readonly string[]; json: boolean }, io: CommandIo): Promise<number> {
  const given: NoteVerifier[] = [];
  for (const vkey of vkeys) {
    const parsed = parseVkey(vkey);
    if (!parsed.ok) {
      io.stderr.write(`--vkey: ${parsed.failure.text}\n`);
      return 2;
    }
    given.push(parsed.value);
  }
  let kept: string | undefined;
  try {
    kept = file === undefined ? undefined : await readFile(file, "utf8");
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const node = await openNode(options);
  try {
    const against = await checkpointToCheck(node, kept, given);
    if (typeof against === "string") {
      if (json) io.stdout.write(`${JSON.stringify({ ok: false, faults: [{ what: "checkpoint", text: against }] })}\n`);
      else io.stdout.write(`NOT VERIFIED: ${against}\n`);
      return 1;
    }
    const bar = progressBar(process.stderr, "verify");
    const report = await node.record.verify({ ...(against ? { checkpoint: { size: against.size, root: against.root } } : {}), onProgress: ({ step, done, total }) => bar.update(done, total, step) });
    bar.end();
    const checkedAgainst = against && { from: file ?? "the node's own database", origin: against.origin, size: against.size, root: Buffer.from(against.root).toString("hex") };
    if (json) io.stdout.write(`${JSON.stringify({ ...report, ...(checkedAgainst ? { checkpoint: checkedAgainst } : {}) })}\n`);
    else {
      for (const { what, text } of report.faults) io.stdout.write(`${what}: ${text}\n`);
      io.stdout.write(`${report.ok ? "VERIFIED" : `NOT VERIFIED, ${report.faults.length} ${report.faults.length === 1 ? "fault" : "faults"}`}: ${report.versionsChecked} versions, ${report.leavesChecked} leaves, ${report.indexRowsChecked} index rows in ${(report.ms / 1000).toFixed(1)} s`);
      io.stdout.write(against ? `; against the checkpoint of ${against.size} entries from ${file ?? "the node's own database"}.\n` : "; without a checkpoint: none was published yet.\n");
      if (file === undefined) io.stdout.write("Who can rewrite the database can rewrite a checkpoint in it too: keep one elsewhere (salus ledger checkpoint --out FILE).\n");
    }
    return report.ok ? 0 : 1;
  } finally {
    await node.close();
  }
}

/** The checkpoint to verify against; a text says why the one given cannot be believed. */
async function checkpointToCheck(node: OpenedNode, kept: string | undefined, given: readonly NoteVerifier[]): Promise<Checkpoint | string | undefined> {
  const note = kept ?? (await node.record.latestCheckpoint())?.note;
  if (note === undefined) return undefined;
  const opened = openCheckpoint(note, given.length > 0 ? given : [await node.trust.checkpointSigner()]);
  return opened.ok ? opened.value.checkpoint : opened.failure.text;
}
