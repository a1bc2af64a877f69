// Builds the web application into dist/web when its sources have changed since the last build.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.js";

const mark = join(root, "dist", "web", ".sources");
const hash = createHash("sha256");
for (const folder of ["web", "src/server/api", "src/findings"])
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).sort((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1)))
    hash.update(join(entry.parentPath, entry.name).slice(root.length)).update(readFileSync(join(entry.parentPath, entry.name)));
hash.update(readFileSync(join(root, "package-lock.json")));
const sources = hash.digest("hex");
if (!existsSync(mark) || readFileSync(mark, "utf8") !== sources) {
  process.stderr.write("Building the web application…\n");
  const { build } = await import("vite");
  await build({ root: join(root, "web"), logLevel: "warn" });
  mkdirSync(join(root, "dist", "web"), { recursive: true });
  writeFileSync(mark, sources);
}
