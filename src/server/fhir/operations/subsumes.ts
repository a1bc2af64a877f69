/** CodeSystem/$subsumes. Source: https://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
import type { CodeSystem } from "#fhir/terminology/resources.ts";
import { subsumesOperation } from "#fhir/terminology/operations/subsumes.ts";
import { fail } from "#platform/result.ts";
import { hl7, type Operation } from "./operation.ts";
import { requestOnly, versionRules } from "./terminology-inputs.ts";
import { readInstance, runTerminology } from "./terminology-source.ts";

export const subsumes: Operation = {
  definition: {
    url: hl7("CodeSystem-subsumes"), code: "subsumes", resource: ["CodeSystem"], levels: ["type", "instance"], affectsState: false,
    input: [
      { name: "codeA", type: "code" }, { name: "codeB", type: "code" }, { name: "system", type: "uri" }, { name: "version", type: "string" },
      { name: "codingA", type: "Coding" }, { name: "codingB", type: "Coding" }, ...versionRules, ...requestOnly,
    ],
  },
  async run(call) {
    if (call.level === "type") return await runTerminology(call, subsumesOperation);
    const found = await readInstance(call);
    if (!found.ok) return found;
    const { url, version } = found.value as CodeSystem;
    if (url === undefined) return fail("invalid", `CodeSystem/${call.id} has no url: its codes have no system`);
    const parameter = [
      ...(call.parameters.parameter ?? []).filter(({ name }) => name !== "system" && name !== "version"),
      { name: "system", valueUri: url }, ...(version === undefined ? [] : [{ name: "version", valueString: version }]), { name: "tx-resource", resource: found.value },
    ];
    return await runTerminology({ ...call, parameters: { resourceType: "Parameters", parameter } }, subsumesOperation);
  },
};
