/** The values of one parameter, by its search type and modifier, as a leaf. Source: https://hl7.org/fhir/R4/search.html#modifiers */
import { fail, ok, unreachable, type Result } from "#platform/result.ts";
import { isResourceType } from "../definitions/load.ts";
import type { CustomSearch } from "./custom.ts";
import { parseDateTerm } from "./date.ts";
import { parseNumber } from "./number.ts";
import { shown } from "./parameter-names.ts";
import { parseQuantity } from "./quantity.ts";
import type { IndexedType, Leaf, TokenTraits } from "./query-model.ts";
import { parseReference, parseReferenceIdentifier } from "./reference.ts";
import { normalise, parseString } from "./string.ts";
import { ofTypeParam, parseOfType, parseToken } from "./token.ts";
import { parseUri } from "./uri.ts";
import { escapesNothing, splitUnescaped, unescape } from "./value.ts";

/** Alternatives (OR) in one parameter. */
export const termsMax = 1000;

export type ReadOptions = {
  /** Epoch ms, for `ap` on dates. */
  now: number;
  /** Base urls of this node: absolute references under them mean local resources. */
  bases: readonly string[];
  /** Parameters beside R4's own. */
  custom?: CustomSearch;
};

/** What a parameter is, as far as its values' meaning hangs on it. */
export type Parameter = { param: string; type: IndexedType; targets: readonly string[]; traits: TokenTraits };

/** Modifiers that `readLeaf` takes beside `:missing`; others are read elsewhere (see parameter.ts). */
const modifiers: Readonly<Record<IndexedType, readonly string[]>> = {
  token: ["not", "text", "in", "not-in", "above", "below", "of-type"], string: ["exact", "contains"], uri: ["above", "below"],
  reference: ["identifier", "[type]", "above", "below"], date: [], number: [], quantity: [],
};

export function readLeaf({ param, type, targets, traits }: Parameter, modifier: string | undefined, value: string, { now, bases }: ReadOptions): Result<Leaf> {
  const unknown = () => fail("not-supported", `${param}:${shown(modifier ?? "")} is not supported; ${type} parameters take ${[...modifiers[type], "missing"].map((one) => `:${one}`).join(", ")}`);
  switch (type) {
    case "token":
      if (modifier === "text") return list(param, value, (raw) => ok(normalise(unescape(raw))), (terms) => ({ kind: "token-text", param, terms }));
      if (modifier === "of-type") return list(param, value, parseOfType, (terms) => ({ kind: "token", param: ofTypeParam(param), terms }));
      if (modifier !== undefined && modifier !== "not") return unknown();
      return list(param, value, (raw) => parseToken(raw, traits), (terms) => modifier ? { kind: "token", param, modifier, terms } : { kind: "token", param, terms });
    case "string":
      if (modifier !== undefined && modifier !== "exact" && modifier !== "contains") return unknown();
      return list(param, value, parseString, (terms) => modifier ? { kind: "string", param, modifier, terms } : { kind: "string", param, terms });
    case "uri":
      if (modifier !== undefined && modifier !== "above" && modifier !== "below") return unknown();
      return list(param, value, (raw) => parseUri(raw, modifier), (terms) => modifier ? { kind: "uri", param, modifier, terms } : { kind: "uri", param, terms });
    case "reference": {
      if (modifier === "identifier") return list(param, value, parseReferenceIdentifier, (terms) => ({ kind: "reference", param, terms }));
      if (modifier !== undefined && !isResourceType(modifier)) return unknown();
      if (modifier !== undefined && targets.length > 0 && !targets.includes(modifier)) return fail("value", `${param} never refers to a ${modifier}`);
      return list(param, value, (raw) => parseReference(raw, modifier, targets, bases), (terms) => ({ kind: "reference", param, terms }));
    }
    case "date": return modifier === undefined ? list(param, value, (raw) => parseDateTerm(raw, now), (terms) => ({ kind: "date", param, terms })) : unknown();
    case "number": return modifier === undefined ? list(param, value, parseNumber, (terms) => ({ kind: "number", param, terms })) : unknown();
    case "quantity": return modifier === undefined ? list(param, value, parseQuantity, (terms) => ({ kind: "quantity", param, terms })) : unknown();
    default: return unreachable(type);
  }
}

/** Alternatives separated by commas. */
export function list<T, F>(param: string, value: string, parse: (raw: string) => Result<T>, build: (terms: T[]) => F): Result<F> {
  if (escapesNothing(value)) return fail("invalid", `${param}: a backslash must escape one of , | $ \\; write \\\\ for a backslash itself`);
  const raws = splitUnescaped(value, ",");
  if (raws.length > termsMax) return fail("too-costly", `${param} lists ${raws.length} values; at most ${termsMax} are taken`);
  const terms: T[] = [];
  for (const raw of raws) {
    const term = raw === "" ? fail("invalid", "a value between commas is empty") : parse(raw);
    if (!term.ok) return fail(term.failure.code, `${param}: ${term.failure.text}`);
    terms.push(term.value);
  }
  return ok(build(terms));
}
