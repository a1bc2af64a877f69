/**
 * The tests of the record and of the node over HTTP with the tables distributed: `TEST_CITUS_URL` is a superuser's URL of a
 * Citus coordinator (shared_preload_libraries = citus, max_worker_processes of 64 or more, max_connections of 300). Workers
 * that its database knows are used too. Skipped where it is not given.
 *   TEST_CITUS_URL=postgres://… node bin/run.js bin/test-citus.ts [FILE…]
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const given = process.env.TEST_CITUS_URL;

const patterns = ["src/record/**/*.test.ts", "test/integration/**/*.test.ts"];

if (given === undefined) {
  process.stdout.write("Citus: skipped, TEST_CITUS_URL names no coordinator\n0 passed, 0 failed, 1 skipped\n");
} else {
  const files = process.argv.length > 2 ? process.argv.slice(2) : patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  const done = spawnSync(process.execPath, [join(root, "bin/test.ts"), "--only", "unit", ...files], { cwd: root, stdio: "inherit", env: { ...process.env, TEST_DATABASE_URL: given } });
  process.exitCode = done.status ?? 1;
}
