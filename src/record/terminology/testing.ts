/** A release made of plain rows, for tests. */
import { ok } from "#platform/result.ts";
import { sampleDescription, sampleDetails, sampleMember, type Sample } from "#fhir/terminology/ecl/testing.ts";
import { preferred, snomedSystem } from "#fhir/terminology/ecl/snomed.ts";
import type { EditionRow, Release } from "./write.ts";

export const sampleVersion = "http://snomed.info/sct/900000000000207008/version/20240101";

export function releaseOf(rows: readonly EditionRow[], own: Partial<Release> = {}): Release {
  return {
    system: snomedSystem, version: sampleVersion, form: "test", header: { name: "Sample", title: "Sample", language: "en", caseSensitive: true, hierarchy: true, properties: [] },
    async *rows() { yield ok(rows); },
    ...own,
  };
}

export function rowsOf({ concepts, relationships = [], descriptions = [], members = [] }: Sample): EditionRow[] {
  return [
    ...concepts.map((concept): EditionRow => {
      const { active, module, effectiveTime, definitionStatus } = sampleDetails(concept);
      return { kind: "concept", code: concept.id, inactive: !active, definitionStatus, module, effective: effectiveTime };
    }),
    ...concepts.flatMap(({ id, parents = [] }) => parents.map((parent): EditionRow => ({ kind: "parent", child: id, parent }))),
    ...relationships.map(({ value, ...own }): EditionRow => ({ kind: "relationship", ...own, value: typeof value === "string" ? { target: value } : value })),
    ...descriptions.map((one, place): EditionRow => {
      const { id, term, language, type, active, module, effectiveTime, acceptability } = sampleDescription(one, one.id ?? String(place));
      const refsets = (is: boolean) => [...acceptability].filter(([, value]) => (value === preferred) === is).map(([refset]) => refset);
      return { kind: "designation", concept: one.concept, id, term, language, type, inactive: !active, module, effective: effectiveTime, preferred: refsets(true), acceptable: refsets(false) };
    }),
    ...members.map((one): EditionRow => {
      const { active, module, effectiveTime, fields } = sampleMember(one);
      return { kind: "member", refset: one.refset, component: one.component, inactive: !active, module, effective: effectiveTime, fields: Object.fromEntries(fields) };
    }),
  ];
}
