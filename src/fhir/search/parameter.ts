/**
 * One parameter of a search, name and value, to the filter it means: chains and `_has` to any depth, modifiers,
 * composites and the special parameters. Source: https://hl7.org/fhir/R4/search.html
 * Bounded: `hopsMax` references in a row, `branchesMax` types that all chains of one query may lead to.
 */
import { fail, ok, type Failure, type FailureCode, type Result } from "#platform/result.ts";
import { isResourceType, resourceTypes, type SearchParameter } from "../definitions/load.ts";
import { isId } from "../resource.ts";
import { missingComposite, readComposite } from "./composite.ts";
import { parseDateTerm } from "./date.ts";
import { isIndexed, readsCanonicals, tokenTraits } from "./index-rows.ts";
import { beyondLimits, beyondOnce } from "./limits.ts";
import { parseNear } from "./near.ts";
import { didYouMean, parametersOf, shown, type NamedParameter } from "./parameter-names.ts";
import type { Filter, IndexedType } from "./query-model.ts";
import { parseReference } from "./reference.ts";
import { list, readLeaf, termsMax, type ReadOptions } from "./terms.ts";
import { mimeBase, mimeBaseParam, parseToken } from "./token.ts";
import { splitUnescaped, unescape } from "./value.ts";
import { parseWords } from "./words.ts";

export const hopsMax = 16;
export const branchesMax = 100;

export type Reading = ReadOptions & {
  /** Types that chains may still lead to. */
  budget: { branches: number };
  hops: number;
  /** The names passed on the way, as "subject:Patient.". */
  path: string;
  /** What was asked of parameters that may be asked once; absent where one expression says all of it (`_filter`). */
  once?: Set<string>;
};

/** `droppable`: lenient handling leaves the parameter out; a wrong value never is. */
export type Refusal = Failure & { droppable?: true; /** Of a chain that leads to several types, said for the whole: it is not that one of them knows no such parameter. */ whole?: true };
export type ReadFilter = Result<Filter, Refusal>;

export function drop(code: FailureCode, text: string): { ok: false; failure: Refusal } {
  return { ok: false, failure: { code, text, droppable: true } };
}

/** What a SearchParameter of the record does not state. */
export function beyond(text: string): { ok: false; failure: Refusal } {
  return { ok: false, failure: { code: "not-supported", text, droppable: true, whole: true } };
}

/** `key`: the name with its modifiers and chain ("subject:Patient.name:exact"). */
export function readFilter(type: string, key: string, value: string, reading: Reading): ReadFilter {
  if (value === "") return drop("invalid", `${shown(key)} has no value`);
  if (key.startsWith("_has:")) return readHas(type, key, value, reading);
  const dot = key.indexOf(".");
  const [name, modifier] = splitModifier(dot < 0 ? key : key.slice(0, dot));
  if (dot >= 0) return readChain(type, { name, modifier, rest: key.slice(dot + 1) }, value, reading);
  switch (name) {
    case "_id": return readIds(modifier, value);
    case "_lastUpdated": return readLastUpdated(modifier, value, reading);
    case "_text": case "_content": return modifier === undefined ? parseWords(name, value) : noModifier(name, modifier);
    case "_list": return readList(modifier, value, reading);
    // Refused under lenient handling too: https://hl7.org/fhir/R4/search.html#query.
    case "_query": return fail("not-supported", `_query: there is no named query "${shown(value)}" here`);
    default: return readParameter(type, name, modifier, value, reading);
  }
}

function splitModifier(text: string): [name: string, modifier: string | undefined] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

function noModifier(name: string, modifier: string): Result<never> {
  return fail("not-supported", `${name} takes no modifier; remove ":${shown(modifier)}"`);
}

function parameterOf(type: string, name: string, { custom }: Reading): Result<NamedParameter, Refusal> {
  const parameters = parametersOf(type, custom);
  const parameter = parameters.get(name);
  if (parameter) return ok(parameter);
  const building = custom?.building(type, name);
  return drop("not-supported", building === undefined ? `${type} has no search parameter "${shown(name)}"${didYouMean(name, parameters.keys())}` : `${shown(name)}: ${building}`);
}

function referenceOf(type: string, name: string, what: string, reading: Reading): Result<NamedParameter, Refusal> {
  const parameter = parameterOf(type, name, reading);
  if (!parameter.ok || parameter.value.type === "reference") return parameter;
  return fail("invalid", `${what}: ${type}.${name} is of type ${parameter.value.type} and refers to nothing`);
}

