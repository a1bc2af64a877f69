/** Conformance to the base definitions of R4, as a port for FHIRPath's conformsTo(). */
import { isResourceType, isSubtype, typeDefinition } from "../definitions/load.ts";
import type { Node } from "../fhirpath/values.ts";
import { validateResource } from "./validate.ts";

const base = "http://hl7.org/fhir/StructureDefinition/";

/** Undefined: R4 has no base definition with this url, or the item is an element: only resources are validated here. */
export function conformsToBase(element: Node, profile: string): boolean | undefined {
  const url = profile.split("|")[0]!;
  const name = url.startsWith(base) ? url.slice(base.length) : undefined;
  if (name === undefined || !typeDefinition(name) || !isResourceType(element.type)) return undefined;
  return isSubtype(element.type, name) && !validateResource(element.value).some(({ severity }) => severity === "error" || severity === "fatal");
}
