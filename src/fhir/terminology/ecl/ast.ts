/**
 * What an expression constraint says, one form for brief and long syntax.
 * Source: SNOMED CT Expression Constraint Language 2.2, https://snomed.org/ecl
 */
export type HierarchyOperator =
  | "descendantOf" | "descendantOrSelfOf" | "childOf" | "childOrSelfOf"
  | "ancestorOf" | "ancestorOrSelfOf" | "parentOf" | "parentOrSelfOf" | "top" | "bottom";

export type Expression =
  | { kind: "concept"; id: string }
  /** A code of another scheme: LOINC#54486-6. */
  | { kind: "alternate"; scheme: string; code: string }
  | { kind: "any" }
  | { kind: "hierarchy"; operator: HierarchyOperator; of: Expression }
  /** Members of reference sets; `field`: which component of a member is meant, referencedComponentId unless said. */
  | { kind: "members"; of: Expression; field: string; filters: readonly MemberFilter[] }
  | { kind: "and" | "or"; parts: readonly Expression[] }
  | { kind: "minus"; left: Expression; right: Expression }
  | { kind: "refined"; focus: Expression; refinement: Refinement }
  | { kind: "dotted"; focus: Expression; attribute: Expression }
  /** Concepts with one description that passes every filter. */
  | { kind: "described"; of: Expression; filters: readonly DescriptionFilter[] }
  | { kind: "filtered"; of: Expression; filters: readonly ConceptFilter[] }
  /** Inactive concepts that were replaced by one of the set are added; `associations`: by which reference sets. */
  | { kind: "history"; of: Expression; associations: Expression };

/** `max` undefined: many. */
export type Cardinality = { min: number; max: number | undefined };

export type Attribute = { kind: "attribute"; cardinality: Cardinality; reverse: boolean; name: Expression; comparison: Comparison };

/** Within "group" there are no groups. */
export type Refinement =
  | { kind: "and" | "or"; parts: readonly Refinement[] }
  | { kind: "group"; cardinality: Cardinality; of: Refinement }
  | Attribute;

export type Ordering = "=" | "!=" | "<" | "<=" | ">" | ">=";

export type Comparison =
  | { kind: "concepts"; equal: boolean; of: Expression }
  /** Decimal digits as written, with a sign at most. */
  | { kind: "number"; operator: Ordering; value: string }
  | { kind: "text"; equal: boolean; terms: readonly SearchTerm[] }
  | { kind: "boolean"; equal: boolean; value: boolean };

export type SearchTerm =
  /** Every word begins a word of the term. */
  | { kind: "match"; words: readonly string[] }
  /** The whole term: the pieces in this order, anything between them. */
  | { kind: "wild"; pieces: readonly string[] }
  /** A concrete value written without match: or wild: is the whole text. */
  | { kind: "exact"; text: string };

export type ModuleFilter = { kind: "module"; equal: boolean; modules: Expression };
/** YYYYMMDD; "" is a component that was not published. */
export type TimeFilter = { kind: "effectiveTime"; operator: Ordering; values: readonly string[] };
export type ActiveFilter = { kind: "active"; value: boolean };

export type DescriptionFilter =
  | { kind: "term"; equal: boolean; terms: readonly SearchTerm[] }
  | { kind: "language"; equal: boolean; codes: readonly string[] }
  | { kind: "type"; equal: boolean; types: Expression }
  | { kind: "dialect"; equal: boolean; dialects: readonly Dialect[] }
  | { kind: "id"; equal: boolean; ids: readonly string[] }
  | ModuleFilter | TimeFilter | ActiveFilter;

/** `acceptability`: concept ids (preferred, acceptable); undefined: either. */
export type Dialect = { refsets: Expression; acceptability?: readonly string[] };

export type ConceptFilter = { kind: "definitionStatus"; equal: boolean; statuses: Expression } | ModuleFilter | TimeFilter | ActiveFilter;

export type MemberFilter = { kind: "field"; name: string; comparison: Comparison | { kind: "time"; operator: Ordering; values: readonly string[] } } | ModuleFilter | TimeFilter | ActiveFilter;
