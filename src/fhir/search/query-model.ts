/**
 * A parsed search: what `parseQuery` answers, `matches` evaluates and the record turns into SQL.
 * Terms of one filter are alternatives (OR); filters of one query all hold (AND).
 * Source: https://hl7.org/fhir/R4/search.html
 */
import type { SearchType } from "../definitions/load.ts";

export type Prefix = "eq" | "ne" | "gt" | "lt" | "ge" | "le" | "sa" | "eb" | "ap";

/** `system`: undefined any system; "" (from `|code`) none; else that one. `code` undefined (from `system|`): any code. */
export type TokenTerm = { system?: string; code?: string };
/** `value` normalised; `exact` as asked. */
export type StringTerm = { value: string; exact: string };
/** Epoch ms [low, high) of the stated precision; for `ap` already widened. */
export type DateTerm = { prefix: Prefix; low: number; high: number };
/** `value` exactly as asked, [low, high) by implied precision (for `ap`: ±10 %). */
export type NumberTerm = { prefix: Prefix; value: number; low: number; high: number };
/** `code` alone (no system) matches a row's code or unit. Canonical members when the unit is UCUM and known. */
export type QuantityTerm = NumberTerm & {
  system?: string; code?: string;
  canonical?: { unit: string; value: number; low: number; high: number };
};
/** A local resource, an absolute url, or (`:identifier`) an identifier. `type` undefined with `id`: any type. */
export type ReferenceTerm =
  | { kind: "local"; type?: string; id: string }
  | { kind: "url"; url: string; version?: string }
  | { kind: "identifier"; system?: string; value?: string };
export type UriTerm = { value: string };

export type Filter =
  | { kind: "id"; ids: readonly string[] }
  | { kind: "lastUpdated"; terms: readonly DateTerm[] }
  /** In the compartment of `of`: one of `params` refers to it, or (`self`) it is it. */
  | { kind: "compartment"; of: { type: string; id: string }; params: readonly string[]; self: boolean }
  | { kind: "missing"; param: string; searchType: IndexedType; missing: boolean }
  | { kind: "token"; param: string; modifier?: "not"; terms: readonly TokenTerm[] }
  /** token `:text`: normalised beginning of a row's text. */
  | { kind: "token-text"; param: string; terms: readonly string[] }
  | { kind: "string"; param: string; modifier?: "exact" | "contains"; terms: readonly StringTerm[] }
  | { kind: "date"; param: string; terms: readonly DateTerm[] }
  | { kind: "number"; param: string; terms: readonly NumberTerm[] }
  | { kind: "quantity"; param: string; terms: readonly QuantityTerm[] }
  | { kind: "reference"; param: string; terms: readonly ReferenceTerm[] }
  | { kind: "uri"; param: string; modifier?: "above" | "below"; terms: readonly UriTerm[] };

/** Search types that have index rows. */
export type IndexedType = Exclude<SearchType, "composite" | "special">;

export type SortKey =
  | { kind: "id" | "lastUpdated"; descending: boolean }
  | { kind: "param"; param: string; searchType: IndexedType; descending: boolean };

/** `_include=Observation:subject:Patient`. `param` "*": every reference parameter. */
export type Include = { source: string; param: string; target?: string; iterate: boolean };

export type SearchQuery = {
  type: string;
  filters: readonly Filter[];
  sort: readonly SortKey[];
  /** Page size asked for, 0 … `countMax`; undefined: the server's choice. */
  count?: number;
  includes: readonly Include[];
  revincludes: readonly Include[];
  total?: "none" | "estimate" | "accurate";
  /** `_summary=count` answers the total alone. */
  summary?: "true" | "text" | "data" | "count" | "false";
  /** Names of elements at the top; value[x] is "value". */
  elements?: readonly string[];
  /** The parameters that took effect, as they were sent: for the self link. */
  searched: readonly string[];
  /** Parameters dropped under lenient handling, each with the reason: for an OperationOutcome in the answer. */
  ignored: readonly { name: string; reason: string }[];
};
