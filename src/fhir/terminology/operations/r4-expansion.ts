/**
 * R5 gave expansions properties; in R4 they travel in the extensions that R5 names for it, so that nothing is lost.
 * https://hl7.org/fhir/versions.html#extensions
 */
import type { ConceptProperty, Contains, Extension, ValueSet } from "../resources.ts";

const r5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.";
export const definitionExtension = `${r5}property`;
export const propertyExtension = `${r5}contains.property`;

export function asR4(set: ValueSet): ValueSet {
  const { expansion } = set;
  if (!expansion) return set;
  const { property, contains, extension, ...rest } = expansion;
  const definitions = (property ?? []).map(({ code, uri }): Extension => ({ url: definitionExtension, extension: [{ url: "code", valueCode: code }, ...(uri === undefined ? [] : [{ url: "uri", valueUri: uri }])] }));
  const all = [...(extension ?? []), ...definitions];
  return { ...set, expansion: { ...(all.length > 0 ? { extension: all } : {}), ...rest, ...(contains ? { contains: contains.map(containsAsR4) } : {}) } };
}

function containsAsR4({ property, contains, extension, ...rest }: Contains): Contains {
  const all = [...(extension ?? []), ...(property ?? []).map(propertyAsR4)];
  return { ...(all.length > 0 ? { extension: all } : {}), ...rest, ...(contains ? { contains: contains.map(containsAsR4) } : {}) };
}

function propertyAsR4({ code, ...value }: ConceptProperty): Extension {
  const [kind, own] = Object.entries(value)[0] ?? ["valueString", ""];
  return { url: propertyExtension, extension: [{ url: "code", valueCode: code }, { url: "value", [kind]: own }] };
}
