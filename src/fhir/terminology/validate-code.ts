/**
 * $validate-code of a code, a Coding or a CodeableConcept against a prepared value set, with everything that is to be
 * said about each coding. https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 */
import { joinCanonical } from "../canonical.ts";
import type { CodeableConcept, Coding } from "../resource.ts";
import { checkCoding, CodingDetails, sayStatus, sayUnknown, sayUnknownCode, withStandards, type CheckContext, type CheckedCoding } from "./check-coding.ts";
import { displayIssue } from "./check-display.ts";
import { among, list, type PreparedSet } from "./compose.ts";
import { below, Issues, outcome, TxFault } from "./issues.ts";
import { workingLanguages } from "./options.ts";
import { ParameterWriter, type Parameters } from "./parameters.ts";
import { ask, type Work } from "./provider.ts";
import { systemCanonical, type Session } from "./session.ts";
import { supplementCanonical } from "./supplement.ts";

export type Mode = "code" | "coding" | "codeableConcept";

/** `ofSystem`: the value set is all of a code system, made for CodeSystem/$validate-code; it is not spoken of. */
export type Question = { concept: CodeableConcept; mode: Mode; abstractOk: boolean; inferSystem: boolean; ofSystem: boolean };

/** Codings beyond these are not looked at. */
const codingsMax = 200;
const inferMax = 10_000;

export function rootPath(mode: Mode): string {
  return mode === "code" ? "" : mode === "coding" ? "Coding" : "CodeableConcept";
}

export function* validateCode(session: Session, prepared: PreparedSet, question: Question): Work<Parameters> {
  const validation = new Validation(session, prepared, question);
  return yield* validation.run();
}

class Validation {
  readonly #session: Session;
  readonly #prepared: PreparedSet;
  readonly #question: Question;
  readonly #context: CheckContext;
  /** The coding that answers: the last one in the value set, else the first. */
  #valid: { system: string; code: string } | undefined;
  #first: CheckedCoding | undefined;
  #version: string | undefined;
  #display: string | undefined;
  #implied: string | undefined;
  #normalCode: string | undefined;
  #details: { details: CodingDetails; path: string; code: string } | undefined;
  readonly #saidUnknownCodes = new Set<string>();

  constructor(session: Session, prepared: PreparedSet, question: Question) {
    this.#session = session;
    this.#prepared = prepared;
    this.#question = question;
    this.#context = { session, issues: new Issues(), messages: new Set(), unknownSystems: new Set(), abstractOk: question.abstractOk, followed: { imports: 0 } };
  }

