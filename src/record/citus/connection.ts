/**
 * Connections to a database whose tables Citus spreads. They say so (`distributed`): where Citus needs another way to ask,
 * whoever asks looks at that. And they put probes as Citus can plan them; what a statement means stays the same.
 */
import type postgres from "postgres";
import type { Queryable } from "../sql.ts";
import { withExists } from "./exists.ts";

export type Distributed = postgres.Sql & Queryable;

export function distributedConnection(db: postgres.Sql): Distributed {
  const begin = (...args: readonly unknown[]): unknown => {
    const work = args.at(-1) as (tx: postgres.TransactionSql) => unknown;
    const inside = (tx: postgres.TransactionSql): unknown => work(marked(tx, {}));
    return args.length > 1 ? db.begin(args[0] as string, inside) : db.begin(inside);
  };
  return marked(db, { begin });
}

/** The connection itself, but for what is given here. */
function marked<T extends Pick<postgres.Sql, "unsafe">>(db: T, more: { begin?: unknown }): T & { readonly distributed: true } {
  const own: Readonly<Record<string | symbol, unknown>> = {
    ...more, distributed: true,
    unsafe: ((text, values, options) => db.unsafe(withExists(text), values, options)) as T["unsafe"],
  };
  return new Proxy(db, { get: (target, name) => Object.hasOwn(own, name) ? own[name] : Reflect.get(target, name) }) as T & { readonly distributed: true };
}
