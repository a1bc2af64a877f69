/** A look at the files of an embedded PostgreSQL that changes none of them and starts nothing. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, type Stats } from "node:fs";
import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Remark } from "../remark.ts";
import { isAlive } from "./embedded.ts";

export type EmbeddedState = {
  /** Of the cluster; absent where none was made yet. */
  dataFolder?: string;
  /** postgres://… while it runs. */
  url?: string;
  remarks: Remark[];
};

const mebi = 1 << 20;
/** The embedded server may keep so much of its log (max_wal_size) beside the data. */
const freeWarn = 4096 * mebi, freeError = 512 * mebi;

export async function inspectEmbedded(folder: string): Promise<EmbeddedState> {
  const home = resolve(folder);
  if (!existsSync(home)) return { remarks: [{ check: "folder", severity: "information", text: `${home} is not there: no node was started on it`, mend: "Start it with npm start, or name the folder with --data" }] };
  const remarks = [...filesOf(home)];
  const dataFolder = clusterOf(home);
  if (dataFolder === undefined) return { remarks: [...remarks, { check: "cluster", severity: "information", text: `${home} has no database cluster yet`, mend: "npm start makes one" }] };
  remarks.push(...await freeSpace(dataFolder));
  const cluster = readCluster(dataFolder);
  remarks.push(...cluster.remarks);
  const password = cluster.port === undefined ? undefined : textOf(join(home, "postgres-password"));
  if (cluster.port !== undefined && password === undefined) remarks.push({ check: "cluster", severity: "error", text: `${join(home, "postgres-password")} is missing: nobody can sign in to the embedded database`, mend: "Bring it back from a copy of the folder, or set a new password in PostgreSQL's single-user mode" });
  return { dataFolder, ...(password === undefined ? {} : { url: `postgres://salus:${password.trim()}@127.0.0.1:${cluster.port}/salus` }), remarks };
}

function clusterOf(home: string): string | undefined {
  const away = join("/var/lib/salus", createHash("sha256").update(home).digest("hex").slice(0, 16));
  return [join(home, "postgres"), away].find((path) => existsSync(join(path, "PG_VERSION")));
}

/** Lock and user files whose process is gone, and what other people of the machine could read. */
function filesOf(home: string): Remark[] {
  const remarks: Remark[] = [];
  const lockFile = join(home, "postgres.lock"), holder = Number(textOf(lockFile) ?? Number.NaN);
  if (existsSync(lockFile) && !isRunning(holder)) remarks.push({ check: "locks", severity: "warning", text: `${lockFile} is left of a process that died (${holder || "unnamed"})`, mend: "The next start takes it over; or delete it when nothing is starting" });
  const users = join(home, "postgres-users");
  const dead = existsSync(users) ? readdirSync(users).filter((pid) => !isRunning(Number(pid))) : [];
  if (dead.length) remarks.push({ check: "locks", severity: "information", text: `${dead.length} ${dead.length === 1 ? "process" : "processes"} that used the embedded database died without saying so (${dead.slice(0, 5).join(", ")})`, mend: "Nothing to do: whoever leaves last clears them" });
  const server = textOf(join(home, "server.json"));
  const pid = server === undefined ? undefined : Number(/"pid":(\d+)/.exec(server)?.[1]);
  if (pid !== undefined && !isRunning(pid)) remarks.push({ check: "locks", severity: "information", text: `The server that last ran here (process ${pid || "unnamed"}) was killed`, mend: "Nothing to do: the next start goes on" });
  for (const file of ["postgres-password", join("keys", "node.key")]) {
    const status = statOf(join(home, file));
    if (status && process.platform !== "win32" && (status.mode & 0o077) !== 0) remarks.push({ check: "secrets", severity: "error", text: `Other users of this machine can read ${join(home, file)}`, mend: `chmod 600 ${join(home, file)}` });
  }
  return remarks;
}

async function freeSpace(folder: string): Promise<Remark[]> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= freeWarn) return [];
  return [{ check: "disk", severity: free < freeError ? "error" : "warning", text: `${Math.floor(free / mebi).toLocaleString("en")} MiB are free where the database lies (${folder})`, mend: "Make room: a full disk stops every write" }];
}

function readCluster(folder: string): { port?: number; remarks: Remark[] } {
  let lines: string[];
  try {
    if (!existsSync(join(folder, "postmaster.pid"))) return { remarks: [] };
    lines = readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n");
  } catch (error) {
    return { remarks: [{ check: "cluster", severity: "warning", text: `${folder} cannot be read (${(error as NodeJS.ErrnoException).code})`, mend: "Run doctor as the user who starts the node" }] };
  }
  const pid = Number(lines[0]), port = Number(lines[3]);
  if (isRunning(pid) && port > 0) return { port, remarks: [] };
  return { remarks: [{ check: "cluster", severity: "warning", text: `The embedded PostgreSQL was not stopped in order (process ${pid || "unnamed"} is gone)`, mend: "The next start recovers from its log; nothing acknowledged is lost" }] };
}

function isRunning(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
