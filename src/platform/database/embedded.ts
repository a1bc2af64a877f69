/**
 * Life of the embedded PostgreSQL: initialise, start on a free port of 127.0.0.1, adopt one that is already running
 * (left by kill -9 or shared with another command), stop when its last user leaves.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, openSync, closeSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { nativeFolder, repositoryRoot } from "./binaries.ts";
import { canReach, ownFolder, postgresUser, reachableBinaries, type OsUser } from "./os-user.ts";

export type EmbeddedDatabase = {
  /** postgres://… of database "salus". */
  url: string;
  dataFolder: string;
  /** Leaves; the server stops when nobody else uses it. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** Folder of the node's files; the cluster lives in `<folder>/postgres` where PostgreSQL's user can reach it. */
  folder: string;
  /** false only for throw-away test clusters, which several test files share: an acknowledged write may be lost on power failure. */
  durable?: boolean;
};

const superuser = "salus";

export async function startEmbedded({ folder, durable = true }: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const home = resolve(folder);
  mkdirSync(home, { recursive: true });
  const user = postgresUser();
  const native = nativeFolder();
  const version = (JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")) as { version: string }).version;
  const bin = join(reachableBinaries(user, native, version), "bin");
  const dataFolder = clusterFolder(home, user);
  const usersFolder = join(home, "postgres-users");
  mkdirSync(usersFolder, { recursive: true });
  const release = await lock(join(home, "postgres.lock"));
  const mine = join(usersFolder, String(process.pid));
  try {
    const password = passwordOf(home);
    if (!existsSync(join(dataFolder, "PG_VERSION"))) initialise(bin, dataFolder, password, user);
    const port = runningPort(bin, dataFolder, user) ?? await startSomewhere(bin, dataFolder, durable, user);
    writeFileSync(mine, "");
    const url = `postgres://${superuser}:${password}@127.0.0.1:${port}/salus`;
    await ensureDatabase(url);
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      const releaseStop = await lock(join(home, "postgres.lock"));
      try {
        rmSync(mine, { force: true });
        if (liveUsers(usersFolder).length === 0) control(bin, ["stop", "-D", dataFolder, "-m", "fast", "-w", "-t", "60"], user);
      } finally {
        releaseStop();
      }
    };
    return { url, dataFolder, stop };
  } finally {
    release();
  }
}

/** `.salus/postgres`, or /var/lib/salus/<checkout> when PostgreSQL's own user cannot enter the checkout. */
function clusterFolder(home: string, user: OsUser | undefined): string {
  const local = join(home, "postgres");
  const away = join("/var/lib/salus", createHash("sha256").update(home).digest("hex").slice(0, 16));
  if (existsSync(join(away, "PG_VERSION")) && !existsSync(join(local, "PG_VERSION"))) return away;
  ownFolder(user, local);
  if (canReach(user, local)) return local;
  mkdirSync("/var/lib/salus", { recursive: true, mode: 0o755 });
  ownFolder(user, away);
  writeFileSync(join(home, "postgres-location"), `${away}\n`);
  return away;
}

function passwordOf(home: string): string {
  const file = join(home, "postgres-password");
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

function initialise(bin: string, dataFolder: string, password: string, user: OsUser | undefined): void {
  // A first start that was killed leaves a half-made cluster without PG_VERSION's companions: begin again.
  for (const entry of readdirSync(dataFolder)) rmSync(join(dataFolder, entry), { recursive: true, force: true });
  const passwordFile = join(dataFolder, "..", `.pw-${process.pid}`);
  const reachable = user ? join("/tmp", `salus-pw-${process.pid}-${randomBytes(6).toString("hex")}`) : passwordFile;
  writeFileSync(reachable, password, { mode: 0o600 });
  if (user) chownSync(reachable, user.uid, user.gid);
  try {
    run(join(bin, "initdb"), ["-D", dataFolder, "-U", superuser, "-E", "UTF8", "--locale=C", "-A", "scram-sha-256", `--pwfile=${reachable}`, "--no-instructions"], user);
  } finally {
    rmSync(reachable, { force: true });
  }
}

/** On a free port, which it answers. One that somebody else took in the moment between is given up for another. */
async function startSomewhere(bin: string, dataFolder: string, durable: boolean, user: OsUser | undefined): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      start(bin, dataFolder, port, durable, user);
      return port;
    } catch (error) {
      if (attempt === 5 || !String(error).includes(`could not bind IPv4 address "127.0.0.1"`)) throw error;
    }
  }
}

