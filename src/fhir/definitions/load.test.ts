/** Expected values are read from https://hl7.org/fhir/R4/ (pages named in each title). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, isCurrent } from "./compile.ts";
import {
  codeSet, isResourceType, isSubtype, patientCompartmentParams, resourceTypes, searchParameterByUrl, searchParametersOf, typeDefinition,
} from "./load.ts";

test("resourcelist.html: 146 concrete types, none of Medplum's or of R4B", () => {
  assert.equal(resourceTypes().length, 146);
  for (const name of ["Patient", "Observation", "SubstanceReferenceInformation", "CatalogEntry"]) assert.ok(isResourceType(name), name);
  for (const name of ["Project", "Bot", "SubscriptionStatus", "MetadataResource", "Resource", "DomainResource", "HumanName", "toString"]) assert.ok(!isResourceType(name), name);
});

test("observation.html: choice types, cardinality, content reference, required binding, targets", () => {
  const observation = typeDefinition("Observation")!;
  assert.equal(observation.members.get("valueQuantity")!.element.name, "value");
  assert.equal(observation.members.get("valueDateTime")!.type, "dateTime");
  assert.ok(!observation.members.has("value"));
  assert.equal(observation.byName.get("code")!.min, 1);
  assert.equal(observation.byName.get("category")!.max, Infinity);
  assert.equal(observation.byName.get("id")!.types[0], "id");
  assert.deepEqual(typeDefinition("Observation.component")!.byName.get("referenceRange")!.types, ["Observation.referenceRange"]);
  assert.deepEqual([...codeSet(observation.byName.get("status")!.binding!)!.codes].sort(),
    ["amended", "cancelled", "corrected", "entered-in-error", "final", "preliminary", "registered", "unknown"]);
  assert.deepEqual(observation.byName.get("subject")!.targets, ["Patient", "Group", "Device", "Location"]);
});

test("members and back-ports that Medplum adds to R4 are left out", () => {
  for (const [type, member] of [["Meta", "project"], ["Meta", "accounts"], ["Binary", "url"], ["ResearchStudy", "recruitment"], ["EvidenceVariable.characteristic", "definitionByCombination"]] as const)
    assert.ok(!typeDefinition(type)!.members.has(member), `${type}.${member}`);
  assert.equal(typeDefinition("EvidenceVariable.characteristic.definitionByCombination"), undefined);
  assert.ok(typeDefinition("EvidenceVariable.characteristic")!.members.has("definitionTriggerDefinition"), "R4's own choice is restored");
  for (const name of ["AuditEvent.source"]) assert.ok(!typeDefinition(name)!.byName.get("observer")!.targets!.includes("Bot"));
  assert.deepEqual(typeDefinition("Bundle.entry.response")!.byName.get("outcome")!.types, ["Resource"]);
});

test("datatypes.html: base types and anchored expressions", () => {
  assert.ok(isSubtype("Patient", "DomainResource") && isSubtype("Bundle", "Resource") && !isSubtype("Bundle", "DomainResource"));
  assert.ok(isSubtype("code", "string") && isSubtype("Age", "Quantity") && isSubtype("positiveInt", "integer"));
  assert.ok(typeDefinition("date")!.regex!.test("2024-02-29") && !typeDefinition("date")!.regex!.test("x2024"));
  assert.ok(typeDefinition("Quantity")!.members.has("comparator"));
  assert.equal(typeDefinition("Observation.referenceRange")!.byName.get("low")!.simpleQuantity, true);
});

test("every type named by an element is defined", () => {
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const definition = typeDefinition(name);
    assert.ok(definition, `${name} is named by an element but not defined`);
    for (const element of definition.elements) element.types.forEach(visit);
  };
  resourceTypes().forEach(visit);
  assert.ok(seen.size > 650);
});

test("searchparameter-registry.html and compartmentdefinition-patient.html", () => {
  const codes = searchParametersOf("Observation").map(p => p.code);
  for (const code of ["code", "code-value-quantity", "_id", "_lastUpdated", "patient"]) assert.ok(codes.includes(code), code);
  assert.equal(new Set(codes).size, codes.length);
  const composite = searchParametersOf("Observation").find(p => p.code === "code-value-quantity")!;
  assert.deepEqual(composite.component!.map(c => searchParameterByUrl(c.definition)!.code), ["code", "value-quantity"]);
  assert.deepEqual(patientCompartmentParams("Observation"), ["subject", "performer"]);
  assert.equal(patientCompartmentParams("Organization"), undefined);
});

test("a fresh compilation carries the current stamp, and unknown value sets stay unknown", () => {
  assert.ok(isCurrent(compile()));
  assert.ok(!isCurrent({ compiler: 0, source: "" }));
  assert.equal(codeSet("http://hl7.org/fhir/ValueSet/mimetypes"), undefined);
  assert.equal(typeDefinition("__proto__"), undefined);
});
