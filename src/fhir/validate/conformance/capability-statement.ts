/** Search parameters of a CapabilityStatement whose definition is known have its type. Source: https://hl7.org/fhir/R4/capabilitystatement.html */
import { withoutVersion } from "../../canonical.ts";
import { searchParameterByUrl } from "../../definitions/load.ts";
import type { Container } from "../context.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { objects, tell } from "../profile/run.ts";

export const checkCapabilityStatement: ValueCheck = (value, _twin, _type, run) => {
  for (const [i, rest] of objects((value as Container).rest).entries())
    for (const [k, resource] of objects(rest.resource).entries())
      for (const [n, { definition, type, name }] of objects(resource.searchParam).entries()) {
        if (typeof definition !== "string" || typeof type !== "string") continue;
        const known = run.definitions.registry.resource(definition, "SearchParameter")?.type ?? searchParameterByUrl(withoutVersion(definition))?.type;
        if (typeof known === "string" && known !== type) tell(run, "error", "value", `${String(name)} is stated as ${type}; its definition ${definition} is of type ${known}`, `rest[${i}].resource[${k}].searchParam[${n}]`);
      }
};
