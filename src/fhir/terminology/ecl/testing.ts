/** A store in memory for tests, from plain lists. */
import type { EclDescription, EclDetails, EclMember, EclRelationship, EclStore } from "./store.ts";

export type Sample = {
  /** In the order of their numbers. */
  concepts: readonly (Partial<EclDetails> & { id: string; parents?: readonly string[] })[];
  relationships?: readonly { source: string; attribute: string; group: number; value: string | { number: string } | { text: string } | { truth: boolean } }[];
  descriptions?: readonly (Partial<Omit<EclDescription, "acceptability">> & { concept: string; term: string; acceptability?: Readonly<Record<string, string>> })[];
  members?: readonly (Partial<Omit<EclMember, "fields">> & { refset: string; component: string; fields?: Readonly<Record<string, string>> })[];
};

export const coreModule = "900000000000207008";
const component = { active: true, module: coreModule, effectiveTime: "20240101" };
const primitive = "900000000000074008", synonym = "900000000000013009";

export function sampleDetails(concept: Sample["concepts"][number]): EclDetails {
  const { id: _, parents: __, ...own } = concept;
  return { ...component, definitionStatus: primitive, ...own };
}

export function sampleDescription({ concept: _, acceptability = {}, ...own }: NonNullable<Sample["descriptions"]>[number], id: string): EclDescription {
  return { ...component, id, language: "en", type: synonym, ...own, acceptability: new Map(Object.entries(acceptability)) };
}

export function sampleMember({ refset: _, component: referenced, fields = {}, ...own }: NonNullable<Sample["members"]>[number]): EclMember {
  return { ...component, ...own, fields: new Map([["referencedComponentId", referenced], ...Object.entries(fields)]) };
}

export function sampleStore({ concepts, relationships = [], descriptions = [], members = [] }: Sample): EclStore {
  const numbers = new Map(concepts.map(({ id }, number) => [id, number]));
  const number = (id: string): number => numbers.get(id) ?? -1;
  const rows = relationships.map(({ source, attribute, group, value }): EclRelationship => ({
    source: number(source), attribute: number(attribute), group,
    value: typeof value === "string" ? { kind: "concept", concept: number(value) } : "number" in value ? { kind: "number", digits: value.number } : "text" in value ? { kind: "text", text: value.text } : { kind: "boolean", value: value.truth },
  }));
  return {
    concept: (id) => numbers.get(id),
    idOf: (concept) => concepts[concept]!.id,
    all: () => concepts.keys(),
    parents: (concept) => (concepts[concept]!.parents ?? []).map(number),
    children: (concept) => concepts.flatMap(({ parents }, child) => (parents?.includes(concepts[concept]!.id) ? [child] : [])),
    relationshipsFrom: (concept) => rows.filter(({ source }) => source === concept),
    relationshipsTo: (concept) => rows.filter(({ value }) => value.kind === "concept" && value.concept === concept),
    details: (concept) => sampleDetails(concepts[concept]!),
    descriptions: (concept) => descriptions.flatMap((one, place) => (one.concept === concepts[concept]!.id ? [sampleDescription(one, one.id ?? String(place))] : [])),
    refsets: () => new Set(members.map(({ refset }) => number(refset))),
    members: (refset) => members.filter((one) => number(one.refset) === refset).map(sampleMember),
  };
}