/** What a chain or `_has` through the parameter says of canonical urls. */
export function byUrl(type: string, param: string, { custom }: Reading): { canonical?: true } {
  return readsCanonicals(type, param, custom?.of(type)) ? { canonical: true } : {};
}

/** One hop deeper; a failure where there were too many. */
function deeper(reading: Reading, branches: number, by = ""): Result<Reading> {
  if (reading.hops >= hopsMax) return fail("too-costly", `a chain may pass at most ${hopsMax} references`);
  reading.budget.branches -= branches;
  if (reading.budget.branches < 0) return fail("too-costly", `the chains of this query lead to more than ${branchesMax} types; name the type at each step, as in subject:Patient.name`);
  return ok({ ...reading, hops: reading.hops + 1, path: `${reading.path}${by}.` });
}

/** Without a type, every type the reference may have and that knows the parameter. */
function readChain(type: string, { name, modifier, rest }: { name: string; modifier: string | undefined; rest: string }, value: string, reading: Reading): ReadFilter {
  const parameter = referenceOf(type, name, `"${shown(`${name}.${rest}`)}" is no chain`, reading);
  if (!parameter.ok) return parameter;
  const stated = parameter.value.target ?? [], unstated = asksAgain(type, parameter.value, reading);
  if (unstated !== undefined) return beyond(unstated);
  if (modifier !== undefined && !isResourceType(modifier)) return fail("not-supported", `${name}:${shown(modifier)}.… is no chain; what stands before the dot is a resource type`);
  if (modifier !== undefined && stated.length > 0 && !stated.includes(modifier)) return fail("value", `${name} never refers to a ${modifier}`);
  const targets = modifier !== undefined ? [modifier] : stated.length ? stated : resourceTypes();
  const within = deeper(reading, targets.length > 1 ? 1 : 0, name);
  if (!within.ok) return within;
  const branches: { type: string; filter: Filter }[] = [];
  let refusal: Refusal | undefined;
  for (const target of targets) {
    const filter = readFilter(target, rest, value, { ...within.value, path: `${within.value.path}${target}/` });
    if (!filter.ok && filter.failure.whole) return filter;
    if (filter.ok) {
      branches.push({ type: target, filter: filter.value });
      if (--reading.budget.branches < 0) return deeper(reading, 0) as ReadFilter;
    } else if (filter.failure.code === "too-costly" || !refusal || (refusal.droppable && !filter.failure.droppable)) refusal = filter.failure;
    if (refusal?.code === "too-costly") break;
  }
  if (branches.length && refusal?.code !== "too-costly") return ok({ kind: "chain", param: name, ...byUrl(type, name, reading), branches });
  if (targets.length === 1 || refusal!.code === "too-costly" || !refusal!.droppable) return { ok: false, failure: refusal! };
  return drop("not-supported", `${name}.${shown(rest)}: none of the types that ${type}.${name} may refer to has this parameter (${targets.slice(0, 8).join(", ")}${targets.length > 8 ? ", …" : ""})`);
}

/** `_has:Observation:patient:code=…`: what follows the second name may be a chain or `_has` again. */
function readHas(type: string, key: string, value: string, reading: Reading): ReadFilter {
  const [, source = "", param = "", ...more] = key.split(":");
  const rest = more.join(":");
  if (rest === "") return fail("invalid", `"${shown(key)}" is incomplete; write _has:Type:reference:parameter`);
  if (!isResourceType(source)) return fail("value", `_has: there is no resource type "${shown(source)}" in FHIR R4`);
  const parameter = referenceOf(source, param, "_has", reading);
  if (!parameter.ok) return parameter;
  const { target = [] } = parameter.value;
  if (target.length > 0 && !target.includes(type)) return fail("value", `_has: ${source}.${param} never refers to a ${type}`);
  const within = deeper(reading, 1, `_has:${source}:${param}`);
  if (!within.ok) return within;
  const filter = readFilter(source, rest, value, within.value);
  return filter.ok ? ok({ kind: "has", type: source, param, ...byUrl(source, param, reading), filter: filter.value }) : filter;
}

function readIds(modifier: string | undefined, value: string): ReadFilter {
  if (modifier === "missing") return constantMissing("_id", value);
  if (modifier !== undefined && modifier !== "not") return noModifier("_id", modifier);
  const ids = value.split(",");
  if (ids.length > termsMax) return fail("too-costly", `_id lists ${ids.length} values; at most ${termsMax} are taken`);
  const wrong = ids.find((id) => !isId(id));
  if (wrong !== undefined) return fail("invalid", `_id: "${shown(wrong)}" is no resource id (1 to 64 of A-Z a-z 0-9 - .)`);
  return ok(modifier ? { kind: "not", filter: { kind: "id", ids } } : { kind: "id", ids });
}

