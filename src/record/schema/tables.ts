/** Which tables and indexes migrations make: read from their statements, so that what is checked, saved and distributed is what they made. */
import type { Migration } from "./migrate.ts";

/** In the order they are made, "trust.account" where a schema is named; the list of migrations itself comes first. */
export function tablesOf(migrations: readonly Migration[]): string[] {
  const tables = new Set(["migration"]);
  for (const statement of statementsOf(migrations)) {
    const made = /^\s*create (?:unlogged )?table (?:if not exists )?([\w.]+)/i.exec(statement), dropped = /^\s*drop table (?:if exists )?([\w.]+)/i.exec(statement);
    if (made) tables.add(made[1]!);
    if (dropped) tables.delete(dropped[1]!);
  }
  return [...tables];
}

/** Indexes with names of their own, in the schema of their table. */
export function indexesOf(migrations: readonly Migration[]): string[] {
  const indexes = new Set<string>();
  for (const statement of statementsOf(migrations)) {
    const made = /^\s*create (?:unique )?index (?:concurrently )?(?:if not exists )?(\w+)\s+on (?:only )?(?:(\w+)\.)?\w+/i.exec(statement), dropped = /^\s*drop index (?:concurrently )?(?:if exists )?([\w.]+)/i.exec(statement);
    if (made) indexes.add(made[2] ? `${made[2]}.${made[1]!}` : made[1]!);
    if (dropped) indexes.delete(dropped[1]!);
  }
  return [...indexes];
}

function statementsOf(migrations: readonly Migration[]): string[] {
  return migrations.flatMap(({ statements }) => statements);
}
