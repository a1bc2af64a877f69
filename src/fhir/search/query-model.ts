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

/** One condition on the rows of one parameter. */
export type Leaf =
  | { kind: "token"; param: string; modifier?: "not"; terms: readonly TokenTerm[] }
  /** token `:text`: normalised beginning of a row's text. */
  | { kind: "token-text"; param: string; terms: readonly string[] }
  /** `equals` and `ends`: of `_filter`, on the normalised text. */
  | { kind: "string"; param: string; modifier?: "exact" | "contains" | "equals" | "ends"; terms: readonly StringTerm[] }
  | { kind: "date"; param: string; terms: readonly DateTerm[] }
  | { kind: "number"; param: string; terms: readonly NumberTerm[] }
  | { kind: "quantity"; param: string; terms: readonly QuantityTerm[] }
  | { kind: "reference"; param: string; terms: readonly ReferenceTerm[] }
  | { kind: "uri"; param: string; modifier?: "above" | "below"; terms: readonly UriTerm[] };

/** What has to be looked up before a search can run: `resolve` turns it into a leaf. */
export type Open =
  /** `:in`, `:not-in`: canonical urls or ValueSet/id. */
  | { kind: "value-set"; param: string; modifier: "in" | "not-in"; valueSets: readonly string[]; traits: TokenTraits }
  /** token `:above`, `:below`: codes with their system. */
  | { kind: "subsumes"; param: string; modifier: "above" | "below"; terms: readonly { system: string; code: string }[]; traits: TokenTraits }
  /** reference `:above`, `:below`: along `by`, the parameter of `type` that refers to its own type (Location.partof). */
  | { kind: "hierarchy"; param: string; modifier: "above" | "below"; type: string; by: string; ids: readonly string[] };

export type Filter =
  | Leaf | Open
  | { kind: "id"; ids: readonly string[] }
  | { kind: "lastUpdated"; terms: readonly DateTerm[] }
  /** In the compartment of `of`: one of `params` refers to it, or (`self`) it is it. */
  | { kind: "compartment"; of: { type: string; id: string }; params: readonly string[]; self: boolean }
  | { kind: "missing"; param: string; searchType: IndexedType | "position"; missing: boolean }
  /** Has a row of the leaf's parameter that the leaf does not find (`ne` of `_filter`). */
  | { kind: "other"; leaf: Leaf }
  /** All, or any, of them; of none: everything, or nothing. */
  | { kind: "and" | "or"; filters: readonly Filter[] }
  | { kind: "not"; filter: Filter }
  /** One element under `path` satisfies all: composites. Params are keys of `elementKey`. */
  | { kind: "element"; path: string; filters: readonly (Leaf | Extract<Filter, { kind: "missing" }>)[] }
  /** Refers through `param` to a resource that is found by the branch of its type. `canonical`: also by url and version. */
  | { kind: "chain"; param: string; canonical?: true; branches: readonly { type: string; filter: Filter }[] }
  /** A resource of `type` that `filter` finds refers to it through `param`. */
  | { kind: "has"; type: string; param: string; canonical?: true; filter: Filter }
  /** Holds a contained resource of the type that all filters find. */
  | { kind: "contained"; type: string; filters: readonly Filter[] }
  /** Location.position within a distance in kilometres of any of the points. */
  | { kind: "near"; terms: readonly NearTerm[] }
  /** Full text: words of the narrative alone, or of the whole content. */
  | { kind: "words"; of: "narrative" | "content"; query: WordQuery };

/** Degrees, WGS 84; kilometres. */
export type NearTerm = { latitude: number; longitude: number; distance: number };

/** A word as `words.ts` makes them, or its beginning; words after each other are a phrase. */
export type WordQuery =
  | { kind: "phrase"; words: readonly string[]; prefix: boolean }
  | { kind: "all" | "any"; queries: readonly WordQuery[] }
  | { kind: "none"; query: WordQuery };

/** What a token parameter reads, as far as a query value's meaning hangs on it. */
export type TokenTraits = {
  /** Only elements of type string, whose search ignores case. */
  foldsCase: boolean;
  /** Only elements of type code under required bindings, or booleans: the systems their codes imply, with the codes of each. */
  implied: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** The values are mime types, whose hierarchy is told by their text. */
  mimeTypes?: true;
};

/** Search types that have index rows. */
export type IndexedType = Exclude<SearchType, "composite" | "special">;

export type SortKey =
  | { kind: "id" | "lastUpdated"; descending: boolean }
  /** The best match of `_text` or `_content` first. */
  | { kind: "score" }
  | { kind: "param"; param: string; searchType: IndexedType; descending: boolean };

/** `_include=Observation:subject:Patient`. `param` "*": every reference parameter; `source` "*": of every type. */
export type Include = { source: string; param: string; target?: string; iterate: boolean };

export type Contained = { which: "true" | "both"; shown: "container" | "contained" };

export type SearchQuery = {
  type: string;
  filters: readonly Filter[];
  sort: readonly SortKey[];
  /** Page size asked for, 0 … `countMax`; undefined: the server's choice. */
  count?: number;
  includes: readonly Include[];
  revincludes: readonly Include[];
  /** Contained resources too (`both`) or alone, as themselves or by the resources that hold them. */
  contained?: Contained;
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
