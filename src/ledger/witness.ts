/**
 * The decision of a witness asked to cosign a checkpoint. Source: C2SP tlog-witness, "add-checkpoint"
 * (https://c2sp.org/tlog-witness). Pure: the caller keeps what was last cosigned, and must store `latest`
 * in one step with the check that `known` is still the newest, before it answers.
 */
import { type Checkpoint, type OpenedCheckpoint, openCheckpoint, parseCheckpointText } from "./checkpoint.ts";
import { formatNote, fromBase64, parseNote, type NoteSigner, type NoteVerifier } from "./note.ts";
import { verifyConsistency } from "./proof.ts";
import { sameHash } from "./hash.ts";

const proofHashesMax = 63;

/** A log the witness trusts. */
export type WitnessedLog = { origin: string; verifiers: readonly NoteVerifier[] };

export type WitnessAnswer =
  | { status: 200; body: string; latest: Checkpoint }
  | { status: 409; body: string; contentType: "text/x.tlog.size" | "text/plain" }
  | { status: 400 | 403 | 404 | 422; body: string };

/**
 * `known`: the checkpoint of this log cosigned last, by origin; undefined answer: none yet.
 * 400 malformed, or old above size; 403 no valid signature; 404 unknown origin; 409 old is not what was cosigned last
 * (body: that size) or another root at the same size; 422 bad proof.
 */
export function addCheckpoint(body: string, logs: readonly WitnessedLog[], known: (origin: string) => Checkpoint | undefined, signers: readonly NoteSigner[], at: Date): WitnessAnswer {
  const request = parseRequest(body);
  if (typeof request === "string") return { status: 400, body: `${request}\n` };
  const parsed = parseNote(request.checkpoint);
  if (!parsed.ok) return { status: 400, body: `${parsed.failure.text}\n` };
  const claimed = parseCheckpointText(parsed.value.text);
  if (!claimed.ok) return { status: 400, body: `${claimed.failure.text}\n` };
  const log = logs.find(({ origin }) => origin === claimed.value.origin);
  if (!log) return { status: 404, body: "this log is not known here\n" };
  const opened = openCheckpoint(request.checkpoint, log.verifiers, log.origin);
  if (!opened.ok) return { status: 403, body: `${opened.failure.text}\n` };
  return decide(request, opened.value, known(log.origin), signers, at);
}

function decide({ old, proof }: Request, { checkpoint, note }: OpenedCheckpoint, last: Checkpoint | undefined, signers: readonly NoteSigner[], at: Date): WitnessAnswer {
  if (old > checkpoint.size) return { status: 400, body: `old size ${old} is above the checkpoint's ${checkpoint.size}\n` };
  const lastSize = last?.size ?? 0;
  if (old !== lastSize) return { status: 409, body: `${lastSize}\n`, contentType: "text/x.tlog.size" };
  if (old === checkpoint.size) {
    if (last && !sameHash(last.root, checkpoint.root)) return { status: 409, body: "another root was cosigned at this size: the log shows two histories\n", contentType: "text/plain" };
    if (proof.length > 0) return { status: 422, body: "there is nothing to prove between equal sizes\n" };
  } else if (old === 0) {
    if (proof.length > 0) return { status: 422, body: "a proof from size 0 has no hashes\n" };
  } else {
    const checked = verifyConsistency(old, checkpoint.size, last!.root, checkpoint.root, proof);
    if (!checked.ok) return { status: 422, body: `${checked.failure.text}\n` };
  }
  const signatures = signers.map((signer) => ({ name: signer.name, keyId: signer.keyId, bytes: signer.sign(note.text, at) }));
  return { status: 200, body: formatNote({ text: "", signatures }).slice(1), latest: checkpoint };
}

type Request = { old: number; proof: Uint8Array[]; checkpoint: string };

/** "old <size>", proof lines in base64, blank line, checkpoint; or what is wrong. */
function parseRequest(body: string): Request | string {
  const end = body.indexOf("\n\n");
  if (end < 0) return "the request has no blank line before its checkpoint";
  const [first = "", ...lines] = body.slice(0, end).split("\n");
  const old = /^old (0|[1-9]\d{0,15})$/.exec(first);
  if (!old || !Number.isSafeInteger(Number(old[1]))) return 'the first line of the request reads "old" and a size';
  if (lines.length > proofHashesMax) return `a proof has at most ${proofHashesMax} hashes`;
  const proof: Uint8Array[] = [];
  for (const [i, line] of lines.entries()) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) return `proof line ${i + 1} is not base64 of 32 bytes`;
    proof.push(hash);
  }
  return { old: Number(old[1]), proof, checkpoint: body.slice(end + 2) };
}
