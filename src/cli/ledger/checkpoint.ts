/** `salus ledger checkpoint`: the signed size and root, to keep outside the node. */
import { writeFile } from "node:fs/promises";
import { openNode, type NodeOptions } from "#server/node.ts";
import { publishCheckpoint } from "#trust/checkpoint.ts";
import type { CommandIo } from "../command.ts";

export async function checkpoint(options: NodeOptions, { out, json }: { out?: string; json: boolean }, io: CommandIo): Promise<number> {
  const node = await openNode(options);
  try {
    const signer = await node.trust.checkpointSigner();
    const published = await publishCheckpoint(node.record, signer);
    if (!published.ok) {
      io.stderr.write(`${published.failure.text}\n`);
      return 1;
    }
    const { note, signedAt, checkpoint: { origin, size, root } } = published.value;
    if (out !== undefined) await writeFile(out, note);
    if (json) io.stdout.write(`${JSON.stringify({ origin, size, root: Buffer.from(root).toString("hex"), signedAt, vkey: signer.vkey, checkpoint: note })}\n`);
    else if (out === undefined) io.stdout.write(note);
    io.stderr.write(`${size} entries, signed at ${signedAt}${out === undefined ? "" : `, written to ${out}`}. Verifier key: ${signer.vkey}\n`);
    return 0;
  } finally {
    await node.close();
  }
}
