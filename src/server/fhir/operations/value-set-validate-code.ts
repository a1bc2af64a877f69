/** ValueSet/$validate-code. Source: https://hl7.org/fhir/R4/valueset-operation-validate-code.html */
import { validateCodeOperation } from "#fhir/terminology/operations/validate-code.ts";
import { hl7, type Operation } from "./operation.ts";
import { validated } from "./terminology-inputs.ts";
import { runTerminology, withInstance } from "./terminology-source.ts";

export const valueSetValidateCode: Operation = {
  definition: {
    url: hl7("ValueSet-validate-code"), code: "validate-code", resource: ["ValueSet"], levels: ["type", "instance"], affectsState: false,
    input: [
      { name: "url", type: "uri" }, { name: "context", type: "uri" }, { name: "valueSet", type: "ValueSet" }, { name: "valueSetVersion", type: "string" },
      { name: "system", type: "uri" }, { name: "systemVersion", type: "string" }, ...validated,
    ],
  },
  async run(call) {
    const own = await withInstance(call, "valueSet");
    return own.ok ? await runTerminology(own.value, validateCodeOperation) : own;
  },
};
