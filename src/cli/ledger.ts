/** `salus ledger`: publish a checkpoint, prove one version, verify everything, and check a proof offline. */
import { parseArgs } from "node:util";
import type { Command, CommandIo } from "./command.ts";
import { verifyProof } from "./ledger/verify-proof.ts";

const usage = `npx salus ledger checkpoint [--out FILE] [--json]
npx salus ledger prove REFERENCE [--version N] [--out FILE] [--json]
npx salus ledger verify [--checkpoint FILE] [--vkey KEY] [--json]
npx salus ledger verify-proof FILE [--vkey KEY]… [--content FILE] [--json]

  checkpoint      signs size and root of the ledger as it is now; keep it where the node cannot reach it
  prove           a proof that a version (the current one by default) is in the ledger, as JSON that a stranger can check
  verify          every version, leaf and index row; against FILE, or else the node's own last checkpoint
  verify-proof    checks a proof without a node, a database or a network; FILE may be -
  --vkey KEY      the log's verifier key as learned elsewhere
  --content FILE  the version itself, exactly as it was served
  --data DIR      folder of the node's files (default .salus; DATABASE_URL is honoured)

Exit codes: 0 it holds, 1 it does not or could not be done, 2 the words or files were wrong.`;

export const command: Command = {
  name: "ledger",
  summary: "Publish checkpoints, prove and verify that nothing was changed",
  usage,
  async run(args, io) {
    let parsed;
    try {
      parsed = parseArgs({
        args: [...args], allowPositionals: true,
        options: { out: { type: "string" }, version: { type: "string" }, checkpoint: { type: "string" }, vkey: { type: "string", multiple: true, default: [] }, content: { type: "string" }, data: { type: "string" }, json: { type: "boolean", default: false } },
      });
    } catch (error) {
      return wrong(io, error instanceof Error ? error.message : String(error));
    }
    const { values, positionals: [what, ...rest] } = parsed;
    const json = values.json;
    const node = values.data === undefined ? {} : { folder: values.data };
    switch (what) {
      case "checkpoint":
        if (rest.length > 0) return wrong(io, `checkpoint takes no "${rest[0]}"; name a file with --out`);
        return (await import("./ledger/checkpoint.ts")).checkpoint(node, { out: values.out, json }, io);
      case "prove": {
        const version = values.version === undefined ? undefined : Number(values.version);
        if (rest.length !== 1) return wrong(io, "name one resource to prove, such as Observation/123");
        if (version !== undefined && (!/^\d{1,9}$/.test(values.version!) || version < 1)) return wrong(io, `--version "${values.version}" is not a version number`);
        return (await import("./ledger/prove.ts")).prove(node, rest[0]!, { version, out: values.out, json }, io);
      }
      case "verify":
        if (rest.length > 0) return wrong(io, `verify takes no "${rest[0]}"; name a checkpoint with --checkpoint, check a proof with verify-proof`);
        return (await import("./ledger/verify.ts")).verify(node, { checkpoint: values.checkpoint, vkeys: values.vkey, json }, io);
      case "verify-proof":
        if (rest.length !== 1) return wrong(io, "name one file with a proof, or -");
        return verifyProof(rest[0]!, { vkeys: values.vkey, content: values.content, json }, io);
      default:
        return wrong(io, what === undefined ? "say what to do with the ledger" : `the ledger has no "${what}"`);
    }
  },
};

function wrong(io: CommandIo, text: string): number {
  io.stderr.write(`${text}\n\n${usage}\n`);
  return 2;
}
