import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../profiles/registry.ts";
import type { Resource } from "../resource.ts";
import { r4Terminology } from "../terminology/r4.ts";
import { createValidator, type Settings } from "./validator.ts";

const base = "http://hl7.org/fhir/StructureDefinition/";
const at = (name: string): string => `http://example.org/${name}`;

function profile(name: string, type: string, element: object[], more: object = {}): Resource {
  return { resourceType: "StructureDefinition", url: at(name), name, kind: "resource", type, derivation: "constraint", baseDefinition: base + type, differential: { element }, ...more };
}

/** Errors as "expression: text" cut to what follows the place. */
function errors(resource: unknown, definitions: Resource[], name: string | null = (definitions[0]?.name ?? null) as string | null, settings: Partial<Settings> = {}): string[] {
  const validator = createValidator({ registry: createRegistry(definitions), terminology: r4Terminology(), settings });
  return validator.validate(resource, { profiles: name === null ? [] : [at(name)] }).issues.filter(({ severity }) => severity === "error").map(({ text }) => text);
}

function without(resource: Record<string, unknown>, name: string): Record<string, unknown> {
  const { [name]: _, ...rest } = resource;
  return rest;
}

function one(list: readonly string[], pattern: RegExp): void {
  assert.equal(list.length, 1, list.join("\n"));
  assert.match(list[0]!, pattern);
}

const patient = { resourceType: "Patient", name: [{ family: "Li" }] };

test("cardinality, fixed, pattern, length and regex of a profile, each at its place", () => {
  const definitions = [profile("p", "Patient", [
    { path: "Patient.birthDate", min: 1 }, { path: "Patient.photo", max: "0" },
    { path: "Patient.gender", fixedCode: "female" }, { path: "Patient.maritalStatus", patternCodeableConcept: { coding: [{ code: "M" }] } },
    { path: "Patient.name.family", maxLength: 3 },
  ])];
  const good: Record<string, unknown> = { ...patient, gender: "female", birthDate: "1980", maritalStatus: { coding: [{ code: "M", system: "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", display: "Married" }] } };
  assert.deepEqual(errors(good, definitions), []);
  one(errors(without(good, "birthDate"), definitions), /^Patient: "birthDate" is missing/);
  one(errors({ ...good, photo: [{ title: "x" }] }, definitions), /^Patient: "photo" is not allowed/);
  one(errors({ ...good, gender: "male" }, definitions), /^Patient\.gender: is "male"; the fixed value is "female"/);
  one(errors({ ...good, maritalStatus: { text: "M" } }, definitions), /^Patient\.maritalStatus: is .*the pattern value/);
  one(errors({ ...good, name: [{ family: "Wang" }] }, definitions), /^Patient\.name\[0\]\.family: holds at most 3/);
});

test("invariants of base types and of profiles, with their severity", () => {
  one(errors({ resourceType: "Observation", status: "final", code: { text: "x" }, valueString: "a", dataAbsentReason: { text: "b" } }, [], null), /^Observation: obs-6/);
  one(errors({ resourceType: "Patient", contact: [{ gender: "male" }] }, [], null), /^Patient\.contact\[0\]: pat-1/);
  one(errors({ resourceType: "Encounter", status: "planned", class: { code: "AMB" }, period: { start: "2021-01-02", end: "2021-01-01" } }, [], null), /^Encounter\.period: per-1/);
  const constraint = { key: "x-1", severity: "error", human: "two names", expression: "name.count() = 2" };
  one(errors(patient, [profile("p", "Patient", [{ path: "Patient", constraint: [constraint] }])]), /^Patient: x-1: two names/);
  assert.deepEqual(errors(patient, [profile("p", "Patient", [{ path: "Patient", constraint: [{ ...constraint, severity: "warning" }] }])]), []);
});

