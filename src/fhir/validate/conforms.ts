/**
 * FHIRPath's conformsTo() as a port: a resource conforms when its whole validation with the profile finds no error; an
 * element when what the profile asks beyond its type holds.
 */
import { isResourceType, isSubtype } from "../definitions/load.ts";
import type { Environment } from "../fhirpath/compile.ts";
import { isObject } from "./profile/run.ts";
import type { Validator } from "./validator.ts";

/** The port answers undefined for a profile that is not known to the validator. */
export function conformsTo(validator: Validator): NonNullable<Environment["conformsTo"]> {
  return ({ value, twin, type }, url) => {
    const profile = validator.definitions.profile(url);
    if (!profile.ok) return undefined;
    if (!isResourceType(type) || !isObject(value)) return validator.conforms({ value, twin, type, position: -1 }, url);
    if (!isSubtype(type, profile.value.type)) return false;
    return !validator.validate(value, { profiles: [url] }).issues.some(({ severity }) => severity === "error" || severity === "fatal");
  };
}
