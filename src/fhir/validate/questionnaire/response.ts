/**
 * A QuestionnaireResponse against its Questionnaire: every item answers a question of the same place, in order; required
 * ones are answered while enabled and the response is complete; repeats and occurrences hold.
 * Source: https://hl7.org/fhir/R4/questionnaireresponse.html
 */
import { pop, push, type Container } from "../context.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { order } from "../profile/range.ts";
import { isObject, objects, tell, type Run } from "../profile/run.ts";
import { checkAnswer, extensions } from "./answers.ts";
import { answersByLink, isEnabled, type Answer } from "./enable.ts";

const depthMax = 50;

export const checkQuestionnaireResponse: ValueCheck = (value, _twin, _type, run) => {
  const response = value as Container;
  const { questionnaire } = response;
  if (typeof questionnaire !== "string") return;
  const found = questionnaireOf(questionnaire, run);
  if (!found) return tell(run, "warning", "not-found", `not checked against ${questionnaire}, which is not known here; load it`);
  const state: State = { answers: answersByLink(response), complete: response.status !== "in-progress", known: linkIds(found), run };
  checkPeriod(found, response, run);
  checkItems(objects(found.item), response, state, 0);
};

function checkPeriod({ effectivePeriod }: Container, { authored }: Container, run: Run): void {
  if (!isObject(effectivePeriod) || typeof authored !== "string") return;
  const { start, end } = effectivePeriod;
  if (start !== undefined && order(authored, start, "dateTime") === "below") tell(run, "warning", "value", `before the Questionnaire is in use, which is from ${String(start)}`, "authored");
  if (end !== undefined && order(authored, end, "dateTime") === "above") tell(run, "warning", "value", `after the Questionnaire was in use, which is until ${String(end)}`, "authored");
}

type State = { answers: ReadonlyMap<string, Answer[]>; complete: boolean; known: ReadonlySet<string>; run: Run };

function questionnaireOf(canonical: string, run: Run): Container | undefined {
  if (canonical.startsWith("#")) {
    const inside = run.definitions.resolve(canonical, run);
    return inside?.resourceType === "Questionnaire" ? inside : undefined;
  }
  return run.definitions.registry.resource(canonical, "Questionnaire");
}

function linkIds(questionnaire: Container): Set<string> {
  const found = new Set<string>();
  const open: Container[] = [questionnaire];
  for (let at = open.pop(); at; at = open.pop()) for (const item of objects(at.item)) {
    if (typeof item.linkId === "string") found.add(item.linkId);
    open.push(item);
  }
  return found;
}

/** Items of one place: the response, a group, or an answer. The run stands at it. */
function checkItems(questions: readonly Container[], holder: Container, state: State, depth: number): void {
  const { run } = state;
  if (depth > depthMax) return;
  const byLink = new Map(questions.map((question, position) => [question.linkId, { question, position }]));
  const given = new Map<unknown, { item: Container; position: number }[]>();
  let last = -1;
  for (const [position, item] of (Array.isArray(holder.item) ? holder.item : []).entries()) {
    if (!isObject(item) || typeof item.linkId !== "string") continue;
    const asked = byLink.get(item.linkId);
    if (!asked) {
      const elsewhere = state.known.has(item.linkId);
      tell(run, "error", elsewhere ? "structure" : "not-found", elsewhere ? `the item "${item.linkId}" does not belong here; the Questionnaire asks it elsewhere` : `the Questionnaire has no item "${item.linkId}"; its items here are ${[...byLink.keys()].slice(0, 12).join(", ")}`);
      continue;
    }
    if (asked.position < last) tell(run, "error", "structure", `the item "${item.linkId}" (item[${position}]) stands behind what the Questionnaire asks after it; keep its order`);
    last = Math.max(last, asked.position);
    const list = given.get(item.linkId);
    if (list) list.push({ item, position }); else given.set(item.linkId, [{ item, position }]);
  }
  for (const question of questions) checkQuestion(question, given.get(question.linkId) ?? [], state, depth);
}

function checkQuestion(question: Container, given: readonly { item: Container; position: number }[], state: State, depth: number): void {
  const { run } = state;
  const { linkId } = question;
  const isGroup = question.type === "group", isDisplay = question.type === "display";
  if (!isEnabled(question, state.answers)) {
    for (const { item, position } of given) if (item.answer !== undefined || item.item !== undefined)
      tell(run, "error", "value", `the item "${String(linkId)}" is answered although the answers before it disable it`, "item", position);
    return;
  }
  if (given.length === 0) {
    if (question.required === true && state.complete && !isDisplay) tell(run, "error", "required", `the required item "${String(linkId)}" has no answer`);
    return;
  }
  if (given.length > 1 && !(isGroup && question.repeats === true)) tell(run, "error", "structure", `the item "${String(linkId)}" occurs ${given.length} times; ${isGroup ? "the group does not repeat" : "several answers go into one item"}`);
  for (const { item, position } of given) {
    push(run, "item", position);
    if (isDisplay) { if (item.answer !== undefined || item.item !== undefined) tell(run, "error", "structure", `the item "${String(linkId)}" only displays; it has no answers`); }
    else if (isGroup) checkGroup(question, item, state, depth);
    else checkAnswers(question, item, state, depth);
    pop(run);
  }
  if (isGroup) checkOccurrences(question, given.length, undefined, state);
}

function checkGroup(question: Container, item: Container, state: State, depth: number): void {
  const { run } = state;
  if (item.answer !== undefined) tell(run, "error", "structure", `the item "${String(question.linkId)}" is a group; its answers stand in its items`);
  if (question.required === true && state.complete && objects(item.item).length === 0) { tell(run, "error", "required", `the required group "${String(question.linkId)}" has no items`); return; }
  checkItems(objects(question.item), item, state, depth + 1);
}

function checkAnswers(question: Container, item: Container, state: State, depth: number): void {
  const { run } = state;
  const answers = objects(item.answer);
  if (answers.length === 0 && question.required === true && state.complete) tell(run, "error", "required", `the required item "${String(question.linkId)}" has no answer`);
  checkOccurrences(question, answers.length, item, state);
  for (const [i, answer] of answers.entries()) {
    push(run, "answer", i);
    checkAnswer(question, answer, answers.filter((one) => one !== answer), run);
    checkItems(objects(question.item), answer, state, depth + 1);
    pop(run);
  }
  if (item.item !== undefined) tell(run, "error", "structure", `the item "${String(question.linkId)}" is a question; what belongs to an answer stands in answer.item`);
}

function checkOccurrences(question: Container, count: number, item: Container | undefined, { complete, run }: State): void {
  const what = item ? "answers" : "groups";
  if (count > 1 && question.repeats !== true && item) tell(run, "error", "structure", `the item "${String(question.linkId)}" takes one answer, found ${count}`);
  for (const { value: max } of extensions(question, "maxOccurs")) if (typeof max === "number" && count > max) tell(run, "error", "structure", `at most ${max} ${what} of "${String(question.linkId)}" are allowed, found ${count}`);
  for (const { value: min } of extensions(question, "minOccurs")) if (typeof min === "number" && count < min && complete) tell(run, "error", "structure", `at least ${min} ${what} of "${String(question.linkId)}" are needed, found ${count}`);
}