test("slices by value, pattern, exists and type; closed, ordered, open at the end", () => {
  const slicing = (type: string, path: string, rules = "open", ordered = false) => ({ discriminator: [{ type, path }], rules, ordered });
  const identifiers = (rules: string, ordered: boolean) => [profile("p", "Patient", [
    { path: "Patient.identifier", slicing: slicing("value", "system", rules, ordered) },
    { path: "Patient.identifier", sliceName: "a", min: 1, max: "1" }, { path: "Patient.identifier.system", min: 1, fixedUri: "urn:a" },
    { path: "Patient.identifier", sliceName: "b" }, { path: "Patient.identifier.system", min: 1, fixedUri: "urn:b" }, { path: "Patient.identifier.value", min: 1 },
  ])];
  const give = (...systems: string[]) => ({ ...patient, identifier: systems.map((system) => ({ system, value: "1" })) });
  assert.deepEqual(errors(give("urn:a", "urn:c", "urn:b"), identifiers("open", false)), []);
  one(errors(give("urn:b"), identifiers("open", false)), /^Patient: "identifier" needs one that is of the slice a/);
  one(errors(give("urn:a", "urn:a"), identifiers("open", false)), /at most 1 of the slice a, found 2/);
  one(errors({ ...patient, identifier: [{ system: "urn:a" }, { system: "urn:b" }] }, identifiers("open", false)), /^Patient\.identifier\[1\]: "value" is missing/);
  one(errors(give("urn:a", "urn:c"), identifiers("closed", false)), /^Patient\.identifier\[1\]: fits none of the slices a, b/);
  one(errors(give("urn:b", "urn:a"), identifiers("open", true)), /^Patient\.identifier\[1\]: the slice a stands behind b/);
  one(errors(give("urn:c", "urn:a"), identifiers("openAtEnd", false)), /^Patient\.identifier\[1\]: stands behind something that is of no slice/);

  const exists = [profile("p", "Patient", [
    { path: "Patient.name", slicing: slicing("exists", "period") },
    { path: "Patient.name", sliceName: "old", max: "1" }, { path: "Patient.name.period", min: 1 },
    { path: "Patient.name", sliceName: "now", max: "1" }, { path: "Patient.name.period", max: "0" },
  ])];
  one(errors({ ...patient, name: [{ family: "A" }, { family: "B" }] }, exists), /at most 1 of the slice now, found 2/);

  const typed = [profile("p", "Observation", [
    { path: "Observation.value[x]", slicing: slicing("type", "$this", "closed") },
    { path: "Observation.value[x]", sliceName: "valueQuantity", type: [{ code: "Quantity" }] }, { path: "Observation.value[x].unit", min: 1 },
  ])];
  const observation = { resourceType: "Observation", status: "final", code: { text: "x" } };
  one(errors({ ...observation, valueQuantity: { value: 1 } }, typed), /^Observation\.value: "unit" is missing/);
  one(errors({ ...observation, valueString: "x" }, typed), /^Observation\.value: fits none of the slices/);
});

test("slices by the profile and the type of what a reference leads to", () => {
  const definitions = [
    profile("p", "Composition", [
      { path: "Composition.section.entry", slicing: { discriminator: [{ type: "profile", path: "resolve()" }], rules: "open" } },
      { path: "Composition.section.entry", sliceName: "named", min: 1, type: [{ code: "Reference", targetProfile: [at("named")] }] },
    ]),
    profile("named", "Patient", [{ path: "Patient.name", min: 1 }]),
  ];
  const bundle = (inner: object) => ({
    resourceType: "Bundle", type: "document", identifier: { system: "urn:x", value: "1" }, timestamp: "2021-01-01T00:00:00Z",
    entry: [
      { fullUrl: "http://a.org/Composition/c", resource: { resourceType: "Composition", id: "c", meta: { profile: [at("p")] }, status: "final", type: { text: "t" }, date: "2021", author: [{ reference: "Patient/p" }], title: "t", section: [{ title: "s", entry: [{ reference: "Patient/p" }] }] } },
      { fullUrl: "http://a.org/Patient/p", resource: { resourceType: "Patient", id: "p", ...inner } },
    ],
  });
  assert.deepEqual(errors(bundle({ name: [{ text: "x" }] }), definitions, null), []);
  one(errors(bundle({ gender: "male" }), definitions, null), /^Bundle\.entry\[0\]\.resource\.section\[0\]: "entry" needs one that is of the slice named/);
});

test("a reference that leads nowhere here still names the type of what it leads to", () => {
  const definitions = [profile("p", "Observation", [
    { path: "Observation.performer", slicing: { discriminator: [{ type: "type", path: "resolve()" }], rules: "closed" } },
    { path: "Observation.performer", sliceName: "doctor", type: [{ code: "Reference", targetProfile: [`${base}Practitioner`] }] },
  ])];
  const observation = (...performer: object[]) => ({ resourceType: "Observation", status: "final", code: { text: "x" }, performer });
  assert.deepEqual(errors(observation({ reference: "Practitioner/1" }, { reference: "http://a.org/fhir/Practitioner/2" }, { type: "Practitioner", identifier: { value: "3" } }), definitions), []);
  for (const performer of [{ reference: "Patient/1" }, { type: "Patient", display: "x" }, { display: "x" }, { reference: "urn:uuid:0d2c2e4a-0f7f-4a39-9d6e-000000000001" }])
    one(errors(observation(performer), definitions), /^Observation\.performer\[0\]: fits none of the slices doctor/);
});

