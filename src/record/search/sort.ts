/**
 * Order of a search as columns that also make the cursor: each key an expression without nulls, then the row's
 * hash to tell equals apart. Missing values come last. Each column can be read from a version in memory as well, for
 * pages that show what was replaced meanwhile (snapshot.ts).
 * Source: https://hl7.org/fhir/R4/search.html#sort
 */
import { unreachable } from "#platform/result.ts";
import { openHigh, openLow } from "#fhir/search/rows.ts";
import type { Filter, SearchQuery, SortKey } from "#fhir/search/query-model.ts";
import { rowVisible } from "../access.ts";
import { paramKey } from "../keys.ts";
import type { AccessFilter } from "../record.ts";
import { mainDateOf, type Cell, type Rows, type TableName, tables } from "../rows.ts";
import { storedParams } from "../stored-params.ts";
import { join, numbers, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import type { CursorValue } from "../read/cursor.ts";
import type { Candidates } from "./candidates.ts";
import { rankOf } from "./score.ts";
import { ofParam } from "./source.ts";

/** What a column is read from in memory. `names`: of what it refers to, see `namesOf`. */
export type Version = { rid: string; id: string; updated: string; rows: Rows; names: ReadonlyMap<string, string>; /** by rid, of the column's `rank` */ scores?: ReadonlyMap<string, number> };
/** `rank`: of a row `w` of words, what the column is by. `letter`: s text by code points, n whole number, f any number; also the cursor's. `refers`: the parameters whose targets it names. */
export type Column = { expression: Sql; descending: boolean; letter: "s" | "n" | "f"; cast: string; valueOf: (version: Version) => CursorValue; refers?: readonly number[]; rank?: Sql };

const lastText = "\u{10ffff}";
const text = { letter: "s", cast: "text" } as const, whole = { letter: "n", cast: "bigint" } as const, float = { letter: "f", cast: "float8" } as const;

/** `several`: the search finds several types, so the order must mean the same for all. */
export function sortColumns({ type, sort, filters }: Pick<SearchQuery, "type" | "sort" | "filters">, driver: Candidates["driver"], filter: AccessFilter, several = false): Column[] {
  const columns: Column[] = [];
  // Without a wish: newest first, by clinical date where the driving rows carry it.
  if (!sort.length && several) columns.push(simpleColumn({ kind: "lastUpdated", descending: true }, driver));
  else if (!sort.length && driver === "at") columns.push(mainDateColumn());
  else if (!sort.length && driver === "resource") columns.push(simpleColumn({ kind: "lastUpdated", descending: true }, driver));
  for (const key of sort) columns.push(key.kind === "param" ? paramColumn(type, key, driver, filter) : key.kind === "score" ? scoreColumn(type, filters) : simpleColumn(key, driver));
  columns.push({ expression: raw("m.rid"), descending: columns.at(-1)?.descending ?? false, ...whole, valueOf: ({ rid }) => rid });
  return columns;
}

type SimpleKey = Extract<SortKey, { kind: "id" | "lastUpdated" }>;
type ParamKey = Extract<SortKey, { kind: "param" }>;

function simpleColumn({ kind, descending }: SimpleKey, driver: Candidates["driver"]): Column {
  const of = (column: string) => driver === "resource" ? raw(`m.${column}`) : raw(`(select r.${column} from resource r where r.ck = m.ck and r.rid = m.rid)`);
  return kind === "id" ? { expression: of("id"), descending, ...text, valueOf: ({ id }) => id } : { expression: of("updated"), descending, ...whole, valueOf: ({ updated }) => updated };
}

/** The best match first. */
function scoreColumn(type: string, filters: readonly Filter[]): Column {
  const rank = rankOf(filters);
  if (!rank) return { expression: raw("0::float8"), descending: true, ...float, valueOf: () => "0" };
  return {
    expression: sql`coalesce((select ${rank} from words w where w.ck = m.ck and w.rid = m.rid and w.param = ${paramKey(type, "_content")}::int), 0)`,
    descending: true, ...float, rank, valueOf: ({ rid, scores }) => String(scores?.get(rid) ?? 0),
  };
}

/** The main date stands in every token and reference row. */
function mainDateColumn(): Column {
  return { expression: raw("m.at"), descending: true, ...whole, valueOf: ({ rows }) => cellOf("token", rows.token[0], "at") ?? cellOf("reference", rows.reference[0], "at") ?? openLow };
}

function cellOf(table: TableName, row: readonly Cell[] | undefined, column: string): Cell | undefined {
  return row?.[Object.keys(tables[table]).indexOf(column)];
}

function paramColumn(type: string, key: ParamKey, driver: Candidates["driver"], filter: AccessFilter): Column {
  const { descending, param } = key;
  // The first column that a row has; of a quantity the value in base units, then the one as written.
  const pick = (best: "min" | "max", table: TableName, columns: readonly string[], absent: Sql) =>
    sql`coalesce((select ${raw(`${best}(${columns.length > 1 ? `coalesce(${columns.map((column) => `x.${column}`).join(", ")})` : `x.${columns[0]}`})`)} from ${raw(table)} x where x.ck = m.ck and x.rid = m.rid and ${ofParam("x", type, param)}), ${absent})`;
  const keys = new Set<Cell | undefined>(storedParams(type, param).map((one) => paramKey(type, one)));
  const cells = (rows: Rows, table: TableName, ...columns: readonly string[]) => rows[table].filter((row) => keys.has(cellOf(table, row, "param"))).map((row) => columns.map((column) => cellOf(table, row, column)).find((cell) => cell != null)).filter((cell) => cell !== null && cell !== undefined);
  const best = descending ? "max" : "min";
  const texts = (table: "string" | "uri" | "token", column: string): Column => {
    const absent = descending ? "" : lastText;
    return { expression: pick(best, table, [column], descending ? raw("''") : sql`${lastText}::text`), descending, ...text, valueOf: ({ rows }) => bestOf(cells(rows, table, column).map(String), compareTexts, best) ?? absent };
  };
  switch (key.searchType) {
    case "date": {
      if (driver === "at" && descending && mainDateOf(type) === param) return mainDateColumn();
      const absent = descending ? openLow : openHigh;
      return { expression: pick("min", "date", ["low"], raw(`${absent}::bigint`)), descending, ...whole, valueOf: ({ rows }) => bestOf(cells(rows, "date", "low").map(Number), compareNumbers, "min") ?? absent };
    }
    case "number": case "quantity": {
      const table = key.searchType, columns = table === "quantity" ? ["base_low", "low"] : ["low"], absent = descending ? -Infinity : Infinity;
      return { expression: pick(best, table, columns, raw(`'${absent}'::float8`)), descending, ...float, valueOf: ({ rows }) => String(bestOf(cells(rows, table, ...columns).map(Number), compareNumbers, best) ?? absent) };
    }
    case "string": case "uri": return texts(key.searchType, "value");
    case "token": return texts("token", "plain");
    case "reference": return referenceColumn(type, key, filter);
    default: return unreachable(key.searchType);
  }
}

/**
 * References in the order of what they lead to here, Type/id; those that lead elsewhere have no place in it, nor those to
 * what the caller may not see: their order would tell that it is here.
 */
function referenceColumn(type: string, { param, descending }: ParamKey, filter: AccessFilter): Column {
  const refers = storedParams(type, param).map((one) => paramKey(type, one)), best = descending ? "max" : "min", absent = descending ? "" : lastText;
  return {
    expression: sql`coalesce((select ${raw(best)}(t.type || '/' || t.id) from reference x left join directory d on x.place is null and d.rid = x.target
      join resource t on t.ck = coalesce(x.place, d.ck) and t.rid = x.target where x.ck = m.ck and x.rid = m.rid and ${ofParam("x", type, param)} and not t.deleted and ${rowVisible(filter, "t")}), ${descending ? raw("''") : sql`${lastText}::text`})`,
    descending, ...text, refers,
    valueOf: ({ rows, names }) => bestOf(targetsOf(rows, refers).flatMap(({ target }) => names.get(target) ?? []), compareTexts, best) ?? absent,
  };
}

function targetsOf(rows: Rows, params: readonly number[]): { target: string; place: Cell }[] {
  return rows.reference.filter((row) => params.includes(Number(cellOf("reference", row, "param")))).map((row) => ({ target: String(cellOf("reference", row, "target")), place: cellOf("reference", row, "place") ?? null }));
}

/** Type/id of what the rows refer to, as far as it is here, the caller may see it, and the columns ask for it. */
export async function namesOf(db: Queryable, filter: AccessFilter, columns: readonly Column[], all: readonly Rows[]): Promise<ReadonlyMap<string, string>> {
  const targets = new Map(columns.flatMap(({ refers }) => refers === undefined ? [] : all.flatMap((rows) => targetsOf(rows, refers).map(({ target, place }) => [target, place] as const))));
  if (!targets.size) return new Map();
  const found = await run<{ rid: string; name: string }>(db, sql`select t.rid, t.type || '/' || t.id as name from unnest(${numbers([...targets.keys()])}::bigint[], ${numbers([...targets.values()].map((place) => place ?? "null"))}::bigint[]) x(target, place)
    left join directory d on x.place is null and d.rid = x.target join resource t on t.ck = coalesce(x.place, d.ck) and t.rid = x.target where not t.deleted and ${rowVisible(filter, "t")}`);
  return new Map(found.map(({ rid, name }) => [rid, name]));
}

function bestOf<T>(values: readonly T[], compare: (a: T, b: T) => number, which: "min" | "max"): T | undefined {
  return values.length ? values.reduce((best, value) => (which === "min" ? compare(value, best) < 0 : compare(value, best) > 0) ? value : best) : undefined;
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code points, as collation "C" does. */
function compareTexts(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function compareWholes(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where a match stands among the matches. The last sort key is rid itself. */
export function placeOf(row: { rid: string } & Record<`s${number}`, string | number>, columns: readonly Column[]): CursorValue[] {
  return columns.map((column, i) => i === columns.length - 1 ? row.rid : column.letter === "f" ? String(row[`s${i}`]) : row[`s${i}`]!);
}

/** The order of the page statement, in memory. */
export function comparePlaces(columns: readonly Column[], a: readonly CursorValue[], b: readonly CursorValue[]): number {
  for (const [i, { letter, descending }] of columns.entries()) {
    const one = String(a[i]!), other = String(b[i]!);
    const order = letter === "s" ? compareTexts(one, other) : letter === "f" ? compareNumbers(Number(one), Number(other)) : compareWholes(BigInt(one), BigInt(other));
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
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
