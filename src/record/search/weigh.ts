/**
 * How many rows each end of a search begins with, so that it starts at the selective one. Rows of exact index ranges
 * are counted, up to `weightMax`, in one statement before the search, and the counts kept for a while: they choose a
 * plan and never an answer. Asked only of searches that lead over references: for others the rank of candidates.ts will do.
 */
import { unreachable } from "#platform/result.ts";
import type { Filter } from "#fhir/search/query-model.ts";
import { join, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import { newScope } from "./candidates.ts";
import { elementTest, nearTest } from "./check.ts";
import { sourceOf } from "./leaf.ts";
import { weightMax } from "./scope.ts";
import { namesWords, wordsTest } from "./words.ts";

const keptMs = 60_000;
const keptMax = 10_000;

export class Weights {
  readonly #kept = new Map<string, { weight: number; until: number }>();

  /** Empty where the query leads nowhere. */
  async of(db: Queryable, type: string, filters: readonly Filter[]): Promise<ReadonlyMap<Filter, number>> {
    const weights = new Map<Filter, number>();
    if (!filters.some(leadsOn)) return weights;
    const asked = new Map<string, { filters: Filter[]; rows: Sql }>();
    const now = performance.now();
    for (const { type: own, filter } of countable(type, filters)) {
      const key = `${own} ${JSON.stringify(filter)}`;
      const known = this.#kept.get(key);
      if (known && known.until > now) { weights.set(filter, known.weight); continue; }
      const twin = asked.get(key);
      if (twin) { twin.filters.push(filter); continue; }
      asked.set(key, { filters: [filter], rows: rowsOf(own, filter) });
    }
    if (asked.size) await this.#count(db, asked, weights, now);
    for (const filter of filters) weigh(filter, weights);
    return weights;
  }

  async #count(db: Queryable, asked: ReadonlyMap<string, { filters: Filter[]; rows: Sql }>, weights: Map<Filter, number>, now: number): Promise<void> {
    const counts = [...asked.values()].map(({ rows }, i) => sql`(select count(*) from (select 1 as one from ${rows} limit ${raw(String(weightMax))}) c) as ${raw(`n${i}`)}`);
    const [row] = await run<Record<string, string>>(db, sql`select ${join(counts, ", ")}`);
    if (this.#kept.size > keptMax) this.#kept.clear();
    for (const [i, [key, { filters }]] of [...asked].entries()) {
      const weight = Number(row![`n${i}`]);
      this.#kept.set(key, { weight, until: now + keptMs });
      for (const filter of filters) weights.set(filter, weight);
    }
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

/** Filters whose rows are one exact range of an index, wherever they stand. */
function* countable(type: string, filters: readonly Filter[]): Iterable<{ type: string; filter: Filter }> {
  for (const filter of filters) {
    switch (filter.kind) {
      case "and": case "or": yield* countable(type, filter.filters); break;
      case "not": yield* countable(type, [filter.filter]); break;
      case "chain": for (const branch of filter.branches) yield* countable(branch.type, [branch.filter]); break;
      case "has": yield* countable(filter.type, [filter.filter]); break;
      case "token": if (filter.modifier === undefined && filter.terms.every((term) => term.code !== undefined)) yield { type, filter }; break;
      case "string": if (filter.modifier !== "contains" && filter.modifier !== "ends") yield { type, filter }; break;
      case "uri": if (filter.modifier === undefined) yield { type, filter }; break;
      case "element": if (filter.filters[0]!.kind === "token") yield { type, filter }; break;
      case "words": if (namesWords(filter.query)) yield { type, filter }; break;
      case "reference": case "near": yield { type, filter }; break;
      case "id": case "lastUpdated": case "compartment": case "missing": case "other": case "token-text": case "date": case "number": case "quantity":
      case "value-set": case "subsumes": case "hierarchy": break;
      default: unreachable(filter);
    }
  }
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
function weigh(filter: Filter, weights: Map<Filter, number>): number {
  const known = weights.get(filter);
  if (known !== undefined) return known;
  const weight = ((): number => {
    switch (filter.kind) {
      case "id": return filter.ids.length;
      case "and": return Math.min(Infinity, ...filter.filters.map((one) => weigh(one, weights)));
      case "or": return filter.filters.length === 0 ? Infinity : filter.filters.reduce((sum, one) => sum + weigh(one, weights), 0);
      case "chain": return filter.branches.reduce((sum, branch) => sum + weigh(branch.filter, weights), 0);
      case "has": return weigh(filter.filter, weights);
      case "not": weigh(filter.filter, weights); return Infinity;
      default: return Infinity;
    }
  })();
  weights.set(filter, weight);
  return weight;
}
