import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, isObjectType, parse, validate, validateSchema } from "graphql";
import { resourceTypes } from "../definitions/load.ts";
import { fieldOf } from "./fields.ts";
import { fhirName } from "./names.ts";
import { schemaText } from "./schema.ts";

const schema = buildSchema(schemaText());

test("the schema is sound and holds every resource type", () => {
  assert.deepEqual(validateSchema(schema), []);
  const { Patient, ObservationList, MedicationRequestConnection } = schema.getQueryType()!.getFields();
  assert.ok(Patient && ObservationList && MedicationRequestConnection);
  for (const type of resourceTypes()) assert.ok(isObjectType(schema.getType(type)), type);
});

test("every field of the schema is one that queries are answered for", () => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    const page = /^(.*)(Connection|Edge)$/.exec(type.name);
    const name = type.name === "Query" ? "Query" : page && fhirName(page[1]!) ? `${page[2]}:${page[1]}` : fhirName(type.name);
    assert.ok(name, type.name);
    for (const field of Object.keys(type.getFields())) assert.ok(fieldOf(name, field), `${name}.${field}`);
  }
});

test("a tool accepts what FHIR writes, and finds what is wrong", () => {
  const faults = (query: string) => validate(schema, parse(query)).map(({ message }) => message);
  assert.deepEqual(faults(`{ PatientList(active: true, general_practitioner: "x", _count: 5) { name(use: official, fhirpath: "given.exists()") @flatten { given @first family @singleton }
    _birthDate { extension { url } } contact { ...c } ObservationList(_reference: subject) { valueQuantity { value } } managingOrganization { resource(optional: true) { ... on Organization { name } } } }
    Patient(id: example) { id } } fragment c on PatientContact { gender }`), []);
  assert.match(faults("{ Patient(id: a) { nmae { text } } }")[0]!, /Cannot query field "nmae"/);
});
