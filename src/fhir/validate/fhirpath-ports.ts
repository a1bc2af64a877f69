/** FHIRPath's questions of profiles and definitions: https://hl7.org/fhir/R4/fhirpath.html#functions */
import { isResourceType, isSubtype } from "../definitions/load.ts";
import type { Environment } from "../fhirpath/compile.ts";
import { elementDefinition } from "../profiles/element-definition.ts";
import { isObject } from "./profile/run.ts";
import type { Validator } from "./validator.ts";

/**
 * The ports answer undefined for a profile that is not known to the validator. A resource conforms when its whole
 * validation with the profile finds no error; an element when what the profile asks beyond its type holds.
 */
export function profilePorts(validator: Validator): Required<Pick<Environment, "conformsTo" | "elementDefinition" | "slice">> {
  return {
    conformsTo({ value, twin, type }, url) {
      const profile = validator.definitions.profile(url);
      if (!profile.ok) return undefined;
      if (!isResourceType(type) || !isObject(value)) return validator.conforms({ value, twin, type, position: -1 }, url);
      if (!isSubtype(type, profile.value.type)) return false;
      return !validator.validate(value, { profiles: [url] }).issues.some(({ severity }) => severity === "error" || severity === "fatal");
    },
    elementDefinition,
    slice: ({ value, twin, type }, url, name, path) => validator.inSlice({ value, twin, type, position: -1 }, url, name, path),
  };
}
