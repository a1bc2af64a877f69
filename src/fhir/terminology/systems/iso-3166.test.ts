import assert from "node:assert/strict";
import { test } from "node:test";
import { r4Terminology } from "../r4.ts";
import { iso3166, iso3166Url as system } from "./iso-3166.ts";

const r4 = r4Terminology();
const codes = iso3166().concept!.map(({ code }) => code);
const fault = (code: string, display: string): string | undefined => {
  const answer = r4.inSystem({ system, code, display });
  return answer.kind === "member" ? answer.displayFault : answer.kind;
};

test("the alpha-2 codes are those of R4's ValueSet iso3166-1-2, each with its alpha-3 and numeric code", () => {
  const [listed] = r4.valueSets("http://hl7.org/fhir/ValueSet/iso3166-1-2");
  assert.deepEqual(codes.filter((code) => /^[A-Z]{2}$/.test(code)).sort(), listed!.compose!.include![0]!.concept!.map(({ code }) => code).sort());
  assert.equal(codes.filter((code) => /^[A-Z]{3}$/.test(code)).length, 249);
  assert.equal(codes.filter((code) => /^\d{3}$/.test(code)).length, 249);
  assert.equal(new Set(codes).size, 3 * 249);
});

test("every display that R4 prints is accepted", () => {
  const [listed] = r4.valueSets("http://hl7.org/fhir/ValueSet/iso3166-1-2");
  // R4 doubles apostrophes (an escape of SQL), and cuts one name at its comma.
  const printed = listed!.compose!.include![0]!.concept!.filter(({ code }) => code !== "VI").map(({ code, display }) => ({ code, display: display!.replaceAll("''", "'").replace("Congo, the ", "Congo, ") }));
  assert.deepEqual(printed.filter(({ code, display }) => fault(code, display) !== undefined), []);
});

test("usual names, other orders and other languages are accepted; another country's name is not", () => {
  const right = [["US", "United States"], ["USA", "United States of America"], ["840", "USA"], ["GB", "UK"], ["BO", "Bolivia (Plurinational State of)"], ["IRN", "Islamic Republic of Iran"], ["CI", "Cote d'Ivoire"], ["AX", "Aland Islands"], ["TT", "Trinidad & Tobago"], ["LC", "St. Lucia"], ["DE", "Deutschland"], ["CN", "中国"], ["TR", "Turkey"]] as const;
  assert.deepEqual(right.filter(([code, display]) => fault(code, display) !== undefined), []);
  assert.match(fault("BD", "Australia")!, /"Australia".*"Bangladesh"/);
  assert.match(fault("CG", "Democratic Republic of the Congo")!, /"Congo"/);
  assert.equal(fault("UK", "United Kingdom"), "not-member");
});

test("R4's value sets over the system: three letters, three digits", () => {
  const member = (set: string, code: string): string => r4.memberOf(`http://hl7.org/fhir/ValueSet/iso3166-1-${set}`, { system, code }).kind;
  assert.deepEqual([member("3", "CHE"), member("3", "CH"), member("N", "756"), member("N", "757")], ["member", "not-member", "member", "not-member"]);
});
