import assert from "node:assert/strict";
import { test } from "node:test";
import { issuesOf } from "./answers.ts";
import type { Question } from "./run.ts";

const question = (kind: Question["kind"], strength: Question["strength"]): Question => ({ kind, strength, valueSet: "urn:vs", codings: [{ system: "urn:s", code: "1" }, { system: "urn:t", code: "2" }], expression: "Patient.language", text: "" });
const not = { kind: "not-member", text: "it has a, b" } as const, unknown = { kind: "unknown", text: "?" } as const;

test("one member suffices; none is an issue by strength; what stays unknown is none", () => {
  assert.deepEqual(issuesOf(question("value-set", "required"), [not, { kind: "member" }]), []);
  const [required] = issuesOf(question("value-set", "required"), [not, not]);
  assert.deepEqual([required?.severity, required?.expression], ["error", "Patient.language"]);
  assert.match(required!.text, /^Patient\.language: "1" of urn:s, "2" of urn:t is not in urn:vs \(required\)/);
  assert.equal(issuesOf(question("value-set", "extensible"), [not, not])[0]?.severity, "warning");
  assert.deepEqual(issuesOf(question("value-set", "example"), [not, not]), []);
  assert.equal(issuesOf(question("maximum-value-set", "preferred"), [not, not])[0]?.severity, "error");
  assert.deepEqual(issuesOf(question("value-set", "required"), [not, unknown]), []);
});

test("a code outside of its system is an error, a wrong display as the settings say", () => {
  assert.match(issuesOf(question("system", "example"), [not])[0]!.text, /^Patient\.language: it has a, b/);
  const wrong = { kind: "member", displayFault: 'it is "A"' } as const;
  assert.deepEqual(issuesOf(question("system", "example"), [wrong], { wrongDisplay: "warning" }), [{ severity: "warning", code: "value", text: 'Patient.language.display: it is "A"', expression: "Patient.language.display" }]);
});
