/** Codes that a ValueSet lists one by one are codes of their system, where that is known. Source: https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.concept */
import { isObject, objects } from "../profile/run.ts";
import type { Container } from "../context.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { checkListedCode } from "../profile/bound.ts";

export const checkValueSet: ValueCheck = (value, _twin, _type, run) => {
  const { compose } = value as Container;
  if (!isObject(compose)) return;
  for (const part of ["include", "exclude"])
    for (const [i, { system, version, concept }] of objects(compose[part]).entries())
      for (const [k, { code }] of objects(concept).entries()) checkListedCode({ system, version, code }, `compose.${part}[${i}].concept[${k}].code`, run);
};
