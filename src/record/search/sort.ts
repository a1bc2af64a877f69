/**
 * Order of a search as columns that also make the cursor: each key an expression without nulls, then the row's
 * hash to tell equals apart. Missing values come last.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { openHigh, openLow } from "#fhir/search/rows.ts";
import type { SearchQuery, SortKey } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { mainDateOf } from "../rows.ts";
import { join, raw, sql, type Sql } from "../sql.ts";
import type { CursorValue } from "../read/cursor.ts";
import type { Candidates } from "./candidates.ts";

export type Column = { expression: Sql; descending: boolean; /** For the cursor. */ letter: "s" | "n" | "f"; cast: string };

const lastText = "\u{10ffff}";

export function sortColumns({ type, sort }: SearchQuery, driver: Candidates["driver"]): Result<Column[]> {
  const columns: Column[] = [];
  // Without a wish: newest first, by clinical date where the driving rows carry it.
  if (!sort.length && driver !== "plain") columns.push({ expression: raw(driver === "at" ? "m.at" : "m.updated"), descending: true, letter: "n", cast: "bigint" });
  for (const key of sort) {
    const column = columnOf(type, key, driver);
    if (!column.ok) return column;
    columns.push(column.value);
  }
  const descending = columns.at(-1)?.descending ?? false;
  columns.push({ expression: raw("m.rid"), descending, letter: "n", cast: "bigint" });
  return ok(columns);
}

type SimpleKey = Extract<SortKey, { kind: "id" | "lastUpdated" }>;
type ParamKey = Extract<SortKey, { kind: "param" }>;

function columnOf(type: string, key: SortKey, driver: Candidates["driver"]): Result<Column> {
  return key.kind === "param" ? paramColumn(type, key, driver) : ok(simpleColumn(key, driver));
}

function simpleColumn({ kind, descending }: SimpleKey, driver: Candidates["driver"]): Column {
  const of = (column: string) => driver === "resource" ? raw(`m.${column}`) : raw(`(select r.${column} from resource r where r.ck = m.ck and r.rid = m.rid)`);
  return kind === "id" ? { expression: of("id"), descending, letter: "s", cast: "text" } : { expression: of("updated"), descending, letter: "n", cast: "bigint" };
}

function paramColumn(type: string, key: ParamKey, driver: Candidates["driver"]): Result<Column> {
  const { descending } = key;
  const best = raw(descending ? "max" : "min");
  const pick = (table: string, column: string, absent: Sql) => sql`coalesce((select ${best}(x.${raw(column)}) from ${raw(table)} x where x.ck = m.ck and x.rid = m.rid and x.param = ${paramKey(type, key.param)}::int), ${absent})`;
  switch (key.searchType) {
    case "date":
      if (driver === "at" && descending && mainDateOf(type) === key.param) return ok({ expression: raw("m.at"), descending, letter: "n", cast: "bigint" });
      return ok({ expression: sql`coalesce((select min(x.low) from date x where x.ck = m.ck and x.rid = m.rid and x.param = ${paramKey(type, key.param)}::int), ${raw(String(descending ? openLow : openHigh))}::bigint)`, descending, letter: "n", cast: "bigint" });
    case "number": case "quantity": return ok({ expression: pick(key.searchType, "low", raw(descending ? "'-Infinity'::float8" : "'Infinity'::float8")), descending, letter: "f", cast: "float8" });
    case "string": case "uri": return ok({ expression: pick(key.searchType, "value", descending ? raw("''") : sql`${lastText}::text`), descending, letter: "s", cast: "text" });
    case "token": return ok({ expression: pick("token", "plain", descending ? raw("''") : sql`${lastText}::text`), descending, letter: "s", cast: "text" });
    case "reference": return fail("not-supported", `_sort: ${key.param} refers to other resources and has no order; sort by a date, number, quantity, string, token or uri`);
    default: return fail("not-supported", "_sort by this parameter is not supported");
  }
}

/** Rows after the place where the page before ended. */
export function after(columns: readonly Column[], place: readonly CursorValue[]): Sql {
  const value = (i: number) => sql`${String(place[i]!)}::${raw(columns[i]!.cast)}`;
  if (columns.every((column) => column.descending === columns[0]!.descending)) {
    const names = join(columns.map(({ expression }) => expression), ", ");
    return sql`(${names}) ${raw(columns[0]!.descending ? "<" : ">")} (${join(columns.map((_, i) => value(i)), ", ")})`;
  }
  const alternatives = columns.map((column, i) => {
    const equal = columns.slice(0, i).map((earlier, k) => sql`${earlier.expression} = ${value(k)}`);
    return sql`(${join([...equal, sql`${column.expression} ${raw(column.descending ? "<" : ">")} ${value(i)}`], " and ")})`;
  });
  return sql`(${join(alternatives, " or ")})`;
}
