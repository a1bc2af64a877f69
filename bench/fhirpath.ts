/**
 * Group `fhirpath`: expressions on one Patient and index rows of Observations. The floor of a path is the same
 * walk written by hand; that of indexing is a plain visit to every member of the same resources. Then other engines, as
 * floors, on R4's search parameters and on the FHIRPath suite (where its pack is present).
 */
import { compile, type Items } from "#fhir/fhirpath/compile.ts";
import type { Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { compareWithPeers } from "./fhirpath/compare.ts";
import { rate } from "./rate.ts";
import type { Row } from "./row.ts";

const patient: Resource = {
  resourceType: "Patient", id: "p", gender: "female", birthDate: "1980-05-06",
  name: [{ use: "official", family: "Li", given: ["Wei", "Hua"] }, { use: "usual", given: ["Mei"] }],
  telecom: [{ system: "phone", value: "1" }, { system: "email", value: "a@b" }],
};

function observation(i: number): Resource {
  return {
    resourceType: "Observation", id: `o-${i}`, status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs", display: "Vital Signs" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "8302-2", display: "Body height" }], text: "Body height" },
    subject: { reference: `Patient/${i % 100}` }, encounter: { reference: `Encounter/${i % 1000}` },
    effectiveDateTime: "2020-12-24T03:11:33+00:00", issued: "2020-12-24T03:11:33.548+00:00",
    valueQuantity: { value: 100 + i / 8, unit: "cm", system: "http://unitsofmeasure.org", code: "cm" },
  };
}

type Name = { use?: string; family?: string; given?: string[] };
type Contact = { system?: string; value?: string };

const byHand: Readonly<Record<string, (resource: Resource) => unknown[]>> = {
  "Patient.name.given": (resource) => {
    const out: unknown[] = [];
    for (const name of resource.name as Name[]) for (const given of name.given ?? []) out.push({ value: given, type: "string" });
    return out;
  },
  "Patient.telecom.where(system = 'phone').value": (resource) => {
    const out: unknown[] = [];
    for (const contact of resource.telecom as Contact[]) if (contact.system === "phone" && contact.value !== undefined) out.push({ value: contact.value, type: "string" });
    return out;
  },
  "name.where(use = 'official').exists() and birthDate.exists()": (resource) => [(resource.name as Name[]).some((name) => name.use === "official") && resource.birthDate !== undefined],
};

let sink = 0;

function visit(value: unknown): void {
  sink += 1;
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) visit(inner);
}

export async function run(): Promise<Row[]> {
  const count = 100_000;
  const rows: Row[] = [];
  for (const [expression, hand] of Object.entries(byHand)) {
    const compiled = compile(expression, { type: "Patient" });
    if (!compiled.ok) throw new Error(compiled.failure.text);
    const evaluate = (): Items => compiled.value.items(patient);
    rows.push({
      group: "fhirpath", name: expression, unit: "evaluations/s",
      ours: rate(count, () => { for (let i = 0; i < count; i++) sink += evaluate().length; }),
      floor: rate(count, () => { for (let i = 0; i < count; i++) sink += hand(patient).length; }),
    });
  }
  const observations = Array.from({ length: 2000 }, (_, i) => observation(i));
  rows.push({
    group: "fhirpath", name: "index rows of an Observation, all parameters", unit: "resources/s",
    ours: rate(observations.length, () => { for (const resource of observations) sink += indexRows(resource).tokens.length; }),
    floor: rate(observations.length, () => { for (const resource of observations) visit(resource); }),
    note: "floor: a visit to every member",
  });
  return [...rows, ...await compareWithPeers()];
}
