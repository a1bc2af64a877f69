/**
 * Group `servers`: Salus beside other FHIR R4 servers that run here already, same requests, same run.
 * `SALUS_BENCH_SERVERS="HAPI=http://127.0.0.1:8080/fhir"` names them (name=base, comma between); without it the group is
 * empty. Every server gets the same people by transaction Bundles, then 32 connections read, search and write:
 * 2 s to warm up, 6 s measured, the better of two turns. Salus answers with authorisation and ledger on.
 */
import { fork } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { startEmbedded } from "#platform/database/embedded.ts";
import { population } from "#research/population/population.ts";
import { openNode } from "#server/node.ts";
import { benchFolder } from "./folder.ts";
import type { Row } from "./row.ts";

const people = 40;
const connections = 32;
const seconds = 6;
const code = "http://loinc.org%7C85354-9";

type Server = { name: string; base: string; headers: Record<string, string> };
type Work = { name: string; requests: { method: "GET" | "POST" | "PUT"; path: string; body?: string }[] };
type Entry = { resource: { resourceType: string; id: string; subject?: { reference?: string }; code?: { coding?: { code?: string }[] } } };

/** Transaction Bundles that put every person's resources under their own ids. */
async function bundles(): Promise<{ text: string; entries: Entry[] }[]> {
  const all = [];
  for await (const { bundle } of population({ size: people, seed: 7, asOf: "2026-01-01" })) {
    const entries = bundle.entry as Entry[];
    all.push({ entries, text: JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: entries.map(({ resource }) => ({ resource, request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` } })) }) });
  }
  return all;
}

/** The first Bundle goes alone, for it brings the institutions that all refer to; then four are in flight. */
async function loadPeople({ base, headers }: Server, texts: readonly string[]): Promise<number> {
  const start = performance.now();
  const send = async (text: string): Promise<void> => {
    const answer = await fetch(base, { method: "POST", headers: { ...headers, "content-type": "application/fhir+json" }, body: text });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${base} answered ${answer.status} to a transaction: ${said.slice(0, 400)}`);
  };
  await send(texts[0]!);
  const rest = texts.slice(1).values();
  await Promise.all(Array.from({ length: 4 }, async () => { for (const text of rest) await send(text); }));
  return (performance.now() - start) / 1000;
}

async function measure({ base, headers }: Server, { requests }: Work): Promise<{ perSecond: number; p99: number; failed: number }> {
  const { origin, pathname } = new URL(base);
  const run = (duration: number) => autocannon({
    url: origin, connections, duration, headers: { ...headers, "content-type": "application/fhir+json" },
    requests: requests.map(({ method, path, body }) => ({ method, path: `${pathname}${path}`, ...(body === undefined ? {} : { body }) })),
  });
  await run(2);
  let best = { perSecond: 0, p99: 0, failed: 0 };
  for (let turn = 0; turn < 2; turn++) {
    const seen = await run(seconds);
    const perSecond = seen["2xx"] / seen.duration;
    if (perSecond > best.perSecond) best = { perSecond, p99: seen.latency.p99, failed: seen.non2xx + seen.errors };
  }
  return best;
}

function works(entries: readonly Entry[]): Work[] {
  const observations = entries.map(({ resource }) => resource).filter(({ resourceType }) => resourceType === "Observation");
  const every = <T>(list: readonly T[], count: number): T[] => list.filter((_, i) => i % Math.max(1, Math.floor(list.length / count)) === 0);
  const some = every(observations, 2000);
  const patients = [...new Set(observations.filter((one) => one.code?.coding?.[0]?.code === "85354-9").map((one) => one.subject?.reference ?? ""))];
  const laboratory = observations.find((one) => one.code?.coding?.[0]?.code === "14682-9") ?? observations[0]!;
  const { id: _id, ...created } = laboratory;
  const get = (path: string) => ({ method: "GET" as const, path });
  return [
    { name: "read Observation by id", requests: some.map(({ id }) => get(`/Observation/${id}`)) },
    { name: "search by patient and code, newest 20", requests: patients.map((patient) => get(`/Observation?patient=${patient}&code=${code}&_sort=-date&_count=20`)) },
    { name: "chained: Observations of women, by code, 20", requests: [get(`/Observation?patient.gender=female&code=${code}&_count=20`)] },
    { name: "_has: Patients with a blood pressure, 20", requests: [get(`/Patient?_has:Observation:patient:code=${code}&_count=20`)] },
    { name: "create Observation", requests: [{ method: "POST", path: "/Observation", body: JSON.stringify(created) }] },
    { name: "update Observation", requests: every(observations, 500).map((one, i) => ({ method: "PUT", path: `/Observation/${one.id}`, body: JSON.stringify({ ...one, issued: new Date(1_700_000_000_000 + i).toISOString() }) })) },
  ];
}

export async function run(): Promise<Row[]> {
  const named = (process.env.SALUS_BENCH_SERVERS ?? "").split(",").filter((one) => one.includes("="));
  if (named.length === 0) return [];
  const peers: Server[] = named.map((one) => ({ name: one.slice(0, one.indexOf("=")), base: one.slice(one.indexOf("=") + 1).replace(/\/$/, ""), headers: {} }));
  const folder = benchFolder();
  const database = await startEmbedded({ folder });
  const node = await openNode({ databaseUrl: database.url, folder });
  const issued = await node.trust.issueToken(undefined, 2);
  if (!issued.ok) throw new Error(issued.failure.text);
  await node.close();
  const child = fork(fileURLToPath(new URL("./http/server.ts", import.meta.url)), ["salus", database.url, folder], { execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=64"] });
  try {
    const address = await new Promise<string>((done, failed) => {
      child.once("message", (said) => done(String(said)));
      child.once("exit", (status) => failed(new Error(`the server ended with ${status}`)));
    });
    const salus: Server = { name: "Salus", base: `${address}/fhir/R4`, headers: { authorization: `Bearer ${issued.value.token}` } };
    const all = await bundles();
    const entries = all.flatMap((one) => one.entries);
    const texts = all.map(({ text }) => text);
    const rows: Row[] = [];
    const loaded = await loadPeople(salus, texts);
    for (const peer of peers) rows.push({ group: "servers", name: `load ${entries.length} resources by transactions`, ours: entries.length / loaded, floor: entries.length / await loadPeople(peer, texts), unit: "resources/s", note: peer.name });
    for (const work of works(entries)) {
      const ours = await measure(salus, work);
      for (const peer of peers) {
        const theirs = await measure(peer, work);
        rows.push({ group: "servers", name: work.name, ours: ours.perSecond, floor: theirs.perSecond, unit: "requests/s", note: `${peer.name}; p99 ${ours.p99} ms, ${theirs.p99} ms${ours.failed + theirs.failed ? `; not 2xx: ${ours.failed}, ${theirs.failed}` : ""}` });
      }
    }
    return rows;
  } finally {
    child.removeAllListeners("exit");
    child.disconnect();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
