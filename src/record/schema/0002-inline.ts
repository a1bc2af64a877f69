/**
 * Content up to 8 KB stays in its row as it is. Compressing every resource above 2 KB cost more time at import and
 * read than the space is worth, above all where PostgreSQL was built without lz4.
 */
export const name = "0002-inline";

export const statements: readonly string[] = [
  `alter table resource set (toast_tuple_target = 8160)`,
  `alter table version set (toast_tuple_target = 8160)`,
];
