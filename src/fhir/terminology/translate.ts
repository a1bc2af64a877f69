/** ConceptMap translation, in either direction: https://hl7.org/fhir/R4/conceptmap.html */
import { joinCanonical, splitCanonical } from "../canonical.ts";
import type { Coding } from "../resource.ts";
import type { ConceptMap, MapDependency, MapGroup, MapTarget } from "./resources.ts";

export type Match = { equivalence: string; concept?: Coding; source?: Coding; originMap: string; comment?: string; product: readonly MapDependency[]; dependsOn: readonly MapDependency[] };

export type Wanted = { system: string; version?: string; code: string; targetSystem?: string; reverse: boolean };

/** R4 says `equivalence`, R5 `relationship`. */
const equivalences: ReadonlyMap<string, string> = new Map(Object.entries({
  "related-to": "relatedto", equivalent: "equivalent", "source-is-narrower-than-target": "wider", "source-is-broader-than-target": "narrower", "not-related-to": "disjoint",
}));
const relationships: ReadonlyMap<string, string> = new Map(Object.entries({
  relatedto: "related-to", equivalent: "equivalent", equal: "equivalent", wider: "source-is-narrower-than-target", subsumes: "source-is-narrower-than-target",
  narrower: "source-is-broader-than-target", specializes: "source-is-broader-than-target", inexact: "related-to", unmatched: "not-related-to", disjoint: "not-related-to",
}));
/** Seen from the target, a wider one is narrower. */
const turned: ReadonlyMap<string, string> = new Map(Object.entries({ wider: "narrower", narrower: "wider", subsumes: "specializes", specializes: "subsumes" }));

export function relationshipOf(equivalence: string): string {
  return relationships.get(equivalence) ?? "related-to";
}

/** "unmatched" and "disjoint" say that there is no translation. */
export function isMatch({ equivalence, concept }: Match): boolean {
  return concept !== undefined && equivalence !== "unmatched" && equivalence !== "disjoint";
}

/** Every match of one map; `others` finds the map that an unmapped rule names. */
export function matchesIn(map: ConceptMap, wanted: Wanted): { matches: Match[]; otherMaps: string[] } {
  const matches: Match[] = [];
  const otherMaps: string[] = [];
  const originMap = joinCanonical(map.url ?? "", map.version);
  for (const group of map.group ?? []) {
    const from = splitCanonical((wanted.reverse ? group.target : group.source) ?? "").url;
    const to = splitCanonical((wanted.reverse ? group.source : group.target) ?? "").url;
    if (from !== wanted.system || (wanted.targetSystem !== undefined && to !== wanted.targetSystem)) continue;
    const before = matches.length;
    let listed = false;
    for (const { code, display, target, noMap } of group.element ?? []) {
      if (!wanted.reverse && code === wanted.code) {
        listed = true;
        if (noMap) matches.push({ equivalence: "unmatched", originMap, product: [], dependsOn: [] });
        for (const one of target ?? []) matches.push(matchOf(group, one, originMap, coding(group.source, group.sourceVersion, code, display)));
      }
      if (wanted.reverse) for (const one of target ?? []) if (one.code === wanted.code) matches.push(turn(matchOf(group, one, originMap, coding(group.source, group.sourceVersion, code, display))));
    }
    if (!wanted.reverse && !listed && matches.length === before) unmapped(group, wanted, originMap, matches, otherMaps);
  }
  return { matches, otherMaps };
}

function unmapped({ unmapped: rule, target, targetVersion }: MapGroup, { code }: Wanted, originMap: string, matches: Match[], otherMaps: string[]): void {
  if (!rule) return;
  const plain = { originMap, product: [], dependsOn: [] };
  if (rule.mode === "provided" || rule.mode === "use-source-code") matches.push({ equivalence: "equal", concept: coding(target, targetVersion, code, undefined), ...plain });
  else if (rule.mode === "fixed" && rule.code !== undefined) matches.push({ equivalence: "inexact", concept: coding(target, targetVersion, rule.code, rule.display), ...plain });
  else if (rule.mode === "other-map") otherMaps.push(...[rule.url ?? rule.otherMap].filter((url) => url !== undefined));
}

function matchOf(group: MapGroup, { code, display, equivalence, relationship, comment, product, dependsOn }: MapTarget, originMap: string, source: Coding): Match {
  const match: Match = { equivalence: equivalence ?? equivalences.get(relationship ?? "") ?? "relatedto", source, originMap, product: product ?? [], dependsOn: dependsOn ?? [] };
  if (code !== undefined) match.concept = coding(group.target, group.targetVersion, code, display);
  if (comment !== undefined) match.comment = comment;
  return match;
}

function turn(match: Match): Match {
  return { ...match, equivalence: turned.get(match.equivalence) ?? match.equivalence };
}

function coding(system: string | undefined, version: string | undefined, code: string | undefined, display: string | undefined): Coding {
  const one: Coding = {};
  if (system !== undefined) one.system = splitCanonical(system).url;
  if (version !== undefined) one.version = version;
  if (code !== undefined) one.code = code;
  if (display !== undefined) one.display = display;
  return one;
}
