/** A StructureDefinition and a resource, parted by "---": the snapshot is generated or refused, the resource gets issues. */
import assert from "node:assert/strict";
import type { Resource } from "#fhir/resource.ts";
import { partsOf, type Target } from "../target.ts";

const url = "http://x/p";

function seed(type: string, element: object[], resource: object): string {
  return `${JSON.stringify({ resourceType: "StructureDefinition", url, type, derivation: "constraint", baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`, differential: { element } })}\n---\n${JSON.stringify({ resourceType: type, ...resource })}`;
}

export const target: Target = {
  rooms: ["src/fhir/profiles/", "src/fhir/validate/profile/"],
  seeds: [
    seed("Patient", [
      { path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "system" }], rules: "closed", ordered: true } },
      { path: "Patient.identifier", sliceName: "a", min: 1, max: "1" }, { path: "Patient.identifier.system", fixedUri: "urn:a" },
      { path: "Patient.name.family", maxLength: 3 }, { path: "Patient.deceasedBoolean", max: "0" },
    ], { identifier: [{ system: "urn:a", value: "1" }], name: [{ family: "Li" }] }),
    seed("Observation", [
      { path: "Observation.value[x]", slicing: { discriminator: [{ type: "type", path: "$this" }], rules: "open" } },
      { id: "Observation.value[x]:valueQuantity", path: "Observation.value[x]", sliceName: "valueQuantity", type: [{ code: "Quantity" }] },
      { path: "Observation.component.code", patternCodeableConcept: { coding: [{ code: "x" }] } }, { path: "Observation.subject", type: [{ code: "Reference", targetProfile: [url] }] },
    ], { status: "final", code: { text: "x" }, valueQuantity: { value: 1 }, subject: { reference: "#" } }),
  ],
  words: ['"slicing":{"discriminator":[{"type":"exists","path":"extension(\'u\').value"}],"rules":"openAtEnd"}', '"sliceName":"a/b"', '"max":"*"', '"contentReference":"#Observation.referenceRange"', '"constraint":[{"key":"x","severity":"error","expression":"name.exists()"}]', '"path":"Patient.contact.name"', "resolve()", "$this"],
  giants: () => [
    seed("Patient", Array.from({ length: 15_000 }, (_, i) => ({ path: "Patient.identifier", sliceName: `s${i}` })), {}),
    seed("Extension", [{ path: `Extension${".extension".repeat(58)}.url`, min: 1 }], {}),
    seed("Extension", [{ path: `Extension${".extension".repeat(100_000)}`, min: 1 }], {}),
    seed("Patient", [{ path: "Patient.identifier", sliceName: "a/".repeat(200_000) }], {}),
  ],
  async open() {
    const { createRegistry } = await import("#fhir/profiles/registry.ts");
    const { createValidator } = await import("#fhir/validate/validator.ts");
    return (input) => {
      const [definition, resource] = partsOf(input).map((text): unknown => { try { return JSON.parse(text); } catch { return undefined; } });
      if (typeof definition !== "object" || definition === null) return;
      const validator = createValidator({ registry: createRegistry([definition as Resource]) });
      const { issues } = validator.validate(resource, { profiles: [url] });
      assert.ok(issues.every(({ text }) => text.length > 0));
    };
  },
};
