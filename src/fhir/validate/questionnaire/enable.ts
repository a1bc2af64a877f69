/** Questionnaire.item.enableWhen on the answers of a response. Source: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen */
import { equal } from "../../fhirpath/equality.ts";
import { EvaluationFault, Node } from "../../fhirpath/values.ts";
import type { Container } from "../context.ts";
import { patternDifference } from "../profile/fixed.ts";
import { order } from "../profile/range.ts";
import { isObject, objects } from "../profile/run.ts";

export type Answer = { type: string; value: unknown };

/** value[x] of an answer, option, extension or enableWhen (`name` "answer" there). */
export function valueOf(holder: Container, name = "value"): Answer | undefined {
  for (const key of Object.keys(holder)) {
    const type = key.startsWith(name) ? key.slice(name.length) : "";
    if (/^[A-Z]/.test(type)) return { type: complex.has(type) ? type : type.charAt(0).toLowerCase() + type.slice(1), value: holder[key] };
  }
  return undefined;
}

const complex = new Set(["Coding", "Quantity", "Reference", "Attachment", "CodeableConcept"]);

/** Answers by linkId, wherever in the response they stand. */
export function answersByLink(response: Container): Map<string, Answer[]> {
  const found = new Map<string, Answer[]>();
  const visit = (holder: unknown, depth: number): void => {
    if (!isObject(holder) || depth > 100) return;
    for (const item of objects(holder.item)) {
      const { linkId } = item;
      for (const answer of objects(item.answer)) {
        const value = valueOf(answer);
        if (typeof linkId === "string" && value) { const list = found.get(linkId); if (list) list.push(value); else found.set(linkId, [value]); }
        visit(answer, depth + 1);
      }
      visit(item, depth + 1);
    }
  };
  visit(response, 0);
  return found;
}

export function isEnabled(item: Container, answers: ReadonlyMap<string, Answer[]>): boolean {
  const conditions = objects(item.enableWhen);
  if (conditions.length === 0) return true;
  const holds = (condition: Container): boolean => met(condition, answers.get(String(condition.question)) ?? []);
  return item.enableBehavior === "any" ? conditions.some(holds) : conditions.every(holds);
}

function met(condition: Container, given: readonly Answer[]): boolean {
  const wanted = valueOf(condition, "answer");
  if (!wanted) return true; // structure reports what is missing
  const { operator } = condition;
  if (operator === "exists") return (given.length > 0) === wanted.value;
  const some = (test: (answer: Answer) => boolean): boolean => given.some((answer) => answer.type === wanted.type && test(answer));
  switch (operator) {
    case "=": return some((answer) => same(answer, wanted));
    case "!=": return given.length > 0 && !some((answer) => same(answer, wanted));
    case ">": return some(({ value }) => order(value, wanted.value, wanted.type) === "above");
    case "<": return some(({ value }) => order(value, wanted.value, wanted.type) === "below");
    case ">=": return some(({ value }) => ["above", "equal"].includes(order(value, wanted.value, wanted.type)));
    case "<=": return some(({ value }) => ["below", "equal"].includes(order(value, wanted.value, wanted.type)));
    default: return true;
  }
}

/** Codings are the same by system and code, references by what they refer to; display and text do not count. */
export function same(a: Answer, b: Answer): boolean {
  if (a.type !== b.type) return false;
  if (isObject(a.value) && isObject(b.value)) {
    switch (a.type) {
      case "Coding": return a.value.system === b.value.system && a.value.code === b.value.code && (a.value.code !== undefined || a.value.display === b.value.display);
      case "Reference": return a.value.reference === b.value.reference;
      case "Quantity": break;
      default: return patternDifference(b.value, a.value) === undefined;
    }
  }
  try {
    return equal(new Node(a.value, a.type), new Node(b.value, b.type)) === true;
  } catch (fault) {
    if (fault instanceof EvaluationFault) return false;
    throw fault;
  }
}
