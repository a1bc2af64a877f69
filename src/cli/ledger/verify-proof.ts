/** `salus ledger verify-proof FILE`: checks a proof offline. Needs no database, no node and no network. */
import { readFile, stat } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { parseEntryProof, verifyEntryProof, type EntryProofFailure, type VerifiedEntry } from "#ledger/entry-proof.ts";
import { parseVkey, type NoteVerifier } from "#ledger/note.ts";
import type { Result } from "#platform/result.ts";
import type { CommandIo } from "../command.ts";

const proofBytesMax = 4_000_000;

/** `vkeys`: keys of the log as learned elsewhere. `content`: file with the resource as served. Exit code 0 proved, 1 not, 2 unreadable. */
export async function verifyProof(file: string, options: { vkeys: readonly string[]; content?: string; json: boolean }, io: CommandIo): Promise<number> {
  const verifiers: NoteVerifier[] = [];
  for (const vkey of options.vkeys) {
    const parsed = parseVkey(vkey);
    if (!parsed.ok) {
      io.stderr.write(`--vkey: ${parsed.failure.text}\n`);
      return 2;
    }
    verifiers.push(parsed.value);
  }
  let text: string, content: Buffer | undefined;
  try {
    if (file !== "-" && (await stat(file)).size > proofBytesMax) throw new Error(`${file} is larger than a proof can be`);
    text = file === "-" ? await readAll(io.stdin) : await readFile(file, "utf8");
    content = options.content === undefined ? undefined : await readFile(options.content);
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const parsed = parseEntryProof(text);
  const checked: Result<VerifiedEntry, EntryProofFailure> = parsed.ok ? verifyEntryProof(parsed.value, verifiers, content) : parsed;
  if (options.json) io.stdout.write(`${JSON.stringify(asJson(checked))}\n`);
  else io.stdout.write(asText(checked));
  return checked.ok ? 0 : 1;
}

function asJson(checked: Result<VerifiedEntry, EntryProofFailure>): Record<string, unknown> {
  if (!checked.ok) return { ok: false, reason: checked.failure.reason, text: checked.failure.text };
  const { reference, version, payload, index, checkpoint, keyFrom, contentChecked } = checked.value;
  const { origin, size, root } = checkpoint.checkpoint;
  return {
    ok: true, reference, version, entry: payload, index, origin, size, root: Buffer.from(root).toString("hex"), keyFrom, contentChecked,
    signedBy: checkpoint.note.verified.map(({ name, keyId, at }) => ({ name, keyId, ...(at === undefined ? {} : { at: new Date(at * 1000).toISOString() }) })),
    otherSignatures: checkpoint.note.unverified.map(({ name, keyId }) => ({ name, keyId })),
  };
}

function asText(checked: Result<VerifiedEntry, EntryProofFailure>): string {
  if (!checked.ok) return `NOT PROVED (${checked.failure.reason}): ${checked.failure.text}\n`;
  const { reference, version, payload, index, checkpoint, keyFrom, contentChecked } = checked.value;
  const { origin, size } = checkpoint.checkpoint;
  const lines = [
    `PROVED: ${reference} version ${version} is entry ${index} of the ${size} in the ledger "${origin}".`,
    `Logged as ${String(payload.kind)} at ${String(payload.at)}; SHA-256 of its content ${String(payload.sha256)}.`,
    `Checkpoint signed by ${checkpoint.note.verified.map(({ name, keyId }) => `${name} (${keyId})`).join(", ")}.`,
    contentChecked ? "The content at hand is the one that was logged." : "The content itself was not at hand; compare it with --content FILE.",
  ];
  if (keyFrom === "file") lines.push("Careful: the key came with the proof. Ask for the log's key elsewhere and give it by --vkey, else a forger could have made both.");
  return `${lines.join("\n")}\n`;
}
