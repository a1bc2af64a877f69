/**
 * Group `growth`: one record grown from 10⁴ resources tenfold, again and again, to SALUS_BENCH_RESOURCES (default 10⁵;
 * the published run is of 10⁶), served over HTTP with authorisation and ledger on, 32 connections.
 * At each size: p99 of reads by id and of searches by patient and code, beside that of 10⁴ resources. At the last: chains
 * and `_has`, beside the same statements, contents included, sent by the driver alone; and counting in the columnar mirror,
 * beside the index tables of PostgreSQL. Ids and people asked for are drawn from the whole record.
 * SALUS_BENCH_FOLDER keeps the filled database for the next run.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNode, operator, type OpenedNode } from "#server/node.ts";
import { startEmbedded } from "#platform/database/embedded.ts";
import { paramKey, systemKey } from "#record/keys.ts";
import { statement, type Value } from "#record/sql.ts";
import { pageStatement } from "#record/search/page.ts";
import { plan } from "#record/search/search.ts";
import { Weights } from "#record/search/weigh.ts";
import { demoAccounts } from "#research/population/demo.ts";
import { Mirror } from "#research/mirror/mirror.ts";
import { fill, origin, type Filled } from "./growth/fill.ts";
import { cpuOf } from "./http/cpu.ts";
import { connections, load, serve, shuffled, type Load, type Seen } from "./http/load.ts";
import type { Row } from "./row.ts";

const group = "growth";
const smallest = 10_000;
const largest = Number(process.env.SALUS_BENCH_RESOURCES ?? 100_000);
/** More than this process keeps contents of, so that reads of a large record are not all of what was sent before. */
const idsMax = 50_000;
const [warmUp, seconds, turns] = [2, 4, 3];
const loinc = "http://loinc.org";
const pressure = "85354-9";

/** `cpu`: µs a request of the server and of PostgreSQL, where they can be told. */
type Measured = Seen & { cpu?: { server: number; postgres: number } };
type Size = { resources: number; read: Measured; search: Measured };
type Target = { address: string; pid: number; postmaster: number };

