/**
 * Parameters that several terminology operations share: those of R4, and those of R5 and of HL7's terminology ecosystem
 * that the engine knows (docs/terminology.md). https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/
 */
import type { InputParameter } from "./operation.ts";

const many = 1000;

export const versionRules: readonly InputParameter[] = [
  ...["system-version", "check-system-version", "force-system-version", "default-valueset-version", "check-valueset-version", "force-valueset-version"].map((name) => ({ name, type: "canonical", max: many })),
  { name: "useSupplement", type: "canonical", max: many },
];

/** Of the request alone: resources that lie over those of the node, and what clients send to say who asks. */
export const requestOnly: readonly InputParameter[] = [
  { name: "tx-resource", type: "Resource", max: many }, { name: "cache-id", type: "id" }, { name: "uuid", type: "uuid", max: many },
  { name: "diagnostics", type: "boolean" }, { name: "mode", type: "string" }, { name: "profile-url", type: "uri" },
];

export const displayLanguage: InputParameter = { name: "displayLanguage", type: "code" };

/** What is validated, and how displays count. */
export const validated: readonly InputParameter[] = [
  { name: "code", type: "code" }, { name: "display", type: "string" }, { name: "coding", type: "Coding" }, { name: "codeableConcept", type: "CodeableConcept" },
  { name: "date", type: "dateTime" }, { name: "abstract", type: "boolean" }, displayLanguage,
  { name: "lenient-display-validation", type: "boolean" }, { name: "valueset-membership-only", type: "boolean" }, { name: "inferSystem", type: "boolean" },
  { name: "activeOnly", type: "boolean" }, ...versionRules, ...requestOnly,
];
