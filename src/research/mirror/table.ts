/** One table of the mirror: the rows of a view, each with the id of the resource it comes from. */
import { BOOLEAN, DOUBLE, INTEGER, LIST, VARCHAR, listValue, type DuckDBAppender, type DuckDBConnection, type DuckDBType } from "@duckdb/node-api";
import type { Cell, Column, Kind } from "#fhir/views/compile.ts";
import { EncodingFault, physical } from "#fhir/views/output/encoder.ts";
import { parseDigits } from "#fhir/views/read.ts";
import type { Resource } from "#fhir/resource.ts";
import type { MirrorView } from "./views.ts";

/** A resource as it stands, or that it stands no more. */
export type Upsert = { id: string; text: string | undefined };

/** Names the resource a row comes from, whatever columns the view has. */
const keyColumn = "salus_id";

function typeOf(kind: Kind): DuckDBType {
  switch (kind) {
    case "boolean": return BOOLEAN;
    case "integer": return INTEGER;
    case "decimal": return DOUBLE;
    case "text": case "json": return VARCHAR;
  }
}

/** Column names were checked when the view was compiled. */
export function createTable({ name, view }: MirrorView): string {
  const columns = view.columns.map((column) => `"${column.name}" ${typeOf(column.kind).toString()}${column.collection ? "[]" : ""}`);
  return `create table "${name}" ("${keyColumn}" varchar not null, ${columns.join(", ")})`;
}

/**
 * Adds rows of a view, of any number of resources, through one appender: making one for each few hundred costs a quarter of
 * the time of filling. What was added is there once it is closed, inside the caller's transaction.
 */
export class Filling {
  readonly #db: DuckDBConnection;
  readonly #mirrored: MirrorView;
  readonly #appender: DuckDBAppender;

  private constructor(db: DuckDBConnection, mirrored: MirrorView, appender: DuckDBAppender) {
    this.#db = db;
    this.#mirrored = mirrored;
    this.#appender = appender;
  }

  static async open(db: DuckDBConnection, mirrored: MirrorView): Promise<Filling> {
    return new Filling(db, mirrored, await db.createAppender(mirrored.name));
  }

  /** Of resources that have no rows yet; on which the view fails, that is noted. */
  async add(upserts: readonly Upsert[]): Promise<void> {
    const { view: { columns }, name } = this.#mirrored;
    for (const { id, text } of upserts) {
      if (text === undefined) continue;
      const rows: (readonly Cell[])[] = [];
      const fault = readRows(this.#mirrored, text, rows);
      if (fault !== undefined) { await this.#db.run(`insert into salus_fault values ($1, $2, $3)`, [name, id, fault]); continue; }
      for (const cells of rows) {
        this.#appender.appendVarchar(id);
        for (let i = 0; i < columns.length; i++) appendCell(this.#appender, columns[i]!, cells[i]!);
        this.#appender.endRow();
      }
    }
  }

  close(): void {
    this.#appender.closeSync();
  }
}

/** Puts the rows of these resources in the place of what they had; inside the caller's transaction. */
export async function replaceRows(db: DuckDBConnection, mirrored: MirrorView, upserts: readonly Upsert[]): Promise<void> {
  const { name } = mirrored;
  if (!upserts.length) return;
  const ids = listValue(upserts.map(({ id }) => id));
  await db.run(`delete from "${name}" where "${keyColumn}" in (select unnest($1))`, [ids], [LIST(VARCHAR)]);
  await db.run(`delete from salus_fault where view = $2 and "${keyColumn}" in (select unnest($1))`, [ids, name], [LIST(VARCHAR), VARCHAR]);
  const filling = await Filling.open(db, mirrored);
  try {
    await filling.add(upserts);
  } finally {
    filling.close();
  }
}

/** All rows of a resource or, when the view fails on it, the fault and none. */
function readRows({ view }: MirrorView, text: string, rows: (readonly Cell[])[]): string | undefined {
  const resource = (view.digits ? parseDigits(text) : JSON.parse(text)) as Resource;
  try {
    const failure = view.each(resource, (cells) => {
      rows.push(view.columns.map(({ kind, collection, name }, i) => {
        const cell = cells[i]!;
        return collection && cell !== null ? (cell as readonly Cell[]).map((one) => physical(one, kind, name)) : physical(cell, kind, name);
      }));
    });
    return failure?.text;
  } catch (error) {
    if (error instanceof EncodingFault) return error.message;
    throw error;
  }
}

function appendCell(appender: DuckDBAppender, { kind, collection }: Column, cell: Cell): void {
  if (cell === null) appender.appendNull();
  else if (collection) appender.appendList(cell as readonly (string | number | boolean | null)[], LIST(typeOf(kind)));
  else if (typeof cell === "boolean") appender.appendBoolean(cell);
  else if (typeof cell === "number") { if (kind === "integer") appender.appendInteger(cell); else appender.appendDouble(cell); }
  else appender.appendVarchar(String(cell));
}
