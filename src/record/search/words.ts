/** Full text on the words of a resource. The query is written in the form of PostgreSQL's tsquery; words hold letters and digits only. */
import type { Filter, WordQuery } from "#fhir/search/query-model.ts";
import { matchesWords } from "#fhir/search/words.ts";
import { paramKey } from "../keys.ts";
import { raw, sql, type Sql } from "../sql.ts";

type WordsFilter = Extract<Filter, { kind: "words" }>;

export function wordsTest(alias: string, type: string, { of, query }: WordsFilter): Sql {
  return sql`(${raw(alias)}.param = ${paramKey(type, "_content")}::int and ${raw(`${alias}.${of}`)} @@ ${written(query)}::tsquery)`;
}

/** What is found among resources without any word too (NOT liver): then the filter that must not hold. */
export function opposite(filter: WordsFilter): WordsFilter | undefined {
  return matchesWords([], filter.query) ? { ...filter, query: { kind: "none", query: filter.query } } : undefined;
}

/** As a tsquery. */
export function written(query: WordQuery): string {
  switch (query.kind) {
    case "phrase": return `(${query.words.map((word, i) => `'${word}'${query.prefix && i === query.words.length - 1 ? ":*" : ""}`).join(" <-> ")})`;
    case "all": return `(${query.queries.map(written).join(" & ")})`;
    case "any": return `(${query.queries.map(written).join(" | ")})`;
    case "none": return `!${written(query.query)}`;
  }
}

/** Whether each match has one of the words: only then is the index of words a place to begin. */
export function namesWords(query: WordQuery): boolean {
  switch (query.kind) {
    case "phrase": return true;
    case "all": return query.queries.some(namesWords);
    case "any": return query.queries.every(namesWords);
    case "none": return false;
  }
}

const positionMax = 16_383;

/** Words in order as a tsvector's text; positions beyond the type's last are all the last. */
export function vectorText(words: readonly string[]): string | null {
  // Most words stand once: their place alone, without a list.
  const places = new Map<string, number | number[]>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "") continue;
    const at = Math.min(i + 1, positionMax);
    const known = places.get(word);
    if (known === undefined) places.set(word, at);
    else if (typeof known === "number") { if (known !== at) places.set(word, [known, at]); }
    else if (known.length < 255 && known.at(-1) !== at) known.push(at);
  }
  if (places.size === 0) return null;
  let out = "";
  places.forEach((at, word) => { out += ` '${word}':${typeof at === "number" ? at : at.join(",")}`; });
  return out.slice(1);
}
