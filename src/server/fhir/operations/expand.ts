/** ValueSet/$expand. Source: https://hl7.org/fhir/R4/valueset-operation-expand.html */
import { randomUUID } from "node:crypto";
import { expandOperation } from "#fhir/terminology/operations/expand.ts";
import { hl7, type Operation } from "./operation.ts";
import { displayLanguage, requestOnly, versionRules } from "./terminology-inputs.ts";
import { runTerminology, withInstance } from "./terminology-source.ts";

export const expand: Operation = {
  definition: {
    url: hl7("ValueSet-expand"), code: "expand", resource: ["ValueSet"], levels: ["type", "instance"], affectsState: false,
    input: [
      { name: "url", type: "uri" }, { name: "valueSet", type: "ValueSet" }, { name: "valueSetVersion", type: "string" },
      { name: "context", type: "uri" }, { name: "contextDirection", type: "code" }, { name: "filter", type: "string" }, { name: "date", type: "dateTime" },
      { name: "offset", type: "integer" }, { name: "count", type: "integer" }, { name: "includeDesignations", type: "boolean" }, { name: "designation", type: "string", max: 100 },
      { name: "includeDefinition", type: "boolean" }, { name: "activeOnly", type: "boolean" }, { name: "excludeNested", type: "boolean" }, { name: "excludeNotForUI", type: "boolean" },
      { name: "excludePostCoordinated", type: "boolean" }, displayLanguage, { name: "exclude-system", type: "canonical", max: 100 }, { name: "property", type: "string", max: 100 },
      ...versionRules, ...requestOnly,
    ],
  },
  async run(call) {
    const own = await withInstance(call, "valueSet");
    if (!own.ok) return own;
    const stamp = { identifier: `urn:uuid:${randomUUID()}`, timestamp: call.deps.clock.now().toISOString() };
    return await runTerminology(own.value, (request) => expandOperation({ ...request, stamp }));
  },
};