export async function run(): Promise<Row[]> {
  const kept = process.env.SALUS_BENCH_FOLDER;
  const folder = kept ?? mkdtempSync(join(tmpdir(), "salus-bench-"));
  const database = await startEmbedded({ folder });
  try {
    const sizes: Size[] = [], rows: Row[] = [];
    for (let size = smallest; size <= largest; size *= 10) {
      const filled = await grow(database.url, folder, size);
      if (filled === undefined) continue;
      process.stderr.write(`growth: ${filled.resources.toLocaleString("en")} resources of ${filled.people} people\n`);
      const node = await openNode({ databaseUrl: database.url, folder });
      let child: ChildProcess | undefined;
      try {
        await node.record.settleLedger();
        const token = await tokenOf(node, "admin");
        const served = await serve("salus", database.url, folder);
        child = served.child;
        const target: Target = { address: served.address, pid: child.pid!, postmaster: Number(readFileSync(join(database.dataFolder, "postmaster.pid"), "utf8").split("\n")[0]) };
        const best = (paths: string[], as = token): Promise<Measured> => measure(target, { address: served.address, paths, token: as });
        sizes.push({ resources: filled.resources, read: await best(await reads(node)), search: await best(await searches(node)) });
        if (size * 10 > largest) {
          for (const { name, paths, account } of await shapes(node)) {
            const floor = await driverAlone(node, paths);
            const ours = await best(paths, account && await tokenOf(node, account));
            rows.push({ group, name, ours: ours.perSecond, floor, unit: "requests/s", note: `p99 ${ours.p99} ms${cpuText(ours)}; floor: the driver alone` });
          }
          child.disconnect();
          child = undefined;
          rows.push(...await counting(node, folder));
        }
      } finally {
        child?.disconnect();
        await node.close();
      }
    }
    return [...curve(sizes), ...rows];
  } finally {
    await database.stop();
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined: the kept record is beyond this size already. */
async function grow(url: string, folder: string, target: number): Promise<Filled | undefined> {
  const note = join(folder, "filled.json");
  const filled = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) as Filled : { people: 0, resources: 0 };
  if (filled.resources >= target) return filled.resources < target * 2 ? filled : undefined;
  const node = await openNode({ databaseUrl: url, folder });
  const [found] = await node.sql<{ count: string }[]>`select count(*) from resource`;
  if (Number(found!.count) !== filled.resources) throw new Error(`${folder} holds ${found!.count} resources and not the ${filled.resources} this bench wrote: a run broke off, or it is another's; delete it or name another with SALUS_BENCH_FOLDER`);
  const { doctor, patient } = demoAccounts(origin.seed);
  if (filled.people === 0) {
    const made = await node.trust.createDemoAccounts({ practitioner: doctor.agent.slice(13), patient: patient.agent.slice(8) });
    if (!made.ok) throw new Error(made.failure.text);
  }
  await node.close();
  const start = performance.now();
  const now = await fill(url, filled, target);
  process.stderr.write(`growth: ${Math.round((now.resources - filled.resources) / (performance.now() - start) * 1000).toLocaleString("en")} resources/s written\n`);
  writeFileSync(note, JSON.stringify(now));
  return now;
}

async function tokenOf(node: OpenedNode, username: string): Promise<string> {
  const issued = await node.trust.issueToken((await node.trust.account(username))!.id, 2);
  if (!issued.ok) throw new Error(issued.failure.text);
  return issued.value.token;
}

/** The turn with the lowest p99: what other work on the machine adds is not the record's. */
async function measure({ pid, postmaster }: Target, work: Load): Promise<Measured> {
  await load(work, warmUp);
  let found: Measured | undefined;
  for (let turn = 0; turn < turns; turn++) {
    const before = cpuOf(pid, postmaster);
    const seen = await load(work, seconds);
    const after = cpuOf(pid, postmaster);
    if (found && found.p99 <= seen.p99) continue;
    const each = (key: "server" | "postgres"): number => (after![key] - before![key]) / seen.count * 1e6;
    found = { ...seen, ...(before && after ? { cpu: { server: each("server"), postgres: each("postgres") } } : {}) };
  }
  return found!;
}

function cpuText({ cpu }: Measured): string {
  return cpu ? `; CPU ${Math.round(cpu.server)} + ${Math.round(cpu.postgres)} µs` : "";
}

function curve(sizes: readonly Size[]): Row[] {
  const [first, ...rest] = sizes;
  const works = [["read Observation by id", "read"], ["search by patient and code, page of 20", "search"]] as const;
  return works.flatMap(([name, key]) => rest.map((size): Row => ({
    group, name: `${name}, p99 at ${size.resources.toLocaleString("en")}`, ours: size[key].p99, floor: first![key].p99, unit: "ms",
    note: `floor: at ${first!.resources.toLocaleString("en")}; ${Math.round(size[key].perSecond)} and ${Math.round(first![key].perSecond)} requests/s${cpuText(size[key])}, at first ${cpuText(first![key]).slice(2)}`,
  })));
}

async function reads({ sql }: OpenedNode): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from resource where type = 'Observation' order by rid limit ${idsMax}`;
  return shuffled(rows.map(({ id }) => `/fhir/R4/Observation/${id}`));
}

async function searches({ sql }: OpenedNode): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from resource where type = 'Patient'`;
  return shuffled(rows.map(({ id }) => `/fhir/R4/Observation?patient=Patient/${id}&code=${encodeURIComponent(`${loinc}|${pressure}`)}&_count=20`));
}

type Shape = { name: string; paths: string[]; account?: string };

/** Each asked with many values. */
async function shapes({ sql }: OpenedNode): Promise<Shape[]> {
  const values = async (type: string, param: string, system: string | undefined, count: number): Promise<string[]> => (await sql<{ plain: string }[]>`
    select plain from token where param = ${paramKey(type, param)} and plain is not null and (${system ?? ""} = '' or system = ${systemKey(system)}) group by plain order by count(*) desc limit ${count}`).map(({ plain }) => plain);
  const codes = (await values("Observation", "code", loinc, 30)).map((code) => encodeURIComponent(`${loinc}|${code}`));
  const conditions = await values("Condition", "code", undefined, 20), medications = await values("MedicationRequest", "code", undefined, 20);
  const families = (await sql<{ value: string }[]>`select value from string where param = ${paramKey("Patient", "family")} group by value order by count(*) desc limit 40`).map(({ value }) => encodeURIComponent(value));
  const every = (list: readonly string[], path: (value: string) => string): string[] => list.map((value) => `/fhir/R4/${path(value)}&_count=20`);
  const women = every(codes, (code) => `Observation?patient.gender=female&code=${code}`);
  return [
    { name: "chained: Observations of women, by code", paths: women },
    { name: "the same, asked by a practitioner", paths: women, account: "doctor" },
    { name: "chained: by family name and code", paths: families.flatMap((family) => every(codes.slice(0, 5), (code) => `Observation?patient.family=${family}&code=${code}`)) },
    { name: "chained: by family name alone", paths: every(families, (family) => `Observation?patient.family=${family}`) },
    { name: "chained: by class of the encounter and code", paths: every(codes, (code) => `Observation?encounter.class=AMB&code=${code}`) },
    { name: "_has: Patients in whom something was observed", paths: every(codes, (code) => `Patient?_has:Observation:patient:code=${code}`) },
    { name: "_has: women with a condition", paths: every(conditions, (code) => `Patient?gender=female&_has:Condition:patient:code=${code}`) },
    { name: "_has: Patients who were prescribed something", paths: every(medications, (code) => `Patient?_has:MedicationRequest:patient:code=${code}`) },
    { name: "chain and _has: Conditions of those in whom …", paths: every(codes, (code) => `Condition?patient._has:Observation:patient:code=${code}`) },
  ];
}

