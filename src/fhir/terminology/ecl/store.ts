/** What evaluation asks of a store of concepts. Concepts are handles: whole numbers of the store's own choosing. */
export type EclStore = {
  /** Undefined: not known here. */
  concept(id: string): number | undefined;
  idOf(concept: number): string;
  all(): Iterable<number>;
  /** Direct, along active is-a relationships. */
  parents(concept: number): readonly number[];
  children(concept: number): readonly number[];
  relationshipsFrom(concept: number): readonly EclRelationship[];
  relationshipsTo(concept: number): readonly EclRelationship[];
  details(concept: number): EclDetails;
  /** Absent: this store holds none, and constraints that need them are refused. */
  descriptions?(concept: number): readonly EclDescription[];
  refsets?(): Iterable<number>;
  members?(refset: number): readonly EclMember[];
  alternate?(scheme: string, code: string): number | undefined;
};

/** Active, is-a not among them. `group` 0: ungrouped. */
export type EclRelationship = { source: number; attribute: number; group: number; value: { kind: "concept"; concept: number } | { kind: "number"; digits: string } | { kind: "text"; text: string } | { kind: "boolean"; value: boolean } };

/** `module`: identifier; `effectiveTime`: YYYYMMDD or "". */
type Component = { active: boolean; module: string; effectiveTime: string };
export type EclDetails = Component & { definitionStatus: string };
export type EclDescription = Component & { id: string; term: string; language: string; type: string; acceptability: ReadonlyMap<string, string> };
/** `fields`: referencedComponentId and what else the reference set has, as its file says it. */
export type EclMember = Component & { fields: ReadonlyMap<string, string> };
