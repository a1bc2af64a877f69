/**
 * Pages of a search show the list of its first moment. What was replaced since is found by this index; where a list
 * cannot be told from versions (see search/snapshot.ts), the rest of it is kept in `page_list` until it expires.
 */
export const name = "0008-snapshot-pages";

export const statements: readonly string[] = [
  `create index resource_replaced on resource (type, updated) where version > 1`,
  `create table page_list (id uuid primary key, at bigint not null, question bigint not null, cks bigint[] not null, rids bigint[] not null, versions int[] not null)`,
  `create index page_list_at on page_list (at)`,
];
