import assert from "node:assert/strict";
import { test } from "node:test";
import { bilingual, conceptLabel, humanName, resourceLabel } from "./labels.ts";

const zh = (text: string): object => ({ extension: [{ url: "http://hl7.org/fhir/StructureDefinition/translation", extension: [{ url: "lang", valueCode: "zh" }, { url: "content", valueString: text }] }] });

test("a text and its translation give both languages; a text alone stands for both", () => {
  assert.deepEqual(bilingual("Stroke", zh("卒中")), { en: "Stroke", zh: "卒中" });
  assert.deepEqual(bilingual("Stroke"), { en: "Stroke", zh: "Stroke" });
  assert.deepEqual(bilingual("卒中"), { en: "卒中", zh: "卒中" });
});

test("a concept is called by its text, else a display, else a code", () => {
  assert.deepEqual(conceptLabel({ text: "AF", coding: [{ code: "1", display: "Atrial fibrillation" }] }), { en: "AF", zh: "AF" });
  assert.deepEqual(conceptLabel([{ coding: [{ code: "1" }, { code: "2", display: "Atrial fibrillation" }] }]), { en: "Atrial fibrillation", zh: "Atrial fibrillation" });
  assert.deepEqual(conceptLabel({ coding: [{ code: "I48" }] }), { en: "I48", zh: "I48" });
  assert.equal(conceptLabel(undefined), undefined);
});

test("names: Chinese without a space, English given first, former names last, none said so", () => {
  assert.deepEqual(humanName([{ family: "王", given: ["秀兰"] }, { family: "Wang", given: ["Xiulan"] }]), { en: "Xiulan Wang", zh: "王秀兰" });
  assert.deepEqual(humanName([{ use: "old", family: "Smith" }, { family: "Jones", given: ["Ann", "B."] }]), { en: "Ann B. Jones", zh: "Ann B. Jones" });
  assert.equal(humanName([]).en, "Name not recorded");
  assert.equal(humanName(undefined).zh, "姓名未记录");
});

test("the script extension decides, not the order", () => {
  const script = (code: string): object => ({ extension: [{ url: "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", valueCode: code }] });
  assert.deepEqual(humanName([{ text: "Li Na", ...script("ABC") }, { text: "李娜", ...script("IDE") }]), { en: "Li Na", zh: "李娜" });
});

test("every resource has something to be called", () => {
  assert.deepEqual(resourceLabel({ resourceType: "Basic" }), { en: "Basic", zh: "Basic" });
  assert.equal(resourceLabel({ resourceType: "Encounter" }).zh, "就诊");
});
