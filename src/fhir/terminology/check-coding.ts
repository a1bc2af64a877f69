/**
 * Is a coding in a value set? Three answers: true, false, and undefined where the code system is not known here; issues
 * say why. The rules, messages and their ids are those of https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/
 */
import { joinCanonical } from "../canonical.ts";
import { leavesOutInactive, type PreparedInclude, type PreparedSet } from "./compose.ts";
import { Designations } from "./designations.ts";
import { statusWarning } from "./expand.ts";
import { below, Issues, TxFault } from "./issues.ts";
import { ask, type CodeSystemProvider, type Concept, type Work } from "./provider.ts";
import { extensionText, standardsStatusExtension, type Canonical, type ComposeConcept } from "./resources.ts";
import { systemCanonical, versionsText, type Session } from "./session.ts";
import { versionMatches } from "./version.ts";

export type CheckedCoding = { system?: string; version?: string; code: string; display?: string };

/** What is found out about one coding. */
export class CodingDetails {
  terms = new Designations();
  version: string | undefined;
  concept: Concept | undefined;
  /** The code as the system spells it, where the coding spelled it otherwise. */
  normalCode: string | undefined;
}

export type CheckContext = { session: Session; issues: Issues; messages: Set<string>; unknownSystems: Set<string>; abstractOk: boolean; /** Imports followed so far. */ followed: { imports: number } };

/** Imports followed in one run: value sets that import each other on many ways would take 2^n. */
const importsMax = 20_000;

export function* checkCoding(context: CheckContext, prepared: PreparedSet, path: string, coding: CheckedCoding & { system: string }, details: CodingDetails): Work<boolean | undefined> {
  const { issues, messages } = context;
  const start = issues.all.length;
  let answer: boolean | undefined = false;
  for (const one of prepared.includes) {
    const before = issues.all.length;
    answer = yield* checkInclude(context, prepared, one, path, coding, details);
    if (answer !== true) continue;
    for (const exclude of prepared.excludes) if (yield* isExcluded(context, prepared, exclude, path, coding)) return false;
    // What another include held against the code does not count.
    for (const { text } of issues.retractCodeFaults(start, before)) messages.delete(text);
    return true;
  }
  return answer;
}

function* checkInclude(context: CheckContext, prepared: PreparedSet, one: PreparedInclude, path: string, coding: CheckedCoding & { system: string }, details: CodingDetails): Work<boolean | undefined> {
  const { include, imports } = one;
  if (include.system !== undefined) {
    if (include.system !== coding.system) return false;
    const version = yield* versionOf(context, include.system, include.version, coding.version, path);
    const system = yield* context.session.codeSystem(coding.system, version, { check: { issues: context.issues, path } });
    if (!system) {
      if (context.session.options.membershipOnly) return false;
      yield* sayUnknown(context, coding.system, version, path);
      return undefined;
    }
    sayStatus(context, prepared.set, "CodeSystem", systemCanonical(system), system.header);
    details.version = system.header.version;
    if (!(yield* inInclude(context, prepared, one, system, path, coding.code, details))) return false;
  }
  for (const imported of imports) {
    if (++context.followed.imports > importsMax) throw new TxFault(422, { code: "too-costly", text: `The value set ${prepared.canonical} is made of others on more than ${importsMax} ways; import each once` });
    sayStatus(context, prepared.set, "ValueSet", imported.canonical, withStandards(imported.set));
    const inside = yield* checkCoding(context, imported, path, coding, details);
    if (inside !== true) return inside;
  }
  if (details.concept?.inactive && leavesOutInactive(prepared.set)) return false;
  return include.system !== undefined || imports.length > 0;
}

function* isExcluded(context: CheckContext, prepared: PreparedSet, one: PreparedInclude, path: string, coding: CheckedCoding & { system: string }): Work<boolean> {
  // What an exclude has to say of a code is no fault of the code.
  const quiet: CheckContext = { ...context, issues: new Issues(), messages: new Set(), unknownSystems: new Set() };
  const { version: _, ...unversioned } = coding;
  return (yield* checkInclude(quiet, { ...prepared, set: { ...prepared.set, compose: {} } }, one, path, unversioned, new CodingDetails())) === true;
}

