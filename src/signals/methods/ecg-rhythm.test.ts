import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "#findings/finding.ts";
import type { Resource } from "#fhir/resource.ts";
import { ecgObservation } from "../ecg/observation.ts";
import { synthesizeEcg, type EcgOptions } from "../ecg/synthesize.ts";
import { ecgRhythm } from "./ecg-rhythm.ts";
import { signalMethods } from "./registry.ts";

function strip(id: string, options: Partial<EcgOptions> = {}): Resource {
  const { signal } = synthesizeEcg({ seed: id, seconds: 60, start: "2024-05-01T06:00:00Z", lead: "II", ...options });
  const observation = ecgObservation([signal], { subject: { reference: "Patient/1" } });
  assert(observation.ok);
  return { ...observation.value, id, meta: { versionId: "3" } };
}
const run = (...resources: Resource[]): Finding[] => ecgRhythm.run({ subject: "Patient/1", asOf: "2025-01-01T00:00:00Z", resources });
const coded = (finding: Finding | undefined): string | undefined => (finding?.value?.kind === "coded" ? finding.value.coding.code : undefined);

test("a strip gives rhythm and heart rate, each with its evidence and reasons", () => {
  const [rhythm, rate] = run(strip("a", { heartRate: 72 }));
  assert.equal(coded(rhythm), "regular");
  assert.equal(rhythm!.urgency, "routine");
  assert.deepEqual(rate!.value, { kind: "quantity", value: 72, unit: "/min", code: "/min" });
  assert.equal(rhythm!.effective, "2024-05-01T06:00:59.996Z");
  const [evidence] = rhythm!.evidence;
  assert(evidence?.kind === "resource");
  assert.deepEqual([evidence.reference, evidence.version, evidence.path], ["Observation/a", "3", "Observation.component[0].value"]);
  assert(rhythm!.contributions.some(({ factor }) => factor === "rmssd"));
  assert.match(rhythm!.statement.zh, /节律规整/);
});

test("urgency: fibrillation soon, fast fibrillation urgent, very slow and very fast urgent, slow soon", () => {
  for (const [options, urgency] of [
    [{ rhythm: "af", heartRate: 85 }, "soon"], [{ rhythm: "af", heartRate: 125 }, "urgent"], [{ heartRate: 37, seconds: 90 }, "urgent"],
    [{ heartRate: 45 }, "soon"], [{ heartRate: 110, sdnnMs: 10 }, "soon"], [{ heartRate: 140, sdnnMs: 10 }, "urgent"],
  ] as const) assert.equal(run(strip("u", options))[0]!.urgency, urgency, JSON.stringify(options));
});

test("never from a resource entered in error, cancelled or from the future", () => {
  assert.deepEqual(run({ ...strip("a"), status: "entered-in-error" }, { ...strip("b"), status: "cancelled" }, strip("c", { start: "2026-01-01T00:00:00Z" })), []);
});

test("two recordings stay two, named in their parts", () => {
  const parts = run(strip("a"), strip("b")).map(({ part }) => part);
  assert.deepEqual(parts, ["rhythm:Observation/a", "heart-rate:Observation/a", "rhythm:Observation/b", "heart-rate:Observation/b"]);
});

test("abstains, saying why: too short, only noise, unreadable, out of rate", () => {
  const short = run(strip("s", { seconds: 12 }))[0]!;
  assert.equal(short.outcome, "abstained");
  assert(short.limits.some(({ text }) => /20 usable/.test(text.en)));
  const noise = run(strip("n", { noiseMv: 3 }))[0]!;
  assert.equal(noise.outcome, "abstained");
  assert(noise.limits.some(({ kind }) => kind === "quality"));
  const unreadable = strip("x");
  (unreadable["component"] as { valueSampledData: { data: string } }[])[0]!.valueSampledData.data = "1 2 ?";
  assert.match(run(unreadable)[0]!.limits[0]!.text.en, /"\?"/);
  const slow = strip("y");
  (slow["component"] as { valueSampledData: { period: number } }[])[0]!.valueSampledData.period = 100;
  assert.equal(run(slow)[0]!.outcome, "abstained");
});

test("segments of a recording are read as one, a gap kept as a gap", () => {
  const first = strip("s1", { heartRate: 70 }), second = strip("s2", { heartRate: 70, start: "2024-05-01T06:01:30Z" });
  const parent: Resource = { ...first, id: "whole", component: undefined, hasMember: [{ reference: "Observation/s1" }, { reference: "Observation/s2" }] };
  const findings = run(second, parent, first);
  assert.deepEqual(findings.map(({ part }) => part), ["rhythm:Observation/whole", "heart-rate:Observation/whole"]);
  assert(findings[0]!.limits.some(({ kind, text }) => kind === "quality" && /absent/.test(text.en)));
  assert(!findings[0]!.contributions.some(({ factor }) => factor === "pause"));
});

test("never throws on odd resources", () => {
  for (const odd of [{ hasMember: [null] }, { component: [null] }, { component: "x" }, { component: [{ valueSampledData: 5 }] }, { hasMember: [{ reference: "urn:x" }] }])
    run({ resourceType: "Observation", id: "o", code: { coding: [{ system: "http://loinc.org", code: "11524-6" }] }, ...odd } as Resource);
  assert.equal(ecgRhythm.applicable({ subject: "Patient/1", asOf: "2025-01-01T00:00:00Z", resources: [{ resourceType: "Patient" }] }), false);
  assert.deepEqual(signalMethods.map(({ id }) => id), ["ecg-rhythm"]);
});
