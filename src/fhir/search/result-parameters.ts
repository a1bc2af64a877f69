/**
 * The parameters that shape a result and find nothing: `_sort`, `_count`, `_include`, `_revinclude`, `_total`,
 * `_summary`, `_elements`, `_contained`, `_containedType`. Source: https://hl7.org/fhir/R4/search.html#return
 */
import type { FailureCode } from "#platform/result.ts";
import { isResourceType, typeDefinition } from "../definitions/load.ts";
import { holdsOfContained } from "./contained.ts";
import type { CustomSearch } from "./custom.ts";
import { isIndexed } from "./index-rows.ts";
import { didYouMean, parametersOf, shown } from "./parameter-names.ts";
import type { Contained, Filter, Include, SearchQuery, SortKey } from "./query-model.ts";

export const sortKeysMax = 8;
/** A larger `_count` is brought down to this. */
export const countMax = 1000;

/** Where faults go: `refuse` fails the query, `drop` does so under strict handling only. */
export type Faults = {
  refuse(code: FailureCode, text: string): void;
  drop(name: string, code: FailureCode, reason: string): void;
};

type Shape = Pick<SearchQuery, "sort" | "count" | "includes" | "revincludes" | "total" | "summary" | "elements" | "contained">;

export const resultParameterNames: ReadonlySet<string> = new Set(["_sort", "_count", "_include", "_revinclude", "_total", "_summary", "_elements", "_contained", "_containedType"]);

export class ResultParameters {
  readonly #type: string;
  readonly #custom: CustomSearch | undefined;
  readonly #takesContained: boolean;
  readonly #faults: Faults;
  #contained: Contained["which"] | "false" = "false";
  #containedType: Contained["shown"] = "container";
  readonly #sort: SortKey[] = [];
  readonly #includes: Include[] = [];
  readonly #revincludes: Include[] = [];
  readonly #rest: Pick<SearchQuery, "count" | "total" | "summary" | "elements"> = {};

  constructor(type: string, { custom, takesContained = false }: { custom?: CustomSearch; takesContained?: boolean }, faults: Faults) {
    this.#type = type;
    this.#custom = custom;
    this.#takesContained = takesContained;
    this.#faults = faults;
  }