  *run(): Work<Parameters> {
    const { concept, mode } = this.#question;
    const { issues } = this.#context;
    if (!this.#question.ofSystem) sayStatus(this.#context, this.#prepared.set, "ValueSet", this.#prepared.canonical, withStandards(this.#prepared.set));
    let answer: boolean | undefined = false;
    const named: string[] = [];
    for (const [i, coding] of (concept.coding ?? []).slice(0, codingsMax).entries()) {
      const path = mode === "codeableConcept" ? `CodeableConcept.coding[${i}]` : rootPath(mode);
      const one = yield* this.#coding(coding, path);
      named.push(one.name);
      if (one.answer === false && !this.#question.ofSystem && mode === "codeableConcept") {
        issues.add({ severity: "information", code: "code-invalid", type: "this-code-not-in-vs", id: "None_of_the_provided_codes_are_in_the_value_set_one", path: below(path, "code"), text: `The provided code ${one.name} was not found in the value set '${this.#prepared.canonical}'` });
      }
      if (answer !== true && one.answer !== false) answer = one.answer;
    }
    if (answer === false && !this.#question.ofSystem) this.#sayNotIn(named);
    return this.#result(answer);
  }

  *#coding({ system: given, version, code, display }: Coding, path: string): Work<{ answer: boolean | undefined; name: string }> {
    const coding: CheckedCoding = { code: code ?? "" };
    if (given !== undefined && given !== "") coding.system = given;
    if (version !== undefined && version !== "") coding.version = version;
    if (display !== undefined && display !== "") coding.display = display;
    const details = new CodingDetails();
    let { system } = coding;
    let answer: boolean | undefined = false;
    if (system === undefined && this.#question.inferSystem) system = this.#implied = yield* this.#infer(coding.code);
    else if (system === undefined) {
      const text = "Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided";
      this.#context.messages.add(text);
      this.#context.issues.add({ severity: "warning", code: "invalid", type: "invalid-data", id: "Coding_has_no_system__cannot_validate", path, text });
    }
    if (system !== undefined) answer = yield* checkCoding(this.#context, this.#prepared, path, { ...coding, system }, details);
    const name = `'${joinCanonical(system ?? "", coding.version)}#${coding.code}${display === undefined ? "" : ` ('${display}')`}'`;
    if (this.#first === undefined || answer === true) this.#first = coding;
    if (details.concept) this.#details = { details, path, code: coding.code };
    this.#normalCode ??= details.normalCode;
    if (answer === true && system !== undefined) {
      this.#valid = { system, code: coding.code };
      this.#version = details.version ?? this.#version;
      this.#sayDisplay({ ...coding, system }, details, path);
      this.#show(details);
    } else if (system !== undefined && !this.#session.options.membershipOnly) yield* this.#lookAtStranger({ ...coding, system }, details, path);
    return { answer, name };
  }

  /** What can be said of a coding that is not in the value set: is there such a system, such a code? */
  *#lookAtStranger(coding: CheckedCoding & { system: string }, details: CodingDetails, path: string): Work<void> {
    const { issues, messages } = this.#context;
    const { system: url, version, code } = coding;
    const say = (id: string, text: string): void => {
      messages.add(text);
      issues.add({ severity: "error", code: "invalid", type: "invalid-data", id, path: below(path, "system"), text });
    };
    if (!isAbsolute(url)) say("Terminology_TX_System_Relative", "Coding.system must be an absolute reference, not a local reference");
    const system = yield* this.#session.codeSystem(url, version, { check: { issues, path } });
    if (!system) {
      const supplement = yield* ask(() => this.#session.source.supplementByUrl(url));
      if ((yield* ask(() => this.#session.source.valueSets(url))).length > 0) say("Terminology_TX_System_ValueSet2", `The Coding references a value set, not a code system ('${url}')`);
      else if (supplement) say("CODESYSTEM_CS_NO_SUPPLEMENT", supplementText(supplementCanonical(supplement)));
      else yield* sayUnknown(this.#context, url, version, path);
      return;
    }
    sayStatus(this.#context, this.#prepared.set, "CodeSystem", systemCanonical(system), system.header);
    const concept = (yield* ask(() => system.concepts([code])))[0];
    if (!concept) {
      const key = `${systemCanonical(system)}#${code}`;
      if (!this.#saidUnknownCodes.has(key)) sayUnknownCode(this.#context, system, code, path);
      this.#saidUnknownCodes.add(key);
      return;
    }
    if (details.terms.terms.length === 0) details.terms.addConcept(concept, system.header.language);
    this.#show(details);
    this.#version ??= system.header.version;
    this.#sayDisplay(coding, details, path);
  }

  #sayDisplay(coding: CheckedCoding & { system: string }, details: CodingDetails, path: string): void {
    if (coding.display === undefined || details.terms.terms.length === 0) return;
    const issue = displayIssue(details.terms, { ...coding, display: coding.display }, this.#session.options, below(path, "display"));
    if (!issue) return;
    this.#context.issues.add(issue);
    if (issue.type === "invalid-display") this.#context.messages.add(issue.text);
  }

  #show({ terms }: CodingDetails): void {
    this.#display = (terms.preferred(workingLanguages(this.#session.options)) ?? (this.#display === undefined ? terms.preferred(undefined) : undefined))?.value ?? this.#display;
  }

  #sayNotIn(named: readonly string[]): void {
    const { mode } = this.#question;
    const { canonical } = this.#prepared;
    const [id, text] = mode === "codeableConcept"
      ? ["TX_GENERAL_CC_ERROR_MESSAGE", `No valid coding was found for the value set '${canonical}'`] as const
      : ["None_of_the_provided_codes_are_in_the_value_set_one", `The provided code ${named.join(", ")} was not found in the value set '${canonical}'`] as const;
    this.#context.messages.add(text);
    this.#context.issues.add({ severity: "error", code: "code-invalid", type: "not-in-vs", id, path: mode === "codeableConcept" ? "" : below(rootPath(mode), "code"), text });
  }

  /** The one system of the value set that has the code. */
  *#infer(code: string): Work<string | undefined> {
    const systems = new Set<string>();
    const direct = [...this.#prepared.includes, ...this.#prepared.excludes].every(({ include, imports }) => include.system !== undefined && imports.length === 0);
    if (direct) {
      for (const { include } of this.#prepared.includes) {
        const system = yield* this.#session.codeSystem(include.system!, include.version);
        if (!system || systems.has(include.system!)) continue;
        if ((yield* among(this.#session, this.#prepared, system, [code]))[0]) systems.add(include.system!);
      }
    } else {
      const { candidates } = yield* list(this.#session, this.#prepared, { limit: inferMax, activeOnly: false, onSystem: () => {}, onValueSet: () => {} });
      for (const { system, concept } of candidates) if (concept.code === code) systems.add(system.header.url);
    }
    if (systems.size === 1) return [...systems][0];
    const start = `The System URI could not be determined for the code '${code}' in the ValueSet '${this.#prepared.canonical}'`;
    const text = systems.size > 1 ? `${start}: value set expansion has multiple matches: [${[...systems].join(", ")}]` : start;
    this.#context.messages.add(text);
    this.#context.issues.add({ severity: "error", code: "not-found", type: "cannot-infer", id: systems.size > 1 ? "Unable_to_resolve_system__value_set_has_multiple_matches" : "UNABLE_TO_INFER_CODESYSTEM", path: "code", text });
    return undefined;
  }

  #result(answer: boolean | undefined): Parameters {
    const { concept, mode } = this.#question;
    const { issues, messages, unknownSystems } = this.#context;
    const shown = mode !== "codeableConcept";
    const first = shown ? this.#first : undefined;
    const result = new ParameterWriter();
    const state = this.#sayState();
    result.add("result", "Boolean", answer === true && issues.errors.length === 0);
    result.add("system", "Uri", this.#valid?.system ?? (answer === true ? this.#implied : undefined) ?? first?.system);
    for (const unknown of unknownSystems) result.add(answer === false ? "x-unknown-system" : "x-caused-by-unknown-system", "Canonical", unknown);
    result.add("normalized-code", "Code", this.#normalCode);
    const code = this.#valid?.code ?? first?.code;
    result.add("code", "Code", code).add("version", "String", this.#version ?? first?.version);
    if (code !== undefined) result.add("display", "String", this.#display);
    if (state.inactive) result.add("inactive", "Boolean", true);
    result.add("status", "Code", state.status);
    for (const { text } of issues.errors) messages.add(text);
    result.add("message", "String", [...messages].sort().join("; "));
    if (mode === "codeableConcept") result.add("codeableConcept", "CodeableConcept", concept);
    if (issues.all.length > 0) result.addResource("issues", outcome(issues.all));
    return result.done();
  }

  /** That the concept is inactive or deprecated. */
  #sayState(): { inactive: boolean; status?: string } {
    const known = this.#details;
    if (!known?.details.concept) return { inactive: false };
    const { inactive, status } = known.details.concept;
    const say = (id: string, text: string): void => {
      this.#context.messages.add(text);
      this.#context.issues.add({ severity: "warning", code: "business-rule", type: "code-comment", id, path: known.path || "code", text });
    };
    if (inactive) {
      const named = status === undefined || status === "inactive" ? "inactive" : `${status} and inactive`;
      say("INACTIVE_CONCEPT_FOUND", `The concept '${known.code}' has a status of ${named} and its use should be reviewed`);
      return status === undefined || status === "inactive" ? { inactive } : { inactive, status };
    }
    if (status !== "deprecated") return { inactive: false };
    say("DEPRECATED_CONCEPT_FOUND", `The concept '${known.code}' is deprecated and its use should be reviewed`);
    return { inactive: false, status };
  }
}

export function supplementText(canonical: string): string {
  return `CodeSystem ${canonical} is a supplement, so can't be used as a value in Coding.system`;
}

export function isAbsolute(uri: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(uri);
}

/** A fault that stops a validation before it begins, as its result: https://hl7.org/fhir/R4/valueset-operation-validate-code.html */
export function faultResult({ issue }: TxFault, { concept, mode }: Pick<Question, "concept" | "mode">, unknownSystem?: string): Parameters {
  const coding = mode === "codeableConcept" ? undefined : concept.coding?.[0];
  const result = new ParameterWriter().add("result", "Boolean", false).add("code", "Code", coding?.code).add("system", "Uri", coding?.system).add("x-caused-by-unknown-system", "Canonical", unknownSystem).add("message", "String", issue.text);
  if (mode === "codeableConcept") result.add("codeableConcept", "CodeableConcept", concept);
  return result.addResource("issues", outcome([issue])).done();
}
