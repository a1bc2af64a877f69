import assert from "node:assert/strict";
import test from "node:test";
import { formFor, unreadable } from "./negotiate.ts";

test("http.html#mime-type: Accept takes FHIR JSON, plain JSON and wildcards; XML alone is not served", () => {
  const rows: [string | undefined, string | undefined][] = [
    [undefined, "fhir"], ["", "fhir"], ["*/*", "fhir"], ["application/*", "fhir"], ["application/fhir+json", "fhir"],
    ["application/fhir+json; fhirVersion=4.0", "fhir"], ["application/fhir+json;fhirVersion=3.0", undefined],
    ["application/json", "plain"], ["application/json, text/plain, */*", "fhir"], ["application/json, */*;q=0.1", "plain"],
    ["application/fhir+xml", undefined], ["application/fhir+xml, application/fhir+json;q=0.5", "fhir"],
    ["application/fhir+json;q=0", undefined], ["text/turtle, application/xml", undefined],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "fhir"],
  ];
  for (const [accept, form] of rows) assert.equal(formFor(accept, undefined), form, String(accept));
});

test("http.html#parameters: _format goes before Accept", () => {
  for (const format of ["json", "application/fhir+json", "application/fhir json", "application/json+fhir"]) assert.equal(formFor("application/fhir+xml", format), "fhir", format);
  assert.equal(formFor("*/*", "application/json"), "plain");
  for (const format of ["xml", "ttl", "application/fhir+xml", "html", "*/*", "constructor", ""]) assert.equal(formFor("*/*", format), undefined, format);
});

test("a body in another version, charset or coding is not read", () => {
  for (const type of ["application/fhir+json", "application/json; charset=UTF-8", 'application/fhir+json; fhirVersion="4.0"']) assert.equal(unreadable(type, undefined), undefined, type);
  assert.equal(unreadable("application/fhir+json", "identity"), undefined);
  assert.ok(unreadable("application/fhir+json; fhirVersion=3.0", undefined));
  assert.ok(unreadable("application/fhir+json; charset=utf-16", undefined));
  assert.ok(unreadable("application/fhir+json", "gzip"));
});