/** The version of the system to check in: the value set's under the rules, made precise by the coding's. */
function* versionOf({ session, issues, messages, unknownSystems }: CheckContext, url: string, ofSet: string | undefined, ofCoding: string | undefined, path: string): Work<string | undefined> {
  let version = session.versionFor(url, ofSet);
  if (ofCoding === undefined || ofCoding === "") return version;
  const versions = yield* session.versionsOf(url);
  if (version !== undefined && versionMatches(version, ofCoding) && versions.length > 0) version = ofCoding;
  if (version === undefined && versions.some((one) => versionMatches(ofCoding, one))) version = ofCoding;
  const system = yield* session.codeSystem(url, version);
  const say = (severity: "error" | "warning", id: string, text: string): void => {
    issues.add({ severity, code: "invalid", type: "vs-invalid", id, path: below(path, "version"), text });
    if (severity === "error") messages.add(text);
  };
  const differs = `is different to the one in the value ('${ofCoding}')`;
  if (!system) {
    if (version !== ofCoding) say("error", "VALUESET_VALUE_MISMATCH", `The code system '${url}' version '${version ?? ""}' in the ValueSet include ${differs}`);
    return version;
  }
  const here = system.header.version ?? "";
  if (here === ofCoding || versionMatches(ofCoding, here)) return version;
  if (version === undefined) say(system.header.versionNeeded === true ? "error" : "warning", "VALUESET_VALUE_MISMATCH_DEFAULT", `The code system '${url}' version '${here}' for the versionless include in the ValueSet include ${differs}`);
  else if (version !== ofSet) say("error", "VALUESET_VALUE_MISMATCH_CHANGED", `The code system '${url}' version '${version}' resulting from the version '${ofSet ?? ""}' in the ValueSet include ${differs}`);
  else say("error", "VALUESET_VALUE_MISMATCH", `The code system '${url}' version '${version}' in the ValueSet include ${differs}`);
  if (!(yield* session.codeSystem(url, ofCoding, { rules: false }))) {
    const text = unknownText(url, ofCoding, versions);
    unknownSystems.add(`${url}|${ofCoding}`);
    issues.add({ severity: "error", code: "not-found", type: "not-found", id: "UNKNOWN_CODESYSTEM_VERSION", path: below(path, "system"), text });
    messages.add(text);
  }
  return version;
}

export function unknownText(url: string, version: string | undefined, versions: readonly string[]): string {
  const named = version === undefined ? "" : ` version '${version}'`;
  const known = version === undefined ? "" : versions.length === 0 ? ". No versions of this code system are known" : `. Valid versions: ${versionsText(versions)}`;
  return `A definition for CodeSystem '${url}'${named} could not be found, so the code cannot be validated${known}`;
}

/** That a system, or its version, is not here; said once. */
export function* sayUnknown({ session, issues, messages, unknownSystems }: CheckContext, url: string, version: string | undefined, path: string): Work<void> {
  const versions = version === undefined ? [] : yield* session.versionsOf(url);
  const id = version === undefined ? "UNKNOWN_CODESYSTEM" : versions.length === 0 ? "UNKNOWN_CODESYSTEM_VERSION_NONE" : "UNKNOWN_CODESYSTEM_VERSION";
  const key = versions.length === 0 ? url : joinCanonical(url, version);
  const text = unknownText(url, version, versions);
  messages.add(text);
  if (unknownSystems.has(key)) return;
  unknownSystems.add(key);
  issues.add({ severity: "error", code: "not-found", type: "not-found", id, path: below(path, "system"), text });
}

