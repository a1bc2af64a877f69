/**
 * Reads that arrive in the same turn of the event loop share one statement per caller's reach: one message to the
 * database instead of one each. A lone read goes by itself. Measured in docs/performance.md.
 */
import type { ResourceKey } from "#fhir/resource.ts";
import { rowVisible } from "../access.ts";
import { placeOf, ridOf } from "../keys.ts";
import type { AccessFilter, Caller } from "../record.ts";
import { numbers, raw, run, sql, type Queryable } from "../sql.ts";
import { absent, columns, readCurrentVersion, readingOf, type Reading, type ResourceRecord } from "./read.ts";

const batchMax = 100;

type Waiting = { key: ResourceKey; rid: string; resolve: (reading: Reading) => void; reject: (error: unknown) => void };
type Batch = { caller: Caller; waiting: Waiting[] };

function reachOf(filter: AccessFilter): string {
  return filter.kind === "patient" ? `patient ${filter.patient}` : filter.kind === "practitioner" ? `practitioner ${filter.practitioner}` : filter.kind;
}

export class BatchedReads {
  readonly #db: Queryable;
  #batches = new Map<string, Batch>();

  constructor(db: Queryable) {
    this.#db = db;
  }

  read(caller: Caller, key: ResourceKey): Promise<Reading> {
    return new Promise((resolve, reject) => {
      if (this.#batches.size === 0) setImmediate(() => this.#flush());
      const reach = reachOf(caller.filter);
      const one: Waiting = { key, rid: ridOf(key.type, key.id), resolve, reject };
      const batch = this.#batches.get(reach);
      if (batch) batch.waiting.push(one);
      else this.#batches.set(reach, { caller, waiting: [one] });
    });
  }

  #flush(): void {
    const batches = this.#batches;
    this.#batches = new Map();
    for (const { caller, waiting } of batches.values())
      for (let at = 0; at < waiting.length; at += batchMax) void this.#run(caller, waiting.slice(at, at + batchMax));
  }

  async #run(caller: Caller, waiting: readonly Waiting[]): Promise<void> {
    try {
      if (waiting.length === 1) {
        waiting[0]!.resolve(await readCurrentVersion(this.#db, caller, waiting[0]!.key));
        return;
      }
      const rows = await run<ResourceRecord & { rid: string }>(this.#db, sql`select r.rid, ${columns}
        from unnest(${numbers(waiting.map(({ key }) => placeOf(key.type, key.id) ?? "null"))}::bigint[], ${numbers(waiting.map(({ rid }) => rid))}::bigint[]) u(ck, rid)
        cross join lateral (select x.* from ${raw("resource")} x where x.ck = coalesce(u.ck, (select d.ck from directory d where d.rid = u.rid)) and x.rid = u.rid limit 1) r
        where ${rowVisible(caller.filter, "r")}`);
      const byRid = new Map(rows.map((row) => [row.rid, row]));
      for (const { key, rid, resolve } of waiting) {
        const row = byRid.get(rid);
        resolve(row ? readingOf(row, key) : absent);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
