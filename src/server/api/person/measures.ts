/**
 * Measured values over time: which kinds a person has, and the series of one. Values without a comparator only; the
 * newest reference range stands for the band. A panel's components (blood pressure) are lines of one series.
 */
import type { Resource } from "#fhir/resource.ts";
import type { MeasureKind, MeasureRange, Series, Vital } from "../contract.ts";
import { cited, happened, type Chart } from "./chart.ts";
import { bilingual, conceptLabel } from "./labels.ts";
import { nameBy, type Reference } from "./named.ts";
import type { Bilingual } from "#findings/finding.ts";

type Quantity = { value?: number; unit?: string; code?: string; comparator?: string };
type Component = { code?: unknown; valueQuantity?: Quantity; referenceRange?: unknown; dataAbsentReason?: unknown };
type Measured = { code: string; label: Bilingual; lineCode: string; lineLabel: Bilingual; value: number; unit: string; at: string; resource: Resource; range?: MeasureRange };

/** The blood-pressure panel and the codes of its two components (LOINC). */
export const pressurePanel = "85354-9";
export const systolic = "8480-6";
export const diastolic = "8462-4";

/** Observations of recordings, not of values. */
const recordings = new Set(["11524-6"]);

function codeOf(concept: unknown): string | undefined {
  const codings = (concept as { coding?: { system?: string; code?: string }[] } | undefined)?.coding ?? [];
  return (codings.find(({ system }) => system === "http://loinc.org") ?? codings[0])?.code;
}

function rangeOf(ranges: unknown): MeasureRange | undefined {
  const first = (ranges as { low?: Quantity; high?: Quantity; text?: string; _text?: unknown }[] | undefined)?.[0];
  const low = first?.low?.value;
  const high = first?.high?.value;
  return low === undefined && high === undefined ? undefined : { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }), ...(first?.text === undefined ? {} : { text: bilingual(first.text, first._text) }) };
}

function isMachine(resource: Resource): boolean {
  return resource.meta?.security?.some(({ code }) => code === "AIAST") ?? false;
}

/** Every numeric value of one Observation. */
export function measured(resource: Resource): Measured[] {
  const code = codeOf(resource.code);
  const at = happened(resource).start;
  if (resource.resourceType !== "Observation" || code === undefined || at === undefined || recordings.has(code) || isMachine(resource)) return [];
  const label = conceptLabel(resource.code) ?? bilingual(code);
  const values: Measured[] = [];
  const take = (lineCode: string, lineLabel: Bilingual, quantity: Quantity | undefined, ranges: unknown): void => {
    if (typeof quantity?.value !== "number" || quantity.comparator !== undefined) return;
    const range = rangeOf(ranges);
    values.push({ code, label, lineCode, lineLabel, value: quantity.value, unit: quantity.unit ?? quantity.code ?? "", at, resource, ...(range ? { range } : {}) });
  };
  take(code, label, resource.valueQuantity as Quantity | undefined, resource.referenceRange);
  for (const component of (resource.component as Component[] | undefined) ?? []) {
    const componentCode = codeOf(component.code);
    if (componentCode) take(componentCode, conceptLabel(component.code) ?? bilingual(componentCode), component.valueQuantity, component.referenceRange);
  }
  return values;
}

function groupOf(resource: Resource): MeasureKind["group"] {
  const categories = ((resource.category as { coding?: { code?: string }[] }[] | undefined) ?? []).flatMap((category) => category.coding?.map(({ code }) => code) ?? []);
  if (categories.includes("activity") || resource.device !== undefined) return "wearable";
  return categories.includes("vital-signs") ? "vital" : "lab";
}

