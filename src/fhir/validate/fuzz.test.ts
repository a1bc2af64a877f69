/** Any definitions and any data: issues or a Failure, never another error, never without end. Bounded in time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRegistry } from "../profiles/registry.ts";
import type { Resource } from "../resource.ts";
import { createValidator } from "./validator.ts";

const bounded = { interruptAfterTimeLimit: 4000, markInterruptAsFailure: false } as const;

const base = "http://hl7.org/fhir/StructureDefinition/";
const urls = ["http://x/a", "http://x/b", `${base}Patient`, `${base}Observation`, `${base}Extension`, `${base}vitalsigns`, "http://x/gone", "__proto__"];
const paths = [
  "Patient", "Patient.name", "Patient.name.family", "Patient.identifier", "Patient.identifier.system", "Patient.contact.name.given", "Patient.deceased[x]", "Patient.deceasedBoolean", "Patient.extension", "Patient.extension.value[x]",
  "Patient.link.other", "Patient.contained", "Observation.component", "Observation.component.value[x]", "Observation.component.referenceRange.low.value", "Observation.value[x].coding.code", "Extension.extension.extension.url", "Extension.value[x]", "Nothing.at", "Patient.__proto__", "Patient..", "",
];
const text = fc.constantFrom("a", "a/b", "x", "@default", "(a+)+$", "name.exists()", "(((", "resolve().name", "$this", "extension('u').value", "__proto__");

const element = fc.record({
  path: fc.constantFrom(...paths), id: fc.constantFrom(...paths, "Patient.name:a.family", "Patient.identifier:a/b"), sliceName: text,
  min: fc.integer({ min: -1, max: 3 }), max: fc.constantFrom("0", "1", "*", "x"),
  type: fc.array(fc.record({ code: fc.constantFrom("string", "Quantity", "Reference", "Extension", "Patient", "http://hl7.org/fhirpath/System.String"), profile: fc.array(fc.constantFrom(...urls), { maxLength: 2 }), targetProfile: fc.array(fc.constantFrom(...urls), { maxLength: 2 }) }, { requiredKeys: ["code"] }), { maxLength: 2 }),
  slicing: fc.record({ discriminator: fc.array(fc.record({ type: fc.constantFrom("value", "pattern", "exists", "type", "profile"), path: text }), { maxLength: 2 }), rules: fc.constantFrom("open", "closed", "openAtEnd"), ordered: fc.boolean() }),
  fixedString: fc.jsonValue({ maxDepth: 2 }), patternCodeableConcept: fc.jsonValue({ maxDepth: 3 }), maxValueQuantity: fc.jsonValue({ maxDepth: 1 }),
  binding: fc.record({ strength: fc.constantFrom("required", "extensible"), valueSet: fc.constantFrom(...urls) }),
  constraint: fc.array(fc.record({ key: text, severity: fc.constantFrom("error", "warning"), human: text, expression: text }), { maxLength: 2 }),
  contentReference: fc.constantFrom("#Patient.name", "#Observation.referenceRange", "#", "#a.b"),
}, { requiredKeys: ["path"] });

const definition = (url: string) => fc.record({ resourceType: fc.constant("StructureDefinition"), url: fc.constant(url), type: fc.constantFrom("Patient", "Observation", "Extension"), baseDefinition: fc.constantFrom(...urls), derivation: fc.constant("constraint"), differential: fc.record({ element: fc.array(element, { maxLength: 8 }) }) });

const resource = fc.record({
  resourceType: fc.constantFrom("Patient", "Observation", "Bundle", "QuestionnaireResponse", "StructureDefinition", "Questionnaire", "MeasureReport"),
  meta: fc.record({ profile: fc.array(fc.constantFrom(...urls), { maxLength: 2 }) }), name: fc.jsonValue({ maxDepth: 3 }), identifier: fc.jsonValue({ maxDepth: 3 }), component: fc.jsonValue({ maxDepth: 4 }),
  extension: fc.array(fc.record({ url: fc.constantFrom(...urls), valueString: fc.string() }), { maxLength: 2 }), deceasedBoolean: fc.jsonValue(), contained: fc.jsonValue({ maxDepth: 3 }),
  entry: fc.jsonValue({ maxDepth: 4 }), item: fc.jsonValue({ maxDepth: 5 }), group: fc.jsonValue({ maxDepth: 4 }), differential: fc.jsonValue({ maxDepth: 4 }), link: fc.array(fc.record({ other: fc.record({ reference: fc.constantFrom("#", "#a", "Patient/1") }) }), { maxLength: 2 }),
}, { requiredKeys: ["resourceType"] });

// R4's definitions are built at first use; that is not the work that is bounded here.
createValidator().validate({ resourceType: "Observation", status: "final", code: { text: "x" } }, { profiles: [`${base}vitalsigns`] });

test("any definitions and any resource get an answer", () => {
  fc.assert(fc.property(definition("http://x/a"), definition("http://x/b"), resource, (a, b, one) => {
    const validator = createValidator({ registry: createRegistry([a, b] as unknown as Resource[]) });
    const { issues } = validator.validate(one, { profiles: ["http://x/a"] });
    assert.ok(Array.isArray(issues) && issues.every(({ text: told }) => told.length > 0));
  }), { ...bounded, numRuns: 2000 });
});

test("any JSON value as a definition is read or refused", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
    const registry = createRegistry([{ ...(typeof value === "object" ? value : {}), resourceType: "StructureDefinition", url: "http://x/a" } as Resource]);
    const made = registry.tree("http://x/a");
    assert.ok(made.ok || made.failure.text.length > 0);
  }), { ...bounded, numRuns: 2000 });
});

test("keys and urls that are names of Object.prototype are names like any other", () => {
  for (const name of ["__proto__", "constructor"]) {
    const registry = createRegistry([
      { resourceType: "StructureDefinition", url: "http://x/p", name: "P", kind: "resource", type: "Patient", derivation: "constraint", baseDefinition: `${base}Patient`, differential: { element: [{ path: "Patient", constraint: [{ key: name, severity: "error", human: "h", expression: "active" }] }] } },
      { resourceType: "StructureDefinition", url: name, name: "E", kind: "complex-type", type: "Extension", derivation: "constraint", baseDefinition: `${base}Extension`, context: [{ type: "element", expression: "Patient" }], differential: { element: [{ path: "Extension" }] } },
    ] as Resource[]);
    const { issues } = createValidator({ registry }).validate({ resourceType: "Patient", active: false, extension: [{ url: name, valueBoolean: true }] }, { profiles: ["http://x/p"] });
    assert.match(issues.filter(({ severity }) => severity === "error").map(({ text }) => text).join("\n"), new RegExp(`^Patient: .*${name}`));
  }
});
