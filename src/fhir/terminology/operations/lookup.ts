/** CodeSystem/$lookup: https://hl7.org/fhir/R4/codesystem-operation-lookup.html */
import type { Coding } from "../../resource.ts";
import { Designations, displayUse } from "../designations.ts";
import { TxFault } from "../issues.ts";
import { workingLanguages } from "../options.ts";
import { ParameterWriter, type Parameter, type Parameters } from "../parameters.ts";
import { ask, type CodeSystemProvider, type Concept, type Work } from "../provider.ts";
import type { ConceptProperty } from "../resources.ts";
import { versionsText, type Session } from "../session.ts";
import { supplementOf } from "../supplement.ts";
import { answered, sessionOf, type Answer, type Request } from "./answer.ts";

const namedMax = 1000;

export function lookupOperation(request: Request): Work<Answer> {
  function* run(): Work<Parameters> {
    const session = sessionOf(request, { validating: false });
    const { given } = session.options;
    const { system: url, version, code } = given.coding("coding") ?? plainCoding(given.text("system"), given.text("version"), given.text("code"));
    if (code === undefined || url === undefined) throw new TxFault(400, { code: "required", text: "$lookup takes code and system, or a coding with both" });
    const system = yield* requiredSystem(session, url, version);
    const concept = (yield* ask(() => system.concepts([code])))[0];
    session.requireSupplements(422);
    if (!concept) throw new TxFault(404, { code: "not-found", text: `Unknown code '${code}' in the CodeSystem '${url}'${system.header.version === undefined ? "" : ` version '${system.header.version}'`}` });
    return yield* describe(session, system, concept);
  }
  return answered(run());
}

function plainCoding(system: string | undefined, version: string | undefined, code: string | undefined): Coding {
  return { ...(system === undefined ? {} : { system }), ...(version === undefined ? {} : { version }), ...(code === undefined ? {} : { code }) };
}

/** The system of a look-up or comparison; a fault where it is not here. */
export function* requiredSystem(session: Session, url: string, version: string | undefined): Work<CodeSystemProvider> {
  const system = yield* session.codeSystem(url, version, { check: "throw" });
  if (system) return system;
  const versions = yield* session.versionsOf(url);
  const wanted = session.versionFor(url, version);
  throw new TxFault(404, {
    code: "not-found", type: "not-found", id: wanted === undefined ? "UNKNOWN_CODESYSTEM" : "UNKNOWN_CODESYSTEM_VERSION",
    text: `A definition for CodeSystem '${url}'${wanted === undefined ? "" : ` version '${wanted}'`} could not be found${versions.length === 0 ? "" : `. Valid versions: ${versionsText(versions)}`}`,
  });
}

function* describe(session: Session, system: CodeSystemProvider, concept: Concept): Work<Parameters> {
  const { header } = system;
  const { options } = session;
  const terms = new Designations().addConcept(concept, header.language);
  const shown = terms.preferred(workingLanguages(options));
  const result = new ParameterWriter();
  result.add("name", "String", header.name ?? header.title ?? header.url).add("version", "String", header.version).add("display", "String", shown?.value ?? concept.display);
  result.add("system", "Uri", header.url).add("code", "Code", concept.code).add("abstract", "Boolean", concept.abstract).add("definition", "String", concept.definition);
  for (const supplement of session.supplementsOn.get(system) ?? []) result.add("used-supplement", "Canonical", supplement);
  const wants = (name: string): boolean => options.properties.length === 0 || options.properties.includes("*") || options.properties.includes(name);
  if (wants("designation")) {
    for (const { value, language, use, source } of terms.terms) {
      const from = source && supplementOf(source);
      const part: Parameter[] = [];
      if (language !== undefined) part.push({ name: "language", valueCode: language });
      if (use !== undefined) part.push({ name: "use", valueCoding: use === displayUse ? { ...displayUse } : use });
      part.push({ name: "value", valueString: value });
      if (from !== undefined) part.push({ name: "source", valueCanonical: from });
      result.addParts("designation", part);
    }
  }
  for (const { code, ...value } of concept.property ?? []) if (wants(code)) result.addParts("property", [{ name: "code", valueCode: code }, { name: "value", ...value }]);
  if (wants("inactive") && !concept.property?.some(({ code }) => code === "inactive")) result.addParts("property", [{ name: "code", valueCode: "inactive" }, { name: "value", valueBoolean: concept.inactive }]);
  if (wants("parent")) yield* addRelatives(result, system, "parent", concept.parents, concept.property);
  if (wants("child")) yield* addRelatives(result, system, "child", yield* ask(() => system.children(concept.code)), concept.property);
  return result.done();
}

function* addRelatives(result: ParameterWriter, system: CodeSystemProvider, name: "parent" | "child", codes: readonly string[], said: readonly ConceptProperty[] | undefined): Work<void> {
  const fresh = codes.filter((code) => !said?.some((one) => one.code === name && one.valueCode === code)).slice(0, namedMax);
  if (fresh.length === 0) return;
  const found = yield* ask(() => system.concepts(fresh));
  for (const [i, code] of fresh.entries()) {
    const display = found[i]?.display;
    result.addParts("property", [{ name: "code", valueCode: name }, { name: "value", valueCode: code }, ...(display === undefined ? [] : [{ name: "description", valueString: display }])]);
  }
}
