/** Writes the people its parent names, see fill.ts. */
import { once } from "node:events";
import postgres from "postgres";
import type { Resource } from "#fhir/resource.ts";
import { readDefinitions } from "#record/parameters/definitions.ts";
import type { Caller } from "#record/record.ts";
import { draftOf, type Draft } from "#record/write/draft.ts";
import { flush } from "#record/write/flush.ts";
import { emptyPlan, plan } from "#record/write/plan.ts";
import { institutions } from "#research/population/institutions.ts";
import { person } from "#research/population/person.ts";
import { prefixOf } from "#research/population/population.ts";
import { parseDay } from "#research/population/time.ts";
import { origin } from "./fill.ts";

const node: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "all" }, canWrite: true };
const sql = postgres(process.argv[2]!, { max: 1, fetch_types: false, onnotice: () => {}, connection: { synchronous_commit: "off" } });
const definitions = await readDefinitions(sql);
const day = parseDay(origin.asOf);
if (!day.ok) throw new Error(day.failure.text);
const lastDay = day.value - 1;
const shared = institutions(prefixOf(origin.seed));

/** Nothing of it is there yet, so nothing is looked up; the generator is tested to make valid resources. */
function draft(resource: Resource): Draft {
  const made = draftOf({ kind: "update", type: resource.resourceType, id: resource.id!, text: JSON.stringify(resource) }, false);
  if (!made.ok) throw new Error(`${resource.resourceType}/${resource.id}: ${made.failure.text}`);
  return { ...made.value, fresh: true };
}

process.on("message", ({ from, to }: { from: number; to: number }) => void write(from, to));
process.send!(0);
await once(process, "disconnect");
await sql.end();

async function write(from: number, to: number): Promise<void> {
  const resources: Resource[] = from === 0 ? [...shared.resources] as unknown as Resource[] : [];
  for (let index = from; index < to; index++) resources.push(...person(String(origin.seed), index, lastDay, shared) as unknown as Resource[]);
  const into = emptyPlan(definitions);
  await sql.begin(async (tx) => {
    const planned = await plan(into, tx, node, resources.map(draft), Date.now(), {});
    if (!planned.ok) throw new Error(planned.failure.text);
    await flush(tx, into);
  });
  process.send!(resources.length);
}