test("reslices divide what went to their slice", () => {
  const definitions = [profile("p", "Patient", [
    { path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "system" }], rules: "open" } },
    { path: "Patient.identifier", sliceName: "a", slicing: { discriminator: [{ type: "value", path: "use" }], rules: "open" } }, { path: "Patient.identifier.system", fixedUri: "urn:a", min: 1 },
    { path: "Patient.identifier", sliceName: "a/old", max: "1" }, { path: "Patient.identifier.use", fixedCode: "old", min: 1 },
  ])];
  one(errors({ ...patient, identifier: [{ system: "urn:a", use: "old", value: "1" }, { system: "urn:a", use: "old", value: "2" }, { system: "urn:b", use: "old", value: "3" }] }, definitions), /at most 1 of the slice a\/old, found 2/);
});

test("bindings by strength; what terminology does not know is a question", () => {
  const bound = (strength: string, valueSet: string) => [profile("p", "Patient", [{ path: "Patient.language", binding: { strength, valueSet } }])];
  const given = { ...patient, language: "male" };
  assert.deepEqual(errors(given, bound("required", "http://hl7.org/fhir/ValueSet/administrative-gender")).filter((text) => !text.includes("all-languages")), []);
  one(errors({ ...patient, language: "en" }, bound("required", "http://hl7.org/fhir/ValueSet/administrative-gender")), /^Patient\.language: "en" is not in the required value set/);
  assert.deepEqual(errors({ ...patient, language: "en" }, bound("extensible", "http://hl7.org/fhir/ValueSet/administrative-gender")), []);
  const { questions, issues } = createValidator({ registry: createRegistry(bound("required", "http://example.org/vs")), terminology: r4Terminology() }).validate({ ...patient, language: "en" }, { profiles: [at("p")] });
  assert.deepEqual(questions.map(({ kind, valueSet, strength, expression }) => ({ kind, valueSet, strength, expression })), [{ kind: "value-set", valueSet: "http://example.org/vs", strength: "required", expression: "Patient.language" }]);
  assert.ok(!issues.some(({ severity }) => severity === "error"));
});

test("formats of a CapabilityStatement: mime types, and the short names of FHIR's own", () => {
  const statement = (format: string, more: object = {}): object => ({ resourceType: "CapabilityStatement", name: "A", status: "draft", date: "2026-01-01", kind: "requirements", description: "A", fhirVersion: "4.0.1", format: [format], rest: [{ mode: "server" }], ...more });
  for (const format of ["json", "xml", "ttl", "application/fhir+json", "text/turtle"]) assert.deepEqual(errors(statement(format), [], null), [], format);
  one(errors(statement("yaml"), [], null), /^CapabilityStatement\.format\[0\]: "yaml"/);
  one(errors(statement("json", { patchFormat: ["json"] }), [], null), /^CapabilityStatement\.patchFormat\[0\]: "json"/);
});

test("extensions: known ones by their definition and context, unknown ones as asked, modifiers in their place", () => {
  const colour = profile("colour", "Extension", [{ path: "Extension.url", fixedUri: at("colour") }, { path: "Extension.extension", max: "0" }, { path: "Extension.value[x]", min: 1, type: [{ code: "code" }] }], { context: [{ type: "element", expression: "Patient" }] });
  const on = (...extension: object[]) => ({ ...patient, extension });
  assert.deepEqual(errors(on({ url: at("colour"), valueCode: "red" }), [colour], null), []);
  one(errors(on({ url: at("colour"), valueString: "red" }), [colour], null), /^Patient\.extension\[0\]: its value is of type string; allowed: code/);
  one(errors({ ...patient, name: [{ family: "Li", extension: [{ url: at("colour"), valueCode: "red" }] }] }, [colour], null), /^Patient\.name\[0\]\.extension\[0\]: .* is not allowed on Patient\.name/);
  one(errors({ ...patient, modifierExtension: [{ url: at("colour"), valueCode: "red" }] }, [colour], null), /is no modifier; it belongs in extension/);
  const paired = profile("paired", "Extension", [{ path: "Extension.url", fixedUri: at("paired") }], { context: [{ type: "element", expression: "Patient" }], contextInvariant: ["extension.count() = 2 and %extension.exists()"] });
  one(errors(on({ url: at("paired"), valueCode: "x" }), [paired], null), /^Patient\.extension\[0\]: may stand only where extension\.count\(\) = 2/);
  const strange = on({ url: "http://somewhere.net/x", valueCode: "red" });
  assert.deepEqual(errors(strange, [], null), []);
  one(errors(strange, [], null, { unknownExtensions: "error" }), /^Patient\.extension\[0\]: the extension .* is not known here/);
});

