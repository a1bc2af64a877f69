/** Base R4 with its own value sets, no profile of the record's: made when it is first asked. */
import { r4Terminology } from "#fhir/terminology/r4.ts";
import { createValidator, type Validator } from "#fhir/validate/validator.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Issue } from "#platform/result.ts";

let validator: Validator | undefined;

export function baseValidator(): Validator {
  return validator ??= createValidator({ terminology: r4Terminology() });
}

/** What R4 warns of in a resource that was taken. */
export function hintsOf(text: string): Issue[] {
  return baseValidator().validate(JSON.parse(text) as Resource).issues.filter(({ severity }) => severity === "warning" || severity === "information");
}
