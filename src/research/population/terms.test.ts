import assert from "node:assert/strict";
import { test } from "node:test";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import { isLoincCode, isSnomedConceptId } from "#knowledge/terminology/check-digit.ts";
import { ckdGeneral, ckdStages, drugs, measures, problems, procedures, snomed, vaccines, type Drug, type Measure, type Problem } from "./terms.ts";

test("check digits and forms of the population's codes", () => {
  const ids = [ckdGeneral, ...Object.values(ckdStages).map((one) => one.snomed), ...Object.values(problems).map((one) => one.snomed), ...Object.values(procedures).map((one) => one.coding!.find(({ system }) => system === snomed)!.code!)];
  for (const id of ids) assert.ok(isSnomedConceptId(id), id);
  const loincs = Object.values<Measure>(measures).flatMap((one) => [one.loinc, ...(one.also === undefined ? [] : [one.also])]);
  for (const code of loincs) assert.ok(isLoincCode(code), code);
  for (const { icd10 } of [...Object.values<Problem>(problems), ...Object.values(ckdStages)]) assert.match(icd10, /^[A-Z]\d\d(\.\d)?$/);
  for (const { atc, rxnorm } of Object.values<Drug>(drugs)) { assert.match(atc, /^[A-Z]\d\d[A-Z]{2}\d\d$/); assert.match(rxnorm, /^[1-9]\d{2,6}$/); }
});

test("no two meanings share a code", () => {
  for (const list of [Object.values(problems).map((one) => one.snomed), Object.values(measures).map((one) => one.loinc), Object.values(drugs).map((one) => one.rxnorm), Object.values(drugs).map((one) => one.atc)])
    assert.equal(new Set(list).size, list.length);
});

test("the population's vaccines are of the CVX list", () => {
  for (const { coding } of Object.values(vaccines)) assert.equal(r4Terminology().inSystem(coding![0]!).kind, "member", coding![0]!.code!);
});
