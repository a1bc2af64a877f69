/** The record's and trust's integration tests on the oldest PostgreSQL supported (Debian's 15), on a throw-away cluster. */
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { postgresUser } from "#platform/database/os-user.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = process.env.POSTGRESQL_15_BIN ?? "/usr/lib/postgresql/15/bin";
if (!existsSync(join(bin, "postgres"))) {
  process.stdout.write(`PostgreSQL 15: skipped, ${bin} has no postgres\n0 passed, 0 failed, 1 skipped\n`);
  process.exit(process.env.CI ? 1 : 0);
}

const user = postgresUser();
const folder = mkdtempSync(join(tmpdir(), "salus-pg15-"));
if (user) chownSync(folder, user.uid, user.gid);
const identity = user ? { uid: user.uid, gid: user.gid } : {};
const data = join(folder, "data");
const port = await new Promise<number>((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => done(typeof address === "object" && address ? address.port : 0));
  });
});

function control(file: string, args: string[], quiet = false): void {
  const done = spawnSync(join(bin, file), args, { ...identity, cwd: "/", encoding: "utf8", stdio: quiet ? "ignore" : "pipe" });
  if (done.status !== 0) throw new Error(`${file} ${args[0]} failed: ${done.stderr}`);
}

let status = 1;
try {
  control("initdb", ["-D", data, "-U", "salus", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"]);
  control("pg_ctl", ["start", "-D", data, "-w", "-l", join(folder, "log"), "-o", `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=300`], true);
  const done = spawnSync(process.execPath, [join(root, "bin/test.ts"), "--only", "unit", ...process.argv.slice(2), ...(process.argv.length > 2 ? [] : (await files()))], {
    cwd: root, stdio: "inherit", env: { ...process.env, TEST_DATABASE_URL: `postgres://salus@127.0.0.1:${port}/postgres` },
  });
  status = done.status ?? 1;
} finally {
  try {
    control("pg_ctl", ["stop", "-D", data, "-m", "immediate", "-w"], true);
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
  }
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);

async function files(): Promise<string[]> {
  const { globSync } = await import("node:fs");
  return ["src/record/**/*.test.ts", "src/trust/**/*.test.ts"].flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
}
