/**
 * The language of `_filter`. Source: https://hl7.org/fhir/R4/search_filter.html
 *   name co "pet" and (birthdate ge 2014-10-10 or not (gender eq male)) and general-practitioner.name sw "li"
 * `not` binds closest, then `and`, then `or`. A path goes over references, `path[filter].name` only over those whose
 * target the filter finds. A comparison is true when one value of the resource makes it true.
 * Bounded: `nestingMax` deep, `comparisonsMax` comparisons.
 */
import { fail, ok, unreachable, type FailureCode, type Result } from "#platform/result.ts";
import { isResourceType, resourceTypes } from "../definitions/load.ts";
import { isIndexed, tokenTraits } from "./index-rows.ts";
import { beyondComparators } from "./limits.ts";
import { beyond, branchesMax, byUrl, hopsMax, readFilter, type ReadFilter, type Reading } from "./parameter.ts";
import { didYouMean, parametersOf, shown } from "./parameter-names.ts";
import type { Filter, IndexedType, Leaf, Prefix } from "./query-model.ts";
import { normalise } from "./string.ts";
import { readLeaf } from "./terms.ts";

export const nestingMax = 32;
export const comparisonsMax = 200;

const operators = ["eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "sa", "eb", "pr", "po", "ss", "sb", "in", "ni", "re"] as const;
type Operator = (typeof operators)[number];

type Step = { name: string; /** Only over targets that it finds. */ within?: Expression };
type Expression =
  | { kind: "and" | "or"; parts: readonly Expression[] }
  | { kind: "not"; part: Expression }
  | { kind: "compare"; path: readonly Step[]; operator: Operator; value: string };

export function readFilterExpression(type: string, text: string, reading: Reading): ReadFilter {
  const parsed = new Parser(text).parse();
  if (!parsed.ok) return parsed;
  const { once: _, ...rest } = reading;
  return mean(type, parsed.value, rest);
}

class Fault extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, text: string) { super(text); this.code = code; }
}

class Parser {
  readonly #text: string;
  #at = 0;
  #comparisons = 0;

