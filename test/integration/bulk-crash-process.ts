/** A server process of its own for the tests of kill -9: takes jobs of the database it is given until it dies. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importJob, importKind } from "#exchange/bulk/import-job.ts";
import { openNode } from "#server/node.ts";

const [url = "", allowed = ""] = process.argv.slice(2);
const node = await openNode({ databaseUrl: url, folder: mkdtempSync(join(tmpdir(), "salus-crash-")) });
node.record.jobs.register(importKind, importJob(node.record, [new URL(allowed)]));
process.stdout.write("ready\n");
