/**
 * A search's query string to a typed `SearchQuery`.
 * Source: https://hl7.org/fhir/R4/search.html. Every fault is collected and named. One parameter is read in
 * parameter.ts, the language of `_filter` in filter-expression.ts, what shapes the result in result-parameters.ts.
 * Bounded: `queryLengthMax`, `parametersMax`, `termsMax`.
 */
import { fail, ok, type FailureCode, type Issue, type Result } from "#platform/result.ts";
import { isResourceType } from "../definitions/load.ts";
import type { CustomSearch } from "./custom.ts";
import { readFilterExpression } from "./filter-expression.ts";
import { branchesMax, readFilter, type ReadFilter, type Reading } from "./parameter.ts";
import { shown } from "./parameter-names.ts";
import type { Filter, SearchQuery } from "./query-model.ts";
import { ResultParameters, resultParameterNames } from "./result-parameters.ts";

export type * from "./query-model.ts";
export { termsMax } from "./terms.ts";

export const queryLengthMax = 65_536;
export const parametersMax = 100;

export type QueryOptions = {
  /** strict (default): an unknown parameter is a failure. lenient: it is dropped and reported in `ignored`. */
  handling?: "strict" | "lenient";
  /** Epoch ms, for `ap` on dates. */
  now?: number;
  /** Base urls of this node: absolute references under them mean local resources. */
  bases?: readonly string[];
  /** Parameters beside R4's own. */
  custom?: CustomSearch;
  /** Whether contained resources may be asked for: where one list of one type is searched. */
  takesContained?: boolean;
  /** Where a parameter left empty would mean more than was asked (a conditional deletion): it is a fault, not ignored. */
  refusesEmpty?: true;
};

/** Parameters of the HTTP layer, without effect on which resources are found. */
const transport = new Set(["_format", "_pretty"]);
const neverTaken: ReadonlyMap<string, string> = new Map([
  ["_maxresults", "not part of R4; a page is as long as _count says"],
  ["_score", "the score of a match of _text or _content stands in search.score without being asked for"],
  ["_type", "belongs to a search over several types, at the base address"],
]);

type Named = { key: string; name: string; modifier?: string; value: string };

/** `raw` is the part after "?", still percent-encoded; empty finds everything of the type. */
export function parseQuery(type: string, raw: string, options: QueryOptions = {}): Result<SearchQuery> {
  if (!isResourceType(type)) return fail("not-found", `there is no resource type "${type.slice(0, 64)}" in FHIR R4`);
  if (raw.length > queryLengthMax) return fail("too-long", `the query has ${raw.length} characters; at most ${queryLengthMax} are read`);
  const parts = raw.split("&").filter((part) => part !== "");
  if (parts.length > parametersMax) return fail("too-costly", `the query has ${parts.length} parameters; at most ${parametersMax} are taken`);
  const reader = new Reader(type, options);
  for (const part of parts) {
    const named = decode(part);
    if (named) reader.take(part, named);
    else reader.refuse("invalid", `"${part.slice(0, 80)}" is not percent-encoded text`);
  }
  return reader.finish();
}

function decode(part: string): Named | undefined {
  const at = part.indexOf("=");
  try {
    const key = decodeURIComponent((at < 0 ? part : part.slice(0, at)).replaceAll("+", " "));
    const value = at < 0 ? "" : decodeURIComponent(part.slice(at + 1).replaceAll("+", " "));
    const colon = key.indexOf(":");
    return colon < 0 ? { key, name: key, value } : { key, name: key.slice(0, colon), modifier: key.slice(colon + 1), value };
  } catch {
    return undefined;
  }
}

/** The first faults in one sentence; each has an issue of its own besides. */
function summary(issues: readonly Issue[]): string {
  const shownMax = 3;
  const more = issues.length - shownMax;
  return `${issues.slice(0, shownMax).map((issue) => issue.text).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

class Reader {
  readonly #type: string;
  readonly #lenient: boolean;
  readonly #refusesEmpty: boolean;
  readonly #reading: Reading;
  readonly #issues: Issue[] = [];
  readonly #filters: Filter[] = [];
  readonly #result: ResultParameters;
  readonly #ignored: { name: string; reason: string }[] = [];
  readonly #searched: string[] = [];

  constructor(type: string, options: QueryOptions) {
    this.#type = type;
    this.#lenient = options.handling === "lenient";
    this.#refusesEmpty = options.refusesEmpty ?? false;
    this.#reading = { now: options.now ?? Date.now(), bases: options.bases ?? [], budget: { branches: branchesMax }, hops: 0, path: "", once: new Set(), ...(options.custom ? { custom: options.custom } : {}) };
    this.#result = new ResultParameters(type, options, { refuse: (code, text) => this.refuse(code, text), drop: (name, code, reason) => this.#drop(name, code, reason) });
  }

  finish(): Result<SearchQuery> {
    this.#result.finish(this.#filters);
    const [first] = this.#issues;
    if (first) return fail(first.code, summary(this.#issues), this.#issues);
    return ok({ type: this.#type, filters: this.#filters, searched: this.#searched, ignored: this.#ignored, ...this.#result.shape });
  }

  refuse(code: FailureCode, text: string): void {
    this.#issues.push({ severity: "error", code, text });
  }

  take(part: string, named: Named): void {
    // https://hl7.org/fhir/R4/search.html#errors: empty parameters are no error, they are ignored.
    if (named.value === "" && !this.#refusesEmpty) return;
    const dropped = this.#ignored.length;
    this.read(named);
    if (this.#ignored.length === dropped) this.#searched.push(part);
  }

  read({ key, name, modifier, value }: Named): void {
    if (transport.has(name)) return;
    const never = neverTaken.get(name);
    if (never !== undefined) return this.#unsupported(name, never);
    if (value === "") return this.refuse("invalid", `${shown(key)} has no value`);
    if (resultParameterNames.has(name)) return this.#result.read(name, modifier, value);
    if (name !== "_filter") return this.#add(key, readFilter(this.#type, key, value, this.#reading));
    if (modifier !== undefined) return this.refuse("not-supported", `_filter takes no modifier; remove ":${shown(modifier)}"`);
    this.#add(key, readFilterExpression(this.#type, value, this.#reading));
  }

  #add(key: string, read: ReadFilter): void {
    // Of an `and` at the top each part may be walked or probed on its own.
    if (read.ok) this.#filters.push(...read.value.kind === "and" && read.value.filters.length ? read.value.filters : [read.value]);
    else if (read.failure.droppable) this.#drop(key, read.failure.code, read.failure.text);
    else this.refuse(read.failure.code, read.failure.text);
  }

  #unsupported(name: string, reason: string): void {
    this.#drop(name, "not-supported", `${shown(name)}: ${reason}`);
  }

  /** Strict: a failure; lenient: left out and reported. */
  #drop(name: string, code: FailureCode, reason: string): void {
    if (this.#lenient) this.#ignored.push({ name: name.slice(0, 80), reason });
    else this.refuse(code, reason);
  }
}
