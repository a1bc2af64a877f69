/**
 * One answer against its question: type, options, value set, range, length, precision, units, attachments. Extensions of
 * R4 and of Structured Data Capture that restrict answers are followed.
 * Source: https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/R4/questionnaire-profiles.html
 */
import { structureDefinitionUrl } from "../../canonical.ts";
import { regexOf, RegexFault } from "../../fhirpath/regex/regex.ts";
import { expressionOf, type Container } from "../context.ts";
import { shown } from "../primitives.ts";
import { anyMember, codingsOf, describe } from "../profile/bound.ts";
import { order } from "../profile/range.ts";
import { isObject, objects, tell, type Run } from "../profile/run.ts";
import { same, valueOf, type Answer } from "./enable.ts";

const sdc = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";

/** Values of an item's extensions with this name, in R4 or SDC. */
export function extensions(item: Container, name: string): Answer[] {
  return objects(item.extension).flatMap((one) => one.url === structureDefinitionUrl + name || one.url === `${structureDefinitionUrl}questionnaire-${name}` || one.url === sdc + name ? valueOf(one) ?? [] : []);
}

/** Answer types by question type (https://hl7.org/fhir/R4/valueset-item-type.html). */
export const answerTypes: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({
  boolean: ["boolean"], decimal: ["decimal"], integer: ["integer"], date: ["date"], dateTime: ["dateTime"], time: ["time"],
  string: ["string"], text: ["string"], url: ["uri"], choice: ["Coding"], "open-choice": ["Coding", "string"],
  attachment: ["Attachment"], reference: ["Reference"], quantity: ["Quantity"],
}));

/** Reports at the answer where the run stands, or at its value. */
export function checkAnswer(question: Container, answer: Container, others: readonly Container[], run: Run): void {
  const value = valueOf(answer);
  if (!value) return;
  const type = String(question.type);
  const options = objects(question.answerOption);
  const allowed = [...answerTypes.get(type) ?? [], ...type === "choice" || type === "open-choice" ? options.flatMap((option) => valueOf(option)?.type ?? []) : []];
  if (allowed.length > 0 && !allowed.includes(value.type))
    return tell(run, "error", "value", `the question "${String(question.linkId)}" is answered with ${[...new Set(allowed)].join(" or ")}, found ${value.type}`, "value");
  checkOptions(question, options, value, others, run);
  if (typeof question.answerValueSet === "string") checkValueSet(question.answerValueSet, type, value, run);
  checkRange(question, value, run);
  checkText(question, value, run);
  if (value.type === "Quantity") checkUnits(question, value, run);
  if (value.type === "Attachment") checkAttachment(question, value, run);
}

function checkOptions(question: Container, options: readonly Container[], value: Answer, others: readonly Container[], run: Run): void {
  if (options.length === 0 || (question.type === "open-choice" && value.type === "string")) return;
  const chosen = options.find((option) => { const offered = valueOf(option); return offered && same(value, offered); });
  const place = value.type === "Coding" || value.type === "Reference" ? undefined : "value";
  if (!chosen) {
    const some = options.flatMap((option) => { const offered = valueOf(option)?.value; return isObject(offered) ? describe(offered) : offered === undefined ? [] : shown(offered); }).slice(0, 12).join(", ");
    if (question.type === "open-choice") return;
    return tell(run, "error", "value", `${shown(value.value)} is none of the options of "${String(question.linkId)}": ${some}`, place);
  }
  const exclusive = objects(chosen.extension).some((one) => one.url === `${structureDefinitionUrl}questionnaire-optionExclusive` && one.valueBoolean === true);
  if (exclusive && others.length > 0) tell(run, "error", "value", `${shown(value.value)} excludes every other answer; leave the others out`);
}

function checkValueSet(valueSet: string, type: string, value: Answer, run: Run): void {
  if (value.type !== "Coding" || !isObject(value.value)) return;
  const codings = codingsOf(value.value, "Coding")!;
  const { system, code } = codings[0]!;
  if (valueSet.startsWith("#")) return;
  if (system === undefined || code === undefined) { if (type === "choice") tell(run, "warning", "code-invalid", `has no system or code to look up in ${valueSet}`); return; }
  const answer = anyMember(valueSet, codings, run);
  if (answer.kind === "not-member" && type !== "open-choice") tell(run, "error", "code-invalid", `${describe(codings[0]!)} is not among the answers of ${valueSet}; ${answer.text}`);
  else if (answer.kind === "member" && answer.displayFault !== undefined) tell(run, run.settings.wrongDisplay, "value", answer.displayFault);
  else if (answer.kind === "unknown" && run.questions.length < run.issuesMax)
    run.questions.push({ kind: "value-set", valueSet, codings, strength: type === "choice" ? "required" : "preferred", expression: expressionOf(run), text: answer.text });
}

