/**
 * Patient/$purge: erases a person for good, with history. For administrators. The answer says what stayed, and brings
 * the proof: the list of leaves that were emptied, and the entry of the ledger that states its hash, in the form that
 * `salus ledger verify-proof` takes (the list as --content). Source: https://build.fhir.org/patient-operation-purge.html
 */
import type { Resource } from "#fhir/resource.ts";
import { fail } from "#platform/result.ts";
import { purgeReference } from "#record/purge/purge.ts";
import { publishCheckpoint } from "#trust/checkpoint.ts";
import { answer, hl7, type Operation } from "./operation.ts";

const shown = 100;

export const purge: Operation = {
  definition: { url: hl7("Patient-purge"), code: "purge", resource: ["Patient"], levels: ["instance"], affectsState: true, input: [] },
  async run({ deps: { record, trust }, caller, id }) {
    const done = await record.purgePatient(caller, id);
    if (!done.ok) return done;
    const { purge: name, resources, versions, kept, erased, sha256 } = done.value;
    const reference = purgeReference(name);
    const signer = await trust.checkpointSigner();
    const published = await publishCheckpoint(record, signer);
    // What was erased is erased: the proof can be asked for again.
    const proof = published.ok ? await record.proveVersion(caller, reference, 1, published.value.checkpoint.size) : published;
    if (!proof.ok) return fail(proof.failure.code, `The person was purged (${reference}); the proof could not be made: ${proof.failure.text}`);
    const { salt, payload, contentSha256, leafHash, index, size, root, path } = proof.value;
    const entry = { reference, version: "1", salt, payload, contentSha256, leafHash, index, size, root, path, checkpoint: published.ok ? published.value.note : "", vkey: signer.vkey };
    const stays = kept.length === 0 ? [] : [{ severity: "warning", code: "informational", diagnostics: `${kept.length} resources stay, for they are about other people too: ${kept.slice(0, shown).join(", ")}${kept.length > shown ? ", …" : ""}` }];
    const outcome: Resource = { resourceType: "OperationOutcome", issue: [{ severity: "information", code: "informational", diagnostics: `${resources} resources with ${versions} versions were erased` }, ...stays] };
    return answer({ resourceType: "Parameters", parameter: [
      { name: "outcome", resource: outcome }, { name: "purge", valueString: reference }, { name: "sha256", valueString: sha256 },
      { name: "erased", valueString: erased }, { name: "proof", valueString: JSON.stringify(entry) },
    ] });
  },
};