function readLastUpdated(modifier: string | undefined, value: string, { now }: Reading): ReadFilter {
  if (modifier === "missing") return constantMissing("_lastUpdated", value);
  if (modifier !== undefined) return noModifier("_lastUpdated", modifier);
  return list("_lastUpdated", value, (raw) => parseDateTerm(raw, now), (terms): Filter => ({ kind: "lastUpdated", terms }));
}

/** What every resource has. */
function constantMissing(name: string, value: string): ReadFilter {
  const missing = truth(name, value);
  return missing.ok ? ok({ kind: missing.value ? "or" : "and", filters: [] }) : missing;
}

function truth(param: string, value: string): Result<boolean> {
  return value === "true" || value === "false" ? ok(value === "true") : fail("value", `${param}:missing takes true or false, found "${shown(value)}"`);
}

/** Codes of Lists that stand for the functional lists: https://hl7.org/fhir/R4/valueset-list-example-codes.html. */
const functionalLists = new Map(["problems", "medications", "allergies"].map((code) => [`$current-${code}`, `http://terminology.hl7.org/CodeSystem/list-example-use-codes|${code}`]));

/** `_list=42`: what the List refers to. `_list=$current-problems`: what a current List of that purpose refers to. */
function readList(modifier: string | undefined, value: string, reading: Reading): ReadFilter {
  if (modifier !== undefined) return noModifier("_list", modifier);
  const purpose = functionalLists.get(value);
  if (purpose !== undefined) {
    const within = deeper(reading, 1);
    if (!within.ok) return within;
    const code = readFilter("List", "code", purpose, within.value), status = readFilter("List", "status", "current", within.value);
    if (!code.ok) return code;
    return status.ok ? ok({ kind: "has", type: "List", param: "item", filter: { kind: "and", filters: [code.value, status.value] } }) : status;
  }
  if (value.startsWith("$")) return drop("not-supported", `_list: the functional list "${shown(value)}" is not kept here; there are ${[...functionalLists.keys()].join(", ")}, and the ids of Lists`);
  const ids = value.split(",").map((id) => id.replace(/^List\//, ""));
  const wrong = ids.find((id) => !isId(id));
  if (wrong !== undefined) return fail("invalid", `_list: "${shown(wrong)}" is no id of a List`);
  if (ids.length > termsMax) return fail("too-costly", `_list lists ${ids.length} values; at most ${termsMax} are taken`);
  return ok({ kind: "has", type: "List", param: "item", filter: { kind: "id", ids } });
}

function readParameter(type: string, name: string, modifier: string | undefined, value: string, reading: Reading): ReadFilter {
  const found = parameterOf(type, name, reading);
  if (!found.ok) return found;
  const parameter = found.value;
  const composite = parameter.type === "composite";
  if (!composite && name !== "near" && !isIndexed(parameter)) return drop("not-supported", `${name}: search parameters of type ${parameter.type} are not supported`);
  const unstated = beyondLimits(parameter, modifier, value) ?? asksAgain(type, parameter, reading);
  if (unstated !== undefined) return beyond(unstated);
  if (modifier === "missing") {
    const missing = truth(name, value);
    if (!missing.ok) return missing;
    if (composite) return ok(missingComposite(type, parameter, missing.value));
    return ok({ kind: "missing", param: name, searchType: name === "near" && parameter.type === "special" ? "position" : parameter.type as IndexedType, missing: missing.value });
  }
  if (composite) return modifier === undefined ? readComposite(type, parameter, value, reading) : noModifier(name, modifier);
  if (parameter.type === "special") return modifier === undefined ? list(name, value, parseNear, (terms): Filter => ({ kind: "near", terms })) : noModifier(name, modifier);
  return readIndexed(type, parameter as SearchParameter & { type: IndexedType }, modifier, value, reading);
}

/** Of a parameter that may be asked once, that it was asked before, on the same way. */
function asksAgain(type: string, parameter: NamedParameter, { path, once }: Reading): string | undefined {
  if (parameter.limits?.multipleAnd !== false || !once) return undefined;
  const asked = `${path}${type}.${parameter.code}`;
  if (once.has(asked)) return beyondOnce(parameter);
  once.add(asked);
  return undefined;
}

function readIndexed(type: string, parameter: SearchParameter & { type: IndexedType }, modifier: string | undefined, value: string, reading: Reading): ReadFilter {
  const { code: param, type: searchType, target: targets = [] } = parameter;
  const traits = searchType === "token" ? tokenTraits(type, param, reading.custom?.of(type)) : { foldsCase: false, implied: undefined };
  if (searchType === "token" && (modifier === "in" || modifier === "not-in"))
    return list(param, value, (raw) => ok(unescape(raw)), (valueSets): Filter => ({ kind: "value-set", param, modifier, valueSets, traits }));
  if (searchType === "token" && modifier === "below" && traits.mimeTypes)
    return list(param, value, (raw) => ok({ code: mimeBase(unescape(raw)) }), (terms): Filter => ({ kind: "token", param: mimeBaseParam(param), terms }));
  if (searchType === "token" && (modifier === "above" || modifier === "below")) {
    return list(param, value, (raw): Result<{ system: string; code: string }> => {
      const term = parseToken(raw, { foldsCase: false, implied: undefined });
      if (!term.ok) return term;
      const { code, system = traits.implied?.size === 1 ? [...traits.implied.keys()][0] : undefined } = term.value;
      return code === undefined || !system ? fail("invalid", `:${modifier} needs a code with its system; write system|code`) : ok({ system, code });
    }, (terms): Filter => ({ kind: "subsumes", param, modifier, terms, traits }));
  }
  if (searchType === "reference" && modifier === "below" && isCanonicalUrl(value, reading)) return readVersions(parameter, value, reading);
  if (searchType === "reference" && (modifier === "above" || modifier === "below")) return readHierarchy(param, modifier, targets, value, reading);
  if (searchType === "uri" && param === "url" && modifier === undefined && parametersOf(type).get("version")?.type === "token") {
    // url|version of a canonical resource: both must hold.
    const [url = "", version, ...more] = splitUnescaped(value, "|");
    if (version !== undefined && !more.length && splitUnescaped(value, ",").length === 1) {
      const both = [readIndexed(type, parameter, undefined, url, reading), readParameter(type, "version", undefined, version, reading)] as const;
      return !both[0].ok ? both[0] : !both[1].ok ? both[1] : ok({ kind: "and", filters: both.map((one) => (one as { value: Filter }).value) });
    }
  }
  return readLeaf({ param, type: searchType, targets, traits }, modifier, value, reading);
}

/** An absolute url that is none of this node's, in place of a resource's id. */
function isCanonicalUrl(value: string, { bases }: Reading): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(value) && !bases.some((base) => value.startsWith(`${base}/`));
}

/** `:below` of canonical references: any version of the url. Source: https://hl7.org/fhir/R4/search.html#versions */
function readVersions({ code: param, type, target: targets = [] }: SearchParameter & { type: IndexedType }, value: string, reading: Reading): ReadFilter {
  if (splitUnescaped(value, "|").length > 1) return fail("not-supported", `${param}:below takes a url without version, and finds every version; a whole version is found without :below`);
  return readLeaf({ param, type, targets, traits: { foldsCase: false, implied: undefined } }, undefined, value, reading);
}

/** The parameter of a type that refers to its own type: its hierarchy. */
function hierarchyOf(type: string): string | undefined {
  return ["partof", "part-of"].find((code) => {
    const parameter = parametersOf(type).get(code);
    return parameter?.type === "reference" && (parameter.target ?? []).includes(type);
  });
}

function readHierarchy(param: string, modifier: "above" | "below", targets: readonly string[], value: string, { bases }: Reading): ReadFilter {
  const terms = list(param, value, (raw) => parseReference(raw, undefined, targets, bases), (all) => all);
  if (!terms.ok) return terms;
  const byType = new Map<string, string[]>();
  for (const term of terms.value) {
    const types = targets.filter((target) => hierarchyOf(target) !== undefined);
    const type = term.kind === "local" ? term.type ?? (types.length === 1 ? types[0] : undefined) : undefined;
    if (term.kind !== "local" || type === undefined) return fail("invalid", `${param}:${modifier} takes Type/id of a resource here that is part of others (${types.join(", ") || "none that this parameter refers to"})`);
    if (hierarchyOf(type) === undefined) return fail("not-supported", `${param}:${modifier}: ${type} resources form no hierarchy; those of ${types.join(", ") || "no type this parameter refers to"} do`);
    byType.set(type, [...byType.get(type) ?? [], term.id]);
  }
  const filters = [...byType].map(([type, ids]): Filter => ({ kind: "hierarchy", param, modifier, type, by: hierarchyOf(type)!, ids }));
  return ok(filters.length === 1 ? filters[0]! : { kind: "or", filters });
}
