/**
 * Search parameters that a SearchParameter resource defines, beside R4's own.
 * Source: https://hl7.org/fhir/R4/searchparameter.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isResourceType, isSubtype, resourceTypes, searchParameterByUrl, searchParametersOf, type SearchParameter } from "../definitions/load.ts";
import { splitCanonical } from "../canonical.ts";
import { compile } from "../fhirpath/compile.ts";
import type { Resource } from "../resource.ts";
import { isIndexed } from "./index-rows.ts";
import { limitsOf, type Limits } from "./limits.ts";
import type { IndexedType } from "./query-model.ts";

/** `base`: concrete resource types. */
export type CustomParameter = SearchParameter & { type: IndexedType | "composite"; expression: string; limits?: Limits };

/** What a query may use of them. */
export type CustomSearch = {
  of(type: string): readonly CustomParameter[];
  /** Of one whose index is not complete: how far it is, in words. */
  building(type: string, code: string): string | undefined;
};

const expressionMax = 4096;
const baseMax = 200;
const componentsMax = 8;
const codeForm = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/**
 * What a SearchParameter resource adds to the node's searches: undefined when nothing (a draft, a retired one, one that
 * states what R4 has anyway). Failures: value, required, not-supported, conflict; each names the element at fault.
 */
export function customParameterOf(resource: Resource): Result<CustomParameter | undefined> {
  const { status, url, code, type, base, expression, derivedFrom, target } = resource as Record<string, unknown>;
  if (status !== "active" || typeof url !== "string" || searchParameterByUrl(url)) return ok(undefined);
  if (typeof code !== "string" || !codeForm.test(code)) return refused("value", "code", "a parameter's code is 1 to 64 letters, digits, - . _ and begins with a letter");
  if (code.includes(".")) return refused("value", "code", "a code with a dot cannot be told from a chain");
  const bases = Array.isArray(base) ? base.filter((one) => typeof one === "string") : [];
  if (!bases.length || bases.length > baseMax) return refused("required", "base", `name 1 to ${baseMax} resource types`);
  const strange = bases.find((one) => !isResourceType(one) && one !== "Resource" && one !== "DomainResource");
  if (strange !== undefined) return refused("value", "base", `"${strange.slice(0, 64)}" is no resource type of FHIR R4`);
  const types = resourceTypes().filter((one) => bases.some((ancestor) => isSubtype(one, ancestor)));
  const own = types.flatMap((one) => searchParametersOf(one).filter((parameter) => parameter.code === code).map((parameter) => ({ one, parameter })));
  if (own.length) {
    const clash = own.find(({ parameter }) => parameter.url !== derivedFrom && !saysTheSame(expression, parameter.expression));
    return clash ? refused("conflict", "code", `"${code}" is R4's own parameter of ${clash.one} (${clash.parameter.url}) and cannot mean something else; choose another code`) : ok(undefined);
  }
  if (typeof expression !== "string" || expression.trim() === "") return refused("required", "expression", "give the FHIRPath of the elements to be found");
  if (expression.length > expressionMax) return refused("too-long", "expression", `at most ${expressionMax} characters are taken`);
  const limits = limitsOf(resource);
  const said = { url, code, base: types, expression, ...(limits ? { limits } : {}), ...(Array.isArray(target) ? { target: target.filter((one) => typeof one === "string") } : {}) };
  const parameter = type === "composite" ? compositeOf(said, resource) : simpleOf({ ...said, type: type as SearchParameter["type"] });
  if (!parameter.ok) return parameter;
  let gives = false;
  for (const one of bases) {
    const compiled = compile(expression, isResourceType(one) ? { type: one } : {});
    if (!compiled.ok) return refused("value", "expression", compiled.failure.text);
    gives ||= !compiled.value.nothing;
  }
  return gives ? parameter : refused("value", "expression", `it finds nothing in ${bases.slice(0, 5).join(", ")}: a path begins with the resource type, as in Patient.name`);
}

function simpleOf(parameter: SearchParameter & { expression: string; limits?: Limits }): Result<CustomParameter> {
  if (isIndexed(parameter)) return ok(parameter);
  return refused("not-supported", "type", `own parameters of type ${String(parameter.type).slice(0, 64)} are not supported; token, string, date, number, quantity, reference, uri and composite are`);
}

/** Its parts are of the types of R4's parameters. */
function compositeOf(parameter: Omit<CustomParameter, "type" | "component">, { component }: Readonly<Record<string, unknown>>): Result<CustomParameter> {
  const parts = Array.isArray(component) ? component as readonly ({ definition?: unknown; expression?: unknown } | null)[] : [];
  if (parts.length < 2 || parts.length > componentsMax) return refused("required", "component", `a composite has 2 to ${componentsMax} components`);
  const read: { definition: string; expression: string }[] = [];
  for (const [i, part] of parts.entries()) {
    const { definition, expression } = part ?? {};
    const url = typeof definition === "string" ? splitCanonical(definition).url : "";
    const known = searchParameterByUrl(url);
    if (!known || !isIndexed(known)) return refused("not-supported", `component[${i}].definition`, `name one of R4's parameters that is no composite, by its url; found "${String(definition).slice(0, 100)}"`);
    if (typeof expression !== "string" || expression.trim() === "" || expression.length > expressionMax) return refused("required", `component[${i}].expression`, `give the FHIRPath of the part within the element, of at most ${expressionMax} characters`);
    const compiled = compile(expression);
    if (!compiled.ok) return refused("value", `component[${i}].expression`, compiled.failure.text);
    read.push({ definition: url, expression });
  }
  return ok({ ...parameter, type: "composite", component: read });
}

/** Every alternative of the one is an alternative of R4's. */
function saysTheSame(expression: unknown, own: string | undefined): boolean {
  if (typeof expression !== "string" || own === undefined) return false;
  const parts = (text: string): string[] => text.split("|").map((part) => part.trim());
  const known = new Set(parts(own));
  return parts(expression).every((part) => known.has(part));
}

function refused(code: "value" | "required" | "not-supported" | "conflict" | "too-long", element: string, text: string): Result<never> {
  const whole = `SearchParameter.${element}: ${text}`;
  return fail(code, whole, [{ severity: "error", code, text: whole, expression: `SearchParameter.${element}` }]);
}
