/** FHIRPath's questions of terminology: https://hl7.org/fhir/R4/fhirpath.html#functions */
import type { Environment } from "../fhirpath/compile.ts";
import type { TerminologyPort } from "./port.ts";

/** `terminology` is asked for when an expression first needs it. */
export function terminologyPorts(terminology: () => TerminologyPort): Required<Pick<Environment, "memberOf" | "subsumes">> {
  return {
    memberOf: (valueSet, coding) => {
      const { kind } = terminology().memberOf(valueSet, coding);
      return kind === "unknown" ? undefined : kind === "member";
    },
    subsumes: (ancestor, descendant) => ancestor.system === undefined || ancestor.system !== descendant.system ? undefined : terminology().subsumes(ancestor.system, ancestor.code, descendant.code),
  };
}
