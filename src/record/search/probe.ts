import { sql, type Sql } from "../sql.ts";

/** Whether there is a row; never turned into a join. */
export function probe(from: Sql): Sql {
  return sql`((select true from ${from} limit 1) is not null)`;
}
