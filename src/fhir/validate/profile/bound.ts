/**
 * Bindings by strength, asked of the terminology port. Required: must be a member. Extensible: a member unless no code
 * fits, so a warning. Preferred: information. Example: nothing. What is not known here becomes a question.
 * Source: https://hl7.org/fhir/R4/terminologies.html#strength
 */
import type { CodingLike, Membership } from "../../terminology/port.ts";
import { expressionOf, type Container } from "../context.ts";
import { shown } from "../primitives.ts";
import type { Binding } from "../../profiles/structure.ts";
import { isObject, tell, type Run } from "./run.ts";

const ucum = "http://unitsofmeasure.org";

/** The codes a value states; undefined when it is of a type that bindings do not reach. */
export function codingsOf(value: unknown, type: string): CodingLike[] | undefined {
  switch (type) {
    case "code": case "string": case "uri": case "url": case "canonical": case "markdown": case "id":
      return typeof value === "string" ? [{ code: value }] : undefined;
    case "Coding": return isObject(value) ? [codingOf(value)] : undefined;
    case "CodeableConcept": return isObject(value) ? (Array.isArray(value.coding) ? value.coding.filter(isObject).map(codingOf) : []) : undefined;
    case "Quantity": case "Age": case "Count": case "Distance": case "Duration": case "Money":
      if (!isObject(value)) return undefined;
      if (type === "Money") return typeof value.currency === "string" ? [{ code: value.currency }] : [];
      return typeof value.code === "string" ? [codingOf(value)] : [];
    default: return undefined;
  }
}

function codingOf({ system, version, code, display }: Container): CodingLike {
  const coding: CodingLike = {};
  if (typeof system === "string") coding.system = system;
  if (typeof version === "string") coding.version = version;
  if (typeof code === "string") coding.code = code;
  if (typeof display === "string") coding.display = display;
  return coding;
}

export function checkBinding(binding: Binding, value: unknown, type: string, run: Run): void {
  const { strength, valueSet, maxValueSet } = binding;
  const codings = codingsOf(value, type);
  if (codings === undefined) return;
  const isQuantity = isObject(value) && type !== "Coding" && type !== "CodeableConcept";
  if (codings.every(({ code }) => code === undefined)) {
    if (isObject(value) && (value.extension !== undefined || value._code !== undefined || codings.length > 0)) return; // says why it is absent
    if (isQuantity) return;
    if (strength === "required" && valueSet !== undefined) tell(run, "error", "code-invalid", `has no coding, and one of the value set ${valueSet} is required; give one`);
    else if (strength === "extensible" && valueSet !== undefined && isObject(value) && value.text === undefined) tell(run, "warning", "code-invalid", `has no coding, and one of the value set ${valueSet} is expected`);
    return;
  }
  if (valueSet !== undefined && strength !== "example") {
    const answer = anyMember(valueSet, codings, run);
    const told = answer.kind === "member" ? "" : answer.text;
    const rest = told.includes("; ") ? told.slice(told.indexOf("; ")) : "";
    if (answer.kind === "unknown") ask(run, { kind: "value-set", valueSet, codings, strength, text: told });
    else if (answer.kind === "not-member" && !isFormOfFhir(codings, run)) {
      const found = codings.map(describe).join(", ");
      switch (strength) {
        case "required": tell(run, "error", "code-invalid", `${found} is not in the required value set ${valueSet}${rest}`); break;
        case "extensible": tell(run, "warning", "code-invalid", `${found} is not in the value set ${valueSet}, whose codes are to be used where one fits${rest}`); break;
        case "preferred": tell(run, "information", "code-invalid", `${found} is not in the preferred value set ${valueSet}`); break;
      }
    }
  }
  if (maxValueSet !== undefined) {
    const answer = anyMember(maxValueSet, codings, run);
    if (answer.kind === "not-member") tell(run, "error", "code-invalid", `${codings.map(describe).join(", ")} is not in ${maxValueSet}, beyond which no code is allowed here; ${answer.text}`);
    else if (answer.kind === "unknown") ask(run, { kind: "maximum-value-set", valueSet: maxValueSet, codings, strength, text: answer.text });
  }
}

/** CapabilityStatement.format names FHIR's own forms without a mime type too: https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.format */
function isFormOfFhir([{ code } = {}]: readonly CodingLike[], run: Run): boolean {
  return run.resource.resourceType === "CapabilityStatement" && (code === "json" || code === "xml" || code === "ttl") && /\.format\[\d+\]$/.test(expressionOf(run));
}

/** One member suffices; without one, one that is not known leaves it open. */
export function anyMember(valueSet: string, codings: readonly CodingLike[], run: Run): Membership {
  let unknown: Membership | undefined, not: Membership | undefined;
  for (const coding of codings) {
    if (coding.code === undefined) continue;
    const answer = run.definitions.terminology.memberOf(valueSet, coding);
    if (answer.kind === "member") return answer;
    if (answer.kind === "unknown") unknown ??= answer; else not ??= answer;
  }
  return unknown ?? not ?? { kind: "not-member", text: "there is no code" };
}

function ask(run: Run, question: Omit<Run["questions"][number], "expression">): void {
  if (run.quiet || run.questions.length >= run.issuesMax) return;
  run.questions.push({ ...question, expression: expressionOf(run) });
}

/** A Coding anywhere: the code one of its system's, the display one of the concept's. UCUM codes are read as expressions. */
export function checkCoding(value: unknown, run: Run): void {
  if (!isObject(value) || typeof value.code !== "string" || typeof value.system !== "string" || run.quiet) return;
  const coding = codingOf(value);
  const answer = run.definitions.terminology.inSystem(coding);
  switch (answer.kind) {
    case "not-member": return tell(run, "error", "code-invalid", answer.text);
    case "unknown":
      if (value.system !== ucum) ask(run, { kind: "system", codings: [coding], strength: "example", text: answer.text });
      return;
    case "member":
      if (answer.displayFault !== undefined) tell(run, run.settings.wrongDisplay, "value", answer.displayFault, "display");
  }
}

/** A code that a ValueSet or ConceptMap lists: one of its system's, else a warning. What is not known here is let be: such lists are long. */
export function checkListedCode(stated: Container, place: string, run: Run): void {
  const coding = codingOf(stated);
  if (coding.code === undefined || coding.system === undefined) return;
  const answer = run.definitions.terminology.inSystem(coding);
  if (answer.kind === "not-member") tell(run, "warning", "code-invalid", answer.text, place);
}

export function describe({ system, code }: CodingLike): string {
  return system === undefined ? shown(code) : `${shown(code)} of ${system}`;
}
