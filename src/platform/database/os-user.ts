/**
 * PostgreSQL refuses to run as root: when started as root, it runs as its own OS user, and binaries and data
 * live where that user can reach them.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export type OsUser = { uid: number; gid: number };

const userName = "salus-postgres";

function lookUp(name: string): OsUser | undefined {
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((row) => row.startsWith(`${name}:`));
  if (!line) return undefined;
  const fields = line.split(":");
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** The user PostgreSQL runs as: undefined (ourselves) unless we are root. Creates the system user on first use. */
export function postgresUser(): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = lookUp(userName);
  if (known) return known;
  const attempts: [string, string[]][] = [
    ["useradd", ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", userName]],
    ["adduser", ["-S", "-D", "-H", "-s", "/sbin/nologin", userName]],
  ];
  for (const [command, args] of attempts) {
    spawnSync(command, args, { stdio: "ignore", env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` } });
    const made = lookUp(userName);
    if (made) return made;
  }
  throw new Error(`PostgreSQL cannot run as root, and the OS user "${userName}" could not be created (neither useradd nor adduser worked). Create it, start Salus as an ordinary user, or set DATABASE_URL.`);
}

/** Whether the user can read and enter a folder, its parents included. */
export function canReach(user: OsUser | undefined, folder: string): boolean {
  if (!user) return true;
  const tried = spawnSync("/bin/sh", ["-c", 'cd "$1" && test -r .', "sh", folder], { uid: user.uid, gid: user.gid, cwd: "/", stdio: "ignore" });
  return tried.status === 0;
}

/** The PostgreSQL binaries as that user can run them: in place where reachable, else one copy per version under /var/lib/salus. */
export function reachableBinaries(user: OsUser | undefined, native: string, version: string): string {
  if (canReach(user, join(native, "bin"))) return native;
  const copy = join("/var/lib/salus", `postgresql-${version}`);
  if (!existsSync(join(copy, "bin", "postgres"))) {
    mkdirSync("/var/lib/salus", { recursive: true, mode: 0o755 });
    chmodSync("/var/lib/salus", 0o755);
    const partial = `${copy}.${process.pid}`;
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    spawnSync("chmod", ["-R", "a+rX", partial]);
    try {
      renameSync(partial, copy);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(join(copy, "bin", "postgres"))) throw error;
    }
  }
  return copy;
}

/** Makes a folder owned by the user (mode 0700). */
export function ownFolder(user: OsUser | undefined, folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (user) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
}
