import { sql, type Sql } from "../sql.ts";
import type { Scope } from "./scope.ts";

/** Whether there is a row; never turned into a join. */
export function probe(from: Sql): Sql {
  return sql`((select true from ${from} limit 1) is not null)`;
}

/** In a set that is found once. Said this way it is not made a join, which would find the set again for each row. */
export function among({ distributed }: Scope, value: Sql, set: Sql): Sql {
  if (distributed) return sql`${value} in (${set})`;
  return sql`((${value} in (${set})) is true)`;
}
