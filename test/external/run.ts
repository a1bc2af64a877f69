/**
 * Cases nobody here wrote. Each file of `packs/` names a pack and yields its cases from the pack's folder
 * (`SALUS_EXTERNAL_DATA`, else ../shared/data); an absent pack is skipped by name. Known failures, each with its
 * reason, stand in `known-failures/<pack>.json`.
 *   npm run test:external -- [PACK…] [--report out.json] [--quiet]
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export type ExternalCase = { name: string; run: () => void | Promise<void>; skip?: string };
type PackFile = { pack: string; cases(dir: string): AsyncGenerator<ExternalCase>; close?(): Promise<void> };
export type PackReport = { passed: number; failed: number; skipped: number; failures: { case: string; reason: string }[] };

const here = fileURLToPath(new URL(".", import.meta.url));
const dataFolder = resolve(process.env.SALUS_EXTERNAL_DATA ?? join(here, "..", "..", "..", "shared", "data"));

function knownFailures(pack: string): Map<string, string> {
  const file = join(here, "known-failures", `${pack}.json`);
  if (!existsSync(file)) return new Map();
  const rows = JSON.parse(readFileSync(file, "utf8")) as { case: string; reason: string }[];
  return new Map(rows.map((row) => [row.case, row.reason]));
}

async function runPack({ pack, cases, close }: PackFile, folder: string, say: (line: string) => void): Promise<PackReport> {
  const report: PackReport = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const known = knownFailures(pack);
  const skips = new Map<string, number>();
  try {
    for await (const { name, run, skip } of cases(folder)) {
      const reason = skip ?? known.get(name);
      if (skip !== undefined) {
        report.skipped += 1;
        skips.set(skip, (skips.get(skip) ?? 0) + 1);
        continue;
      }
      try {
        await run();
        report.passed += 1;
        if (reason !== undefined) say(`  ${pack}: "${name}" is listed as a known failure and passes`);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (reason !== undefined) {
          report.skipped += 1;
          skips.set(`known failure: ${reason}`, (skips.get(`known failure: ${reason}`) ?? 0) + 1);
        } else {
          report.failed += 1;
          report.failures.push({ case: name, reason: text.slice(0, 2000) });
          say(`  FAILED ${pack}: ${name}\n    ${text.slice(0, 600).replaceAll("\n", "\n    ")}`);
        }
      }
    }
  } finally {
    await close?.();
  }
  say(`${pack}: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
  for (const [reason, count] of skips) say(`  skipped ${count}: ${reason}`);
  return report;
}

/** Runs all packs, or those named. */
export async function runExternal(only: readonly string[], say: (line: string) => void): Promise<Record<string, PackReport>> {
  const reports: Record<string, PackReport> = {};
  for (const file of readdirSync(join(here, "packs")).filter((name) => name.endsWith(".ts")).sort()) {
    const loaded = (await import(pathToFileURL(join(here, "packs", file)).href)) as PackFile;
    if (only.length > 0 && !only.includes(loaded.pack)) continue;
    const folder = join(dataFolder, loaded.pack);
    if (!existsSync(folder)) {
      say(`${loaded.pack}: skipped, the pack is not here (${process.env.SALUS_EXTERNAL_DATA ? "SALUS_EXTERNAL_DATA" : "set SALUS_EXTERNAL_DATA to its parent folder"})`);
      reports[loaded.pack] ??= { passed: 0, failed: 0, skipped: 1, failures: [] };
      continue;
    }
    const report = await runPack(loaded, folder, say);
    const earlier = reports[loaded.pack]; // several files may read one pack (structure, import)
    reports[loaded.pack] = earlier === undefined ? report : {
      passed: earlier.passed + report.passed, failed: earlier.failed + report.failed, skipped: earlier.skipped + report.skipped, failures: [...earlier.failures, ...report.failures],
    };
  }
  return reports;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const at = args.indexOf("--report");
  const reportFile = at >= 0 ? args.splice(at, 2)[1] : undefined;
  const quiet = args.includes("--quiet");
  const reports = await runExternal(args.filter((arg) => !arg.startsWith("--")), quiet ? () => {} : (line) => process.stdout.write(`${line}\n`));
  if (reportFile) writeFileSync(reportFile, `${JSON.stringify(reports, null, 2)}\n`);
  const total = (key: "passed" | "failed" | "skipped"): number => Object.values(reports).reduce((sum, report) => sum + report[key], 0);
  process.stdout.write(`external: ${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped\n`);
  process.exit(total("failed") === 0 ? 0 : 1);
}