/** Whether the code is one of the include's own concepts; `details` takes what is known of it. */
function* inInclude(context: CheckContext, { set, canonical }: PreparedSet, { include, filters }: PreparedInclude, system: CodeSystemProvider, path: string, code: string, details: CodingDetails): Work<boolean> {
  const { session, issues, messages } = context;
  const { membershipOnly, activeOnly } = session.options;
  const listed = include.concept?.find((one) => one.code === code);
  if (include.concept && !listed) return false;
  const concept = (yield* ask(() => system.concepts([code])))[0];
  if (!concept) return !include.concept && filters.length === 0 && !membershipOnly ? sayUnknownCode(context, system, code, path) : false;
  if (filters.length > 0 && !(yield* ask(() => system.matches(filters, [code])))[0]) return false;
  details.terms.addConcept(concept, system.header.language);
  if (listed) details.terms.addCompose(listed, set.language);
  if (concept.abstract && !context.abstractOk) {
    if (!membershipOnly) issues.add({ severity: "error", code: "business-rule", type: "code-rule", id: "ABSTRACT_CODE_NOT_ALLOWED", path: below(path, "code"), text: `Code '${system.header.url}#${code}' is abstract, and not allowed in this context` });
    return false;
  }
  if (concept.inactive && (leavesOutInactive(set) || activeOnly)) {
    if (!membershipOnly) details.concept = concept;
    if (include.concept || filters.length > 0) return false;
    const text = `The concept '${code}' is valid but is not active`;
    issues.add({ severity: "error", code: "business-rule", type: "code-rule", id: "STATUS_CODE_WARNING_CODE", path: below(path, "code"), text });
    messages.add(text);
    return false;
  }
  if (concept.code !== code) {
    details.normalCode = concept.code;
    issues.add({ severity: "information", code: "business-rule", type: "code-rule", id: "CODE_CASE_DIFFERENCE", path: below(path, "code"), text: `The code '${code}' differs from the correct code '${concept.code}' by case. Although the code system '${systemCanonical(system)}' is case insensitive, implementers are strongly encouraged to use the correct case anyway` });
  }
  if (listed) sayListedStatus(issues, listed, system, canonical, path);
  details.concept = concept;
  return true;
}

/** A code that a complete system does not have is wrong; of a part of a system nothing can be said. */
export function sayUnknownCode({ issues }: Pick<CheckContext, "issues">, system: CodeSystemProvider, code: string, path: string): boolean {
  const { header } = system;
  const more = system.codeFault?.(code);
  if (more !== undefined) issues.add({ severity: "information", code: "code-invalid", type: "invalid-code", path: below(path, "code"), text: more });
  const where = `in the CodeSystem '${header.url}'${header.version === undefined ? "" : ` version '${header.version}'`}`;
  if (header.content !== "complete") {
    issues.add({ severity: "warning", code: "code-invalid", type: "invalid-code", id: "UNKNOWN_CODE_IN_FRAGMENT", path: below(path, "code"), text: `Unknown Code '${code}' ${where} - note that the code system is labeled as a fragment, so the code may be valid in some other fragment` });
    return true;
  }
  issues.add({ severity: "error", code: "code-invalid", type: "invalid-code", id: header.version === undefined ? "Unknown_Code_in" : "Unknown_Code_in_Version", path: below(path, "code"), text: `Unknown code '${code}' ${where}` });
  return false;
}

function sayListedStatus(issues: Issues, listed: ComposeConcept, { header }: CodeSystemProvider, canonical: string, path: string): void {
  const standards = extensionText(listed, standardsStatusExtension);
  const deprecated = listed.extension?.some(({ url }) => url === "http://hl7.org/fhir/StructureDefinition/valueset-deprecated");
  const status = standards === "withdrawn" || standards === "deprecated" ? standards : deprecated ? "deprecated" : undefined;
  if (status === undefined) return;
  issues.add({
    severity: "warning", code: "business-rule", type: "code-comment", id: "CONCEPT_DEPRECATED_IN_VALUESET", path: below(path, "code"),
    text: `The presence of the concept '${listed.code}' in the system '${header.url}' in the value set ${canonical} is marked with a status of ${status} and its use should be reviewed`,
  });
}

export function sayStatus({ issues }: Pick<CheckContext, "issues">, source: Canonical, type: "CodeSystem" | "ValueSet", canonical: string, of: { status?: string; standardsStatus?: string; experimental?: boolean }): void {
  const warning = statusWarning(of, source);
  if (warning !== undefined) issues.add({ severity: "information", code: "business-rule", type: "status-check", id: `MSG_${warning.toUpperCase()}`, text: `Reference to ${warning} ${type} ${canonical}` });
}

export function withStandards(set: Canonical): Canonical & { standardsStatus?: string } {
  const standardsStatus = extensionText(set, standardsStatusExtension);
  return standardsStatus === undefined ? set : { ...set, standardsStatus };
}
