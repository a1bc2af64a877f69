/**
 * The elements that composites read: which, and what of them. Source: https://hl7.org/fhir/R4/search.html#composite
 */
import { searchParameterByUrl, searchParametersOf, type SearchParameter } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { compileAst, type Evaluator } from "../fhirpath/compile.ts";
import { parse } from "../fhirpath/parser.ts";
import type { IndexedType } from "./query-model.ts";

/** `key` names the component's rows: of the resource its parameter, of an element the path and what is read there. */
type Component = { key: string; type: IndexedType; definition: SearchParameter; expression: string };

/** `path` undefined: the resource itself. */
type Branch = { path: string | undefined; evaluator: Evaluator; components: readonly Component[] };

const known = new Map<string, readonly Branch[]>();

export function compositeBranches(type: string, parameter: SearchParameter): readonly Branch[] {
  const name = `${type} ${parameter.url}`;
  let found = known.get(name);
  if (!found) known.set(name, found = findBranches(type, parameter));
  return found;
}

function findBranches(type: string, { expression, component = [] }: SearchParameter): Branch[] {
  const parsed = expression === undefined ? undefined : parse(expression);
  if (!parsed?.ok) return [];
  return unionBranches(parsed.value).flatMap((ast): Branch[] => {
    const compiled = compileAst(ast, expression!, { type });
    if (!compiled.ok || compiled.value.nothing) return [];
    const path = pathOf(ast, type);
    const components = component.flatMap(({ definition: url, expression: read }): Component[] => {
      const definition = searchParameterByUrl(url);
      if (!definition || definition.type === "composite" || definition.type === "special") return [];
      return [{ key: path === undefined ? definition.code : `${path}#${read}`, type: definition.type, definition, expression: read }];
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

export function elementReaders(type: string): ElementReader[] {
  const byPath = new Map<string, { path: string; evaluator: Evaluator; parts: Map<string, ElementReader["parts"][number]> }>();
  for (const parameter of searchParametersOf(type)) {
    if (parameter.type !== "composite") continue;
    for (const { path, evaluator, components } of compositeBranches(type, parameter)) {
      if (path === undefined) continue;
      let reader = byPath.get(path);
      if (!reader) byPath.set(path, reader = { path, evaluator, parts: new Map() });
      for (const { key, type: searchType, expression } of components) {
        const parsed = parse(expression);
        const compiled = parsed.ok ? compileAst(parsed.value, expression) : parsed;
        if (compiled.ok && !reader.parts.has(key)) reader.parts.set(key, { key, type: searchType, evaluator: compiled.value });
      }
    }
  }
  return [...byPath.values()].map(({ path, evaluator, parts }) => ({ path, evaluator, parts: [...parts.values()] }));
}

/** The sides of a union, each on its own. */
export function unionBranches(ast: Ast): Ast[] {
  return ast.kind === "binary" && ast.operator === "|" ? [...unionBranches(ast.left), ...unionBranches(ast.right)] : [ast];
}
