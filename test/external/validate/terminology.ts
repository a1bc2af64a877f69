/** R4's terminology, with the code systems and value sets of a case above it. */
import type { Resource } from "#fhir/resource.ts";
import type { TerminologyPort } from "#fhir/terminology/port.ts";
import type { TerminologyResource } from "#fhir/terminology/resources.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";

const types = new Set(["CodeSystem", "ValueSet", "ConceptMap"]);

export function terminologyOf(resources: readonly Resource[]): TerminologyPort {
  const own = resources.filter((one): one is TerminologyResource => types.has(one.resourceType));
  return own.length === 0 ? r4Terminology() : r4Terminology().with(own);
}
