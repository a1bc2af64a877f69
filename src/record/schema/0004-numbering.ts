/**
 * The next index of `leaf` has a row of its own: whoever adds leaves takes their indexes from it in the same
 * transaction, so that indexes are dense and requests' leaves need no waiting table.
 */
export const name = "0004-numbering";

export const statements: readonly string[] = [
  `create table leaf_next (one int primary key check (one = 1), next bigint not null) with (fillfactor = 10)`,
  `insert into leaf_next select 1, size from frontier`,
];
