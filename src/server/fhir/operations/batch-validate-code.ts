/** Several validations in one call, on value sets or code systems. Source: https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/ */
import { batchValidateOperation } from "#fhir/terminology/operations/batch-validate.ts";
import { hl7, type Operation } from "./operation.ts";
import { validated } from "./terminology-inputs.ts";
import { runTerminology } from "./terminology-source.ts";

const input = [
  { name: "validation", type: "Parameters", max: 10_000 }, { name: "url", type: "uri" }, { name: "valueSet", type: "ValueSet" }, { name: "valueSetVersion", type: "string" },
  { name: "codeSystem", type: "CodeSystem" }, { name: "system", type: "uri" }, { name: "version", type: "string" }, { name: "systemVersion", type: "string" }, ...validated,
];

export const valueSetBatchValidate: Operation = {
  definition: { url: hl7("ValueSet-batch-validate-code"), code: "batch-validate-code", resource: ["ValueSet"], levels: ["type"], affectsState: false, input },
  run: (call) => runTerminology(call, batchValidateOperation),
};

export const codeSystemBatchValidate: Operation = {
  definition: { url: hl7("CodeSystem-batch-validate-code"), code: "batch-validate-code", resource: ["CodeSystem"], levels: ["type"], affectsState: false, input },
  run: (call) => runTerminology(call, (request) => batchValidateOperation({ ...request, inSystem: true })),
};
