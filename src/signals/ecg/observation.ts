/**
 * An ECG as FHIR: one Observation (LOINC 11524-6, EKG study) with one component per lead, each a SampledData in mV.
 * A recording longer than a minute is a parent Observation of the same code without components, whose `hasMember` lists
 * segments of at most 60 s in order. The shape is documented in docs/signals.md; population, import and screens share it.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { CodeableConcept, Reference, Resource } from "#fhir/resource.ts";
import { decode, encode, type SampledData } from "../encode.ts";
import { timeAt, type Signal } from "../signal.ts";
import { leadCode, leadName } from "./leads.ts";

export const ecgStudy = { system: "http://loinc.org", code: "11524-6", display: "EKG study" };
export const segmentSeconds = 60;
/** Component that keeps a segment's place in its recording, where no time of day is known. */
export const offsetText = "Offset from start of recording";
/** Code of that component: a search leaves out segments by it. */
export const segmentOffset = { system: "urn:salus:ecg", code: "segment-offset", display: offsetText };

export type EcgComponent = { code: CodeableConcept; valueSampledData?: SampledData; valueQuantity?: { value: number; unit: string; system: string; code: string }; valueString?: string };
export type EcgObservation = Resource & { resourceType: "Observation"; component?: EcgComponent[] };

export type EcgFrame = { subject?: Reference; start?: string; seconds: number; device?: Reference };

/** The Observation without its leads: what recording, segment and strip have in common. */
export function ecgFrame({ subject, start, seconds, device }: EcgFrame): EcgObservation {
  const observation: EcgObservation = {
    resourceType: "Observation", status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "procedure", display: "Procedure" }] }],
    code: { coding: [ecgStudy], text: "ECG" },
  };
  if (subject) observation["subject"] = subject;
  const begin = start === undefined ? NaN : Date.parse(start);
  if (!Number.isNaN(begin)) observation["effectivePeriod"] = { start: new Date(begin).toISOString(), end: new Date(begin + Math.round(seconds * 1000)).toISOString() };
  if (device) observation["device"] = device;
  return observation;
}

/** One strip. Signals need a lead name each, one rate and one start; values are kept to `resolution` (default 1 µV). */
export function ecgObservation(signals: readonly Signal[], about: { subject?: Reference; device?: Reference; resolution?: number } = {}): Result<EcgObservation> {
  const first = signals[0];
  if (!first) return fail("required", "An ECG needs at least one lead.");
  const component: EcgComponent[] = [];
  for (const signal of signals) {
    const encoded = encode(signal, about.resolution ?? (signal.unit === "uV" ? 1 : 0.001));
    if (!encoded.ok) return encoded;
    component.push({ code: leadCode(signal.lead ?? "ECG"), valueSampledData: encoded.value });
  }
  const frame: EcgFrame = { seconds: first.samples.length / first.rateHz };
  if (about.subject) frame.subject = about.subject;
  if (about.device) frame.device = about.device;
  const start = timeAt(first, 0);
  if (start !== undefined) frame.start = start;
  return ok({ ...ecgFrame(frame), component });
}

export function isEcg(resource: Resource): resource is EcgObservation {
  if (resource.resourceType !== "Observation") return false;
  const code = resource["code"] as CodeableConcept | undefined;
  return Array.isArray(code?.coding) && code.coding.some((coding) => coding?.system === ecgStudy.system && coding.code === ecgStudy.code);
}

/** Units of a lead; "1" where a device gives plain converter values. */
const voltages = new Set(["mV", "uV", "V", "1"]);

export type EcgLead = { signal: Signal; /** FHIRPath of the SampledData in its Observation. */ path: string };

/** The leads of one Observation; fails on the first that cannot be read, naming it. */
export function ecgLeads(observation: Resource): Result<EcgLead[]> {
  const leads: EcgLead[] = [];
  const start = startOf(observation);
  const components = Array.isArray(observation["component"]) ? (observation["component"] as EcgComponent[]) : [];
  const own = observation["valueSampledData"];
  const sources = [...components.map((component, index) => ({ code: component?.code, data: component?.valueSampledData, path: `Observation.component[${index}].value` }))];
  if (own !== undefined) sources.unshift({ code: observation["code"] as CodeableConcept, data: own as SampledData, path: "Observation.value" });
  for (const { code, data, path } of sources) {
    if (data === undefined) continue;
    const decoded = decode(data, path);
    if (!decoded.ok) return decoded;
    for (const signal of decoded.value) {
      // Pressure, breathing or pulse beside the ECG is no lead of it.
      if (!voltages.has(signal.unit)) continue;
      const named: Signal = { ...toMillivolts(signal), lead: leadName(code) ?? code?.text ?? "ECG" };
      if (start !== undefined) named.start = start;
      leads.push({ signal: named, path });
    }
  }
  return ok(leads);
}

function toMillivolts(signal: Signal): Signal {
  const factor = signal.unit === "uV" ? 0.001 : signal.unit === "V" ? 1000 : 1;
  return factor === 1 ? signal : { ...signal, unit: "mV", samples: signal.samples.map((value) => value * factor) as Signal["samples"] };
}

/** Start of an Observation's clinical time, where it has one. */
export function startOf(observation: Resource): string | undefined {
  const period = observation["effectivePeriod"] as { start?: string } | undefined;
  const start = period?.start ?? observation["effectiveDateTime"] ?? observation["effectiveInstant"];
  return typeof start === "string" && !Number.isNaN(Date.parse(start)) ? start : undefined;
}

/** Seconds from the start of its recording, where the segment says so. */
export function offsetSeconds(observation: Resource): number | undefined {
  const components = Array.isArray(observation["component"]) ? (observation["component"] as EcgComponent[]) : [];
  return components.find((component) => component?.code?.text === offsetText)?.valueQuantity?.value;
}
