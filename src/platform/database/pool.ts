/**
 * A pool of clients with one connection each. The driver's own pool keeps its connections in queues that it searches from
 * their beginning, and what was taken out stays there until the queue is empty: with a connection free at all times each
 * statement costs a look at every statement before it, and their memory (postgres 3.4, docs/performance.md).
 */
import type postgres from "postgres";
import { openClient, type ClientOptions } from "./client.ts";

type Client = { readonly sql: postgres.Sql; waiting: number; /** By a transaction, or whoever reserved it. */ held: boolean };
type Work = (tx: postgres.TransactionSql) => unknown;

/**
 * As `openClient(url, options)`, with these differences: a statement given to `unsafe` is sent at once, on the connection with
 * the fewest unanswered ones; a transaction or reservation has a connection to itself, and waits for one in turn.
 */
export function openPool(url: string, options: Omit<ClientOptions, "max">, count: number): postgres.Sql {
  const clients: Client[] = Array.from({ length: count }, () => ({ sql: openClient(url, { ...options, max: 1 }), waiting: 0, held: false }));
  const asking: ((client: Client) => void)[] = [];

  function easiest(): Client {
    return clients.reduce((best, client) => Number(client.held) < Number(best.held) || client.held === best.held && client.waiting < best.waiting ? client : best);
  }

  function hold(): Client | Promise<Client> {
    const client = easiest();
    if (client.held) return new Promise((resolve) => { asking.push(resolve); });
    client.held = true;
    return client;
  }

  function release(client: Client): void {
    const next = asking.shift();
    if (next) next(client);
    else client.held = false;
  }

  const own: Readonly<Record<string | symbol, unknown>> = {
    unsafe: ((text, values, settings) => {
      const client = easiest();
      client.waiting++;
      const query = client.sql.unsafe(text, values, settings);
      const done = () => { client.waiting--; };
      query.then(done, done);
      return query;
    }) as postgres.Sql["unsafe"],
    async begin(...args: readonly unknown[]): Promise<unknown> {
      const client = await hold();
      try {
        return await (args.length > 1 ? client.sql.begin(args[0] as string, args[1] as Work) : client.sql.begin(args[0] as Work));
      } finally {
        release(client);
      }
    },
    async reserve(): Promise<postgres.ReservedSql> {
      const client = await hold();
      try {
        const reserved = await client.sql.reserve();
        const free = reserved.release.bind(reserved);
        reserved.release = () => { free(); release(client); };
        return reserved;
      } catch (error) {
        release(client);
        throw error;
      }
    },
    async end(settings?: { timeout?: number }): Promise<void> {
      await Promise.all(clients.map(({ sql }) => sql.end(settings)));
    },
  };
  return new Proxy(clients[0]!.sql, {
    apply: (_target, _this, args: Parameters<postgres.Sql>) => easiest().sql(...args),
    get: (target, name) => Object.hasOwn(own, name) ? own[name] : Reflect.get(target, name) as unknown,
  });
}
