/** `salus ledger prove`: one version's proof under a checkpoint signed now, as JSON that a stranger can check. */
import { writeFile } from "node:fs/promises";
import { parseReference } from "#fhir/resource.ts";
import type { EntryProof } from "#ledger/entry-proof.ts";
import { openNode, operator, type NodeOptions } from "#server/node.ts";
import { publishCheckpoint } from "#trust/checkpoint.ts";
import type { CommandIo } from "../command.ts";

export async function prove(options: NodeOptions, reference: string, { version, out, json }: { version?: number; out?: string; json: boolean }, io: CommandIo): Promise<number> {
  const key = parseReference(reference);
  if (!key || `${key.type}/${key.id}` !== reference) {
    io.stderr.write(`"${reference.slice(0, 100)}" is not a reference such as Observation/123\n`);
    return 2;
  }
  const node = await openNode(options);
  try {
    let proved = version;
    if (proved === undefined) {
      const found = await node.record.read(operator, key);
      if (found.kind === "absent") {
        io.stderr.write(`${reference} is not known\n`);
        return 1;
      }
      proved = found.kind === "current" ? found.stored.version : found.version;
    }
    const signer = await node.trust.checkpointSigner();
    const published = await publishCheckpoint(node.record, signer);
    if (!published.ok) {
      io.stderr.write(`${published.failure.text}\n`);
      return 1;
    }
    const proof = await node.record.proveVersion(operator, reference, proved, published.value.checkpoint.size);
    if (!proof.ok) {
      io.stderr.write(`${proof.failure.text}\n`);
      return 1;
    }
    const { salt, payload, contentSha256, leafHash, index, size, root, path } = proof.value;
    const file: EntryProof = { reference, version: String(proved), salt, payload, contentSha256, leafHash, index, size, root, path, checkpoint: published.value.note, vkey: signer.vkey };
    const text = `${JSON.stringify(file, undefined, json ? undefined : 2)}\n`;
    if (out === undefined) io.stdout.write(text);
    else await writeFile(out, text);
    io.stderr.write(`${reference} version ${proved} is entry ${index} of ${size}${out === undefined ? "" : `; written to ${out}`}. To check: npx salus ledger verify-proof FILE --vkey ${signer.vkey}\n`);
    return 0;
  } finally {
    await node.close();
  }
}
