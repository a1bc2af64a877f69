/**
 * The elements that composites read: which, and what of them. Source: https://hl7.org/fhir/R4/search.html#composite
 */
import { searchParameterByUrl, searchParametersOf, type SearchParameter } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { compileAst, type Evaluator } from "../fhirpath/compile.ts";
import { parse } from "../fhirpath/parser.ts";
import type { IndexedType } from "./query-model.ts";

/**
 * `key` names the component's rows: of the resource its parameter, of an element the path and what is read there. A
 * composite beside R4's own has elements and rows of its own, so that they come and go with it.
 */
type Component = { key: string; type: IndexedType; definition: SearchParameter; expression: string };

/** `path` undefined: the resource itself. */
type Branch = { path: string | undefined; evaluator: Evaluator; components: readonly Component[] };

const known = new WeakMap<SearchParameter, Map<string, readonly Branch[]>>();

export function compositeBranches(type: string, parameter: SearchParameter): readonly Branch[] {
  let byType = known.get(parameter);
  if (!byType) known.set(parameter, byType = new Map());
  let found = byType.get(type);
  if (!found) byType.set(type, found = findBranches(type, parameter));
  return found;
}

/** Names of the rows that a composite beside R4's own has. */
export function ownKeys({ code, component = [] }: SearchParameter): string[] {
  return component.map((_, i) => `${code}#${i}`);
}

function findBranches(type: string, parameter: SearchParameter): Branch[] {
  const { url: own, code, expression, component = [] } = parameter;
  const keys = searchParameterByUrl(own) ? undefined : ownKeys(parameter);
  const parsed = expression === undefined ? undefined : parse(expression);
  if (!parsed?.ok) return [];
  return unionBranches(parsed.value).flatMap((ast): Branch[] => {
    const compiled = compileAst(ast, expression!, { type });
    if (!compiled.ok || compiled.value.nothing) return [];
    const path = keys ? `#${code}` : pathOf(ast, type);
    const components = component.flatMap(({ definition: url, expression: read }, i): Component[] => {
      const definition = searchParameterByUrl(url);
      if (!definition || definition.type === "composite" || definition.type === "special") return [];
      return [{ key: keys?.[i] ?? (path === undefined ? definition.code : `${path}#${read}`), type: definition.type, definition, expression: read }];
    });
    return components.length === component.length ? [{ path, evaluator: compiled.value, components }] : [];
  });
}

/** Undefined for the type itself. */
function pathOf(ast: Ast, type: string): string | undefined {
  const names: string[] = [];
  let at: Ast | undefined = ast;
  for (; at?.kind === "member"; at = at.on) names.unshift(at.name);
  return names.length === 1 && names[0] === type ? undefined : names.join(".");
}

/** What the elements of a type give, each element once for all composites that read it. */
export type ElementReader = { path: string; evaluator: Evaluator; parts: readonly { key: string; type: IndexedType; evaluator: Evaluator }[] };

export function elementReaders(type: string, parameters: readonly SearchParameter[] = searchParametersOf(type)): ElementReader[] {
  const byPlace = new Map<string, { path: string; evaluator: Evaluator; parts: Map<string, ElementReader["parts"][number]> }>();
  for (const parameter of parameters) {
    if (parameter.type !== "composite") continue;
    for (const [i, { path, evaluator, components }] of compositeBranches(type, parameter).entries()) {
      if (path === undefined) continue;
      const place = path.startsWith("#") ? `${path} ${i}` : path;
      let reader = byPlace.get(place);
      if (!reader) byPlace.set(place, reader = { path, evaluator, parts: new Map() });
      for (const { key, type: searchType, expression } of components) {
        const parsed = parse(expression);
        const compiled = parsed.ok ? compileAst(parsed.value, expression) : parsed;
        if (compiled.ok && !reader.parts.has(key)) reader.parts.set(key, { key, type: searchType, evaluator: compiled.value });
      }
    }
  }
  return [...byPlace.values()].map(({ path, evaluator, parts }) => ({ path, evaluator, parts: [...parts.values()] }));
}

/** The sides of a union, each on its own. */
export function unionBranches(ast: Ast): Ast[] {
  return ast.kind === "binary" && ast.operator === "|" ? [...unionBranches(ast.left), ...unionBranches(ast.right)] : [ast];
}
