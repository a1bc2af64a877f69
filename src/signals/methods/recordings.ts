/**
 * ECG recordings among a person's facts: single strips, and parents with their segments joined into one signal.
 * Entered in error, cancelled, and later than `asOf` are never read (docs: "Values that are never inputs").
 */
import type { Facts } from "#findings/method.ts";
import { parseReference, type Reference, type Resource } from "#fhir/resource.ts";
import { ecgLeads, isEcg, offsetSeconds, startOf, type EcgLead } from "../ecg/observation.ts";
import { rankLead } from "../ecg/leads.ts";
import type { Signal } from "../signal.ts";

export type Recording = {
  /** The parent, or the strip itself. */
  observation: Resource;
  /** Observations that hold the samples, in order. */
  sources: Resource[];
  /** Leads, the best for finding beats first; a lead is in every source or left out. */
  leads: { signal: Signal; path: string }[];
  /** Why samples could not be read. */
  failure?: string;
};

const longestGapSeconds = 600;

export function recordings(facts: Facts): Recording[] {
  const usable = facts.resources.filter((resource) => isEcg(resource) && isUsable(resource, facts.asOf));
  const byId = new Map(usable.map((resource) => [resource.id, resource]));
  const members = new Set<string>();
  const found: Recording[] = [];
  for (const parent of usable) {
    const references = (Array.isArray(parent["hasMember"]) ? (parent["hasMember"] as (Reference | null)[]) : [])
      .map((member) => (typeof member?.reference === "string" ? parseReference(member.reference)?.id : undefined)).filter((id) => id !== undefined);
    if (references.length === 0) continue;
    const sources = references.map((id) => byId.get(id)).filter((resource) => resource !== undefined);
    for (const id of references) members.add(id);
    if (sources.length > 0) found.push(join(parent, sources));
  }
  for (const strip of usable) {
    if (Array.isArray(strip["hasMember"]) || (strip.id !== undefined && members.has(strip.id))) continue;
    if (Array.isArray(strip["component"]) || strip["valueSampledData"] !== undefined) found.push(join(strip, [strip]));
  }
  return found;
}

function isUsable(resource: Resource, asOf: string): boolean {
  const status = resource["status"];
  if (status === "entered-in-error" || status === "cancelled") return false;
  const start = startOf(resource);
  return start === undefined || Date.parse(start) <= Date.parse(asOf);
}

function join(observation: Resource, sources: Resource[]): Recording {
  const parts: { leads: EcgLead[]; source: Resource }[] = [];
  for (const source of sources) {
    const leads = ecgLeads(source);
    if (!leads.ok) return { observation, sources, leads: [], failure: leads.failure.text };
    parts.push({ leads: leads.value, source });
  }
  const first = parts[0]!;
  if (first.leads.length === 0) return { observation, sources, leads: [], failure: "no SampledData" };
  const origin = startOf(observation) ?? startOf(first.source);
  const joined: { signal: Signal; path: string }[] = [];
  for (const { signal: lead, path } of first.leads) {
    const same = parts.map(({ leads, source }) => ({ source, signal: leads.find(({ signal }) => signal.lead === lead.lead && signal.rateHz === lead.rateHz)?.signal }));
    if (same.some(({ signal }) => signal === undefined)) continue;
    if (same.length === 1) { joined.push({ signal: lead, path }); continue; }
    let length = 0;
    const places = same.map(({ source, signal }) => {
      const start = startOf(source);
      const at = offsetSeconds(source) ?? (start !== undefined && origin !== undefined ? (Date.parse(start) - Date.parse(origin)) / 1000 : length / lead.rateHz);
      // A gap is kept, cut at ten minutes; a start rounded to the millisecond is no gap.
      const gap = Math.min(longestGapSeconds, at - length / lead.rateHz);
      const place = length + (gap > 0.1 ? Math.round(gap * lead.rateHz) : 0);
      length = place + signal!.samples.length;
      return place;
    });
    const samples = new Float32Array(length).fill(NaN);
    same.forEach(({ signal }, index) => samples.set(signal!.samples, places[index]!));
    const whole: Signal = { ...lead, samples };
    if (origin !== undefined) whole.start = origin;
    joined.push({ signal: whole, path });
  }
  joined.sort((left, right) => rankLead(left.signal.lead) - rankLead(right.signal.lead));
  return joined.length > 0 ? { observation, sources, leads: joined } : { observation, sources, leads: [], failure: "its segments have no lead in common" };
}
