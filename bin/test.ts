/**
 * All tests, in order: lint, type-check, unit and integration (`*.test.ts`, on a throw-away embedded PostgreSQL),
 * external cases, the browser test. `DATABASE_URL` (a superuser's) names another PostgreSQL for the tests, which make and
 * drop databases of their own there; on a Citus coordinator with the tables distributed. The last line counts them: "N passed, N failed, N skipped".
 *   npm test [-- --only lint|types|unit|external|browser] [-- FILE…]
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { startEmbedded } from "#platform/database/embedded.ts";
import { citusTemplate } from "./citus-template.ts";
import { lint } from "./lint.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);
const onlyAt = args.indexOf("--only");
const only = onlyAt >= 0 ? args.splice(onlyAt, 2)[1] : undefined;
const total = { passed: 0, failed: 0, skipped: 0 };

function heading(text: string): void {
  process.stdout.write(`\n— ${text}\n`);
}

function count(name: string, good: boolean): void {
  process.stdout.write(`${good ? "✔" : "✖"} ${name}\n`);
  if (good) total.passed += 1;
  else total.failed += 1;
}

function runLint(): void {
  heading("lint");
  const faults = lint();
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  count("lint finds nothing", faults.length === 0);
}

function runTypes(): void {
  heading("types");
  for (const project of ["tsconfig.json", "web/tsconfig.json"]) {
    const done = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", project], { cwd: root, encoding: "utf8" });
    if (done.status !== 0) process.stdout.write(`${done.stdout}${done.stderr}`);
    count(`types of ${project}`, done.status === 0);
  }
}

async function runUnit(files: string[]): Promise<void> {
  heading("unit and integration");
  const given = process.env.TEST_DATABASE_URL ?? process.env.DATABASE_URL;
  const cluster = given ? undefined : await startEmbedded({ folder: join(root, ".salus", "test"), durable: false });
  process.env.TEST_DATABASE_URL = given ?? cluster!.url;
  const distributed = given && !process.env.TEST_DATABASE_TEMPLATE ? await citusTemplate(given) : undefined;
  if (distributed) Object.assign(process.env, { TEST_DATABASE_TEMPLATE: distributed.template, TEST_DATABASE_WORKERS: distributed.workers });
  try {
    const chosen = files.length > 0 ? files : ["bin/*.test.ts", "src/**/*.test.ts", "web/src/**/*.test.ts", "test/integration/**/*.test.ts", "test/fuzz/*.test.ts"].flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
    const stream = run({ files: chosen.map((file) => join(root, file)), concurrency: 2, timeout: 600_000, execArgv: ["--disable-warning=ExperimentalWarning"] });
    stream.on("test:pass", (event) => {
      if (event.details.type === "suite") return;
      if (event.skip !== undefined && event.skip !== false) total.skipped += 1;
      else total.passed += 1;
    });
    stream.on("test:fail", (event) => {
      if (event.details.type !== "suite") total.failed += 1;
    });
    const report = stream.compose(spec);
    for await (const text of report) process.stdout.write(text as string);
  } finally {
    if (cluster) {
      delete process.env.TEST_DATABASE_URL;
      await cluster.stop();
    }
  }
}

/** A part that counts for itself and says so in its last line "…N passed, N failed, N skipped". */
function runPart(title: string, file: string): void {
  heading(title);
  const done = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, file)], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 });
  process.stdout.write(done.stdout);
  const counted = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(done.stdout);
  if (counted) {
    total.passed += Number(counted[1]);
    total.failed += Number(counted[2]);
    total.skipped += Number(counted[3]);
  }
  if (!counted || (done.status !== 0 && Number(counted[2]) === 0)) count(`${title} ran to its end`, false);
}

if (only === undefined || only === "lint") runLint();
if (only === undefined || only === "types") runTypes();
if (only === undefined || only === "unit") await runUnit(args);
if (only === undefined || only === "external") runPart("external cases", "test/external/run.ts");
if (only === undefined || only === "browser") runPart("browser", "test/e2e/run.ts");

process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
