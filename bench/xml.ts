/**
 * Group `xml`: XML ⇄ JSON of a typical laboratory Observation and of a pretty-printed Bundle of them. The floor of
 * reading is a plain pass over the characters that counts tags; that of writing is JSON.parse of the same text.
 */
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { xmlFromJson } from "#fhir/xml/to-xml.ts";
import { rate as rateOver } from "./rate.ts";
import type { Row } from "./row.ts";

const count = 2_000;

function observation(i: number): object {
  return {
    resourceType: "Observation", id: `o-${i}`, text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Total cholesterol: <b>200</b> mg/dL</p></div>' }, status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory", display: "Laboratory" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "2093-3", display: "Cholesterol [Mass/volume] in Serum or Plasma" }], text: "Total cholesterol" },
    subject: { reference: `Patient/${i % 100}` }, encounter: { reference: `Encounter/${i % 1000}` },
    effectiveDateTime: "2020-12-24T03:11:33+00:00", issued: "2020-12-24T03:11:33.548+00:00",
    valueQuantity: { value: 100 + i / 8, unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" },
    referenceRange: [{ high: { value: 200, unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" } }],
  };
}

const rate = (amount: number, work: () => void): number => rateOver(amount, work, 1200);

function must(result: ReturnType<typeof jsonFromXml>): string {
  if (!result.ok) throw new Error(result.failure.text);
  return result.value;
}

/** One element a line, indented; a narrative is broken up too, which costs its reader the same. */
function pretty(xml: string): string {
  let depth = 0;
  return xml.replace(/<(\/?)[^<>]*?(\/?)>/g, (tag, closing: string, closed: string) => {
    if (tag.startsWith("<?")) return tag;
    if (closing) depth--;
    const line = `\n${"  ".repeat(depth)}${tag}`;
    if (!closing && !closed) depth++;
    return line;
  });
}

export async function run(): Promise<Row[]> {
  const values = Array.from({ length: count }, (_, i) => observation(i));
  const texts = values.map(value => JSON.stringify(value));
  const documents = texts.map(text => must(xmlFromJson(text)));
  const bundle = pretty(must(xmlFromJson(JSON.stringify({ resourceType: "Bundle", type: "collection", entry: values.map(resource => ({ resource })) }))));
  const megabytes = (list: readonly string[]) => list.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  let sink = 0;
  const tags = (text: string) => { for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 60) sink++; };
  return [
    { group: "xml", name: "XML → JSON, single Observations", unit: "MB/s", note: "floor: count the tags",
      ours: rate(megabytes(documents), () => { for (const text of documents) sink += Buffer.byteLength(must(jsonFromXml(text))); }),
      floor: rate(megabytes(documents), () => { for (const text of documents) tags(text); }) },
    { group: "xml", name: "XML → JSON, pretty-printed Bundle, flat JSON text", unit: "MB/s", note: "floor: count the tags",
      ours: rate(megabytes([bundle]), () => { sink += Buffer.byteLength(must(jsonFromXml(bundle))); }),
      floor: rate(megabytes([bundle]), () => tags(bundle)) },
    { group: "xml", name: "JSON → XML, single Observations", unit: "MB/s of JSON", note: "floor: JSON.parse",
      ours: rate(megabytes(texts), () => { for (const text of texts) sink += Buffer.byteLength(must(xmlFromJson(text))); }),
      floor: rate(megabytes(texts), () => { for (const text of texts) sink += JSON.parse(text) ? 1 : 0; }) },
  ];
}
