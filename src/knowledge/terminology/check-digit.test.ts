import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoincCode, isSnomedConceptId } from "./check-digit.ts";

test("SNOMED CT: core and extension identifiers; no slip of one digit or two neighbours passes", () => {
  for (const id of ["138875005", "38341003", "248234008", "368581000119106", "428041000124106"]) {
    assert.ok(isSnomedConceptId(id), id);
    for (let at = 0; at < id.length; at++) for (let digit = 0; digit <= 9; digit++) {
      const slipped = id.slice(0, at) + String(digit) + id.slice(at + 1);
      if (slipped !== id) assert.ok(!isSnomedConceptId(slipped), slipped);
    }
    for (let at = 0; at + 1 < id.length; at++) {
      const swapped = id.slice(0, at) + id[at + 1] + id[at] + id.slice(at + 2);
      if (swapped !== id) assert.ok(!isSnomedConceptId(swapped), swapped);
    }
  }
  // A description id (partition 01) is no concept; nor is a short one, or text.
  for (const wrong of ["", "0", "11", "1223457", "38341013", "38341003 ", "x38341003", "1".repeat(30)]) assert.ok(!isSnomedConceptId(wrong), wrong);
});

test("LOINC: codes and answer codes", () => {
  for (const code of ["8480-6", "2160-0", "98979-8", "11454-6", "LA6560-2", "LA9340-6", "LA17108-4", "LA33-6"]) assert.ok(isLoincCode(code), code);
  for (const code of ["8480-5", "11454-5", "LA6560-1", "LP6560-2", "8480", "-6", "84806", "", "8480-66"]) assert.ok(!isLoincCode(code), code);
});
