/** What the pieces of one search's SQL share. */
import type { Filter } from "#fhir/search/query-model.ts";
import type { Caller } from "../record.ts";
import type { Sql } from "../sql.ts";

/** What is known of how much there is (weigh.ts); nothing of searches that follow no references. */
export type Counts = {
  /** Rows a filter begins with: exact below `exactMax`, an estimate above; Infinity where it cannot be told. */
  rows: ReadonlyMap<Filter, number>;
  /** In how many buckets these lie, of what `_has` begins with. */
  buckets: ReadonlyMap<Filter, number>;
  /** Resources of a type. */
  sizes: ReadonlyMap<string, number>;
};

export const nothingCounted: Counts = { rows: new Map(), buckets: new Map(), sizes: new Map() };

export type Scope = {
  caller: Caller;
  counts: Counts;
  /** Whether Citus spreads the tables: then no row of one bucket is joined with one of another, and what lies beyond a reference is always a set found first. */
  distributed: boolean;
  /** Whether rows are looked for in the buckets of those in the caller's care (narrow.ts). */
  care: boolean;
  /** A name no other table of the statement has; the same search always gives the same names, so the same statement. */
  alias(): string;
  /** A filter as a condition on a row. */
  check(type: string, filter: Filter, row: Row): Sql;
  /** (ck, rid) of what the filters find. */
  setOf(type: string, filters: readonly Filter[]): Sql;
  /** What references of a type have as target that lead to what the chain finds. */
  targetsOf(from: string, chain: Extract<Filter, { kind: "chain" }>): Sql;
};

/** A row that stands for the resource that is looked at: which columns it has beside ck and rid. */
export type Row = { alias: string; /** those of `resource` */ resource: boolean; /** `at`, the main date */ main: boolean; /** about how many such rows are looked at, where it is known */ walked?: number };

/** Rows are counted no further: beyond, PostgreSQL's statistics tell. */
export const exactMax = 1000;
