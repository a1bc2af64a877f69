/** CodeSystem/$validate-code. Source: https://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
import { validateInSystemOperation } from "#fhir/terminology/operations/code-system-validate-code.ts";
import type { CodeSystem } from "#fhir/terminology/resources.ts";
import { fail } from "#platform/result.ts";
import { hl7, type Operation } from "./operation.ts";
import { validated } from "./terminology-inputs.ts";
import { runTerminology, withInstance } from "./terminology-source.ts";

export const codeSystemValidateCode: Operation = {
  definition: {
    url: hl7("CodeSystem-validate-code"), code: "validate-code", resource: ["CodeSystem"], levels: ["type", "instance"], affectsState: false,
    // `system` is what clients of the terminology ecosystem send for url.
    input: [{ name: "url", type: "uri" }, { name: "system", type: "uri" }, { name: "codeSystem", type: "CodeSystem" }, { name: "version", type: "string" }, { name: "systemVersion", type: "string" }, ...validated],
  },
  async run(call) {
    const own = await withInstance(call, "codeSystem");
    if (!own.ok || call.level === "type") return own.ok ? await runTerminology(own.value, validateInSystemOperation) : own;
    // The code alone was sent: system and version are the instance's.
    const { parameter = [] } = own.value.parameters;
    const { url, version } = parameter.at(-1)!.resource as CodeSystem;
    if (url === undefined) return fail("invalid", `CodeSystem/${call.id} has no url: its codes have no system`);
    const named = [...parameter.filter(({ name }) => name !== "version"), { name: "url", valueUri: url }, ...(version === undefined ? [] : [{ name: "version", valueString: version }])];
    return await runTerminology({ ...own.value, parameters: { resourceType: "Parameters", parameter: named } }, validateInSystemOperation);
  },
};
