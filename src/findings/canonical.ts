/** Names of the Finding extensions, identifiers and tags on FHIR resources. Listed in docs/findings.md. */
export const base = "https://salus.health/fhir";
export const extensionUrl = (name: string): string => `${base}/StructureDefinition/finding-${name}`;
export const methodSystem = `${base}/CodeSystem/method`;
export const findingSystem = `${base}/NamingSystem/finding`;
export const deviceSystem = `${base}/NamingSystem/method`;
/** meta.tag: urgency of a computed Finding, so that a worklist is one token search. */
export const urgencyTag = `${base}/CodeSystem/finding-urgency`;
/** meta.tag: `stale` (an input changed since) or `abstained`. */
export const stateTag = `${base}/CodeSystem/finding-state`;
/** meta.security of every machine assertion. Source: https://terminology.hl7.org/CodeSystem-v3-ObservationValue.html */
export const aiast = { system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "AIAST", display: "Artificial Intelligence asserted" };
export const ucumSystem = "http://unitsofmeasure.org";
