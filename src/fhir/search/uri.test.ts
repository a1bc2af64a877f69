import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { matches } from "./matches.ts";
import { parseQuery } from "./query.ts";

test("#uri: exact, :below, :above, url|version", () => {
  const set: Resource = { resourceType: "ValueSet", url: "http://acme.org/fhir/ValueSet/123", version: "2" };
  const table: [string, boolean][] = [
    ["url=http://acme.org/fhir/ValueSet/123", true], ["url=http://acme.org/fhir/ValueSet/12", false], ["url=http://ACME.org/fhir/ValueSet/123", false],
    ["url:below=http://acme.org/fhir/", true], ["url:below=http://acme.org/fhir", true], ["url:below=http://acme.org/fh", false], ["url:below=http://acme.org/fhir/ValueSet/123", true],
    ["url:above=http://acme.org/fhir/ValueSet/123/_history/5", true], ["url:above=http://acme.org/fhir/ValueSet/1234", false], ["url:above=http://acme.org/fhir/ValueSet/123", true],
    ["url=http://acme.org/fhir/ValueSet/123|2", true], ["url=http://acme.org/fhir/ValueSet/123|3", false],
    ["url=urn:oid:1.2.3", false], ["url:missing=false", true],
  ];
  for (const [query, expected] of table) {
    const parsed = parseQuery("ValueSet", query.replaceAll("|", "%7C"));
    assert.ok(parsed.ok, query);
    assert.equal(matches(set, parsed.value), expected, query);
  }
  assert.ok(!parseQuery("ValueSet", "url:below=urn:oid:1.2.3").ok);
  assert.ok(!parseQuery("ValueSet", "url:contains=x").ok);
});
