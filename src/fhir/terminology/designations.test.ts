import assert from "node:assert/strict";
import { test } from "node:test";
import { displayIssue } from "./check-display.ts";
import { Designations } from "./designations.ts";
import { languagesText, parseLanguages } from "./language.ts";
import { readOptions, type Options } from "./options.ts";
import type { Concept } from "./provider.ts";
import { standardsStatusExtension } from "./resources.ts";

const concept: Concept = {
  code: "c", display: "Heart attack", parents: [], abstract: false, inactive: false,
  designation: [{ language: "de", value: "Herzinfarkt" }, { language: "de-CH", value: "Herzinfarkt (CH)" }, { language: "en", value: "Coronary", extension: [{ url: standardsStatusExtension, valueCode: "withdrawn" }] }, { use: { system: "urn:u", code: "short" }, language: "en", value: "MI" }],
};
const terms = new Designations().addConcept(concept, "en");

test("languages: order of weights, marks that are no language left out", () => {
  assert.deepEqual(parseLanguages("fr;q=0.2, de-CH, *;q=0, §"), [{ tag: "de-CH", quality: 1 }, { tag: "fr", quality: 0.2 }, { tag: "*", quality: 0 }]);
  assert.equal(parseLanguages("§"), undefined);
  assert.equal(languagesText(parseLanguages("de,*;q=0")!, true), "de, *; q=0");
});

test("the display to show: same tag, then region, then language; none where other languages are refused", () => {
  const shown = (text?: string): string | undefined => terms.preferred(text === undefined ? undefined : parseLanguages(text))?.value;
  assert.deepEqual([shown(), shown("de"), shown("de-CH"), shown("de-AT"), shown("en-GB"), shown("fr,*"), shown("fr"), shown("fr,de;q=0.5")],
    ["Heart attack", "Herzinfarkt", "Herzinfarkt (CH)", "Herzinfarkt", "Heart attack", "Heart attack", undefined, "Herzinfarkt"]);
});

test("a display is checked in the wanted languages; a fault says what would fit", () => {
  const options = (...parameter: { name: string; valueString?: string; valueBoolean?: boolean }[]): Options => readOptions({ resourceType: "Parameters", parameter }, { validating: true });
  const said = (display: string, of = options()): string => { const issue = displayIssue(terms, { system: "urn:s", code: "c", display }, of, "Coding.display"); return issue ? `${issue.severity} ${issue.id} ${issue.text}` : "fine"; };
  assert.deepEqual([said("heart ATTACK"), said("Herzinfarkt"), said("MI")], ["fine", "fine", "fine"]);
  assert.match(said("Coronary"), /^warning INACTIVE_DISPLAY_FOUND .*status = withdrawn/);
  assert.match(said("Heart  attack"), /^error Display_Name_WS/);
  assert.match(said("Stroke"), /^error Display_Name_for.*one of 4 choices: 'Heart attack' \(en\), 'Herzinfarkt' \(de\), .* or 'Coronary' \(en\)/);
  assert.match(said("Stroke", options({ name: "lenient-display-validation", valueBoolean: true })), /^warning/);
  assert.match(said("Heart attack", options({ name: "displayLanguage", valueString: "de" })), /^error .*'Herzinfarkt' \(de\).*language\(s\) 'de'/);
  assert.match(said("Heart attack", options({ name: "displayLanguage", valueString: "fr" })), /^information NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK/);
  assert.match(said("Stroke", options({ name: "displayLanguage", valueString: "fr" })), /^error NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR/);
});
