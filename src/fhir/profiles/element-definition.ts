/**
 * R4's definition of one element as the ElementDefinition that FHIRPath's elementDefinition() gives. It holds what the
 * compact form keeps: all rules and the short text, not the long texts, mappings and examples; ele-1 and ext-1, which
 * hold everywhere, are left out. Source: https://hl7.org/fhir/R4/elementdefinition.html
 */
import { structureDefinitionUrl } from "../canonical.ts";
import type { JsonObject } from "../resource.ts";
import { baseStructures } from "./base-file.ts";
import type { Element, Typed } from "./structure.ts";


/** By defined path: "Patient", "Patient.contact", "HumanName.given". Undefined: R4 has no such element. */
export function elementDefinition(path: string): JsonObject | undefined {
  const [type = ""] = path.split(".", 1);
  const element = baseStructures().get(structureDefinitionUrl + type)?.snapshot?.find((one) => one.path === path || one.path === `${path}[x]`);
  return element && written(element);
}

function written({ path, id, slice, short, min, max, types, contentReference, fixed, pattern, minValue, maxValue, maxLength, regex, binding, constraints, slicing, mustSupport, modifier }: Element): JsonObject {
  const members = {
    id: id ?? path, path, sliceName: slice, short, min, max: max === undefined ? undefined : max < 0 ? "*" : String(max),
    slicing: slicing && { discriminator: slicing.discriminators.map(({ type, path: to }) => ({ type, path: to })), ordered: slicing.ordered, rules: slicing.rules },
    contentReference: contentReference === undefined ? undefined : `#${contentReference}`,
    type: types?.map(({ code, profiles, targets, aggregation }) => present({ code, profile: profiles, targetProfile: targets, aggregation })),
    ...typed("fixed", fixed), ...typed("pattern", pattern), ...typed("minValue", minValue), ...typed("maxValue", maxValue), maxLength,
    constraint: constraints?.map(({ key, severity, human, expression, source }) => present({ key, severity, human, expression, source })),
    mustSupport, isModifier: modifier, binding: binding && present({ strength: binding.strength, valueSet: binding.valueSet }),
    extension: regex === undefined ? undefined : [{ url: `${structureDefinitionUrl}regex`, valueString: regex }],
  };
  return present(members);
}

function typed(name: string, value: Typed | undefined): Record<string, unknown> {
  return value === undefined ? {} : { [name + value.type]: value.value };
}

function present(members: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
