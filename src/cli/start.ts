/** `salus start` (also `npm start`): everything, set up and running, with its address printed. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { FastifyInstance } from "fastify";
import { openLog, traceOf } from "#platform/log.ts";
import { defaultFolder, isAlive } from "#platform/database/embedded.ts";
import { repositoryRoot } from "#platform/database/binaries.ts";
import { isThrownByDriver } from "#platform/database/unreachable.ts";
import { keepFresh } from "#care/freshness.ts";
import { demoAccounts } from "#research/population/demo.ts";
import { importSources } from "#exchange/bulk/sources.ts";
import { buildApp } from "#server/app.ts";
import { nodeFacts } from "#server/facts.ts";
import { startDemo, type Demo } from "#server/demo/demo.ts";
import { openNode, operator, type OpenedNode } from "#server/node.ts";
import { basePath } from "#server/fhir/responses.ts";
import { originsOf } from "#server/http/cross-origin.ts";
import { parseEndpointRules, type EndpointRule } from "#server/subscriptions/endpoints.ts";
import { startSubscriptions } from "#server/subscriptions/start.ts";
import type { Command, CommandIo } from "./command.ts";

const defaultPort = 7272;
const demoSeed = 7;
const demoSize = 200;

const usage = `npx salus start [--port N] [--host ADDRESS] [--data DIR] [--empty] [--demo] [--population N]

  --port N         port to listen on (default ${defaultPort}, or the next free one; 0 takes any)
  --host ADDRESS   address to listen on (default 127.0.0.1: this machine only)
  --data DIR       folder of the node's files, the embedded database among them (default .salus)
  --empty          no demo data; prints a one-time link that makes the first administrator
  --demo           demo population and demo sign-ins on a DATABASE_URL too (an embedded, empty record gets them unasked)
  --population N   people in the demo population (default ${demoSize})

Environment: DATABASE_URL (PostgreSQL 15 or newer instead of the embedded one), SALUS_KEY_FILE, SALUS_LOG_LEVEL, SALUS_TRUST_PROXY=1 behind a proxy, SALUS_PUBLIC_URL (https://salus.example.org: how others reach this node), SALUS_SUBSCRIPTION_HOSTS (hosts that notifications may go to; see docs/subscriptions.md), SALUS_CORS_ORIGINS (origins whose pages may use this node's FHIR API with bearer tokens, by comma; none unless given).`;

type Words = { port?: number; host: string; folder: string; empty: boolean; demo: boolean; population: number };

function read(args: readonly string[]): Words | string {
  try {
    const { values } = parseArgs({ args: [...args], options: { port: { type: "string" }, host: { type: "string", default: "127.0.0.1" }, data: { type: "string" }, empty: { type: "boolean", default: false }, demo: { type: "boolean", default: false }, population: { type: "string", default: String(demoSize) } } });
    const { port, population } = values;
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) return `--port must be a number from 0 to 65535, not "${port}".`;
    if (!/^\d{1,6}$/.test(population)) return `--population must be a whole number, not "${population}".`;
    if (values.empty && values.demo) return "--empty and --demo contradict each other.";
    return { ...(port === undefined ? {} : { port: Number(port) }), host: values.host, folder: resolve(values.data ?? process.env.SALUS_DATA ?? defaultFolder), empty: values.empty, demo: values.demo, population: Number(population) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The server that already serves this folder: its process lives and answers (a process number may have been given to another program since). */
async function running(folder: string): Promise<{ pid: number; url: string } | undefined> {
  const file = join(folder, "server.json");
  if (!existsSync(file)) return undefined;
  try {
    const known = JSON.parse(readFileSync(file, "utf8")) as { pid: number; url: string };
    if (!isAlive(known.pid) || known.pid === process.pid) return undefined;
    const answer = await fetch(`${known.url}/healthz`, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? known : undefined;
  } catch {
    return undefined;
  }
}

async function listen(app: FastifyInstance, { port, host }: Words): Promise<string> {
  for (let candidate = port ?? defaultPort; ; candidate += 1) {
    try {
      const address = await app.listen({ port: candidate, host });
      return address.replace("[::]", "localhost").replace("0.0.0.0", "127.0.0.1");
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!taken || port !== undefined || candidate >= defaultPort + 50) throw taken ? new Error(`Port ${candidate} is taken by another program: give another with --port, or stop it.`) : error;
    }
  }
}

/** Demo accounts exist only on a demo node: an embedded record that is empty or already one, or where --demo was said. */
async function wantsDemo(node: OpenedNode, { empty, demo }: Words): Promise<boolean> {
  if (empty) return false;
  if (demo) return true;
  if (!node.embedded) return false;
  if ((await node.trust.demoAccounts()).length > 0) return true;
  if ((await node.trust.accountCount()) > 0) return false;
  const anything = await node.record.history(operator, {}, { count: 1 });
  return anything.ok && anything.value.entries.length === 0;
}

