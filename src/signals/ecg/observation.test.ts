import assert from "node:assert/strict";
import { test } from "node:test";
import { leadCode, leadName, rankLead } from "./leads.ts";
import { ecgLeads, ecgObservation, isEcg } from "./observation.ts";
import { synthesizeEcg } from "./synthesize.ts";

test("an ECG goes into an Observation and comes back to the microvolt", () => {
  const { signal } = synthesizeEcg({ seed: 1, seconds: 5, start: "2024-05-01T06:00:00Z", lead: "II" });
  const observation = ecgObservation([signal, { ...signal, lead: "MLII" }], { subject: { reference: "Patient/1" } });
  assert(observation.ok);
  assert.deepEqual(observation.value["effectivePeriod"], { start: "2024-05-01T06:00:00.000Z", end: "2024-05-01T06:00:05.000Z" });
  assert(isEcg(observation.value));
  const leads = ecgLeads(JSON.parse(JSON.stringify(observation.value)));
  assert(leads.ok);
  assert.deepEqual(leads.value.map(({ signal: lead, path }) => [lead.lead, lead.rateHz, lead.start, path]), [
    ["II", 250, "2024-05-01T06:00:00.000Z", "Observation.component[0].value"], ["MLII", 250, "2024-05-01T06:00:00.000Z", "Observation.component[1].value"]]);
  leads.value[0]!.signal.samples.forEach((value, index) => assert(Math.abs(value - signal.samples[index]!) <= 0.00051));
});

test("microvolts become millivolts; a pressure is no lead; bad data are named", () => {
  const data = (unit: string, text: string) => ({ origin: { value: 0, code: unit }, period: 4, dimensions: 1, data: text });
  const observation = { resourceType: "Observation", component: [{ code: leadCode("V1"), valueSampledData: data("uV", "1000 -500") }, { code: { text: "ABP" }, valueSampledData: data("mm[Hg]", "80 90") }] };
  const leads = ecgLeads(observation);
  assert(leads.ok);
  assert.equal(leads.value.length, 1);
  assert.deepEqual([...leads.value[0]!.signal.samples], [1, -0.5]);
  observation.component[1]!.valueSampledData.data = "80 x";
  const bad = ecgLeads(observation);
  assert(!bad.ok);
  assert.match(bad.failure.text, /component\[1\].*"x"/);
  assert.equal(ecgObservation([]).ok, false);
});

test("lead codes go both ways, in both spellings of the nomenclature", () => {
  for (const lead of ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]) assert.equal(leadName(leadCode(lead)), lead);
  assert.equal(leadCode("avr").coding![0]!.code, "131390");
  assert.equal(leadName({ coding: [{ system: "urn:oid:2.16.840.1.113883.6.24", code: "131389" }] }), "III");
  assert.equal(leadName(leadCode("MLII")), "MLII");
  assert.equal(leadName({ coding: [{ system: "http://loinc.org", code: "131330" }] }), undefined);
  assert(rankLead("II") < rankLead("V1") && rankLead("aVR") < rankLead("Lead 99"));
});
