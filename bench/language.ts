/**
 * Group `language`: the JSON door, restamping, structural validation, units. The floor is JSON.parse of the same
 * text (door) or a plain pass over its characters (scan); validation and units have none and are stated per second.
 * Input is made here, so that the figures need no data: a typical laboratory Observation, compact and pretty-printed.
 */
import { bundleEntries } from "#fhir/json/bundle.ts";
import { parseDocument } from "#fhir/json/document.ts";
import { rewriteReferences } from "#fhir/json/references.ts";
import { restamp } from "#fhir/json/restamp.ts";
import { scan } from "#fhir/json/scan.ts";
import { convert } from "#fhir/ucum/convert.ts";
import { validateResource } from "#fhir/validate/validate.ts";
import { rate } from "./rate.ts";
import type { Row as TableRow } from "./row.ts";

type Row = { name: string; unit: string; ours: number; floor?: number };

const count = 2_000;

function observation(i: number): object {
  return {
    resourceType: "Observation", id: `o-${i}`, status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory", display: "Laboratory" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "2093-3", display: "Cholesterol [Mass/volume] in Serum or Plasma" }], text: "Total cholesterol" },
    subject: { reference: `urn:uuid:829bb06a-42b9-433d-a8f6-${String(i).padStart(12, "0")}` }, encounter: { reference: "urn:uuid:6c8d6fb2-f037-4dc7-a8f1-0c74b3601cad" },
    effectiveDateTime: "2020-12-24T03:11:33+00:00", issued: "2020-12-24T03:11:33.548+00:00",
    valueQuantity: { value: 100 + i / 8, unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" },
    referenceRange: [{ high: { value: 200, unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" } }],
  };
}

function measure(): Row[] {
  const values = Array.from({ length: count }, (_, i) => observation(i));
  const texts = values.map(value => JSON.stringify(value));
  const bundle = JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: values.map((resource, i) => ({ fullUrl: `urn:uuid:${i}`, resource, request: { method: "POST", url: "Observation" } })) }, null, 2);
  const megabytes = texts.reduce((sum, text) => sum + text.length, 0) / 1e6, bundleMegabytes = bundle.length / 1e6;
  const documents = texts.map(text => { const parsed = parseDocument(text); if (!parsed.ok) throw new Error(parsed.failure.text); return parsed.value; });
  let sink = 0;
  const rows: Row[] = [
    { name: "scan (duplicates, depth, spans)", unit: "MB/s", ours: rate(megabytes, () => { for (const text of texts) sink += scan(text, 64) ? 1 : 0; }),
      floor: rate(megabytes, () => { for (const text of texts) for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 34) sink++; }) },
    { name: "door: parseDocument", unit: "MB/s", ours: rate(megabytes, () => { for (const text of texts) sink += parseDocument(text).ok ? 1 : 0; }),
      floor: rate(megabytes, () => { for (const text of texts) sink += JSON.parse(text) ? 1 : 0; }) },
    { name: "door and entries of a pretty-printed Bundle", unit: "MB/s", ours: rate(bundleMegabytes, () => { sink += bundleEntries(bundle).ok ? 1 : 0; }),
      floor: rate(bundleMegabytes, () => { sink += JSON.parse(bundle) ? 1 : 0; }) },
    { name: "restamp id and meta", unit: "resources/s", ours: rate(count, () => { for (const document of documents) sink += Buffer.byteLength(restamp(document, { id: "x", meta: { versionId: "1", lastUpdated: "2026-01-01T00:00:00.000Z" } })); }) },
    { name: "rewrite two references", unit: "resources/s", ours: rate(count, () => { for (const text of texts) sink += Buffer.byteLength(rewriteReferences(text, link => link.startsWith("urn:") ? "Patient/1" : undefined)); }) },
    { name: "structural validation", unit: "Observations/s", ours: rate(count, () => { for (const { value } of documents) sink += validateResource(value).length; }) },
    { name: "unit conversion mg/dL → mmol/L", unit: "conversions/s", ours: rate(count, () => { for (let i = 0; i < count; i++) sink += convert(i, "mg/dL", "mmol/L", { molarMass: 386.65 }).ok ? 1 : 0; }) },
  ];
  if (sink < 0) throw new Error("nothing was measured");
  return rows;
}

/** Rows without a floor are stated per second alone. */
export async function run(): Promise<TableRow[]> {
  return measure().map(({ floor, ...row }) => ({ group: "language", ...row, floor: floor ?? Number.NaN }));
}
