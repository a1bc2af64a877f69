/** A code system with supplements laid over it: further designations, properties and extensions of its concepts. */
import { joinCanonical, splitCanonical } from "../canonical.ts";
import type { CodeSystemProvider, Concept, Maybe } from "./provider.ts";
import type { CodeSystem, CodeSystemConcept, Designation } from "./resources.ts";

/** Where a designation came from, for $lookup; no member of FHIR's Designation. */
const sources = new WeakMap<Designation, string>();

export function supplementOf(designation: Designation): string | undefined {
  return sources.get(designation);
}

export function supplementCanonical({ url, version }: CodeSystem): string {
  return joinCanonical(url ?? "", version);
}

/** Does a supplement's `supplements` name this version of the system? */
export function isFor({ supplements }: CodeSystem, version: string | undefined): boolean {
  const wanted = splitCanonical(supplements ?? "").version;
  return wanted === undefined || version === undefined || wanted === version;
}

export function withSupplements(provider: CodeSystemProvider, supplements: readonly CodeSystem[]): CodeSystemProvider {
  if (supplements.length === 0) return provider;
  const additions = new Map<string, CodeSystemConcept[]>();
  for (const supplement of supplements) collect(supplement.concept ?? [], supplementCanonical(supplement), additions, 0);
  const dress = (concept: Concept): Concept => {
    const added = additions.get(concept.code);
    if (!added) return concept;
    const dressed: Concept = { ...concept };
    for (const one of added) {
      if (one.designation) dressed.designation = [...(dressed.designation ?? []), ...one.designation];
      if (one.property) dressed.property = [...(dressed.property ?? []), ...one.property];
      if (one.extension) dressed.extension = [...(dressed.extension ?? []), ...one.extension];
    }
    return dressed;
  };
  return {
    header: { ...provider.header, properties: [...provider.header.properties, ...supplements.flatMap(({ property }) => property ?? [])] },
    concepts: (codes) => then(provider.concepts(codes), (found) => found.map((concept) => concept && dress(concept))),
    select: (query) => then(provider.select(query), (page) => (page.ok ? { ok: true, value: { ...page.value, concepts: page.value.concepts.map(dress) } } : page)),
    filterFault: (filter) => provider.filterFault(filter),
    ...(provider.count ? { count: (query) => provider.count!(query) } : {}),
    ...(provider.codeFault ? { codeFault: (code) => provider.codeFault!(code) } : {}),
    matches: (filters, codes) => provider.matches(filters, codes),
    subsumes: (above, below) => provider.subsumes(above, below),
    children: (code) => provider.children(code),
  };
}

const depthMax = 200;

function collect(concepts: readonly CodeSystemConcept[], source: string, into: Map<string, CodeSystemConcept[]>, depth: number): void {
  for (const concept of concepts) {
    for (const designation of concept.designation ?? []) sources.set(designation, source);
    into.set(concept.code, [...(into.get(concept.code) ?? []), concept]);
    if (concept.concept && depth < depthMax) collect(concept.concept, source, into, depth + 1);
  }
}

function then<A, B>(value: Maybe<A>, map: (value: A) => B): Maybe<B> {
  return value instanceof Promise ? value.then(map) : map(value);
}