  constructor(text: string) { this.#text = text; }

  parse(): Result<Expression> {
    try {
      const found = this.#any(0);
      this.#space();
      if (this.#at < this.#text.length) this.#wrong("and, or, or the end");
      return ok(found);
    } catch (fault) {
      if (fault instanceof Fault) return fail(fault.code, `_filter: ${fault.message}`);
      throw fault;
    }
  }

  #wrong(expected: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 24);
    throw new Fault("invalid", `at character ${this.#at + 1} ${expected} is expected, found ${rest === "" ? "the end" : `"${rest}"`}`);
  }

  #space(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  /** A word of the language at this place, followed by a space or a parenthesis. */
  #word(word: string): boolean {
    this.#space();
    const next = this.#text[this.#at + word.length];
    if (!this.#text.startsWith(word, this.#at) || (next !== " " && next !== "(")) return false;
    this.#at += word.length;
    return true;
  }

  #take(sign: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #any(depth: number): Expression {
    const parts = [this.#all(depth)];
    while (this.#word("or")) parts.push(this.#all(depth));
    return parts.length === 1 ? parts[0]! : { kind: "or", parts };
  }

  #all(depth: number): Expression {
    const parts = [this.#one(depth)];
    while (this.#word("and")) parts.push(this.#one(depth));
    return parts.length === 1 ? parts[0]! : { kind: "and", parts };
  }

  #one(depth: number): Expression {
    if (depth > nestingMax) throw new Fault("too-costly", `it is nested deeper than ${nestingMax}`);
    const from = this.#at;
    if (this.#word("not")) {
      this.#space();
      if (this.#text[this.#at] === "(") return { kind: "not", part: this.#one(depth + 1) };
      this.#at = from;
    }
    if (this.#take("(")) {
      const inner = this.#any(depth + 1);
      if (!this.#take(")")) this.#wrong("\")\"");
      return inner;
    }
    return this.#compare(depth);
  }

  #compare(depth: number): Expression {
    if (++this.#comparisons > comparisonsMax) throw new Fault("too-costly", `it has more than ${comparisonsMax} comparisons`);
    const path: Step[] = [];
    for (;;) {
      this.#space();
      const name = this.#match(/[_A-Za-z][-_A-Za-z0-9]*(?::[A-Z][A-Za-z]*)?/y);
      if (name === undefined) this.#wrong("the name of a search parameter");
      const step: Step = { name };
      if (this.#text[this.#at] === "[") {
        this.#at++;
        step.within = this.#any(depth + 1);
        if (!this.#take("]")) this.#wrong("\"]\"");
        if (this.#text[this.#at] !== ".") this.#wrong("\".\"");
      }
      path.push(step);
      if (path.length > hopsMax + 1) throw new Fault("too-costly", `a path may pass at most ${hopsMax} references`);
      if (this.#text[this.#at] !== ".") break;
      this.#at++;
    }
    this.#space();
    const operator = this.#match(/[a-z]{2}(?= )/y) as Operator | undefined;
    if (operator === undefined || !operators.includes(operator)) this.#wrong(`one of ${operators.join(", ")}`);
    this.#space();
    return { kind: "compare", path, operator, value: this.#value() };
  }

  #value(): string {
    if (this.#text[this.#at] !== "\"") {
      const token = this.#match(/[^\s)\]]+/y);
      if (token === undefined) this.#wrong("a value");
      return token;
    }
    const from = this.#at;
    for (this.#at++; this.#at < this.#text.length && this.#text[this.#at] !== "\""; this.#at++) if (this.#text[this.#at] === "\\") this.#at++;
    if (this.#text[this.#at] !== "\"") this.#wrong("a closing quote");
    this.#at++;
    try {
      return JSON.parse(this.#text.slice(from, this.#at)) as string;
    } catch {
      this.#at = from;
      this.#wrong("a string as in JSON");
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function mean(type: string, expression: Expression, reading: Reading): ReadFilter {
  switch (expression.kind) {
    case "not": {
      const filter = mean(type, expression.part, reading);
      return filter.ok ? ok({ kind: "not", filter: filter.value }) : filter;
    }
    case "and": case "or": {
      const filters: Filter[] = [];
      for (const part of expression.parts) {
        const filter = mean(type, part, reading);
        if (!filter.ok) return filter;
        filters.push(filter.value);
      }
      return ok({ kind: expression.kind, filters });
    }
    case "compare": return meanPath(type, expression.path, expression.operator, expression.value, reading);
    default: return unreachable(expression);
  }
}

function meanPath(type: string, [step, ...rest]: readonly Step[], operator: Operator, value: string, reading: Reading): ReadFilter {
  const [name = "", stated] = step!.name.split(":");
  if (!rest.length) return meanComparison(type, name, operator, value, reading);
  const parameter = parametersOf(type, reading.custom).get(name);
  if (parameter?.type !== "reference") return fail("not-supported", `_filter: ${type} has no reference parameter "${shown(name)}"${didYouMean(name, parametersOf(type).keys())}`);
  if (stated !== undefined && !isResourceType(stated)) return fail("value", `_filter: there is no resource type "${shown(stated)}" in FHIR R4`);
  const { target = [] } = parameter;
  if (stated !== undefined && target.length && !target.includes(stated)) return fail("value", `_filter: ${name} never refers to a ${stated}`);
  const targets = stated !== undefined ? [stated] : target.length ? target : resourceTypes();
  const branches: { type: string; filter: Filter }[] = [];
  let refusal: Extract<ReadFilter, { ok: false }> | undefined;
  for (const one of targets) {
    const last = meanPath(one, rest, operator, value, reading);
    const within = last.ok && step!.within ? mean(one, step!.within, reading) : undefined;
    const fault = !last.ok ? last : within && !within.ok ? within : undefined;
    if (fault?.failure.code === "too-costly" || fault?.failure.whole) return fault;
    if (fault) { refusal ??= fault; continue; }
    if (--reading.budget.branches < 0) return fail("too-costly", `the paths of this query lead to more than ${branchesMax} types; name the type, as in subject:Patient.name`);
    branches.push({ type: one, filter: within?.ok ? { kind: "and", filters: [within.value, (last as { value: Filter }).value] } : (last as { value: Filter }).value });
  }
  return branches.length ? ok({ kind: "chain", param: name, ...byUrl(type, name, reading), branches }) : refusal!;
}

function meanComparison(type: string, name: string, operator: Operator, value: string, reading: Reading): ReadFilter {
  if (operator === "pr") {
    if (value !== "true" && value !== "false") return fail("value", `_filter: pr takes true or false, found "${shown(value)}"`);
    return told(readFilter(type, `${name}:missing`, value === "true" ? "false" : "true", reading));
  }
  if (name === "_id" || name === "_lastUpdated") return meanColumn(type, name, operator, value, reading);
  const parameter = parametersOf(type, reading.custom).get(name);
  // The parts stand between dollar signs, as in a search without _filter.
  if (parameter?.type === "composite" && operator === "eq") return told(readFilter(type, name, value.replaceAll(",", "\\,"), reading));
  if (parameter?.type === "composite") return fail("not-supported", `_filter: ${operator} does not compare ${name}, which is of type composite; eq and pr do`);
  if (!parameter || !isIndexed(parameter)) return fail("not-supported", `_filter: ${type} has no parameter "${shown(name)}" that can be compared${didYouMean(name, parametersOf(type).keys())}`);
  const unstated = prefixes.has(operator) ? beyondComparators(parameter, operator) : undefined;
  if (unstated !== undefined) return told(beyond(unstated));
  const leaf = meanLeaf(type, { param: name, type: parameter.type, targets: parameter.target ?? [] }, operator, value, reading);
  return leaf ? told(leaf) : fail("not-supported", `_filter: ${operator} does not compare ${name}, which is of type ${parameter.type}`);
}

function told(read: ReadFilter): ReadFilter {
  return read.ok ? read : { ok: false, failure: { code: read.failure.code, text: `_filter: ${read.failure.text}`, ...(read.failure.whole ? { whole: true } : {}) } };
}

/** Commas and bars of a value are its own here: there are no alternatives. */
function asTerm(value: string): string {
  return value.replace(/[\\,$]/g, "\\$&");
}

function meanColumn(type: string, name: string, operator: Operator, value: string, reading: Reading): ReadFilter {
  if (name === "_id") {
    if (operator !== "eq" && operator !== "ne") return fail("not-supported", `_filter: ${operator} does not compare _id; eq and ne do`);
    return told(readFilter(type, operator === "eq" ? "_id" : "_id:not", asTerm(value), reading));
  }
  const prefix = prefixes.get(operator);
  return prefix === undefined ? fail("not-supported", `_filter: ${operator} does not compare dates`) : told(readFilter(type, name, prefix + value, reading));
}

const prefixes: ReadonlyMap<Operator, Prefix> = new Map((["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"] as const).map((prefix) => [prefix, prefix]));

/** Undefined: the operator says nothing of this type. */
function meanLeaf(type: string, parameter: { param: string; type: IndexedType; targets: readonly string[] }, operator: Operator, value: string, reading: Reading): ReadFilter | undefined {
  const { param } = parameter;
  const leaf = (raw: string): Result<Leaf> => readLeaf({ ...parameter, traits: parameter.type === "token" ? tokenTraits(type, param, reading.custom?.of(type)) : { foldsCase: false, implied: undefined } }, undefined, raw, reading);
  const equal = (): ReadFilter => {
    const found = leaf(asTerm(value));
    return !found.ok || operator !== "ne" ? found : ok({ kind: "other", leaf: found.value });
  };
  switch (parameter.type) {
    case "string": {
      const terms = [{ value: normalise(value), exact: value }];
      switch (operator) {
        case "eq": return ok({ kind: "string", param, modifier: "equals", terms });
        case "ne": return ok({ kind: "other", leaf: { kind: "string", param, modifier: "equals", terms } });
        case "co": return ok({ kind: "string", param, modifier: "contains", terms });
        case "sw": return ok({ kind: "string", param, terms });
        case "ew": return ok({ kind: "string", param, modifier: "ends", terms });
        default: return undefined;
      }
    }
    case "token":
      switch (operator) {
        case "eq": case "ne": return equal();
        // The value subsumes what is recorded: that lies below it.
        case "ss": return readFilter(type, `${param}:below`, asTerm(value), reading);
        case "sb": return readFilter(type, `${param}:above`, asTerm(value), reading);
        case "in": return readFilter(type, `${param}:in`, asTerm(value), reading);
        case "ni": return readFilter(type, `${param}:not-in`, asTerm(value), reading);
        default: return undefined;
      }
    case "reference": return operator === "eq" || operator === "ne" || operator === "re" ? equal() : undefined;
    case "uri": return operator === "eq" || operator === "ne" || operator === "re" ? equal() : undefined;
    case "date": {
      // The periods overlap: `ap` without its widening.
      if (operator === "po") {
        const found = leaf(asTerm(value));
        return found.ok && found.value.kind === "date" ? ok({ ...found.value, terms: found.value.terms.map((term) => ({ ...term, prefix: "ap" as const })) }) : found;
      }
      return prefixes.has(operator) ? leaf(operator + asTerm(value)) : undefined;
    }
    case "number": case "quantity": return prefixes.has(operator) ? leaf(operator + asTerm(value)) : undefined;
    default: return unreachable(parameter.type);
  }
}
