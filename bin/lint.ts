/** Lint: oxlint's rules, the floors, and what the house does not allow in its files. Exits 1 on a fault. */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { floorFaults } from "./floors.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

export function lint(): string[] {
  const faults: string[] = [];
  for (const file of ["src", "web", "bench", "test", "bin"].flatMap(sources)) {
    const source = readFileSync(join(root, file), "utf8");
    for (const fault of floorFaults(file, source)) faults.push(`${fault.file}:${fault.line} ${fault.text}`);
    if (/(^|\/)utils?(\/|\.tsx?$)/.test(file)) faults.push(`${file} name the file for what lives there, not "utils"`);
    if (!file.startsWith("bin/lint") && /\b(TODO|FIXME)\b/.test(source)) faults.push(`${file} holds an unfinished note`);
  }
  const oxlint = spawnSync(process.execPath, [join(root, "node_modules/oxlint/bin/oxlint"), "--deny-warnings", "-c", join(root, ".oxlintrc.json"), "src", "web/src", "bench", "test", "bin"], { cwd: root, encoding: "utf8" });
  if (oxlint.status !== 0) faults.push(`${oxlint.stdout}${oxlint.stderr}`.trim());
  return faults;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = lint();
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(faults.length === 0 ? "lint: no faults\n" : `lint: ${faults.length} faults\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
