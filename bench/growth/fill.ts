/**
 * A record of any size in little time: people of the virtual population, a transaction for a few of them, written by the
 * record's own plan and flush, so rows, leaves and outbox are those of any other writer. Two processes derive and
 * write. Indexes beside the primary keys are dropped before and made again after: what a record that grew row by row has
 * as well, in less space.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import postgres from "postgres";

/** What stands in the record: people from 0 on, and all resources, those of the institutions included. */
export type Filled = { people: number; resources: number };

export const origin = { seed: 7, asOf: "2026-01-01" } as const;
const processes = 2;
/** People to a transaction: few where few are wanted, so that the size asked for is not passed by much. */
const togetherMax = 4, resourcesOfPerson = 500;

/** `url`: a migrated database that nobody else writes. Answers at `target` resources or little more. */
export async function fill(url: string, { people, resources }: Filled, target: number): Promise<Filled> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    const indexes = await sql.unsafe<{ name: string; definition: string }[]>(`select c.relname as name, pg_get_indexdef(i.indexrelid) as definition
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
      where not i.indisunique and t.relnamespace = current_schema()::regnamespace and t.relname in ('resource', 'token', 'reference', 'date', 'string', 'number', 'quantity', 'uri', 'element', 'position', 'words', 'compartment', 'care')`);
    for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
    let next = people;
    await Promise.all(Array.from({ length: processes }, () => new Promise<void>((done, failed) => {
      const child = fork(fileURLToPath(new URL("filler.ts", import.meta.url)), [url], { execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=64"] });
      const go = () => {
        if (resources >= target) return void child.disconnect();
        const together = Math.min(togetherMax, Math.ceil((target - resources) / resourcesOfPerson / processes / 2));
        child.send({ from: next, to: next += together });
      };
      child.on("message", (written) => { resources += Number(written); go(); });
      child.once("exit", (code) => code === 0 ? done() : failed(new Error(`filling ended with ${code}`)));
    })));
    await sql.unsafe("set maintenance_work_mem = '512MB'");
    for (const { definition } of indexes) await sql.unsafe(definition);
    await sql.unsafe("vacuum analyze");
    return { people: next, resources };
  } finally {
    await sql.end();
  }
}
