/**
 * A search's query string to a typed `SearchQuery`.
 * Source: https://hl7.org/fhir/R4/search.html. Every fault is collected and named; what R4 defines and Salus does
 * not do yet (chaining, _has, composites, _text, _content, _list, _filter, :in, :of-type …) is `not-supported`.
 * Bounded: `queryLengthMax`, `parametersMax`, `termsMax`.
 */
import { fail, ok, type FailureCode, type Issue, type Result } from "#platform/result.ts";
import { isId } from "../resource.ts";
import { isResourceType, type SearchParameter } from "../definitions/load.ts";
import type { CustomSearch } from "./custom.ts";
import { parseDateTerm } from "./date.ts";
import { isIndexed, tokenTraits } from "./index-rows.ts";
import { parseNumber } from "./number.ts";
import { parseQuantity } from "./quantity.ts";
import { didYouMean, parametersOf, shown } from "./parameter-names.ts";
import type { Filter, IndexedType, SearchQuery } from "./query-model.ts";
import { parseReference, parseReferenceIdentifier } from "./reference.ts";
import { ResultParameters, resultParameterNames } from "./result-parameters.ts";
import { normalise, parseString } from "./string.ts";
import { parseToken } from "./token.ts";
import { parseUri } from "./uri.ts";
import { splitUnescaped, unescape } from "./value.ts";

export type * from "./query-model.ts";

export const queryLengthMax = 65_536;
export const parametersMax = 100;
/** Alternatives (OR) in one parameter. */
export const termsMax = 1000;

export type QueryOptions = {
  /** strict (default): an unknown parameter is a failure. lenient: it is dropped and reported in `ignored`. */
  handling?: "strict" | "lenient";
  /** Epoch ms, for `ap` on dates. */
  now?: number;
  /** Base urls of this node: absolute references under them mean local resources. */
  bases?: readonly string[];
  /** Parameters beside R4's own. */
  custom?: CustomSearch;
};

/** Parameters of the HTTP layer, without effect on which resources are found. */
const transport = new Set(["_format", "_pretty"]);
const notYet = new Set(["_text", "_content", "_list", "_filter", "_query", "_has"]);
const neverTaken: ReadonlyMap<string, string> = new Map([
  ["_contained", "contained resources are not found by themselves, only with the resource that holds them"],
  ["_containedType", "contained resources are not found by themselves, only with the resource that holds them"],
  ["_maxresults", "not part of R4; a page is as long as _count says"],
  ["_score", "matches are not scored"],
  ["_type", "belongs to a search over several types, at the base address"],
]);

