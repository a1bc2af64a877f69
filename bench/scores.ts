/**
 * Group `scores`: evaluations per second of a whole method (checks, contributions, sentences) on given inputs, and of
 * a record of facts; the floor is the bare formula in a loop on the same inputs.
 */
import { ckdEpi2021 } from "#knowledge/scores/ckd-epi-equation.ts";
import { prevent, type PreventInput } from "#knowledge/scores/prevent-equation.ts";
import { scores } from "#knowledge/scores/registry.ts";
import { runMethods } from "#care/run.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Row } from "./row.ts";

const millisecondsEach = 400;

function perSecond(work: () => void): number {
  for (let i = 0; i < 200; i++) work();
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < millisecondsEach) { for (let i = 0; i < 50; i++) work(); count += 50; }
  return (count / (performance.now() - started)) * 1000;
}

function person(observations: number): Resource[] {
  const codes: [string, number, string][] = [["8480-6", 142, "mm[Hg]"], ["2093-3", 210, "mg/dL"], ["2085-9", 48, "mg/dL"], ["2160-0", 1.1, "mg/dL"], ["29463-7", 82, "kg"], ["8302-2", 174, "cm"]];
  const subject = { reference: "Patient/p" };
  const resources: Resource[] = [{ resourceType: "Patient", id: "p", birthDate: "1962-03-04", gender: "male" },
    { resourceType: "Observation", id: "s", status: "final", subject, effectiveDateTime: "2024-01-02", code: { coding: [{ system: "http://loinc.org", code: "72166-2" }] }, valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code: "266919005" }] } }];
  for (let i = 0; i < observations; i++) {
    const [code, value, unit] = codes[i % codes.length]!;
    resources.push({ resourceType: "Observation", id: `o${i}`, status: "final", subject, effectiveDateTime: `20${String(10 + (i % 15)).padStart(2, "0")}-05-06T10:00:00Z`, code: { coding: [{ system: "http://loinc.org", code }] }, valueQuantity: { value, unit, system: "http://unitsofmeasure.org", code: unit } });
  }
  return resources;
}

export async function run(): Promise<Row[]> {
  const x: PreventInput = { female: true, ageYears: 50, totalCholesterolMmolPerL: 5.2, hdlCholesterolMmolPerL: 1.2, systolicMmHg: 160, diabetes: true, currentSmoker: false, egfrMlPerMinPer173M2: 90, onAntihypertensive: true, onStatin: false, bmiKgPerM2: 35 };
  const inputs = { ...x, sex: "female" } as unknown as Record<string, number | boolean | string>;
  const method = (id: string) => scores.find((one) => one.id === id)!;
  let sink = 0;
  const rows: Row[] = [];
  const preventMethod = method("prevent"), ckd = method("ckd-epi-2021");
  rows.push({ group: "scores", name: "PREVENT 10 years, three risks explained", unit: "evaluations/s", note: "floor: the three equations alone",
    ours: perSecond(() => { sink += preventMethod.runInputs!(inputs).length; }), floor: perSecond(() => { for (const outcome of ["cvd", "ascvd", "hf"] as const) sink += prevent(x, outcome, 10).probability; }) });
  const kidney = { creatinineMgPerDl: 1.1, ageYears: 50, sex: "female" };
  rows.push({ group: "scores", name: "CKD-EPI 2021 explained", unit: "evaluations/s", note: "floor: the equation alone",
    ours: perSecond(() => { sink += ckd.runInputs!(kidney).length; }), floor: perSecond(() => { sink += ckdEpi2021(1.1, 50, true).egfr; }) });
  const resources = person(300);
  rows.push({ group: "scores", name: "one person of 300 Observations, all methods", unit: "people/s", note: "floor: one pass that reads each code",
    ours: perSecond(() => { sink += runMethods({ subject: "Patient/p", asOf: "2024-06-01T00:00:00Z", resources }).findings.length; }),
    floor: perSecond(() => { for (const one of resources) if ((one["code"] as { coding: { code: string }[] } | undefined)?.coding[0]?.code === "2160-0") sink++; }) });
  if (!Number.isFinite(sink)) throw new Error("a score gave no number");
  return rows;
}
