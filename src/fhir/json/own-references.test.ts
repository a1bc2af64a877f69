import assert from "node:assert/strict";
import test from "node:test";
import { basesOf, withOwnReferences } from "./own-references.ts";

const bases = basesOf("salus.example:443", "/fhir/R4");

test("a default port may be left out, and http names what https names", () => {
  assert.deepEqual(bases, ["http://salus.example:443/fhir/R4", "https://salus.example:443/fhir/R4", "http://salus.example/fhir/R4", "https://salus.example/fhir/R4"]);
  assert.deepEqual(basesOf("127.0.0.1:7272", "/fhir/R4"), ["http://127.0.0.1:7272/fhir/R4", "https://127.0.0.1:7272/fhir/R4"]);
});

test("references to this node become relative; other texts, other nodes and what is no reference stay to the letter", () => {
  const text = (reference: string, instantiates: string): string => `{"resourceType":"Observation","subject":{"reference":"${reference}"},"valueQuantity":{"value":1.50},"extension":[{"url":"${instantiates}"}]}`;
  const uri = "https://salus.example/fhir/R4/StructureDefinition/x";
  assert.equal(withOwnReferences(text("https://salus.example/fhir/R4/Patient/1/_history/2", uri), bases), text("Patient/1/_history/2", uri));
  assert.equal(withOwnReferences(text("http://salus.example:443/fhir/R4/Patient/1", uri), bases), text("Patient/1", uri));
  for (const other of ["https://salus.example/fhir/R5/Patient/1", "https://salus.example.org/fhir/R4/Patient/1", "https://salus.example/fhir/R4/", "https://salus.example/fhir/R4/Patient?name=x", "Patient/1", "#p"]) assert.equal(withOwnReferences(text(other, uri), bases), text(other, uri), other);
});
