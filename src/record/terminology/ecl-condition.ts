/**
 * Conditions on a key (a concept, or a concept and a group): being in a set of rows, or not. Kept apart from SQL text so
 * that alternatives become one union and the planner joins sets instead of testing row by row.
 */
import { join, raw, sql, type Sql } from "../sql.ts";

/** `set`: a query of the key's columns, named as in the key. Duplicates do not matter. */
export type Condition =
  | { kind: "in" | "not-in"; set: Sql }
  | { kind: "and" | "or"; parts: readonly Condition[] }
  | { kind: "always" };

export const always: Condition = { kind: "always" };

export type Key = readonly ["c"] | readonly ["c", "g"];

export function conditionSql(condition: Condition, key: Key, table: string): Sql {
  const columns = raw(key.map((column) => `${table}.${column}`).join(", "));
  switch (condition.kind) {
    case "always": return raw("true");
    case "in": return sql`(${columns}) in (${condition.set})`;
    case "not-in": return sql`not exists (select 1 from (${condition.set}) n where ${raw(key.map((column) => `n.${column} = ${table}.${column}`).join(" and "))})`;
    case "and": return join(condition.parts.map((part) => sql`(${conditionSql(part, key, table)})`), " and ");
    case "or": {
      const union = unionOf(condition, key);
      return union === undefined ? join(condition.parts.map((part) => sql`(${conditionSql(part, key, table)})`), " or ") : sql`(${columns}) in (${union})`;
    }
  }
}

/** All that passes, where that can be said without a set to begin from. */
export function setOf(condition: Condition, key: Key): Sql | undefined {
  switch (condition.kind) {
    case "in": return condition.set;
    case "or": return unionOf(condition, key);
    case "and": {
      // Each part is asked once: asked again on every level, nested conditions would take exponential time.
      for (const [at, part] of condition.parts.entries()) {
        const set = setOf(part, key);
        if (set !== undefined) return within(set, { kind: "and", parts: condition.parts.filter((_, index) => index !== at) }, key);
      }
      return undefined;
    }
    default: return undefined;
  }
}

/** Rows of the set that pass. */
export function within(set: Sql, condition: Condition, key: Key): Sql {
  if (condition.kind === "always" || (condition.kind === "and" && condition.parts.length === 0)) return set;
  return sql`select ${raw(key.map((column) => `f.${column}`).join(", "))} from (${set}) f where ${conditionSql(condition, key, "f")}`;
}

function unionOf({ parts }: { parts: readonly Condition[] }, key: Key): Sql | undefined {
  const sets = parts.map((part) => setOf(part, key));
  return sets.every((set) => set !== undefined) ? union(sets) : undefined;
}

export function union(sets: readonly Sql[]): Sql {
  return join(sets.map((set) => sql`(${set})`), " union all ");
}