test("profiles on R4's own: vital signs as published", () => {
  const height = {
    resourceType: "Observation", meta: { profile: [`${base}bodyheight`] }, status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "8302-2" }] }, subject: { reference: "Patient/1" }, effectiveDateTime: "2021-01-01",
    valueQuantity: { value: 170, unit: "cm", system: "http://unitsofmeasure.org", code: "cm" },
  };
  assert.deepEqual(errors(height, [], null), []);
  assert.ok(errors({ ...height, valueQuantity: { ...height.valueQuantity, code: "kg" } }, [], null).some((text) => /^Observation\.value\.code: "kg" is not in the required value set/.test(text)));
  one(errors(without(height, "subject"), [], null), /^Observation: "subject" is missing/);
});

test("references are contained, bundled or referenced as a profile allows", () => {
  const contained = [profile("p", "Patient", [{ path: "Patient.managingOrganization", type: [{ code: "Reference", targetProfile: [`${base}Organization`], aggregation: ["contained"] }] }])];
  const own = { ...patient, contained: [{ resourceType: "Organization", id: "o", name: "O" }] };
  assert.deepEqual(errors({ ...own, managingOrganization: { reference: "#o" } }, contained), []);
  one(errors({ ...patient, managingOrganization: { reference: "Organization/1" } }, contained), /^Patient\.managingOrganization: its target is referenced; allowed: contained/);
});

test("the target of a reference conforms to one of the profiles asked for, where it can be looked at", () => {
  const definitions = [
    profile("p", "Patient", [{ path: "Patient.managingOrganization", type: [{ code: "Reference", targetProfile: [at("coded")] }] }]),
    profile("coded", "Organization", [{ path: "Organization.type", min: 1 }]),
  ];
  const to = (organization: object) => ({ ...patient, contained: [{ resourceType: "Organization", id: "o", name: "O", ...organization }], managingOrganization: { reference: "#o" } });
  assert.deepEqual(errors(to({ type: [{ text: "clinic" }] }), definitions), []);
  one(errors(to({}), definitions), /^Patient\.managingOrganization: refers to a Organization that does not conform to http:\/\/example\.org\/coded/);
  assert.deepEqual(errors({ ...patient, managingOrganization: { reference: "Organization/elsewhere" } }, definitions), []);
});

test("bad input ends: circles, dangerous expressions, prototype names", () => {
  const circle = profile("c", "Patient", [{ path: "Patient.link.other", type: [{ code: "Reference", targetProfile: [at("c")] }] }]);
  const self = { ...patient, id: "p", contained: [], link: [{ other: { reference: "#" }, type: "seealso" }] };
  assert.ok(errors(self, [circle], "c").length <= 2);
  const slow = profile("r", "Patient", [{ path: "Patient.name.family", extension: [{ url: `${base}regex`, valueString: "(a+)+b" }] }]);
  one(errors({ ...patient, name: [{ family: "a".repeat(5000) }] }, [slow], "r"), /does not fit/);
  assert.deepEqual(errors({ ...patient, meta: { profile: ["__proto__", "constructor"] } }, [], null), []);
  const many = errors({ resourceType: "Bundle", type: "collection", entry: Array.from({ length: 5000 }, () => ({ fullUrl: "relative", resource: patient })) }, [], null);
  assert.ok(many.length <= 500);
});

test("Observations with LOINC codes of vital signs are held to R4's profile of the code, claimed or not", () => {
  const validator = createValidator();
  const { issues } = validator.validate({ resourceType: "Observation", status: "final", code: { coding: [{ system: "http://loinc.org", code: "8302-2" }] }, valueQuantity: { value: 1, system: "http://unitsofmeasure.org", code: "cm" } });
  assert.ok(issues.some(({ severity, text }) => severity === "error" && /"category" is missing.*bodyheight/.test(text)), JSON.stringify(issues));
  assert.ok(issues.some(({ severity, text }) => severity === "information" && text.includes("LOINC code 8302-2")));
});

test("identifiers and codings have absolute systems, attachments the size they state, UCUM codes a meaning", () => {
  one(errors({ ...patient, identifier: [{ system: "hospital", value: "1" }] }, []), /^Patient\.identifier\[0\]: the system "hospital" is relative/);
  one(errors({ ...patient, identifier: [{ system: "urn:ietf:rfc:3986", value: "1" }] }, []), /^Patient\.identifier\[0\]\.value: "1" is no URI/);
  one(errors({ ...patient, maritalStatus: { coding: [{ system: "http://hl7.org/fhir/ValueSet/marital-status", code: "M" }] } }, []), /^Patient\.maritalStatus\.coding\[0\]: .* is a value set/);
  one(errors({ ...patient, photo: [{ contentType: "image/png", data: "AAAA", size: 4 }] }, []), /^Patient\.photo\[0\]: size states 4 bytes, data holds 3/);
  one(errors({ resourceType: "Observation", status: "final", code: { text: "x" }, valueQuantity: { value: 1, system: "http://unitsofmeasure.org", code: "foo" } }, []), /^Observation\.value\.code: /);
});
