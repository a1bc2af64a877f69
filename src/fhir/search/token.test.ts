import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { indexRows } from "./index-rows.ts";
import { matches } from "./matches.ts";
import { parseQuery } from "./query.ts";
import type { TokenRow } from "./rows.ts";

function rows(resource: Resource, param: string): Omit<TokenRow, "param">[] {
  return indexRows(resource).tokens.filter((row) => row.param === param).map(({ param: _, ...row }) => row);
}

test("#token: which datatypes feed it", () => {
  const patient: Resource = {
    resourceType: "Patient", active: false, gender: "female",
    identifier: [{ system: "urn:mrn", value: "M1", type: { text: "Medical Récord" } }, { value: "bare" }],
    telecom: [{ system: "phone", value: "+86 1" }, { system: "email", value: "a@b.cn" }],
    communication: [{ language: { coding: [{ system: "urn:ietf:bcp:47", code: "zh", display: "Chinese" }, { code: "x" }], text: "Mandarin" } }],
    meta: { tag: [{ system: "urn:t", code: "demo" }], security: [{ code: "R" }] },
  };
  const table: [string, Omit<TokenRow, "param">[]][] = [
    ["active", [{ code: "false" }]],
    ["gender", [{ code: "female" }]],
    ["identifier", [{ system: "urn:mrn", code: "M1", text: "medical record" }, { code: "bare" }]],
    ["telecom", [{ code: "+86 1" }, { code: "a@b.cn" }]],
    ["phone", [{ code: "+86 1" }]], ["email", [{ code: "a@b.cn" }]],
    ["language", [{ system: "urn:ietf:bcp:47", code: "zh", text: "chinese" }, { code: "x" }, { text: "mandarin" }]],
    ["_tag", [{ system: "urn:t", code: "demo" }]], ["_security", [{ code: "R" }]],
    ["deceased", [{ code: "false" }]], ["address-use", []],
  ];
  for (const [param, expected] of table) assert.deepEqual(rows(patient, param), expected, param);
});

test("Patient deceased: R4's own expression over both choices", () => {
  for (const [member, value, code] of [["deceasedBoolean", true, "true"], ["deceasedBoolean", false, "false"], ["deceasedDateTime", "2020", "true"]] as const)
    assert.deepEqual(rows({ resourceType: "Patient", [member]: value }, "deceased"), [{ code }], `${member} ${value}`);
});

test("#token: the four forms, :not, :text, :missing", () => {
  const condition: Resource = { resourceType: "Condition", code: { coding: [{ system: "http://s", code: "A", display: "Acute headache" }, { code: "B" }], text: "Head Ache" } };
  const bare: Resource = { resourceType: "Condition" };
  const table: [string, boolean, boolean][] = [
    ["code=A", true, false], ["code=a", false, false], ["code=http://s|A", true, false], ["code=http://t|A", false, false],
    ["code=|B", true, false], ["code=|A", false, false], ["code=http://s|", true, false], ["code=http://t|", false, false],
    ["code=X,A", true, false], ["code:not=A", false, true], ["code:not=X", true, true], ["code:not=X,A", false, true],
    ["code:text=acute", true, false], ["code:text=HEAD", true, false], ["code:text=ache", false, false],
    ["code:missing=true", false, true], ["code:missing=false", true, false],
  ];
  for (const [query, withCode, without] of table) {
    const parsed = parseQuery("Condition", query);
    assert.ok(parsed.ok, query);
    assert.equal(matches(condition, parsed.value), withCode, query);
    assert.equal(matches(bare, parsed.value), without, `${query} without code`);
  }
});

test("escapes: a code may hold commas, bars and backslashes", () => {
  const resource: Resource = { resourceType: "Condition", code: { coding: [{ system: "http://s|v", code: "a,b\\c$d" }] } };
  const parsed = parseQuery("Condition", `code=${encodeURIComponent("http://s\\|v|a\\,b\\\\c\\$d")}`);
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.filters, [{ kind: "token", param: "code", terms: [{ system: "http://s|v", code: "a,b\\c$d" }] }]);
  assert.ok(matches(resource, parsed.value));
});

test("elements of type string are searched without regard to case", () => {
  const resource: Resource = { resourceType: "ValueSet", version: "1.0-Beta", status: "draft" };
  for (const [query, expected] of [["version=1.0-beta", true], ["version=1.0-BETA", true], ["version=1.0", false], ["status=Draft", false], ["status=draft", true]] as const) {
    const parsed = parseQuery("ValueSet", query);
    assert.ok(parsed.ok);
    assert.equal(matches(resource, parsed.value), expected, query);
  }
});

test("elements of type code: the system that their binding implies", () => {
  const patient: Resource = { resourceType: "Patient", gender: "male" };
  const table: [string, boolean][] = [
    ["gender=http://hl7.org/fhir/administrative-gender|male", true], ["gender=http://hl7.org/fhir/administrative-gender|female", false],
    ["gender=http://other|male", false], ["gender=|male", true], ["gender=http://hl7.org/fhir/administrative-gender|nonsense", false],
  ];
  for (const [query, expected] of table) {
    const parsed = parseQuery("Patient", query);
    assert.ok(parsed.ok);
    assert.equal(matches(patient, parsed.value), expected, query);
  }
});

test("malformed tokens", () => {
  for (const query of ["code=a|b|c", "code=|", "code=a,,b"]) assert.ok(!parseQuery("Condition", query).ok, query);
});
