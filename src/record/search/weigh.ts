/**
 * How many rows each end of a search begins with, so that it starts at the selective one. Rows of exact index ranges
 * are counted in one statement before the search, up to `exactMax`; of more PostgreSQL's statistics tell. The numbers are
 * kept for a while: they choose a plan and never an answer. Asked of searches that lead over references, and of those by
 * codes that name no person (narrow.ts); for others the rank of candidates.ts will do.
 */
import { unreachable } from "#platform/result.ts";
import type { Filter } from "#fhir/search/query-model.ts";
import { join, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import { newScope } from "./candidates.ts";
import { elementTest } from "./element.ts";
import { nearTest } from "./near.ts";
import { sourceOf } from "./leaf.ts";
import { exactMax, type Counts } from "./scope.ts";
import { expectedRows } from "./total.ts";
import { namesWords, wordsTest } from "./words.ts";

export const weightsKeptMs = 60_000;
const keptMax = 10_000;

/** `buckets`: of a range that `_has` begins with. */
type Count = { rows: number; buckets?: number };
type Range = { rows: Sql; spread: boolean };

export class Weights {
  readonly #kept = new Map<string, Count & { until: number }>();

  /** Undefined where the query leads nowhere. */
  async of(db: Queryable, type: string, filters: readonly Filter[]): Promise<Counts | undefined> {
    if (!filters.some(leadsOn)) return undefined;
    const ranges = [...rangesOf(type, filters, false)].map((range) => ({ ...range, key: `${range.spread} ${range.type} ${JSON.stringify(range.filter)}` }));
    const types = [...new Set([type, "Patient", ...typesOf(filters)])];
    const asked = new Map<string, Range>();
    for (const { key, type: own, filter, spread } of ranges) asked.set(key, { rows: rowsOf(own, filter), spread });
    for (const own of types) asked.set(own, { rows: ofType(own), spread: false });
    const found = await this.#count(db, asked);
    const rows = new Map<Filter, number>(), buckets = new Map<Filter, number>();
    for (const { key, filter } of ranges) {
      const count = found.get(key)!;
      rows.set(filter, count.rows);
      if (count.buckets !== undefined) buckets.set(filter, count.buckets);
    }
    for (const filter of filters) weigh(filter, rows);
    return { rows, buckets, sizes: new Map(types.map((own) => [own, found.get(own)!.rows])) };
  }

  /** Of codes, and how many people are in the care of the practitioner (a rid) where one asks. */
  async ofCodes(db: Queryable, type: string, codes: readonly Filter[], practitioner: string | undefined): Promise<{ counts: Counts; inCare?: number }> {
    const keys = codes.map((filter) => `false ${type} ${JSON.stringify(filter)}`), types = [...new Set([type, "Patient"])];
    const asked = new Map<string, Range>(codes.map((filter, i) => [keys[i]!, { rows: rowsOf(type, filter), spread: false }]));
    for (const own of types) asked.set(own, { rows: ofType(own), spread: false });
    const care = `care ${practitioner}`;
    if (practitioner !== undefined) asked.set(care, { rows: sql`(select distinct k.person as ck from care k where k.practitioner = ${practitioner}::bigint) m`, spread: false });
    const found = await this.#count(db, asked);
    const counts: Counts = { rows: new Map(codes.map((filter, i) => [filter, found.get(keys[i]!)!.rows])), buckets: new Map(), sizes: new Map(types.map((own) => [own, found.get(own)!.rows])) };
    return { counts, ...(practitioner === undefined ? {} : { inCare: found.get(care)!.rows }) };
  }

  async #count(db: Queryable, asked: ReadonlyMap<string, Range>): Promise<ReadonlyMap<string, Count>> {
    const found = new Map<string, Count>(), missing: [string, Range][] = [];
    const now = performance.now();
    for (const one of asked) {
      const known = this.#kept.get(one[0]);
      if (known && known.until > now) found.set(one[0], known);
      else missing.push(one);
    }
    if (!missing.length) return found;
    const counts = missing.map(([, { rows, spread }], i) => sql`select ${raw(String(i))} as place, count(*) as rows, ${raw(spread ? "count(distinct c.ck)" : "null::bigint")} as buckets from (select m.ck from ${rows} limit ${raw(String(exactMax))}) c`);
    const answers = await run<{ place: number; rows: string; buckets: string | null }>(db, join(counts, " union all "));
    if (this.#kept.size > keptMax) this.#kept.clear();
    await Promise.all(answers.map(async ({ place, rows: counted, buckets }) => {
      const [key, { rows }] = missing[place]!;
      const exact = Number(counted), all = exact < exactMax ? exact : Math.max(exactMax, await expectedRows(db, sql`select m.ck from ${rows}`));
      // As if the rest were spread as those that were looked at.
      const count = { rows: all, ...(buckets === null ? {} : { buckets: Number(buckets) * all / Math.max(1, exact) }) };
      found.set(key, count);
      this.#kept.set(key, { ...count, until: now + weightsKeptMs });
    }));
    return found;
  }
}

function leadsOn(filter: Filter): boolean {
  switch (filter.kind) {
    case "chain": case "has": return true;
    case "and": case "or": return filter.filters.some(leadsOn);
    case "not": return leadsOn(filter.filter);
    default: return false;
  }
}

/** Types that references lead to, or come from. */
function* typesOf(filters: readonly Filter[]): Iterable<string> {
  for (const filter of filters) {
    if (filter.kind === "and" || filter.kind === "or") yield* typesOf(filter.filters);
    else if (filter.kind === "not") yield* typesOf([filter.filter]);
    else if (filter.kind === "has") { yield filter.type; yield* typesOf([filter.filter]); }
    else if (filter.kind === "chain") for (const branch of filter.branches) { yield branch.type; yield* typesOf([branch.filter]); }
  }
}

/** Filters whose rows are one exact range of an index, wherever they stand. `spread`: `_has` begins with them. */
function* rangesOf(type: string, filters: readonly Filter[], spread: boolean): Iterable<{ type: string; filter: Filter; spread: boolean }> {
  for (const filter of filters) {
    switch (filter.kind) {
      case "and": case "or": yield* rangesOf(type, filter.filters, spread); break;
      case "not": yield* rangesOf(type, [filter.filter], spread); break;
      case "chain": for (const branch of filter.branches) yield* rangesOf(branch.type, [branch.filter], false); break;
      case "has": yield* rangesOf(filter.type, [filter.filter], true); break;
      case "token": if (filter.modifier === undefined && filter.terms.every((term) => term.code !== undefined)) yield { type, filter, spread }; break;
      case "string": if (filter.modifier !== "contains" && filter.modifier !== "ends") yield { type, filter, spread }; break;
      case "uri": if (filter.modifier === undefined) yield { type, filter, spread }; break;
      case "element": if (filter.filters[0]!.kind === "token") yield { type, filter, spread }; break;
      case "words": if (namesWords(filter.query)) yield { type, filter, spread }; break;
      case "reference": case "near": yield { type, filter, spread }; break;
      case "id": case "lastUpdated": case "compartment": case "missing": case "other": case "contained": case "token-text": case "date": case "number": case "quantity":
      case "value-set": case "subsumes": case "hierarchy": break;
      default: unreachable(filter);
    }
  }
}

function ofType(type: string): Sql {
  return sql`resource m where m.type = ${type}::text`;
}

function rowsOf(type: string, filter: Filter): Sql {
  switch (filter.kind) {
    case "element": return sql`element m where ${elementTest(newScope(nobody), type, filter.filters.slice(0, 1), "m")}`;
    case "near": return sql`position m where ${nearTest("m", filter.terms)}`;
    case "words": return sql`words m where ${wordsTest("m", type, filter)}`;
    case "token": case "string": case "uri": case "reference": {
      const { table, condition } = sourceOf(type, filter);
      return sql`${raw(`${table} m`)} where ${condition("m")}`;
    }
    default: throw new Error(`${filter.kind} is not counted`);
  }
}

/** Only numbers of rows leave here. */
const nobody = { agent: "", display: "", role: "system", filter: { kind: "none" }, canWrite: false } as const;

/** What a filter begins with, from what its parts begin with; noted for each part as well. */
function weigh(filter: Filter, rows: Map<Filter, number>): number {
  const known = rows.get(filter);
  if (known !== undefined) return known;
  const weight = ((): number => {
    switch (filter.kind) {
      case "id": return filter.ids.length;
      case "and": return Math.min(Infinity, ...filter.filters.map((one) => weigh(one, rows)));
      case "or": return filter.filters.length === 0 ? Infinity : filter.filters.reduce((sum, one) => sum + weigh(one, rows), 0);
      case "chain": return filter.branches.reduce((sum, branch) => sum + weigh(branch.filter, rows), 0);
      // Where what is named by url lies its references do not tell: a search does not begin there.
      case "has": { const inner = weigh(filter.filter, rows); return filter.canonical ? Infinity : inner; }
      case "not": weigh(filter.filter, rows); return Infinity;
      default: return Infinity;
    }
  })();
  rows.set(filter, weight);
  return weight;
}