  /** After the last parameter: what does not go together. `filters`: all of the query. */
  finish(filters: readonly Filter[]): void {
    if (this.#contained !== "false") this.#checkContained(filters);
    if (this.#sort.some((key) => key.kind === "score") && !filters.some(asksForWords)) this.#faults.refuse("not-supported", "_sort: _score puts the best matches of _text or _content first, and the search asks for neither");
    const { summary } = this.#rest;
    if (summary === "text" && (this.#includes.length || this.#revincludes.length)) this.#faults.refuse("invalid", "_summary=text does not go together with _include or _revinclude; leave one of them out");
    if (summary !== undefined && summary !== "false" && this.#rest.elements) this.#faults.refuse("invalid", "_summary and _elements both choose what is left of a resource; leave one of them out");
  }

  /** Of contained resources the order and some parameters are not known. */
  #checkContained(filters: readonly Filter[]): void {
    const { refuse } = this.#faults;
    if (!this.#takesContained) refuse("not-supported", "_contained is for the search of one type, [base]/Type?…; elsewhere leave it out");
    if (!filters.every((filter) => holdsOfContained(this.#type, filter))) refuse("not-supported", "_contained: contained resources cannot be asked for words (_text, _content), _list, what refers to them (_has), or parameters of this node's own; leave those out, or search what holds them");
    if (this.#sort.some((key) => key.kind === "param")) refuse("not-supported", "_sort: where contained resources are found, what holds them is in order; sort by _lastUpdated or _id");
  }

  get shape(): Shape {
    return { ...(this.#contained === "false" ? {} : { contained: { which: this.#contained, shown: this.#containedType } }), sort: this.#sort, includes: this.#includes, revincludes: this.#revincludes, ...this.#rest };
  }

  /** One of `resultParameterNames`, with a value. */
  read(name: string, modifier: string | undefined, value: string): void {
    if (name === "_include") return this.#readInclude(this.#includes, name, modifier, value);
    if (name === "_revinclude") return this.#readInclude(this.#revincludes, name, modifier, value);
    if (modifier !== undefined) return this.#faults.refuse("not-supported", `${name} takes no modifier; remove ":${shown(modifier)}"`);
    switch (name) {
      case "_sort": return this.#readSort(value);
      case "_count": return this.#readCount(value);
      case "_total":
        if (value !== "none" && value !== "estimate" && value !== "accurate") return this.#faults.refuse("value", `_total=${shown(value)} is none of none, estimate, accurate`);
        this.#rest.total = value;
        return;
      case "_summary":
        if (value !== "true" && value !== "text" && value !== "data" && value !== "count" && value !== "false") return this.#faults.refuse("value", `_summary=${shown(value)} is none of true, text, data, count, false`);
        this.#rest.summary = value;
        return;
      case "_elements": return this.#readElements(value);
      case "_contained":
        if (value !== "false" && value !== "true" && value !== "both") return this.#faults.refuse("value", `_contained=${shown(value)} is none of false, true, both`);
        this.#contained = value;
        return;
      case "_containedType":
        if (value !== "container" && value !== "contained") return this.#faults.refuse("value", `_containedType=${shown(value)} is none of container, contained`);
        this.#containedType = value;
        return;
      default: throw new Error(`${name} is no result parameter`);
    }
  }

  #readSort(value: string): void {
    const keys = value.split(",");
    if (keys.length > sortKeysMax) return this.#faults.refuse("too-costly", `_sort lists ${keys.length} keys; at most ${sortKeysMax} are taken`);
    const parameters = parametersOf(this.#type, this.#custom);
    for (const key of keys) {
      const descending = key.startsWith("-");
      const name = descending ? key.slice(1) : key;
      // Relevance has one direction: its best is the highest score, and comes first with either sign.
      if (name === "_score") {
        this.#sort.push({ kind: "score" });
        continue;
      }
      if (name === "_id" || name === "_lastUpdated") {
        this.#sort.push({ kind: name === "_id" ? "id" : "lastUpdated", descending });
        continue;
      }
      const parameter = parameters.get(name);
      if (!parameter || !isIndexed(parameter)) {
        const why = parameter?.type === "composite" ? ", which pairs several values; sort by one of them" : parameter ? `, which is of type ${parameter.type} and has no order` : didYouMean(name, parameters.keys());
        this.#faults.drop("_sort", "not-supported", `_sort: ${this.#type} cannot be sorted by "${shown(name)}"${why}`);
        continue;
      }
      this.#sort.push({ kind: "param", param: name, searchType: parameter.type, descending });
    }
  }

  #readElements(value: string): void {
    const { elements = [], members } = typeDefinition(this.#type) ?? {};
    const names: string[] = [];
    for (const asked of value.split(",").map((name) => name.trim())) {
      // No element, but always there; clients that think in JSON ask for it.
      if (asked === "resourceType") continue;
      const name = members?.get(asked)?.element.name ?? (elements.some((element) => element.name === asked) ? asked : undefined);
      if (name === undefined) this.#faults.drop("_elements", "value", `_elements: ${this.#type} has no element "${shown(asked)}" at its top${didYouMean(asked, elements.map((element) => element.name))}`);
      else names.push(name);
    }
    if (names.length || value.trim() === "resourceType") this.#rest.elements = names;
  }

  /** Whole numbers beyond any size are taken: the page is `countMax` at most. */
  #readCount(value: string): void {
    if (!/^\d{1,30}$/.test(value)) return this.#faults.refuse("value", `_count=${shown(value)} must be a whole number from 0`);
    this.#rest.count = Math.min(Number(value), countMax);
  }

  /** `Source:param` or `Source:param:Target`; `Source:*` for every reference of a type, `*` for every reference there is. */
  #readInclude(into: Include[], name: string, modifier: string | undefined, value: string): void {
    const { refuse } = this.#faults;
    if (modifier !== undefined && modifier !== "iterate" && modifier !== "recurse") return refuse("not-supported", `${name}:${shown(modifier)} is not supported; ${name} and ${name}:iterate are`);
    if (value === "*" || value === "*:*") return void into.push({ source: name === "_include" ? this.#type : "*", param: "*", iterate: modifier !== undefined });
    const [source = "", param = "", target, ...more] = value.split(":");
    if (more.length || param === "") return refuse("value", `${name}=${shown(value)} must be Type:parameter or Type:parameter:Target`);
    if (!isResourceType(source)) return refuse("value", `${name}: there is no resource type "${shown(source)}" in FHIR R4`);
    if (target !== undefined && !isResourceType(target)) return refuse("value", `${name}: there is no resource type "${shown(target)}" in FHIR R4`);
    if (param !== "*") {
      const parameters = parametersOf(source, this.#custom);
      if (parameters.get(param)?.type !== "reference")
        return refuse("value", `${name}: ${source} has no reference parameter "${shown(param)}"${didYouMean(param, [...parameters.values()].filter((p) => p.type === "reference").map((p) => p.code))}`);
    }
    into.push({ source, param, ...(target === undefined ? {} : { target }), iterate: modifier !== undefined });
  }
}

function asksForWords(filter: Filter): boolean {
  return filter.kind === "words" || (filter.kind === "and" || filter.kind === "or") && filter.filters.some(asksForWords);
}
