import assert from "node:assert/strict";
import test from "node:test";
import { formFor } from "./forms.ts";

const of = (accept: string | undefined, format?: string): string | undefined => formFor(accept, format)?.contentType.split(";")[0];
const json = "application/fhir+json", xml = "application/fhir+xml";

test("http.html#mime-type: Accept takes FHIR JSON and XML, their plain types and wildcards; by quality, JSON where equal", () => {
  const rows: [string | undefined, string | undefined][] = [
    [undefined, json], ["", json], ["*/*", json], ["application/*", json], [json, json],
    [`${json}; fhirVersion=4.0`, json], [`${json};fhirVersion=3.0`, undefined],
    ["application/json", "application/json"], ["application/json, text/plain, */*", json], ["application/json, */*;q=0.1", "application/json"],
    [xml, xml], [`${xml}; charset=utf-8`, xml], [`${xml}, ${json};q=0.5`, xml], [`${xml};q=0.5, ${json};q=0.7`, json], [`${xml}, ${json}`, json],
    ["application/xml", "application/xml"], ["text/xml", "application/xml"], ["application/xml+fhir", xml],
    [`${json};q=0`, undefined], ["text/turtle, application/x-turtle", undefined], ["text/turtle, application/xml", "application/xml"],
  ];
  for (const [accept, form] of rows) assert.equal(of(accept), form, String(accept));
});

test("http.html#parameters: _format goes before Accept", () => {
  for (const format of ["json", json, "application/fhir json", "application/json+fhir"]) assert.equal(of(xml, format), json, format);
  for (const format of ["xml", xml, "application/fhir xml", "application/xml+fhir"]) assert.equal(of(json, format), xml, format);
  assert.equal(of("*/*", "application/json"), "application/json");
  assert.equal(of("*/*", "text/xml"), "application/xml");
  for (const format of ["ttl", "html", "*/*", "constructor", "", `${xml};fhirVersion=3.0`]) assert.equal(of("*/*", format), undefined, format);
});
