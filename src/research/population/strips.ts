/**
 * ECG strips as Observation 11524-6 with SampledData per lead: thirty seconds of lead I from the watch, of
 * lead II (rhythm strip) from the doctor's machine, long enough to judge the rhythm by its intervals. Waveform:
 * dynamical model of McSharry 2003 (#signals/ecg/synthesize.ts).
 */
import type { Observation } from "@medplum/fhirtypes";
import { encode } from "#signals/encode.ts";
import { leadCode } from "#signals/ecg/leads.ts";
import { synthesizeEcg } from "#signals/ecg/synthesize.ts";
import { coded, concept, loinc, type Label } from "./terms.ts";
import type { Visit } from "./chart.ts";
import { fibrillating, pulseNow, type Case } from "./state.ts";
import { isoTime } from "./time.ts";

/** Height of R in mV. */
const leads = { I: 0.8, II: 1.2 } as const;
const ecgConcept = (label: Label) => concept(label, { system: loinc, code: "11524-6" });

export type Strip = { day: number; minute: number; seconds: number; lead: keyof typeof leads; visit?: Visit; device?: { reference: string; display: string }; label: Label };

export function addStrip(c: Case, seed: string, strip: Strip): void {
  const { chart } = c;
  const id = chart.nextId("ecg");
  const af = fibrillating(c, strip.day);
  const start = isoTime(strip.day, strip.minute);
  const { signal } = synthesizeEcg({
    seed: `${seed}/${id}`, seconds: strip.seconds, rateHz: 250, rhythm: af ? "af" : "sinus", heartRate: Math.min(170, Math.max(42, pulseNow(c, strip.day) + (af ? 14 : 0) - (strip.device ? 4 : 0))),
    amplitudeMv: leads[strip.lead], noiseMv: strip.device ? 0.02 : 0.01, start, lead: strip.lead,
  });
  const data = encode(signal, 0.005);
  if (!data.ok) throw new Error(data.failure.text); // synthetic values always fit
  chart.add<Observation>({
    resourceType: "Observation", id, ...(strip.visit ? { meta: { source: chart.shared.source[strip.visit.site] } } : {}), status: "final", category: [coded("http://terminology.hl7.org/CodeSystem/observation-category", "procedure")],
    code: ecgConcept(strip.label), subject: chart.subject, ...(strip.visit ? { encounter: strip.visit.reference } : {}),
    effectivePeriod: { start, end: isoTime(strip.day, strip.minute + strip.seconds / 60) }, issued: isoTime(strip.day, strip.minute + strip.seconds / 60 + 1),
    performer: [strip.visit ? chart.shared.practitioner[strip.visit.role] : chart.subject], ...(strip.device ? { device: strip.device } : {}),
    component: [{ code: leadCode(strip.lead), valueSampledData: data.value }],
  });
}