type Named = { name: string; modifier?: string; value: string };

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
    return colon < 0 ? { name: key, value } : { name: key.slice(0, colon), modifier: key.slice(colon + 1), value };
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
  readonly #now: number;
  readonly #bases: readonly string[];
  readonly #parameters: ReadonlyMap<string, SearchParameter>;
  readonly #custom: CustomSearch | undefined;
  readonly #issues: Issue[] = [];
  readonly #filters: Filter[] = [];
  readonly #result: ResultParameters;
  readonly #ignored: { name: string; reason: string }[] = [];
  readonly #searched: string[] = [];

  constructor(type: string, options: QueryOptions) {
    this.#type = type;
    this.#lenient = options.handling === "lenient";
    this.#now = options.now ?? Date.now();
    this.#bases = options.bases ?? [];
    this.#custom = options.custom;
    this.#parameters = parametersOf(type, options.custom);
    this.#result = new ResultParameters(type, options.custom, { refuse: (code, text) => this.refuse(code, text), drop: (name, code, reason) => this.#drop(name, code, reason) });
  }

  finish(): Result<SearchQuery> {
    this.#result.finish();
    const [first] = this.#issues;
    if (first) return fail(first.code, summary(this.#issues), this.#issues);
    return ok({ type: this.#type, filters: this.#filters, searched: this.#searched, ignored: this.#ignored, ...this.#result.shape });
  }

  refuse(code: FailureCode, text: string): void {
    this.#issues.push({ severity: "error", code, text });
  }

  take(part: string, named: Named): void {
    const dropped = this.#ignored.length;
    this.read(named);
    if (this.#ignored.length === dropped) this.#searched.push(part);
  }

  read({ name, modifier, value }: Named): void {
    if (transport.has(name)) return;
    if (name === "_has" || name.includes(".") || modifier?.includes(".")) return this.#unsupported(name, "chained searches and _has are not supported yet");
    const never = neverTaken.get(name);
    if (never !== undefined) return this.#unsupported(name, never);
    if (notYet.has(name)) return this.#unsupported(name, `${name} is not supported yet`);
    if (value === "") return this.#drop(name, "invalid", `${name} has no value`);
    if (resultParameterNames.has(name)) return this.#result.read(name, modifier, value);
    switch (name) {
      case "_id": return this.#plain(name, modifier) && this.#readIds(value);
      case "_lastUpdated": return this.#plain(name, modifier) && this.#terms(name, value, (raw) => parseDateTerm(raw, this.#now), (terms) => ({ kind: "lastUpdated", terms }));
      default: return this.#readParameter(name, modifier, value);
    }
  }

  #plain(name: string, modifier: string | undefined): void | true {
    if (modifier === undefined) return true;
    this.refuse("not-supported", `${name} takes no modifier; remove ":${shown(modifier)}"`);
  }

  #unsupported(name: string, reason: string): void {
    this.#drop(name, "not-supported", `${shown(name)}: ${reason}`);
  }

  /** Strict: a failure; lenient: left out and reported. */
  #drop(name: string, code: FailureCode, reason: string): void {
    if (this.#lenient) this.#ignored.push({ name: name.slice(0, 80), reason });
    else this.refuse(code, reason);
  }

  #readParameter(name: string, modifier: string | undefined, value: string): void {
    const parameter = this.#parameters.get(name);
    if (!parameter) {
      const building = this.#custom?.building(this.#type, name);
      if (building !== undefined) return this.#unsupported(name, building);
      return this.#drop(name, "not-supported", `${this.#type} has no search parameter "${shown(name)}"${didYouMean(name, this.#parameters.keys())}`);
    }
    if (!isIndexed(parameter)) return this.#unsupported(name, `search parameters of type ${parameter.type} are not supported yet`);
    const { code: param, type: searchType } = parameter;
    if (modifier === "missing") {
      if (value !== "true" && value !== "false") return this.refuse("value", `${param}:missing takes true or false, found "${shown(value)}"`);
      this.#filters.push({ kind: "missing", param, searchType, missing: value === "true" });
      return;
    }
    this.#readValues(parameter, modifier, value);
  }

  #readValues(parameter: SearchParameter & { type: IndexedType }, modifier: string | undefined, value: string): void {
    const { code: param, type: searchType } = parameter;
    const unknownModifier = (known: readonly string[]): void => this.refuse("not-supported",
      `${param}:${shown(modifier!)} is not supported; ${searchType} parameters take ${[...known, "missing"].map((m) => `:${m}`).join(", ")}`);
    switch (searchType) {
      case "token":
        if (modifier === "text") return this.#terms(param, value, (raw) => ok(normalise(unescape(raw))), (terms) => ({ kind: "token-text", param, terms }));
        if (modifier !== undefined && modifier !== "not") return unknownModifier(["not", "text"]);
        return this.#terms(param, value, (raw) => parseToken(raw, tokenTraits(this.#type, param, this.#custom?.of(this.#type))), (terms) => modifier ? { kind: "token", param, modifier, terms } : { kind: "token", param, terms });
      case "string":
        if (modifier !== undefined && modifier !== "exact" && modifier !== "contains") return unknownModifier(["exact", "contains"]);
        return this.#terms(param, value, parseString, (terms) => modifier ? { kind: "string", param, modifier, terms } : { kind: "string", param, terms });
      case "uri":
        if (modifier !== undefined && modifier !== "above" && modifier !== "below") return unknownModifier(["above", "below"]);
        if (param === "url" && modifier === undefined && this.#parameters.get("version")?.type === "token") {
          // url|version of a canonical resource: both must hold.
          const parts = splitUnescaped(value, "|");
          if (parts.length === 2 && splitUnescaped(value, ",").length === 1) {
            this.#terms(param, parts[0]!, (raw) => parseUri(raw, modifier), (terms) => ({ kind: "uri", param, terms }));
            return this.#terms("version", parts[1]!, (raw) => parseToken(raw, tokenTraits(this.#type, "version")), (terms) => ({ kind: "token", param: "version", terms }));
          }
        }
        return this.#terms(param, value, (raw) => parseUri(raw, modifier), (terms) => modifier ? { kind: "uri", param, modifier, terms } : { kind: "uri", param, terms });
      case "reference": {
        if (modifier === "identifier") return this.#terms(param, value, parseReferenceIdentifier, (terms) => ({ kind: "reference", param, terms }));
        const targets = parameter.target ?? [];
        if (modifier !== undefined && !isResourceType(modifier)) return unknownModifier(["identifier", "[type]"]);
        if (modifier !== undefined && targets.length > 0 && !targets.includes(modifier)) return this.refuse("value", `${param} never refers to a ${modifier}`);
        return this.#terms(param, value, (raw) => parseReference(raw, modifier, targets, this.#bases), (terms) => ({ kind: "reference", param, terms }));
      }
      case "date":
        if (modifier !== undefined) return unknownModifier([]);
        return this.#terms(param, value, (raw) => parseDateTerm(raw, this.#now), (terms) => ({ kind: "date", param, terms }));
      case "number":
        if (modifier !== undefined) return unknownModifier([]);
        return this.#terms(param, value, parseNumber, (terms) => ({ kind: "number", param, terms }));
      case "quantity":
        if (modifier !== undefined) return unknownModifier([]);
        return this.#terms(param, value, parseQuantity, (terms) => ({ kind: "quantity", param, terms }));
    }
  }

  #terms<T>(param: string, value: string, parse: (raw: string) => Result<T>, build: (terms: T[]) => Filter): void {
    const raws = splitUnescaped(value, ",");
    if (raws.length > termsMax) return this.refuse("too-costly", `${param} lists ${raws.length} values; at most ${termsMax} are taken`);
    const terms: T[] = [];
    for (const raw of raws) {
      const term = raw === "" ? fail("invalid", "a value between commas is empty") : parse(raw);
      if (!term.ok) return this.refuse(term.failure.code, `${param}: ${term.failure.text}`);
      terms.push(term.value);
    }
    this.#filters.push(build(terms));
  }

  #readIds(value: string): void {
    const ids = value.split(",");
    if (ids.length > termsMax) return this.refuse("too-costly", `_id lists ${ids.length} values; at most ${termsMax} are taken`);
    const wrong = ids.find((id) => !isId(id));
    if (wrong !== undefined) return this.refuse("invalid", `_id: "${shown(wrong)}" is no resource id (1 to 64 of A-Z a-z 0-9 - .)`);
    this.#filters.push({ kind: "id", ids });
  }
}