function start(bin: string, dataFolder: string, port: number, durable: boolean, user: OsUser | undefined): void {
  const settings: Record<string, string | number> = {
    port, listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: durable ? 80 : 300,
    shared_buffers: "256MB", work_mem: "16MB", maintenance_work_mem: "128MB", max_wal_size: "2GB", checkpoint_timeout: "15min",
    wal_compression: "off", random_page_cost: 1.1, jit: "off", log_min_messages: "warning", log_statement: "none", log_min_error_statement: "panic",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off", synchronous_commit: "off" }),
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`).join(" ");
  control(bin, ["start", "-D", dataFolder, "-w", "-t", "120", "-l", join(dataFolder, "server.log"), "-o", options], user);
}

/** The port a live postmaster of this folder listens on; undefined when none runs. A stale pid file is PostgreSQL's to clear. */
function runningPort(bin: string, dataFolder: string, user: OsUser | undefined): number | undefined {
  const status = spawnSync(join(bin, "pg_ctl"), ["status", "-D", dataFolder], { ...as(user), stdio: "ignore" });
  if (status.status !== 0) return undefined;
  const lines = readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n");
  return Number(lines[3]);
}

function control(bin: string, args: string[], user: OsUser | undefined): void {
  run(join(bin, "pg_ctl"), args, user);
}

function as(user: OsUser | undefined): { uid?: number; gid?: number; cwd: string } {
  return user ? { uid: user.uid, gid: user.gid, cwd: "/" } : { cwd: "/" };
}

function run(file: string, args: string[], user: OsUser | undefined): void {
  // pg_ctl's server inherits our pipes and would hold them open: no pipes for "start".
  const quiet = args[0] === "start";
  const done = spawnSync(file, args, { ...as(user), stdio: quiet ? "ignore" : ["ignore", "pipe", "pipe"], encoding: "utf8", env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } });
  if (done.status !== 0) {
    const log = quiet ? serverLog(args) : `${done.stdout ?? ""}${done.stderr ?? ""}`;
    throw new Error(`The embedded PostgreSQL: ${file.split("/").at(-1)} ${args[0]} failed${done.error ? ` (${done.error.message})` : ""}.\n${log.trim()}`);
  }
}

function serverLog(args: string[]): string {
  const file = args[args.indexOf("-l") + 1];
  return file && existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(-15).join("\n") : "";
}

async function ensureDatabase(url: string): Promise<void> {
  const admin = postgres(url.replace(/\/salus$/, "/postgres"), { max: 1, onnotice: () => {} });
  try {
    const found = await admin`select 1 from pg_database where datname = 'salus'`;
    if (found.length === 0) await admin`create database salus`;
  } finally {
    await admin.end();
  }
}

function liveUsers(folder: string): string[] {
  return readdirSync(folder).filter((pid) => {
    if (isAlive(Number(pid))) return true;
    rmSync(join(folder, pid), { force: true });
    return false;
  });
}

/** Whether a process of that number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A lock file held for the moment of starting or stopping; one left by a dead process is taken over. */
async function lock(file: string): Promise<() => void> {
  for (let waited = 0; ; waited += 100) {
    try {
      const descriptor = openSync(file, "wx");
      writeFileSync(descriptor, String(process.pid));
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    try {
      const holder = Number(readFileSync(file, "utf8"));
      const old = Date.now() - statSync(file).mtimeMs > 2_000;
      if (old && (!holder || !isAlive(holder))) rmSync(file, { force: true });
    } catch {
      // released between the two looks
    }
    if (waited > 150_000) throw new Error(`Another process holds ${file} for over two minutes. If none is starting, delete that file.`);
    await sleep(100);
  }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}

/** Where a node keeps its files unless told otherwise. */
export const defaultFolder: string = join(repositoryRoot, ".salus");