export const command: Command = {
  name: "start",
  summary: "Start the node: record, screens and API",
  usage,
  async run(args, io) {
    const words = read(args);
    if (typeof words === "string") {
      io.stderr.write(`${words}\n\n${usage}\n`);
      return 2;
    }
    mkdirSync(words.folder, { recursive: true });
    const already = await running(words.folder);
    if (already) {
      io.stdout.write(`Salus already runs on this folder (process ${already.pid}): ${already.url}\n`);
      return 0;
    }
    const log = openLog();
    // Anything unexpected ends the process, but for what the driver throws when the database goes away.
    process.on("uncaughtException", (error) => {
      log.error(traceOf(error), "unexpected");
      if (!isThrownByDriver(error)) process.exit(1);
    });
    let rules;
    try {
      rules = parseEndpointRules(process.env.SALUS_SUBSCRIPTION_HOSTS ?? "");
    } catch (error) {
      io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return 2;
    }
    const sharedWith = originsOf(process.env.SALUS_CORS_ORIGINS);
    if (!sharedWith.ok) {
      io.stderr.write(`SALUS_CORS_ORIGINS: ${sharedWith.failure.text}\n`);
      return 2;
    }
    const node = await openNode({ folder: words.folder, onError: (error) => { log.error(traceOf(error), "in the background"); } });
    try {
      return await serve(node, words, { rules, sharedWith: sharedWith.value }, log, io);
    } finally {
      await node.close();
    }
  },
};

async function serve(node: OpenedNode, words: Words, { rules, sharedWith }: { rules: readonly EndpointRule[]; sharedWith: readonly string[] }, log: ReturnType<typeof openLog>, io: CommandIo): Promise<number> {
  const isDemo = await wantsDemo(node, words);
  const accounts = isDemo ? await makeDemoAccounts(node) : [];
  let demo: Demo | undefined;
  let stopping = false;
  const started = node.clock.now().toISOString();
  const deps = { record: node.record, trust: node.trust, log, clock: node.clock };
  const app = await buildApp({
    ...deps,
    node: { nameEn: isDemo ? "Salus demo" : "Salus", nameZh: isDemo ? "Salus 演示" : "Salus", demo: isDemo },
    population: () => demo?.progress(),
    facts: () => nodeFacts(node.sql, { embedded: node.embedded, started }),
    isReady: () => node.sql`select 1`.then(() => true, () => false),
    webFolder: join(repositoryRoot, "dist", "web"),
    importFrom: importSources(process.env.SALUS_IMPORT_URLS),
    sharedWith,
    dataFolder: node.folder,
  });
  const url = await listen(app, words);
  const subscriptions = startSubscriptions(app, deps, { rules, base: (process.env.SALUS_PUBLIC_URL || url).replace(/\/$/, "") + basePath });
  const state = join(words.folder, "server.json");
  writeFileSync(state, JSON.stringify({ pid: process.pid, url }), { mode: 0o600 });

  io.stdout.write(`\nSalus is ready: ${url}\n`);
  for (const { username, password, role } of accounts) io.stdout.write(`  ${role.padEnd(14)} ${username} / ${password}\n`);
  if (!isDemo && (await node.trust.accounts()).every(({ role }) => role !== "administrator")) {
    const link = await node.trust.createFirstAdministratorLink();
    if (link.ok) io.stdout.write(`  Make the first administrator (once, until ${link.value.expires}): ${url}/first-administrator#${link.value.token}\n`);
  }
  io.stdout.write("  FHIR R4 at /fhir/R4 · npx salus token prints a bearer token · Ctrl+C stops\n\n");

  // Per database: the same folder may serve the embedded one and a DATABASE_URL in turn.
  const demoDone = join(words.folder, node.embedded ? "demo-done" : `demo-done-${createHash("sha256").update(node.databaseUrl).digest("hex").slice(0, 12)}`);
  if (isDemo && !(existsSync(demoDone) && Number(readFileSync(demoDone, "utf8")) >= words.population)) {
    demo = startDemo({ size: words.population, seed: demoSeed, asOf: demoDay(words.folder, node), folder: words.folder, databaseUrl: node.databaseUrl });
    void demo.finished.then((done) => {
      const { failed } = demo!.progress();
      if (done) writeFileSync(demoDone, String(words.population));
      if (done) io.stdout.write(`Demo population: ${words.population} people, ${done.resources.toLocaleString("en")} resources, in ${done.seconds.toFixed(0)} s.\n`);
      else if (failed && !stopping) log.error({ failed }, "the demo population stopped");
    });
  }

  // Findings whose inputs change are marked; the demo assesses its people itself.
  const onError = (error: unknown): void => log.error({ stack: error instanceof Error ? error.stack : String(error) }, "marking findings stale");
  const fresh = (demo ? demo.finished : Promise.resolve(undefined)).then(() => (stopping ? undefined : keepFresh(node.record, { onError })));

  await new Promise<void>((done) => {
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      done();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    process.once("SIGHUP", stop);
  });
  io.stdout.write("Stopping…\n");
  await demo?.stop();
  await (await fresh)?.stop();
  await subscriptions.stop();
  await app.close();
  rmSync(state, { force: true });
  return 0;
}

async function makeDemoAccounts(node: OpenedNode): Promise<{ username: string; password: string; role: string }[]> {
  const { doctor, patient } = demoAccounts(demoSeed);
  const made = await node.trust.createDemoAccounts({ practitioner: doctor.agent.slice("Practitioner/".length), patient: patient.agent.slice("Patient/".length), display: { practitioner: doctor.display, patient: patient.display } });
  if (!made.ok) throw new Error(made.failure.text);
  return made.value;
}

/** The day the demo population ends: that of the first start, so that a later start brings in nothing new. */
function demoDay(folder: string, node: OpenedNode): string {
  const file = join(folder, "demo-day");
  if (!existsSync(file)) writeFileSync(file, node.clock.now().toISOString().slice(0, 10));
  return readFileSync(file, "utf8").trim();
}
