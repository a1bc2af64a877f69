/** The timeline: what happened, in lanes. Dense lanes (tests, wearables) come as counts per bucket when many. */
import type { Resource } from "#fhir/resource.ts";
import type { Lane, TimelineItem, TimelineView } from "../contract.ts";
import { cited, happened, type Chart } from "./chart.ts";
import { resourceLabel } from "./labels.ts";
import { measured } from "./measures.ts";
import { nameBy, type Reference } from "./named.ts";

/** A lane with more items than this is sent as counts. */
const itemsMax = 400;
const buckets = 240;

const laneOf: Partial<Record<string, Lane>> = {
  Encounter: "encounters", Condition: "problems", MedicationRequest: "medicines", MedicationStatement: "medicines", Procedure: "procedures",
  Immunization: "immunizations", DiagnosticReport: "tests", RiskAssessment: "findings", DetectedIssue: "findings", ClinicalImpression: "findings",
};

function lane(resource: Resource): Lane | undefined {
  if (resource.resourceType !== "Observation") return laneOf[resource.resourceType];
  if (resource.meta?.security?.some(({ code }) => code === "AIAST")) return "findings";
  const codes = ((resource.code as { coding?: { code?: string }[] } | undefined)?.coding ?? []).map(({ code }) => code);
  if (codes.includes("11524-6")) return "signals";
  const categories = ((resource.category as { coding?: { code?: string }[] }[] | undefined) ?? []).flatMap((category) => category.coding?.map(({ code }) => code) ?? []);
  return categories.includes("activity") || resource.device !== undefined ? "wearables" : "tests";
}

function tone(resource: Resource): TimelineItem["tone"] {
  const interpretation = (resource.interpretation as { coding?: { code?: string }[] }[] | undefined)?.[0]?.coding?.[0]?.code;
  if (interpretation !== undefined) return interpretation === "N" ? "in-range" : /^(H|L|HH|LL|A|AA)$/.test(interpretation) ? "out-of-range" : undefined;
  const [value] = measured(resource);
  if (!value?.range) return undefined;
  return (value.range.low !== undefined && value.value < value.range.low) || (value.range.high !== undefined && value.value > value.range.high) ? "out-of-range" : "in-range";
}

export function timeline(chart: Chart, from?: string, to?: string): TimelineView {
  const start = from ? Date.parse(from) : -Infinity;
  const end = to ? Date.parse(to) : Infinity;
  const lanes = new Map<Lane, TimelineItem[]>();
  for (const resource of chart.resources) {
    const name = lane(resource);
    const when = happened(resource);
    if (name === undefined || when.start === undefined) continue;
    const last = when.end === undefined ? (name === "problems" || name === "medicines" ? Infinity : Date.parse(when.start)) : Date.parse(when.end);
    if (last < start || Date.parse(when.start) > end) continue;
    const shade = tone(resource);
    const institution = nameBy(chart.names, resource.serviceProvider as Reference | undefined);
    const item: TimelineItem = { ...cited(resource), lane: name, start: when.start, ...(when.end ? { end: when.end } : {}), label: resourceLabel(resource), ...(institution ? { institution } : {}), ...(shade ? { tone: shade } : {}) };
    const list = lanes.get(name);
    if (list) list.push(item);
    else lanes.set(name, [item]);
  }
  const view: TimelineView = { items: [], density: [] };
  for (const [name, items] of lanes) {
    if (items.length <= itemsMax) view.items.push(...items);
    else view.density.push(...countPerBucket(name, items));
  }
  view.items.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  return view;
}

function countPerBucket(name: Lane, items: readonly TimelineItem[]): TimelineView["density"] {
  const times = items.map(({ start }) => Date.parse(start));
  const low = times.reduce((a, b) => Math.min(a, b));
  const width = Math.max(1, (times.reduce((a, b) => Math.max(a, b)) - low) / buckets);
  const counts = new Map<number, number>();
  for (const time of times) {
    const bucket = Math.min(buckets - 1, Math.floor((time - low) / width));
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([bucket, count]) => ({
    lane: name, start: new Date(low + bucket * width).toISOString(), end: new Date(low + (bucket + 1) * width).toISOString(), count, label: { en: `${count} results`, zh: `${count} 项` },
  }));
}