/** The same statements with contents, as many in flight, on as many connections as reads and searches have. Answers pages/s. */
async function driverAlone({ record }: OpenedNode, paths: readonly string[]): Promise<number> {
  const db = record.pools.readers, weights = new Weights();
  const work: { text: string; values: Value[] }[] = [];
  for (const path of paths) {
    const [type = "", query = ""] = path.slice("/fhir/R4/".length).split("?");
    const planned = await plan(db, operator, { type }, query, undefined, { now: Date.now() }, { weights });
    if (!planned.ok) throw new Error(`${path}: ${planned.failure.text}`);
    const piece = pageStatement(planned.value.parts, 21, undefined, true, true);
    work.push({ text: statement(piece), values: [...piece.values] });
  }
  let best = 0;
  for (let turn = 0; turn < 2; turn++) {
    let asked = 0;
    const start = performance.now();
    await Promise.all(Array.from({ length: connections }, async () => {
      while (performance.now() - start < seconds * 1000) {
        const { text, values } = work[asked++ % work.length]!;
        await db.unsafe(text, values, { prepare: true });
      }
    }));
    best = Math.max(best, asked / (performance.now() - start) * 1000);
  }
  return best;
}

/** The first question builds the mirror; the others are asked of one that only has to see whether something changed. */
async function counting(node: OpenedNode, folder: string): Promise<Row[]> {
  const mirror = new Mirror(node.record, folder);
  const start = performance.now();
  const built = await mirror.query(operator, "select 1", { rebuild: true });
  if (!built.ok) throw new Error(built.failure.text);
  const buildSeconds = (performance.now() - start) / 1000;
  // Codes that stand first, or alone, in every Observation: the mirror's column has the first.
  const some = "('85354-9', '8867-4', '8302-2', '29463-7', '14682-9', '2823-3', '4548-4', '72166-2')";
  const tokens = (type: string, param: string): string => `from token where param = ${paramKey(type, param)}`;
  const questions = [
    ["Encounters by class", "select class, count(*) as n from encounter group by class order by n desc, class", `select plain, count(*) as n ${tokens("Encounter", "class")} group by plain order by n desc, plain`],
    ["Observations by code", `select code, count(*) as n from observation where code in ${some} group by code order by n desc, code`, `select plain, count(*) as n ${tokens("Observation", "code")} and plain in ${some} group by plain order by n desc, plain`],
    ["people by code, distinct", `select code, count(distinct patient) as n from observation where code in ${some} group by code order by n desc, code`, `select plain, count(distinct ck) as n ${tokens("Observation", "code")} and plain in ${some} group by plain order by n desc, plain`],
  ] as const;
  const rows: Row[] = [];
  for (const [name, duck, own] of questions) {
    const ours = await quickest(async () => {
      const answer = await mirror.query(operator, duck);
      if (!answer.ok) throw new Error(answer.failure.text);
      return answer.value.rows;
    });
    const floor = await quickest(async () => (await node.sql.unsafe(own)).map((row) => Object.values(row as object)));
    assert.deepEqual(ours.rows.map((row) => row.map(String)), floor.rows.map((row) => row.map(String)));
    rows.push({ group, name: `mirror: ${name}`, ours: ours.ms, floor: floor.ms, unit: "ms", note: "floor: PostgreSQL's index tables" });
  }
  const [{ count } = { count: "0" }] = await node.sql<{ count: string }[]>`select count(*) from resource`;
  return [...rows, { group, name: "mirror: built from the record", ours: Number(count) / buildSeconds, floor: Number.NaN, unit: "resources/s", note: `${Math.round(buildSeconds)} s` }];
}

async function quickest(work: () => Promise<unknown[][]>): Promise<{ ms: number; rows: unknown[][] }> {
  let ms = Infinity, rows: unknown[][] = [];
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    rows = await work();
    ms = Math.min(ms, performance.now() - start);
  }
  return { ms, rows };
}
