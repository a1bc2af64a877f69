/** What a ConceptMap maps, and to what, are codes of the group's systems, where those are known. Source: https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group */
import type { Container } from "../context.ts";
import { checkListedCode } from "../profile/bound.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { objects } from "../profile/run.ts";

export const checkConceptMap: ValueCheck = (value, _twin, _type, run) => {
  for (const [i, group] of objects((value as Container).group).entries())
    for (const [k, { code, target }] of objects(group.element).entries()) {
      const place = `group[${i}].element[${k}]`;
      checkListedCode({ system: group.source, version: group.sourceVersion, code }, `${place}.code`, run);
      for (const [n, to] of objects(target).entries()) checkListedCode({ system: group.target, version: group.targetVersion, code: to.code }, `${place}.target[${n}].code`, run);
    }
};
