/**
 * How well matches of `_text` and `_content` fit, from 0 to 1: PostgreSQL's rank by how often the words stand, of long
 * texts less. Source: https://hl7.org/fhir/R4/search.html#score, https://www.postgresql.org/docs/current/textsearch-controls.html
 */
import type { Filter } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { join, numbers, raw, run, sql, type Queryable } from "../sql.ts";
import type { Found } from "./include.ts";
import type { Part } from "./page.ts";
import { namesWords, written } from "./words.ts";

type Words = Extract<Filter, { kind: "words" }>;

/** By rid; none for searches that name no words, and for versions that were replaced since. Of several conditions the mean. */
export async function scoresOf(db: Queryable, parts: readonly Part[], matched: readonly Found[]): Promise<ReadonlyMap<string, number>> {
  const scores = new Map<string, number>();
  for (const { query: { type, filters } } of parts) {
    const asked = [...wordsOf(filters)], rows = matched.filter((row) => row.type === type);
    if (!asked.length || !rows.length) continue;
    const ranks = join(asked.map(({ of, query }) => sql`coalesce(ts_rank(${raw(`w.${of}`)}, ${written(query)}::tsquery, 1 | 32), 0)`), " + ");
    const cks = numbers(rows.map(({ ck }) => ck));
    const found = await run<{ rid: string; score: number }>(db, sql`select w.rid, (${ranks}) / ${asked.length}::int as score
      from unnest(${cks}::bigint[], ${numbers(rows.map(({ rid }) => rid))}::bigint[], ${numbers(rows.map(({ version }) => version))}::int[]) u(ck, rid, version)
      join words w on w.ck = u.ck and w.rid = u.rid and w.param = ${paramKey(type, "_content")}::int
      join resource r on r.ck = u.ck and r.rid = u.rid and r.version = u.version where w.ck = any(${cks}::bigint[])`);
    for (const { rid, score } of found) scores.set(rid, Number(Number(score).toFixed(6)));
  }
  return scores;
}

function* wordsOf(filters: readonly Filter[]): Iterable<Words> {
  for (const filter of filters) {
    if (filter.kind === "and" || filter.kind === "or") yield* wordsOf(filter.filters);
    else if (filter.kind === "words" && namesWords(filter.query)) yield filter;
  }
}
