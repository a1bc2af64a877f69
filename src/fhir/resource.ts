/**
 * Resource: FHIR R4 JSON, the only form in which health data rest and travel.
 * `Resource` is the open form that engines take; build resources with `@medplum/fhirtypes` where the type is known.
 */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json | undefined };

export type Meta = {
  versionId?: string; lastUpdated?: string; source?: string; profile?: string[];
  security?: Coding[]; tag?: Coding[];
};

/** Any R4 resource, narrowed by `resourceType`. Members beyond these are read with the typed helpers of fhir/. */
export type Resource = { resourceType: string; id?: string; meta?: Meta; [key: string]: unknown };

export type Coding = { system?: string; version?: string; code?: string; display?: string };
export type CodeableConcept = { coding?: Coding[]; text?: string };
export type Reference = { reference?: string; type?: string; display?: string; identifier?: Identifier };
export type Identifier = { system?: string; value?: string; use?: string; type?: CodeableConcept };
export type Quantity = { value?: number; comparator?: string; unit?: string; system?: string; code?: string };

/** "Patient/123": type and id of a resource on this node. */
export type ResourceKey = { type: string; id: string };

const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;
const localPattern = /^(?:.*\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/** FHIR id: 1–64 of A-Z a-z 0-9 - . (https://hl7.org/fhir/R4/datatypes.html#id) */
export function isId(text: string): boolean {
  return idPattern.test(text);
}

/** Reads "Patient/123", "Patient/123/_history/2" or an absolute URL ending so; undefined for urn:, # and conditional references. */
export function parseReference(text: string): (ResourceKey & { version?: string }) | undefined {
  if (text.startsWith("urn:") || text.startsWith("#")) return undefined;
  const match = localPattern.exec(text);
  if (!match) return undefined;
  const key = { type: match[1]!, id: match[2]! };
  return match[3] ? { ...key, version: match[3] } : key;
}
