/**
 * ConceptMap/$translate: https://hl7.org/fhir/R4/conceptmap-operation-translate.html. R5's names of the parameters
 * (sourceCode, targetCode, …) are taken as well; a targetCode asks in the other direction.
 */
import { splitCanonical } from "../../canonical.ts";
import { TxFault } from "../issues.ts";
import { ParameterWriter, type Parameter, type ParameterReader, type Parameters } from "../parameters.ts";
import { ask, type Work } from "../provider.ts";
import type { ConceptMap, MapDependency } from "../resources.ts";
import type { Session } from "../session.ts";
import { isMatch, matchesIn, relationshipOf, type Match, type Wanted } from "../translate.ts";
import { pickVersion } from "../version.ts";
import { answered, sessionOf, wellShaped, type Answer, type Request } from "./answer.ts";

/** Maps that a map hands on to, one after the other. */
const chainMax = 8;

export function translateOperation(request: Request): Work<Answer> {
  function* run(): Work<Parameters> {
    const session = sessionOf(request, { validating: true });
    const { given } = session.options;
    const all = wantedOf(given);
    const maps = yield* mapsOf(session, all[0]!);
    const matches: Match[] = [];
    const seen = new Set<string>();
    for (const wanted of all) for (const map of maps) yield* collect(session, map, wanted, matches, seen, 0);
    const result = new ParameterWriter().add("result", "Boolean", matches.some(isMatch));
    if (!matches.some(isMatch)) result.add("message", "String", `No translation of ${all.map(({ system, code }) => `${system}#${code}`).join(", ")} was found${maps.length === 0 ? ": no concept map for it is here" : ""}`);
    for (const match of matches) result.addParts("match", partsOf(match, all[0]!.reverse));
    return result.done();
  }
  return answered(run());
}

function wantedOf(given: ParameterReader): Wanted[] {
  const source = given.coding("sourceCoding") ?? given.coding("coding");
  const target = given.coding("targetCoding");
  const concept = given.concept("sourceCodeableConcept") ?? given.concept("codeableConcept");
  const targetCode = given.text("targetCode") ?? target?.code;
  const reverse = given.flag("reverse") === true || (targetCode !== undefined && source === undefined && given.text("sourceCode") === undefined && given.text("code") === undefined);
  const sourceSystem = given.text("sourceSystem") ?? given.text("system") ?? source?.system;
  const targetSystem = given.text("targetSystem") ?? given.text("targetsystem") ?? target?.system;
  const codes = concept ? (concept.coding ?? []).map(({ system, code }) => ({ system, code }))
    : targetCode !== undefined && reverse ? [{ system: targetSystem, code: targetCode }]
    : [{ system: sourceSystem, code: given.text("sourceCode") ?? given.text("code") ?? source?.code }];
  const other = targetCode !== undefined && reverse ? sourceSystem : targetSystem;
  const wanted = codes.flatMap(({ system, code }): Wanted[] => (system === undefined || code === undefined ? [] : [{ system, code, reverse, ...(other === undefined ? {} : { targetSystem: other }) }]));
  if (wanted.length === 0) throw new TxFault(400, { code: "required", text: "$translate takes code and system, a coding, or a codeableConcept with both" });
  return wanted;
}

/** The map that the request names or brings, else all that may answer. */
function* mapsOf(session: Session, { system, targetSystem, reverse }: Wanted): Work<readonly ConceptMap[]> {
  const { given } = session.options;
  const brought = given.resource("conceptMap");
  if (brought) return [wellShaped(brought as ConceptMap)];
  const named = given.text("url");
  if (named === undefined) {
    const from = reverse ? targetSystem : system;
    if (from === undefined) throw new TxFault(400, { code: "required", text: "$translate from a target takes the source system, or the url of the concept map" });
    return yield* ask(() => session.source.conceptMaps({ sourceSystem: from }));
  }
  const found = yield* mapNamed(session, named, given.text("conceptMapVersion"));
  if (!found) throw new TxFault(404, { code: "not-found", type: "not-found", text: `The concept map ${named} is not known here` });
  return [found];
}

function* mapNamed(session: Session, canonical: string, version?: string): Work<ConceptMap | undefined> {
  const { url, version: own } = splitCanonical(canonical);
  const all = yield* ask(() => session.source.conceptMaps({ url }));
  return pickVersion(all, (map) => map.version, version ?? own);
}

function* collect(session: Session, map: ConceptMap, wanted: Wanted, into: Match[], seen: Set<string>, depth: number): Work<void> {
  const { matches, otherMaps } = matchesIn(map, wanted);
  for (const match of matches) {
    const key = `${match.equivalence} ${match.source?.system}#${match.source?.code} ${match.concept?.system}#${match.concept?.code} ${match.originMap}`;
    if (seen.has(key)) continue;
    seen.add(key);
    into.push(match);
  }
  if (depth >= chainMax) return;
  for (const canonical of otherMaps) {
    const other = yield* mapNamed(session, canonical);
    if (other) yield* collect(session, other, wanted, into, seen, depth + 1);
  }
}

function partsOf({ equivalence, concept, source, originMap, comment, product, dependsOn }: Match, reverse: boolean): Parameter[] {
  const part: Parameter[] = [{ name: "equivalence", valueCode: equivalence }, { name: "relationship", valueCode: relationshipOf(equivalence) }];
  if (concept) part.push({ name: "concept", valueCoding: concept });
  if (reverse && source) part.push({ name: "source", valueCoding: source });
  if (originMap !== "") part.push({ name: "originMap", valueCanonical: originMap });
  if (comment !== undefined) part.push({ name: "comment", valueString: comment });
  return [...part, ...product.map((one) => dependency("product", one)), ...dependsOn.map((one) => dependency("dependsOn", one))];
}

function dependency(name: string, { property, attribute, system, value }: MapDependency): Parameter {
  const element = property ?? attribute;
  return { name, part: [...(element === undefined ? [] : [{ name: "element", valueUri: element }]), { name: "concept", valueCoding: { ...(system === undefined ? {} : { system }), ...(value === undefined ? {} : { code: value }) } }] };
}
