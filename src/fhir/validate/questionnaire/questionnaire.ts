/**
 * A Questionnaire's enableWhen: each names another item that is asked before, with an answer of a type it can have.
 * Source: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen
 */
import { pop, push, type Container } from "../context.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { objects, tell, type Run } from "../profile/run.ts";
import { answerTypes } from "./answers.ts";
import { valueOf } from "./enable.ts";

const depthMax = 100;

export const checkQuestionnaire: ValueCheck = (value, _twin, _type, run) => {
  const order = new Map<string, { position: number; item: Container }>();
  const collect = (holder: Container, depth: number): void => {
    if (depth < depthMax) for (const item of objects(holder.item)) {
      if (typeof item.linkId === "string" && !order.has(item.linkId)) order.set(item.linkId, { position: order.size, item });
      collect(item, depth + 1);
    }
  };
  collect(value as Container, 0);
  checkItems(value as Container, order, run, 0);
};

type Order = ReadonlyMap<string, { position: number; item: Container }>;

function checkItems(holder: Container, order: Order, run: Run, depth: number): void {
  if (depth >= depthMax) return;
  for (const [i, item] of objects(holder.item).entries()) {
    push(run, "item", i);
    for (const [k, condition] of objects(item.enableWhen).entries()) {
      push(run, "enableWhen", k);
      checkCondition(condition, item, order, run);
      pop(run);
    }
    checkItems(item, order, run, depth + 1);
    pop(run);
  }
}

function checkCondition(condition: Container, item: Container, order: Order, run: Run): void {
  const { question } = condition;
  if (typeof question !== "string") return;
  const target = order.get(question);
  if (!target) return tell(run, "error", "not-found", `there is no item "${question}"; name the linkId of another item`);
  if (target.item === item) return tell(run, "error", "value", `"${question}" is this item itself; name another one`);
  const own = typeof item.linkId === "string" ? order.get(item.linkId) : undefined;
  if (own && target.position > own.position) tell(run, "warning", "value", `"${question}" is asked after this item`);
  const answer = valueOf(condition, "answer");
  const allowed = answerTypes.get(String(target.item.type));
  if (answer && allowed && condition.operator !== "exists" && !allowed.includes(answer.type) && objects(target.item.answerOption).length === 0)
    tell(run, "warning", "value", `"${question}" is answered with ${allowed.join(" or ")}, compared here with ${answer.type}`);
}
