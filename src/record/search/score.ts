/**
 * How well matches of `_text` and `_content` fit, from 0 to 1: PostgreSQL's rank by how often the words stand, of long
 * texts less. Source: https://hl7.org/fhir/R4/search.html#score, https://www.postgresql.org/docs/current/textsearch-controls.html
 */
import type { Filter } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { tables, type Cell, type Rows } from "../rows.ts";
import { join, numbers, raw, run, sql, texts, type Queryable, type Sql } from "../sql.ts";
import type { Found } from "./include.ts";
import type { Part } from "./page.ts";
import { namesWords, written } from "./words.ts";

type Words = Extract<Filter, { kind: "words" }>;

/** How well a row `w` with the words of a resource fits the filters, from 0 to 1; undefined where they name no words. Of several conditions the mean. */
export function rankOf(filters: readonly Filter[]): Sql | undefined {
  const asked = [...wordsOf(filters)];
  const ranks = asked.map(({ of, query }) => sql`coalesce(ts_rank(${raw(`w.${of}`)}, ${written(query)}::tsquery, 1 | 32), 0)::float8`);
  return asked.length ? sql`((${join(ranks, " + ")}) / ${asked.length}::int)` : undefined;
}

/** By rid; none for searches that name no words, and for versions that were replaced since. */
export async function scoresOf(db: Queryable, parts: readonly Part[], matched: readonly Found[]): Promise<ReadonlyMap<string, number>> {
  const scores = new Map<string, number>();
  for (const { query: { type, filters } } of parts) {
    const rank = rankOf(filters), rows = matched.filter((row) => row.type === type);
    if (!rank || !rows.length) continue;
    const cks = numbers(rows.map(({ ck }) => ck));
    const found = await run<{ rid: string; score: number }>(db, sql`select w.rid, ${rank} as score
      from unnest(${cks}::bigint[], ${numbers(rows.map(({ rid }) => rid))}::bigint[], ${numbers(rows.map(({ version }) => version))}::int[]) u(ck, rid, version)
      join words w on w.ck = u.ck and w.rid = u.rid and w.param = ${paramKey(type, "_content")}::int
      join resource r on r.ck = u.ck and r.rid = u.rid and r.version = u.version where w.ck = any(${cks}::bigint[])`);
    for (const { rid, score } of found) scores.set(rid, Number(Number(score).toFixed(6)));
  }
  return scores;
}

/** The same of rows that are not stored, by rid: of versions that were replaced. */
export async function scoresOfRows(db: Queryable, rank: Sql, rows: readonly Rows[]): Promise<ReadonlyMap<string, number>> {
  const words = rows.flatMap((one) => one.words).map((row) => Object.fromEntries(Object.keys(tables.words).map((name, i) => [name, row[i]!])) as Record<keyof typeof tables.words, Cell>);
  if (!words.length) return new Map();
  const found = await run<{ rid: string; score: number }>(db, sql`select w.rid, ${rank} as score from (select u.rid, u.narrative::tsvector as narrative, u.content::tsvector as content
    from unnest(${numbers(words.map(({ rid }) => String(rid)))}::bigint[], ${texts(words.map(({ narrative }) => narrative === null ? "" : String(narrative)))}::text[], ${texts(words.map(({ content }) => content === null ? "" : String(content)))}::text[]) u(rid, narrative, content)) w`);
  return new Map(found.map(({ rid, score }) => [rid, score]));
}

function* wordsOf(filters: readonly Filter[]): Iterable<Words> {
  for (const filter of filters) {
    if (filter.kind === "and" || filter.kind === "or") yield* wordsOf(filter.filters);
    else if (filter.kind === "words" && namesWords(filter.query)) yield filter;
  }
}