export function measureKinds(chart: Chart): MeasureKind[] {
  const kinds = new Map<string, MeasureKind>();
  for (const observation of chart.of("Observation")) {
    const values = measured(observation);
    const first = values.find(({ lineCode }) => lineCode === systolic) ?? values[0];
    if (!first) continue;
    const next = values.find(({ lineCode }) => lineCode === diastolic);
    const last = { value: first.value, ...(first.code === pressurePanel && next ? { second: next.value } : {}), at: first.at };
    const known = kinds.get(first.code);
    if (!known) kinds.set(first.code, { code: first.code, label: first.label, unit: first.unit, count: 1, last, group: groupOf(observation) });
    else {
      known.count += 1;
      if (known.group === "wearable") known.group = groupOf(observation); // measured by people too: not only at home
      if (Date.parse(first.at) > Date.parse(known.last.at)) known.last = last;
    }
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count);
}

export function series(chart: Chart, code: string, from?: string, to?: string): Series | undefined {
  const values = chart.of("Observation").flatMap(measured).filter((value) => value.code === code || value.lineCode === code);
  if (values.length === 0) return undefined;
  const start = from ? Date.parse(from) : -Infinity;
  const end = to ? Date.parse(to) : Infinity;
  const byLine = Map.groupBy(values, (value) => value.lineCode);
  const newest = values.reduce((a, b) => (a.at >= b.at ? a : b));
  const unit = newest.unit;
  const lines = [...byLine.values()].map((line) => {
    // One unit to one axis: values in another unit are left to the table of results.
    const kept = line.filter((value) => value.unit === unit).map((value) => ({ ...value, time: Date.parse(value.at) })).filter(({ time }) => time >= start && time <= end).sort((a, b) => a.time - b.time);
    const range = newestRange(line);
    return {
      name: line[0]!.lineLabel, ...(range ? { range } : {}), times: kept.map(({ time }) => time), values: kept.map(({ value }) => value),
      references: kept.map(({ resource }) => `Observation/${resource.id}`), versions: kept.map(({ resource }) => resource.meta?.versionId ?? "1"),
      sources: kept.map(({ resource }) => sourceOf(chart, resource)),
    };
  });
  const range = newestRange(values.filter((value) => value.lineCode === newest.lineCode));
  return { code, label: newest.label, unit, ...(range ? { range } : {}), lines };
}

function newestRange(values: readonly Measured[]): Measured["range"] {
  return values.filter((value) => value.range).reduce<Measured | undefined>((a, b) => (a && a.at > b.at ? a : b), undefined)?.range;
}

/** The institution, device or person a value came from. */
export function sourceOf({ names }: Chart, resource: Resource): Bilingual {
  const performer = (resource.performer as Reference[] | undefined)?.find(({ display }) => display);
  return nameBy(names, resource.device as Reference | undefined) ?? nameBy(names, performer) ?? bilingual(resource.meta?.source ?? "");
}

const vitalCodes = [pressurePanel, "8867-4", "59408-5", "2708-6", "8310-5", "9279-1", "39156-5", "29463-7"];

/** The newest value of each vital sign, in the order a colleague would say them. */
export function lastVitals(chart: Chart): Vital[] {
  const newest = new Map<string, Measured[]>();
  for (const observation of chart.of("Observation")) {
    const code = codeOf(observation.code);
    if (code === undefined || !vitalCodes.includes(code)) continue;
    const values = measured(observation);
    const known = newest.get(code);
    if (values[0] && (!known || Date.parse(values[0].at) > Date.parse(known[0]!.at))) newest.set(code, values);
  }
  return vitalCodes.flatMap((code) => {
    const values = newest.get(code);
    if (!values) return [];
    const first = values.find(({ lineCode }) => lineCode === systolic) ?? values[0]!;
    const second = values.find(({ lineCode }) => lineCode === diastolic);
    return [{ ...cited(first.resource), code, label: first.label, value: first.value, unit: first.unit, at: first.at, ...(first.range ? { range: first.range } : {}), ...(second === undefined ? {} : { second: second.value, ...(second.range ? { secondRange: second.range } : {}) }) }];
  });
}
