/**
 * Parameters that repeat what others read, so that a store need not keep their rows: found in the compiled expressions,
 * never by name.
 */
import { isResourceType } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { branchesOf, keyOf, type Branch } from "./index-rows.ts";
import type { IndexedType } from "./query-model.ts";

/** Of a reference parameter: who has its rows. `own` reads the same and may be itself; `narrowed`: who has the rows that lead to a type. */
export type Keepers = { own: string; narrowed: ReadonlyMap<string, string> };

type Repeats = { parts: ReadonlyMap<string, readonly string[]>; keepers: ReadonlyMap<string, Keepers> };

const byType = new Map<string, Repeats>();
const none: Repeats = { parts: new Map(), keepers: new Map() };

function repeatsOf(type: string): Repeats {
  let known = byType.get(type);
  if (!known) {
    const branches = isResourceType(type) ? branchesOf(type) : undefined;
    byType.set(type, known = branches ? { parts: findParts(branches), keepers: findKeepers(branches) } : none);
  }
  return known;
}

/**
 * Of each token or quantity parameter that reads just what others read together, those others: Observation.combo-code is
 * code and component-code. Its rows say nothing new, and a store may ask for theirs instead.
 */
export function partsOf(type: string, param: string): readonly string[] | undefined {
  return repeatsOf(type).parts.get(param);
}

/**
 * Of a reference parameter that another repeats: Observation.patient is `subject.where(resolve() is Patient)`, so that a
 * row of subject that leads to a Patient is one of patient too, and kept there alone. Undefined where none does.
 */
export function keepersOf(type: string, param: string): Keepers | undefined {
  return repeatsOf(type).keepers.get(param);
}

/** The branches that each parameter of a search type reads, by their places. */
function readsOf(branches: readonly Branch[], searchType: IndexedType): [param: string, places: Set<number>][] {
  const found = new Map<string, Set<number>>();
  for (const [i, { uses }] of branches.entries()) for (const { type, params } of uses) if (type === searchType)
    for (const param of params) found.set(param, (found.get(param) ?? new Set()).add(i));
  return [...found];
}

function findParts(branches: readonly Branch[]): Repeats["parts"] {
  const found = new Map<string, readonly string[]>();
  for (const type of ["token", "quantity"] as const) {
    const all = readsOf(branches, type).sort(([, a], [, b]) => a.size - b.size);
    // Smaller ones first, so that no part is made of parts itself.
    for (const [param, own] of all) {
      const parts = all.filter(([name, part]) => part.size < own.size && part.isSubsetOf(own) && !found.has(name));
      if (new Set(parts.flatMap(([, part]) => [...part])).size === own.size) found.set(param, parts.map(([name]) => name).sort());
    }
  }
  return found;
}

function findKeepers(branches: readonly Branch[]): Repeats["keepers"] {
  const texts = branches.map(({ ast }) => keyOf(ast)), narrowings = branches.map(({ ast }) => narrowingOf(ast));
  const setOf = (items: readonly string[]): string => JSON.stringify([...items].sort());
  const groups = Map.groupBy(readsOf(branches, "reference").sort(([a], [b]) => a < b ? -1 : 1), ([, places]) => setOf([...places].map((i) => texts[i]!)));
  const narrowedBy = new Map<string, Map<string, string>>();
  for (const [[param, places]] of groups.values() as Iterable<[[string, Set<number>]]>) {
    const narrows = [...places].map((i) => narrowings[i]), target = narrows[0]?.target;
    if (target === undefined || !narrows.every((one) => one?.target === target)) continue;
    const wide = setOf(narrows.map((one) => one!.base));
    narrowedBy.set(wide, (narrowedBy.get(wide) ?? new Map<string, string>()).set(target, param));
  }
  const found = new Map<string, Keepers>();
  for (const [reads, group] of groups) {
    const narrowed = narrowedBy.get(reads) ?? new Map<string, string>();
    if (group.length > 1 || narrowed.size) for (const [param] of group) found.set(param, { own: group[0]![0], narrowed });
  }
  return found;
}

/** `….where(resolve() is Patient)` */
function narrowingOf(ast: Ast): { base: string; target: string } | undefined {
  if (ast.kind !== "call" || ast.name !== "where" || !ast.on) return undefined;
  const [test] = ast.args;
  if (test?.kind !== "type" || test.operator !== "is" || test.operand.kind !== "call" || test.operand.name !== "resolve" || test.operand.on) return undefined;
  return isResourceType(test.type.name) ? { base: keyOf(ast.on), target: test.type.name } : undefined;
}
