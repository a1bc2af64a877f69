/** What the pieces of one search's SQL share. */
import type { Filter } from "#fhir/search/query-model.ts";
import type { Caller } from "../record.ts";
import type { Sql } from "../sql.ts";

export type Scope = {
  caller: Caller;
  /** About how many rows a filter begins with, up to `weightMax` (weigh.ts); absent where it was not counted. */
  weights: ReadonlyMap<Filter, number>;
  /** A name no other table of the statement has; the same search always gives the same names, so the same statement. */
  alias(): string;
  /** A filter as a condition on a row. */
  check(type: string, filter: Filter, row: Row): Sql;
  /** (ck, rid) of what the filters find. */
  setOf(type: string, filters: readonly Filter[]): Sql;
};

/** A row that stands for the resource that is looked at: which columns it has beside ck and rid. */
export type Row = { alias: string; /** those of `resource` */ resource: boolean; /** `at`, the main date */ main: boolean };

/** Rows are counted no further: more is "many". */
export const weightMax = 1000;

export function isSmall(weight: number | undefined): boolean {
  return weight !== undefined && weight < weightMax;
}
