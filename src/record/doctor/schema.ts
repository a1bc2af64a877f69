/** The schema beside what this code makes: migrations, tables, indexes. */
import type { Remark } from "#platform/remark.ts";
import { readAbsent } from "../load/absent-indexes.ts";
import { compareMigrations, readMigrations, type Migration } from "../schema/migrate.ts";
import { indexesOf, tablesOf } from "../schema/tables.ts";
import { texts, type Queryable } from "../sql.ts";

/** `usable`: whether all tables of this code are there, so that one may look into them. */
export async function lookAtSchema(tx: Queryable, migrations: readonly Migration[]): Promise<{ usable: boolean; remarks: Remark[] }> {
  const done = await readMigrations(tx);
  if (!done?.size) return { usable: false, remarks: [{ check: "migrations", severity: "information", text: "The database holds no record yet", mend: "The first start makes one" }] };
  const state = compareMigrations(done, migrations);
  const remarks: Remark[] = [
    ...state.unknown.map((name): Remark => ({ check: "migrations", severity: "error", text: `Migration ${name} is of another, newer Salus; this one refuses to start on it`, mend: "Run the newer Salus" })),
    ...state.changed.map(({ name }): Remark => ({ check: "migrations", severity: "error", text: `Migration ${name} ran in another form than this code's; it refuses to start`, mend: "Run the Salus that made the database, export, and import into a new one" })),
  ];
  if (state.pending.length) remarks.push({ check: "migrations", severity: "information", text: `The next start brings the schema up to date: ${state.pending.join(", ")}`, mend: "Make a backup first: npx salus backup" });
  const applied = migrations.filter(({ name }) => done.has(name));
  const missing = await absent(tx, tablesOf(applied));
  for (const name of missing) remarks.push({ check: "tables", severity: "error", text: `Table ${name} is gone, though the migration that makes it has run`, mend: "Restore a backup into a new database" });
  const leftOut = new Set((await readAbsent(tx)).map(({ name }) => name));
  if (leftOut.size) remarks.push({ check: "indexes", severity: "warning", text: `An import into the empty record left out ${leftOut.size} indexes (${[...leftOut].slice(0, 3).join(", ")}${leftOut.size > 3 ? ", …" : ""}): searches are slow until they are made`, mend: "The import makes them when it ends; where none runs any more, a running server does within a minute, or the next start" });
  for (const name of await absent(tx, indexesOf(applied))) if (!leftOut.has(name)) remarks.push({ check: "indexes", severity: "error", text: `Index ${name} is gone: what needs it is slow`, mend: `Create it as src/record/schema says (search "index ${name}")` });
  const invalid = await tx.unsafe<{ name: string }[]>(`select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where not (i.indisvalid and i.indisready) and n.nspname in (current_schema(), 'trust') order by 1`);
  for (const { name } of invalid) remarks.push({ check: "indexes", severity: "error", text: `Index ${name} is not valid: its making broke off, and no search uses it`, mend: `reindex index concurrently ${name}` });
  return { usable: missing.length === 0 && state.pending.length === 0, remarks };
}

async function absent(tx: Queryable, names: readonly string[]): Promise<string[]> {
  const rows = await tx.unsafe<{ name: string }[]>("select u.name from unnest($1::text[]) with ordinality u(name, n) where to_regclass(u.name) is null order by u.n", [texts(names)]);
  return rows.map(({ name }) => name);
}
