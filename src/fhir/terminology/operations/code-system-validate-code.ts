/** CodeSystem/$validate-code: https://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
import { splitCanonical } from "../../canonical.ts";
import type { Resource } from "../../resource.ts";
import { unknownText } from "../check-coding.ts";
import { prepare } from "../compose.ts";
import { below, TxFault } from "../issues.ts";
import { layer } from "../layer.ts";
import { ParameterReader } from "../parameters.ts";
import { ask, type CodeSystemProvider, type Work } from "../provider.ts";
import type { CodeSystem, ValueSet } from "../resources.ts";
import type { Session } from "../session.ts";
import { supplementCanonical } from "../supplement.ts";
import { faultResult, isAbsolute, rootPath, supplementText, validateCode, type Question } from "../validate-code.ts";
import { Terminology } from "../terminology.ts";
import { answered, sessionOf, wellShaped, type Answer, type Request } from "./answer.ts";
import { codedValue } from "./validate-code.ts";

export function validateInSystemOperation(request: Request): Work<Answer> {
  function* run(): Work<Resource> {
    const brought = new ParameterReader(request.parameters).resource("codeSystem") as CodeSystem | undefined;
    const session = sessionOf(brought ? { ...request, source: layer(Terminology.of([wellShaped(brought)]), request.source) } : request, { validating: true });
    const { given } = session.options;
    const { concept, mode } = codedValue(given, { system: given.has("url") ? "url" : "system", version: "version" });
    const [coding] = concept.coding ?? [];
    const question: Question = { concept, mode, abstractOk: given.flag("abstract") ?? true, inferSystem: false, ofSystem: true };
    const place = mode === "codeableConcept" ? "CodeableConcept.coding[0]" : rootPath(mode);
    const named = brought?.url ?? given.text("url") ?? coding?.system;
    try {
      if (named === undefined) throw new TxFault(400, { severity: "warning", code: "invalid", type: "invalid-data", id: "Coding_has_no_system__cannot_validate", path: place, text: "Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided" }, { asResult: true });
      const { url, version } = splitCanonical(named);
      const system = yield* requestedSystem(session, url, given.text("version") ?? version ?? coding?.version, below(place, "system"));
      const prepared = yield* prepare(session, allOf(system), (canonical) => new TxFault(422, { code: "not-found", text: `The value set ${canonical} is not known here` }));
      session.requireSupplements(422);
      return yield* validateCode(session, prepared, question);
    } catch (fault) {
      if (fault instanceof TxFault && fault.asResult) return faultResult(fault, question, fault.issue.code === "not-found" ? named : undefined);
      throw fault;
    }
  }
  return answered(run());
}

function* requestedSystem(session: Session, url: string, version: string | undefined, path: string): Work<CodeSystemProvider> {
  const fault = (code: string, type: string, id: string, text: string): TxFault => new TxFault(422, { code, type, id, path, text }, { asResult: true });
  const system = yield* session.codeSystem(url, version);
  if (system) return system;
  const supplement = yield* ask(() => session.source.supplementByUrl(url));
  if (supplement) throw fault("invalid", "invalid-data", "CODESYSTEM_CS_NO_SUPPLEMENT", supplementText(supplementCanonical(supplement)));
  if (!isAbsolute(url)) throw fault("invalid", "invalid-data", "Terminology_TX_System_Relative", "Coding.system must be an absolute reference, not a local reference");
  if ((yield* ask(() => session.source.valueSets(url))).length > 0) throw fault("invalid", "invalid-data", "Terminology_TX_System_ValueSet2", `The Coding references a value set, not a code system ('${url}')`);
  const wanted = session.versionFor(url, version);
  const versions = yield* session.versionsOf(url);
  throw fault("not-found", "not-found", wanted === undefined ? "UNKNOWN_CODESYSTEM" : versions.length === 0 ? "UNKNOWN_CODESYSTEM_VERSION_NONE" : "UNKNOWN_CODESYSTEM_VERSION", unknownText(url, wanted, versions));
}

/** The value set of all codes of this version. */
function allOf({ header }: CodeSystemProvider): ValueSet {
  const version = header.version === undefined ? {} : { version: header.version };
  return { resourceType: "ValueSet", url: header.valueSet ?? header.url, status: "active", ...version, compose: { include: [{ system: header.url, ...version }] } };
}
