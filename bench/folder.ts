/**
 * A folder for one run. PostgreSQL's own user must be able to pass through it: else the cluster is laid elsewhere
 * (embedded.ts), and stays there when the folder is removed.
 */
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function benchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "salus-bench-"));
  chmodSync(folder, 0o711);
  return folder;
}
