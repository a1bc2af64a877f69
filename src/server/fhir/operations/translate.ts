/** ConceptMap/$translate, with R5's names of the parameters besides R4's. Source: https://hl7.org/fhir/R4/conceptmap-operation-translate.html */
import { translateOperation } from "#fhir/terminology/operations/translate.ts";
import { hl7, type Operation } from "./operation.ts";
import { displayLanguage, requestOnly, versionRules } from "./terminology-inputs.ts";
import { runTerminology, withInstance } from "./terminology-source.ts";

export const translate: Operation = {
  definition: {
    url: hl7("ConceptMap-translate"), code: "translate", resource: ["ConceptMap"], levels: ["type", "instance"], affectsState: false,
    input: [
      { name: "url", type: "uri" }, { name: "conceptMap", type: "ConceptMap" }, { name: "conceptMapVersion", type: "string" },
      { name: "code", type: "code" }, { name: "system", type: "uri" }, { name: "version", type: "string" }, { name: "source", type: "uri" },
      { name: "coding", type: "Coding" }, { name: "codeableConcept", type: "CodeableConcept" }, { name: "target", type: "uri" }, { name: "targetsystem", type: "uri" }, { name: "reverse", type: "boolean" },
      { name: "sourceCode", type: "code" }, { name: "sourceSystem", type: "uri" }, { name: "sourceVersion", type: "string" }, { name: "sourceScope", type: "uri" }, { name: "sourceCoding", type: "Coding" }, { name: "sourceCodeableConcept", type: "CodeableConcept" },
      { name: "targetCode", type: "code" }, { name: "targetSystem", type: "uri" }, { name: "targetScope", type: "uri" }, { name: "targetCoding", type: "Coding" }, { name: "targetCodeableConcept", type: "CodeableConcept" },
      displayLanguage, ...versionRules, ...requestOnly,
    ],
  },
  async run(call) {
    const own = await withInstance(call, "conceptMap");
    return own.ok ? await runTerminology(own.value, translateOperation) : own;
  },
};
