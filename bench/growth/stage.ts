/** A record of one size, filled, and a server on it in a process of its own. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbedded } from "#platform/database/embedded.ts";
import { demoAccounts } from "#research/population/demo.ts";
import { openNode, type OpenedNode } from "#server/node.ts";
import { cpuOf } from "../http/cpu.ts";
import { load, serve, type Seen } from "../http/load.ts";
import { fill, origin, type Filled } from "./fill.ts";

/** `cpu`: µs a request of the server and of PostgreSQL, where they can be told. */
export type Measured = Seen & { cpu?: { server: number; postgres: number } };

export type Stage = {
  resources: number;
  folder: string;
  node: OpenedNode;
  /** Requests for so many seconds, by the account of this name. */
  load(paths: string[], seconds: number, username?: string): Promise<Measured>;
  stopServer(): void;
  close(): Promise<void>;
};

export async function openStage(folder: string, size: number): Promise<Stage> {
  mkdirSync(folder, { recursive: true });
  const database = await startEmbedded({ folder });
  try {
    const { resources } = await filled(database.url, folder, size);
    const node = await openNode({ databaseUrl: database.url, folder });
    await node.record.settleLedger();
    const { address, child } = await serve("salus", database.url, folder);
    const postmaster = Number(readFileSync(join(database.dataFolder, "postmaster.pid"), "utf8").split("\n")[0]);
    const tokens = new Map<string, string>();
    const stopServer = (): void => { if (child.connected) child.disconnect(); };
    return {
      resources, folder, node, stopServer,
      async load(paths, seconds, username = "admin") {
        const token = tokens.get(username) ?? await tokenOf(node, username);
        tokens.set(username, token);
        const before = cpuOf(child.pid!, postmaster);
        const seen = await load({ address, paths, token }, seconds);
        const after = cpuOf(child.pid!, postmaster);
        if (!before || !after) return seen;
        const each = (key: "server" | "postgres"): number => (after[key] - before[key]) / seen.count * 1e6;
        return { ...seen, cpu: { server: each("server"), postgres: each("postgres") } };
      },
      async close() {
        stopServer();
        await node.close();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/** Fills the record unless an earlier run did. */
async function filled(url: string, folder: string, size: number): Promise<Filled> {
  const note = join(folder, "filled.json");
  const known = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) as Filled : { people: 0, resources: 0 };
  const node = await openNode({ databaseUrl: url, folder });
  try {
    const [stored] = await node.sql<{ count: string }[]>`select count(*) from resource`;
    if (Number(stored!.count) !== known.resources) throw new Error(`${folder} holds ${stored!.count} resources and not the ${known.resources} this bench wrote: a run broke off there, or it is somebody's; delete it or name another with SALUS_BENCH_FOLDER`);
    if (known.people === 0) {
      const { doctor, patient } = demoAccounts(origin.seed);
      const made = await node.trust.createDemoAccounts({ practitioner: doctor.agent.slice(13), patient: patient.agent.slice(8) });
      if (!made.ok) throw new Error(made.failure.text);
    }
  } finally {
    await node.close();
  }
  if (known.resources >= size) return known;
  const start = performance.now();
  const now = await fill(url, known, size);
  process.stderr.write(`growth: ${now.resources.toLocaleString("en")} resources of ${now.people} people, ${Math.round((now.resources - known.resources) / (performance.now() - start) * 1000).toLocaleString("en")}/s\n`);
  writeFileSync(note, JSON.stringify(now));
  return now;
}

async function tokenOf(node: OpenedNode, username: string): Promise<string> {
  const issued = await node.trust.issueToken((await node.trust.account(username))!.id, 2);
  if (!issued.ok) throw new Error(issued.failure.text);
  return issued.value.token;
}
