import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../profiles/registry.ts";
import type { Resource } from "../../resource.ts";
import { createValidator } from "../validator.ts";

const url = "http://example.org/q";
const sdc = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";
const base = "http://hl7.org/fhir/StructureDefinition/";

/** Errors of a response with these items to a Questionnaire with those. */
function errors(questions: object[], items: object[], status = "completed"): string[] {
  const questionnaire: Resource = { resourceType: "Questionnaire", url, status: "active", item: questions };
  const validator = createValidator({ registry: createRegistry([questionnaire]) });
  return validator.validate({ resourceType: "QuestionnaireResponse", questionnaire: url, status, item: items }).issues.filter(({ severity }) => severity === "error").map(({ text }) => text);
}

function one(list: readonly string[], pattern: RegExp): void {
  assert.equal(list.length, 1, list.join("\n"));
  assert.match(list[0]!, pattern);
}

const answered = (linkId: string, ...values: object[]): object => ({ linkId, answer: values });

test("items answer questions of the same place, in order", () => {
  const questions = [{ linkId: "a", type: "string" }, { linkId: "g", type: "group", item: [{ linkId: "b", type: "integer" }] }];
  assert.deepEqual(errors(questions, [answered("a", { valueString: "x" }), { linkId: "g", item: [answered("b", { valueInteger: 1 })] }]), []);
  one(errors(questions, [answered("z", { valueString: "x" })]), /^QuestionnaireResponse: the Questionnaire has no item "z"; its items here are a, g/);
  one(errors(questions, [answered("b", { valueInteger: 1 })]), /^QuestionnaireResponse: the item "b" does not belong here/);
  one(errors(questions, [{ linkId: "g", item: [answered("b", { valueInteger: 1 })] }, answered("a", { valueString: "x" })]), /^QuestionnaireResponse: the item "a" \(item\[1\]\) stands behind/);
  one(errors(questions, [answered("a", { valueInteger: 1 })]), /^QuestionnaireResponse\.item\[0\]\.answer\[0\]\.value: the question "a" is answered with string, found integer/);
});

test("item types that are names of Object.prototype are no types", () => {
  for (const type of ["__proto__", "constructor", "toString"]) {
    const enableWhen = [{ question: "a", operator: "=", answerString: "x" }];
    assert.deepEqual(errors([{ linkId: "a", type }, { linkId: "b", type: "string", enableWhen }], [answered("a", { valueString: "x" }), answered("b", { valueString: "y" })]), []);
  }
});

test("required items are asked for when the response is complete and they are enabled", () => {
  const questions = [
    { linkId: "smoker", type: "boolean" },
    { linkId: "packs", type: "integer", required: true, enableWhen: [{ question: "smoker", operator: "=", answerBoolean: true }] },
  ];
  const smoker = (valueBoolean: boolean): object => answered("smoker", { valueBoolean });
  one(errors(questions, [smoker(true)]), /^QuestionnaireResponse: the required item "packs" has no answer/);
  assert.deepEqual(errors(questions, [smoker(true)], "in-progress"), []);
  assert.deepEqual(errors(questions, [smoker(false)]), []);
  one(errors(questions, [smoker(false), answered("packs", { valueInteger: 1 })]), /^QuestionnaireResponse\.item\[1\]: the item "packs" is answered although/);
});

test("enableWhen: comparisons, existence, any and all", () => {
  const enabled = (enableWhen: object[], answers: object[], enableBehavior = "all"): boolean => {
    const questions = [{ linkId: "n", type: "integer" }, { linkId: "d", type: "date" }, { linkId: "x", type: "string", required: true, enableWhen, enableBehavior }];
    return errors(questions, answers).some((text) => text.includes('"x"'));
  };
  const n = answered("n", { valueInteger: 5 });
  const when = (operator: string, answerInteger: number): object => ({ question: "n", operator, answerInteger });
  assert.deepEqual([["=", 5], ["=", 6], ["!=", 6], [">", 5], [">=", 5], ["<", 6], ["<=", 4]].map(([operator, value]) => enabled([when(operator as string, value as number)], [n])), [true, false, true, false, true, true, false]);
  assert.equal(enabled([{ question: "d", operator: "exists", answerBoolean: false }], [n]), true);
  assert.equal(enabled([when("=", 5), when("=", 6)], [n]), false);
  assert.equal(enabled([when("=", 5), when("=", 6)], [n], "any"), true);
});

test("a Questionnaire's enableWhen names another item", () => {
  const told = (question: string): string[] => createValidator().validate({ resourceType: "Questionnaire", status: "active", item: [{ linkId: "a", type: "string" }, { linkId: "b", type: "string", enableWhen: [{ question, operator: "exists", answerBoolean: true }] }] })
    .issues.filter(({ severity }) => severity === "error").map(({ text }) => text);
  assert.deepEqual(told("a"), []);
  one(told("b"), /^Questionnaire\.item\[1\]\.enableWhen\[0\]: "b" is this item itself/);
  one(told("c"), /^Questionnaire\.item\[1\]\.enableWhen\[0\]: there is no item "c"/);
});

test("options, exclusive ones, occurrences", () => {
  const coding = (code: string): object => ({ valueCoding: { system: "urn:s", code } });
  const question = { linkId: "c", type: "choice", repeats: true, answerOption: [coding("1"), { ...coding("2"), extension: [{ url: `${base}questionnaire-optionExclusive`, valueBoolean: true }] }] };
  assert.deepEqual(errors([question], [answered("c", coding("1"))]), []);
  one(errors([question], [answered("c", coding("3"))]), /^QuestionnaireResponse\.item\[0\]\.answer\[0\]: .*none of the options/);
  one(errors([question], [answered("c", coding("1"), coding("2"))]), /answer\[1\]: .*excludes every other answer/);
  one(errors([{ ...question, repeats: false }], [answered("c", coding("1"), coding("1"))]), /item\[0\]: the item "c" takes one answer, found 2/);
  one(errors([{ ...question, extension: [{ url: `${base}questionnaire-maxOccurs`, valueInteger: 1 }] }], [answered("c", coding("1"), coding("1"))]), /at most 1 answers/);
});

test("ranges, units and precision", () => {
  const mass = (value: number, code: string): object => ({ value, system: "http://unitsofmeasure.org", code });
  const question = { linkId: "w", type: "quantity", extension: [{ url: `${sdc}minQuantity`, valueQuantity: mass(1, "kg") }] };
  assert.deepEqual(errors([question], [answered("w", { valueQuantity: mass(1000, "g") })]), []);
  one(errors([question], [answered("w", { valueQuantity: mass(999, "g") })]), /answer\[0\]\.value: .*is below/);
  one(errors([question], [answered("w", { valueQuantity: mass(1, "m") })]), /cannot be compared/);
  const decimal = { linkId: "d", type: "decimal", extension: [{ url: `${base}maxDecimalPlaces`, valueInteger: 1 }, { url: `${base}maxValue`, valueDecimal: 2 }] };
  one(errors([decimal], [answered("d", { valueDecimal: 1.25 })]), /has 2 decimal places/);
  one(errors([decimal], [answered("d", { valueDecimal: 2.5 })]), /is above 2/);
});
