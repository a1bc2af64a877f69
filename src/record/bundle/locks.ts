/**
 * Locks that make conditional writes safe from each other, however their conditions are spelled. Two transactions go
 * wrong only when each sees nothing, and each then writes what the other's condition names. So a condition that asks
 * for an identifier locks its codes, together with the identifiers of the resource it would write; of two such
 * transactions that could meet, each holds a code of the other. Every other condition locks its whole type.
 */
import { indexRows } from "#fhir/search/index-rows.ts";
import { parseQuery } from "#fhir/search/query.ts";
import type { Resource } from "#fhir/resource.ts";
import { hash64 } from "../keys.ts";
import { numbers, type Queryable } from "../sql.ts";

/** `value`: what would be written, where that is known. */
export type Condition = { type: string; query: string; value?: Resource };

/** Beyond so many codes of one type, the type is locked: the database's table of locks is bounded. */
const codesMax = 500;

/** Waits until no other transaction holds one of these conditions. All at once and in one order, so nobody waits crosswise. */
export async function lockConditions(tx: Queryable, conditions: readonly Condition[]): Promise<void> {
  if (!conditions.length) return;
  const locks = [...locksOf(conditions)].map(([key, whole]) => ({ key: BigInt(key), whole })).sort((a, b) => a.key < b.key ? -1 : 1);
  await tx.unsafe(`select case when u.whole then pg_advisory_xact_lock(u.key)::text else pg_advisory_xact_lock_shared(u.key)::text end
    from unnest($1::bigint[], $2::bool[]) u(key, whole)`, [numbers(locks.map(({ key }) => key)), `{${locks.map(({ whole }) => whole).join(",")}}`], { prepare: true });
}

/** Key → whether nobody else may hold it. */
export function locksOf(conditions: readonly Condition[]): Map<string, boolean> {
  const locks = new Map<string, boolean>();
  for (const [type, ofType] of Map.groupBy(conditions, (condition) => condition.type)) {
    const codes = new Set<string>();
    let whole = false;
    for (const { query, value } of ofType) {
      const asked = identifiersAsked(type, query);
      if (asked === undefined) { whole = true; break; }
      for (const code of asked) codes.add(code);
      if (value) for (const code of identifiersOf(value)) codes.add(code);
    }
    if (codes.size > codesMax) whole = true;
    locks.set(hash64(`conditions of ${type}`), whole);
    if (!whole) for (const code of codes) locks.set(hash64(`condition ${type} ${code}`), true);
  }
  return locks;
}

/** Case and system apart: too wide a lock only waits. Undefined where the condition asks for no identifier, or cannot be read. */
function identifiersAsked(type: string, query: string): string[] | undefined {
  const parsed = parseQuery(type, query);
  if (!parsed.ok) return [];
  for (const filter of parsed.value.filters) {
    if (filter.kind !== "token" || filter.param !== "identifier" || filter.modifier !== undefined) continue;
    const codes = filter.terms.flatMap(({ code }) => code === undefined ? [] : [code.toLowerCase()]);
    if (codes.length === filter.terms.length) return codes;
  }
  return undefined;
}

function identifiersOf(value: Resource): string[] {
  return indexRows(value).tokens.flatMap(({ param, code }) => param === "identifier" && code !== undefined ? [code.toLowerCase()] : []);
}
