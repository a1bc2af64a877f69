/** The ledger on the screens: newest checkpoint and leaves, proofs that the browser checks itself, the full verification. */
import type { FastifyInstance } from "fastify";
import { parseReference } from "#fhir/resource.ts";
import { openCheckpoint } from "#ledger/checkpoint.ts";
import { ok, type Result } from "#platform/result.ts";
import { publishCheckpoint } from "#trust/checkpoint.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { humanName } from "./person/labels.ts";
import { named } from "./person/named.ts";
import type { AccessEvent, LeafView, LedgerView, ProofView } from "./contract.ts";

const leavesShown = 50;
/** A checkpoint is signed anew for the page when the newest is older than this. */
const freshMs = 10_000;

export function ledgerRoutes(app: FastifyInstance, { record, trust, clock }: ServerDeps): void {
  let last: { note: string; signedAt: string; size: number } | undefined;
  let signing: Promise<Result<NonNullable<typeof last>>> | undefined;

  /** The newest checkpoint that holds at least `size` leaves; one signing at a time. */
  async function checkpoint(size: number): Promise<Result<NonNullable<typeof last>>> {
    if (last && last.size >= size && clock.now().getTime() - Date.parse(last.signedAt) < freshMs) return ok(last);
    signing ??= publish().finally(() => { signing = undefined; });
    return signing;
  }
  async function publish(): Promise<Result<NonNullable<typeof last>>> {
    const published = await publishCheckpoint(record, await trust.checkpointSigner());
    if (!published.ok) return published;
    last = { note: published.value.note, signedAt: published.value.signedAt, size: published.value.checkpoint.size };
    return ok(last);
  }

  app.get("/ledger", async (_request, reply) => {
    const signed = await checkpoint(0);
    if (!signed.ok) return sendFailure(reply, signed.failure);
    const signer = await trust.checkpointSigner();
    const opened = openCheckpoint(signed.value.note, [signer]);
    if (!opened.ok) return sendFailure(reply, opened.failure);
    const { origin, size, root } = opened.value.checkpoint;
    const [state, leaves] = await Promise.all([record.ledgerState(), record.leaves(Math.max(0, size - leavesShown), leavesShown)]);
    return {
      origin, checkpoint: signed.value.note, size, root: Buffer.from(root).toString("hex"), signedAt: signed.value.signedAt,
      pending: state.pending + Math.max(0, state.size - size), publicKey: Buffer.from(signer.publicKey).toString("base64"), leaves: leaves.filter(({ index }) => index < size).reverse(),
    } satisfies LedgerView;
  });

  app.get("/ledger/key", async () => {
    const signer = await trust.checkpointSigner();
    return { name: signer.name, publicKey: Buffer.from(signer.publicKey).toString("base64"), keyId: signer.keyId, vkey: signer.vkey };
  });

  app.get<{ Querystring: { reference?: string; version?: string } }>("/ledger/proof", async (request, reply) => {
    const { reference = "" } = request.query;
    let { version } = request.query;
    const key = parseReference(reference);
    if (!key || `${key.type}/${key.id}` !== reference || (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))) return sendFailure(reply, { code: "value", text: "Say which version: ?reference=Observation/123&version=1, or leave the version out for the newest.", why: { code: "reference-form" } });
    const { caller } = principalOf(request);
    if (version === undefined) {
      const now = await record.read(caller, key);
      if (now.kind === "absent") return sendFailure(reply, { code: "not-found", text: `${reference} is not known.`, why: { code: "unknown", what: reference } });
      version = String(now.kind === "current" ? now.stored.version : now.version);
    }
    const whole = await record.proveVersion(caller, reference, Number(version));
    if (!whole.ok) return sendFailure(reply, whole.failure);
    const signed = await checkpoint(whole.value.index + 1);
    if (!signed.ok) return sendFailure(reply, signed.failure);
    const proof = await record.proveVersion(caller, reference, Number(version), signed.value.size);
    if (!proof.ok) return sendFailure(reply, proof.failure);
    const { salt, payload, contentSha256, leafHash, index, size, root, path } = proof.value;
    return { reference, version, salt, payload, contentSha256, leafHash, index, size, root, path, checkpoint: signed.value.note } satisfies ProofView;
  });

  app.get<{ Params: { patient: string } }>("/access/:patient", async (request, reply) => {
    const { caller } = principalOf(request);
    const own = caller.filter.kind === "patient" && caller.filter.patient === request.params.patient;
    if (!own && caller.role !== "administrator") return sendFailure(reply, { code: "forbidden", text: "Who looked at a record is shown to its person and to the administrator.", why: { code: "administrator-only" } });
    const accesses = await record.accesses(caller, request.params.patient, 200);
    const people = await named(record, caller, accesses.map(({ agent }) => agent));
    const nameOf = (agent: string, display: string): AccessEvent["agent"] => (people.has(agent) ? humanName(people.get(agent)!.name) : { en: display, zh: display });
    return accesses.map(({ at, agent, display, kind, index }): AccessEvent => ({ at, agent: nameOf(agent, display), kind, ...(index === undefined ? {} : { index }) }));
  });
}

/** Where a version stands in the ledger; undefined until it is numbered. */
export async function leafOf(record: ServerDeps["record"], caller: Parameters<ServerDeps["record"]["proveVersion"]>[0], reference: string, version: number): Promise<LeafView | undefined> {
  const proof = await record.proveVersion(caller, reference, version);
  return proof.ok ? { index: proof.value.index, leafHash: proof.value.leafHash, kind: proof.value.kind, at: proof.value.at } : undefined;
}
