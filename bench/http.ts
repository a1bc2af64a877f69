/**
 * Group `http`: FHIR read, search and create over HTTP with authorisation and ledger on, beside a bare Fastify handler
 * with one driver statement over the same resources, in the same run. 32 connections, 2 s warm-up, 6 s measured; turns alternate
 * and the better of two counts for both. The client (autocannon) runs in this process. Each row has a bare server of its own:
 * the driver's pool slows down with every statement (docs/performance.md).
 */
import type { ChildProcess } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import type { Caller } from "#record/record.ts";
import { demoAccounts } from "#research/population/demo.ts";
import { population } from "#research/population/population.ts";
import { openNode, type OpenedNode } from "#server/node.ts";
import { startEmbedded } from "#platform/database/embedded.ts";
import { load, serve, shuffled, type Load } from "./http/load.ts";
import { statementsFile, type Bare, type Statement } from "./http/server-kind.ts";
import { benchFolder } from "./folder.ts";
import type { Row } from "./row.ts";

const people = 60;
const searched = "85354-9";
/** Creatinine in serum, in mol: a laboratory Observation of about 1 KB. */
const created = "14682-9";
const nodeItself: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "all" }, canWrite: true };

async function compare(name: string, ours: Load, floor: Load): Promise<Row> {
  const best = { ours: { perSecond: 0, p99: 0, count: 0 }, floor: { perSecond: 0, p99: 0, count: 0 } };
  await load(ours, 2);
  await load(floor, 2);
  for (let turn = 0; turn < 2; turn++) {
    for (const [key, what] of [["floor", floor], ["ours", ours]] as const) {
      const seen = await load(what, 6);
      if (seen.perSecond > best[key].perSecond) best[key] = seen;
    }
  }
  return { group: "http", name, ours: best.ours.perSecond, floor: best.floor.perSecond, unit: "requests/s", note: `p99 ${best.ours.p99} ms, floor ${best.floor.p99} ms` };
}

function withoutId(text: string): string {
  const { id: _id, meta: _meta, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
}

export async function run(): Promise<Row[]> {
  const folder = benchFolder();
  const database = await startEmbedded({ folder });
  const children: ChildProcess[] = [];
  let asked: OpenedNode | undefined;
  try {
    const node = asked = await openNode({ databaseUrl: database.url, folder });
    await node.sql`create table bench_created (id text primary key, content text not null)`;
    await node.sql`create table bench_floor (id text primary key, patient text not null, code text not null, at text not null, content text not null)`;
    const pairs = new Set<string>();
    const ids: string[] = [];
    let laboratory = "";
    for await (const { bundle } of population({ size: people, seed: 7, asOf: "2026-01-01" })) {
      const resources = bundle.entry!.map(({ resource }) => resource!);
      const done = await node.record.commit(nodeItself, resources.map((resource) => ({ kind: "update", type: resource.resourceType, id: resource.id!, text: JSON.stringify(resource) })));
      if (!done.ok) throw new Error(done.failure.text);
      const rows = done.value.flatMap(({ type, id, text }) => {
        const resource = JSON.parse(text ?? "{}") as { subject?: { reference?: string }; code?: { coding?: { code?: string }[] }; effectiveDateTime?: string };
        if (!laboratory && type === "Observation" && resource.code?.coding?.[0]?.code === created) laboratory = withoutId(text!);
        return type === "Observation" && resource.effectiveDateTime ? [{ id, patient: resource.subject?.reference ?? "", code: resource.code?.coding?.[0]?.code ?? "", at: resource.effectiveDateTime, content: text! }] : [];
      });
      for (const row of rows) {
        ids.push(row.id);
        if (row.code === searched) pairs.add(row.patient);
      }
      for (let at = 0; at < rows.length; at += 1000) await node.sql`insert into bench_floor ${node.sql(rows.slice(at, at + 1000))}`;
    }
    if (!laboratory) throw new Error(`nobody in the population has an Observation ${created}`);
    await node.sql`create index on bench_floor (patient, code, at)`;
    await node.sql`vacuum analyze`;
    const { doctor, patient } = demoAccounts(7);
    const made = await node.trust.createDemoAccounts({ practitioner: doctor.agent.slice(13), patient: patient.agent.slice(8) });
    if (!made.ok) throw new Error(made.failure.text);
    const issued = await node.trust.issueToken((await node.trust.account("admin"))!.id, 2);
    if (!issued.ok) throw new Error(issued.failure.text);
    /** What Salus asks PostgreSQL for a first page: made as for an administrator. */
    const statementsFor = async (paths: readonly string[]): Promise<Statement[]> => Promise.all(paths.map(async (path) => {
      const found = await node.record.explainSearch(nodeItself, { type: "Observation" }, path.split("?")[1]!);
      if (!found.ok) throw new Error(found.failure.text);
      return { sql: found.value.sql, values: found.value.values };
    }));

    const salus = await serve("salus", database.url, folder);
    children.push(salus.child);
    const some = shuffled(ids).slice(0, 4_000);
    const patients = shuffled([...pairs]);
    const token = issued.value.token;
    const beside = async (kind: Bare, name: string, ours: Omit<Load, "address">, floor: Omit<Load, "address">): Promise<Row> => {
      const bare = await serve(kind, database.url, folder);
      children.push(bare.child);
      const row = await compare(name, { address: salus.address, token, ...ours }, { address: bare.address, ...floor });
      bare.child.disconnect();
      return row;
    };
    /** Pages of the newest; the bare server sends Salus's own statement for them, or asks a table laid out for the question. */
    const searches = async (count: number): Promise<Row[]> => {
      const name = `search by patient and code, page of ${count}`;
      const ours = { paths: patients.map((each) => `/fhir/R4/Observation?patient=${each}&code=http://loinc.org%7C${searched}&_count=${count}`) };
      writeFileSync(statementsFile(folder), JSON.stringify(await statementsFor(ours.paths)));
      return [
        await beside("bare", `${name}; same statement`, ours, { paths: patients.map((_, i) => `/statement/${i}`) }),
        await beside("bare", `${name}; table made for it`, ours, { paths: patients.map((each) => `/search?patient=${each}&code=${searched}&count=${count}`) }),
      ];
    };
    const reads = { paths: some.map((id) => `/fhir/R4/Observation/${id}`) }, bareReads = { paths: some.map((id) => `/read/${id}`) };
    return [
      await beside("bare", "read Observation by id", reads, bareReads),
      await beside("bare-single", "read Observation by id; single connections", reads, bareReads),
      ...await searches(5),
      ...await searches(20),
      await beside("bare", `create Observation (${laboratory.length} bytes)`, { paths: ["/fhir/R4/Observation"], body: laboratory }, { paths: ["/create"], body: laboratory }),
    ];
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
    await asked?.close();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
