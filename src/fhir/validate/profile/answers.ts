/** Answers of a terminology that takes its time (a database, a server) to the questions of a validation, as issues. */
import type { Issue } from "#platform/result.ts";
import type { Membership } from "../../terminology/port.ts";
import { describe } from "./bound.ts";
import type { Question } from "./run.ts";
import { defaultSettings, type Settings } from "./settings.ts";

const severities: Readonly<Record<Question["strength"], Issue["severity"] | undefined>> = { required: "error", extensible: "warning", preferred: "information", example: undefined };

/**
 * `answers`: one for each coding of the question, in order; `memberOf(valueSet, coding)` where it names a value set, else
 * `inSystem(coding)`. What is still unknown gives no issue.
 */
export function issuesOf(question: Question, answers: readonly Membership[], { wrongDisplay }: Pick<Settings, "wrongDisplay"> = defaultSettings): Issue[] {
  const { kind, codings, strength, expression, valueSet } = question;
  const member = answers.find((answer) => answer.kind === "member");
  if (member) return member.kind === "member" && member.displayFault !== undefined && kind === "system" ? [{ severity: wrongDisplay, code: "value", text: `${expression}.display: ${member.displayFault}`, expression: `${expression}.display` }] : [];
  if (answers.length === 0 || answers.some((answer) => answer.kind === "unknown")) return [];
  const severity = kind === "value-set" ? severities[strength] : "error";
  if (severity === undefined) return [];
  const told = answers.map((answer) => answer.kind === "not-member" ? answer.text : "").filter((text) => text !== "").join("; ");
  const text = kind === "system" ? told : `${codings.map(describe).join(", ")} is not in ${valueSet ?? "the value set"} (${kind === "value-set" ? strength : "beyond it no code is allowed"}); ${told}`;
  return [{ severity, code: "code-invalid", text: `${expression}: ${text}`, expression }];
}
