import assert from "node:assert/strict";
import { test } from "node:test";
import type { Coding } from "#fhir/resource.ts";
import { isLoincCode, isSnomedConceptId } from "../terminology/check-digit.ts";
import * as tables from "./codes.ts";
import { scores } from "./registry.ts";

/** Every coding anywhere in a value. */
function codings(value: unknown, found: Coding[] = []): Coding[] {
  if (Array.isArray(value)) for (const item of value) codings(item, found);
  else if (typeof value === "object" && value !== null) {
    const { system, code } = value as Coding;
    if (typeof system === "string" && typeof code === "string") found.push({ system, code });
    for (const item of Object.values(value)) codings(item, found);
  }
  return found;
}

const all = codings([Object.values(tables), scores]);

test("every SNOMED CT id and LOINC code has its check digit", () => {
  const snomed = all.filter(({ system }) => system === "http://snomed.info/sct"), loinc = all.filter(({ system }) => system === "http://loinc.org");
  assert.ok(snomed.length > 80 && loinc.length > 40, `${snomed.length} ${loinc.length}`);
  for (const { code } of snomed) assert.ok(isSnomedConceptId(code!), code!);
  for (const { code } of loinc) assert.ok(isLoincCode(code!), code!);
});

test("ICD-10, ICD-9 and ATC codes have the form of theirs", () => {
  const forms: Record<string, RegExp> = { "http://hl7.org/fhir/sid/icd-10": /^[A-Z]\d\d(\.\d{1,2})?$/, "http://hl7.org/fhir/sid/icd-9-cm": /^\d{3}(\.\d{1,2})?$/, "http://www.whocc.no/atc": /^[A-Z]\d\d([A-Z]([A-Z](\d\d)?)?)?$/ };
  for (const { system, code } of all) if (forms[system!]) assert.match(code!, forms[system!]!);
});

test("medicines that only look like their group are not counted", () => {
  const counted = (group: readonly Coding[], code: string): boolean => group.some((one) => code.startsWith(one.code!));
  // ATC 2026: bempedoic acid with ezetimibe; bosentan, riociguat (pulmonary hypertension); tolvaptan.
  assert.ok(!counted(tables.statins.codes, "C10BA10"));
  for (const code of ["C10AA05", "C10BA05", "C10BA16", "C10BX03"]) assert.ok(counted(tables.statins.codes, code), code);
  for (const code of ["C02KX01", "C02KX05", "C03XA01"]) assert.ok(!counted(tables.antihypertensives.codes, code), code);
  for (const code of ["C02CA04", "C02KN01", "C03AA03", "C03DA01", "C07AB07", "C08CA01", "C09CA03", "C09DX04"]) assert.ok(counted(tables.antihypertensives.codes, code), code);
  // Heparin and aspirin are no oral anticoagulants.
  for (const code of ["B01AB05", "B01AC06", "B01AE06"]) assert.ok(!counted(tables.anticoagulants.codes, code), code);
  for (const code of ["B01AA03", "B01AE07", "B01AF02"]) assert.ok(counted(tables.anticoagulants.codes, code), code);
});

test("gestational diabetes is no diabetes, unstable angina no vascular disease of CHA₂DS₂-VASc but a known disease", () => {
  const has = (table: readonly Coding[], code: string): boolean => table.some((one) => one.code === code);
  for (const code of ["199223000", "11687002"]) assert.ok(!has(tables.diabetes, code), code);
  for (const code of ["394659003", "4557003"]) assert.ok(!has(tables.vascularDisease, code) && has(tables.establishedCvd, code), code);
});