function checkRange(question: Container, { type, value }: Answer, run: Run): void {
  const bounds = type === "Quantity"
    ? [["below", ...extensions(question, "minQuantity")], ["above", ...extensions(question, "maxQuantity")]] as const
    : [["below", ...extensions(question, "minValue")], ["above", ...extensions(question, "maxValue")]] as const;
  for (const [wrong, ...limits] of bounds) for (const limit of limits) {
    if (limit.type !== type) continue;
    const what = wrong === "below" ? "least" : "most";
    if (type === "Quantity" && isObject(limit.value) && isObject(value) && (limit.value.code === undefined || value.code === undefined)) {
      tell(run, "error", "value", `${shown(value)} cannot be compared with ${shown(limit.value)}, the ${what} allowed: both need system and code of their unit`, "value");
      continue;
    }
    let found = order(value, limit.value, type);
    // A day within the month that is the bound: the written form decides, as the earlier of two starts does.
    if (found === "incomparable" && typeof value === "string" && typeof limit.value === "string") found = value < limit.value ? "below" : "above";
    if (found === "incomparable") tell(run, "error", "value", `${shown(value)} cannot be compared with ${shown(limit.value)}, the ${what} allowed; use a unit that converts to it`, "value");
    else if (found === wrong) tell(run, "error", "value", `${shown(value)} is ${wrong} ${shown(limit.value)}, the ${what} allowed`, "value");
  }
}

function checkText(question: Container, { type, value }: Answer, run: Run): void {
  if (type === "string" && typeof value === "string") {
    if (question.type === "string" && /[\r\n]/.test(value)) tell(run, "warning", "value", "an answer of type string is one line; ask for text where there are several", "value");
    if (typeof question.maxLength === "number" && value.length > question.maxLength) tell(run, "error", "too-long", `holds at most ${question.maxLength} characters, found ${value.length}`, "value");
    for (const { value: min } of extensions(question, "minLength")) if (typeof min === "number" && value.length < min) tell(run, "error", "value", `holds at least ${min} characters, found ${value.length}`, "value");
    for (const { value: pattern } of extensions(question, "regex")) if (typeof pattern === "string") checkPattern(pattern, value, run);
  }
  if (type === "decimal" && typeof value === "number")
    for (const { value: places } of extensions(question, "maxDecimalPlaces")) {
      const found = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
      if (typeof places === "number" && found > places) tell(run, "error", "value", `has ${found} decimal places, at most ${places} are allowed`, "value");
    }
}

function checkPattern(pattern: string, value: string, run: Run): void {
  try {
    if (!regexOf(pattern).test(value, true)) tell(run, "error", "value", `${shown(value)} does not fit ${shown(pattern)}`, "value");
  } catch (fault) {
    if (!(fault instanceof RegexFault)) throw fault;
    tell(run, "warning", "processing", `the question's regular expression is not checked: ${fault.message}`, "value");
  }
}

function checkUnits(question: Container, { value }: Answer, run: Run): void {
  if (!isObject(value)) return;
  const options = extensions(question, "unitOption").flatMap(({ value: option }) => isObject(option) ? [option] : []);
  if (options.length > 0 && !options.some((option) => option.code === value.code && option.system === value.system))
    tell(run, "error", "value", `${shown(value.unit ?? value.code)} is none of the units allowed: ${options.map((option) => String(option.code)).join(", ")}`, "value");
  for (const { value: valueSet } of extensions(question, "unitValueSet")) {
    if (typeof valueSet !== "string") continue;
    const codings = codingsOf(value, "Quantity")!;
    const answer = codings.length === 0 ? undefined : anyMember(valueSet, codings, run);
    if (answer === undefined || answer.kind === "not-member") tell(run, "error", "code-invalid", `the unit ${shown(value.unit ?? value.code)} is not in the value set ${valueSet}; use one of it, with its system and code`, "value");
  }
}

function checkAttachment(question: Container, { value }: Answer, run: Run): void {
  if (!isObject(value)) return;
  const types = extensions(question, "mimeType").map((one) => one.value);
  if (types.length > 0 && typeof value.contentType === "string" && !types.includes(value.contentType))
    tell(run, "error", "value", `the content type ${shown(value.contentType)} is not allowed; allowed: ${types.join(", ")}`);
  for (const { value: megabytes } of extensions(question, "maxSize")) {
    const size = typeof value.size === "number" ? value.size : typeof value.data === "string" ? Math.floor(value.data.length / 4 * 3) : undefined;
    if (typeof megabytes === "number" && size !== undefined && size > megabytes * 1_048_576) tell(run, "error", "too-long", `the attachment has ${size} bytes, at most ${megabytes} MB are allowed`);
  }
}
