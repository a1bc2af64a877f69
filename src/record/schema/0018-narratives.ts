/**
 * Resources without a narrative no longer stand in the index of narratives: each cost an entry, and a fortieth of what
 * PostgreSQL logs of a write. What is compared with @@ is not null, so every search for narratives may use the index.
 */
export const name = "0018-narratives";

export const statements: readonly string[] = [
  `drop index words_narrative`,
  `create index words_narrative on words using gin (narrative) where narrative is not null`,
];
