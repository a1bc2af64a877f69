/** CodeSystem/$lookup. Source: https://hl7.org/fhir/R4/codesystem-operation-lookup.html */
import { lookupOperation } from "#fhir/terminology/operations/lookup.ts";
import { hl7, type Operation } from "./operation.ts";
import { displayLanguage, requestOnly, versionRules } from "./terminology-inputs.ts";
import { runTerminology } from "./terminology-source.ts";

export const lookup: Operation = {
  definition: {
    url: hl7("CodeSystem-lookup"), code: "lookup", resource: ["CodeSystem"], levels: ["type"], affectsState: false,
    input: [
      { name: "code", type: "code" }, { name: "system", type: "uri" }, { name: "version", type: "string" }, { name: "coding", type: "Coding" }, { name: "date", type: "dateTime" },
      displayLanguage, { name: "property", type: "code", max: 100 }, ...versionRules, ...requestOnly,
    ],
  },
  run: (call) => runTerminology(call, lookupOperation),
};
