/**
 * Group `servers`: Salus beside other FHIR R4 servers that run here already, same people, same requests, same minutes.
 * `SALUS_BENCH_SERVERS="HAPI=http://127.0.0.1:8080/fhir postgres://…, Other=http://…"` names them: name=base and, where
 * it may be asked, the URL of the server's database; without it the group is empty. Every server gets people of another
 * seed to warm up and then the same 40 people by transaction Bundles. In each row each server is asked once alone,
 * warmed up for 10 s by 32 connections, then measured for 6 s in turns that go round; the better of two counts. After
 * each turn what is open is cancelled and the server may come to rest. Salus answers with authorisation and ledger on.
 */
import { fork } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startEmbedded } from "#platform/database/embedded.ts";
import { openNode } from "#server/node.ts";
import { benchFolder } from "./folder.ts";
import type { Row } from "./row.ts";
import { ask, namedServers, rest, trial, turn, type Server, type Trial, type Turn } from "./servers/server.ts";
import { bundles, works, type Request, type Work } from "./servers/works.ts";

const people = Number(process.env.SALUS_BENCH_COUNT ?? 40);
const warmPeople = Math.ceil(people / 4);
const warmSeconds = 10;
const seconds = 6;
const turns = 2;

/** The first Bundle goes alone, for it brings the institutions that all refer to; then four are in flight. */
async function load(server: Server, texts: readonly string[]): Promise<{ seconds: number } | { said: string }> {
  const start = performance.now();
  let said: string | undefined;
  const send = async (body: string): Promise<void> => {
    const answer = await ask(server, { method: "POST", path: "", body }, 300_000);
    if (answer.status !== 200) said ??= `${answer.status || "no answer"}: ${answer.text.slice(0, 300)}`;
  };
  await send(texts[0]!);
  const remaining = texts.slice(1).values();
  await Promise.all(Array.from({ length: 4 }, async () => { for (const text of remaining) await send(text); }));
  return said === undefined ? { seconds: (performance.now() - start) / 1000 } : { said };
}

type Seen = { trial: Trial; best: Turn; restless: boolean };

/** One row of all servers: the trial, the warm-up, then turns that go round. `probe` is a read that tells rest. */
async function measure(servers: readonly Server[], work: Work, probe: Request): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const server of servers) seen.push({ trial: await trial(server, work), best: { perSecond: 0, p99: 0, failed: 0 }, restless: false });
  for (let round = 0; round <= turns; round++) {
    for (const [i, server] of servers.entries()) {
      const one = seen[i]!;
      if (one.trial.kind === "refused") continue;
      const result = await turn(server, work, round === 0 ? warmSeconds : seconds);
      if (round > 0 && result.perSecond >= one.best.perSecond) one.best = result;
      if (!await rest(server, probe)) one.restless = true;
    }
  }
  return seen;
}

function note(name: string, ours: Seen, theirs: Seen): string {
  for (const [whose, one] of [["Salus", ours], [name, theirs]] as const) if (one.trial.kind === "refused") return `${whose} answered ${one.trial.said}`;
  const parts = [name, `p99 ${ours.best.p99} ms, ${theirs.best.perSecond > 0 ? `${theirs.best.p99} ms` : "none answered in time"}`];
  if (ours.best.failed + theirs.best.failed > 0) parts.push(`failed: ${ours.best.failed}, ${theirs.best.failed}`);
  const [found, theyFound] = [ours, theirs].map(({ trial }) => trial.kind === "answered" ? trial.matches : undefined);
  if (found !== theyFound) parts.push(`found: ${found}, ${theyFound}`);
  if (theirs.restless) parts.push("did not come to rest");
  return parts.join("; ");
}

async function compare(salus: Server, peers: readonly Server[]): Promise<Row[]> {
  const [warm, all] = [await bundles(warmPeople, 11), await bundles(people, 7)];
  const entries = all.flatMap((one) => one.entries);
  const kinds = works(entries);
  const probe = kinds[0]!.requests(0)[0]!;
  const loaded: number[] = [];
  const rows: Row[] = [];
  const able: Server[] = [];
  for (const server of [salus, ...peers]) {
    const warmed = await load(server, warm.map(({ text }) => text));
    const result = "said" in warmed ? warmed : await load(server, all.map(({ text }) => text));
    if ("said" in result && server === salus) throw new Error(`Salus answered ${result.said}`);
    if ("seconds" in result) {
      able.push(server);
      await rest(server, probe);
    }
    loaded.push("seconds" in result ? entries.length / result.seconds : 0);
    if (server !== salus) rows.push({ group: "servers", name: `load ${entries.length} resources by transactions`, ours: loaded[0]!, floor: loaded.at(-1)!, unit: "resources/s", note: "said" in result ? `${server.name} answered ${result.said}` : server.name });
  }
  for (const work of kinds) {
    const [ours, ...theirs] = await measure(able, work, probe);
    for (const [i, one] of theirs.entries()) rows.push({ group: "servers", name: work.name, ours: ours!.best.perSecond, floor: one.best.perSecond, unit: "requests/s", note: note(able[i + 1]!.name, ours!, one) });
  }
  return rows;
}

export async function run(): Promise<Row[]> {
  const peers = namedServers(process.env.SALUS_BENCH_SERVERS ?? "");
  if (peers.length === 0) return [];
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
    return await compare({ name: "Salus", base: `${address}/fhir/R4`, headers: { authorization: `Bearer ${issued.value.token}` }, database: database.url }, peers);
  } finally {
    child.removeAllListeners("exit");
    child.disconnect();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
