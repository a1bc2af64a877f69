/** Canonical urls, "url|version": https://hl7.org/fhir/R4/references.html#canonical */

/** Where FHIR's own definitions of types, profiles and extensions have their urls. */
export const structureDefinitionUrl = "http://hl7.org/fhir/StructureDefinition/";

/** "url|version" → its parts. */
export function splitCanonical(canonical: string): { url: string; version?: string } {
  const bar = canonical.indexOf("|");
  return bar < 0 ? { url: canonical } : { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) };
}

export function joinCanonical(url: string, version: string | undefined): string {
  return version === undefined || version === "" ? url : `${url}|${version}`;
}

export function withoutVersion(canonical: string): string {
  return splitCanonical(canonical).url;
}
