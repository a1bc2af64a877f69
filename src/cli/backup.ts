/** `salus backup FILE.tar|FOLDER`: the whole node's data as of one moment, while it serves. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { progressBar } from "#platform/progress.ts";
import { createArchive, openArchive } from "#record/backup/archive.ts";
import { backUp } from "#record/backup/backup.ts";
import { checkBackup, partNames } from "#record/backup/manifest.ts";
import { version } from "#server/facts.ts";
import { openDatabase } from "#server/node.ts";
import { migrations } from "#trust/migrations.ts";
import type { Command, CommandIo } from "./command.ts";

const usage = `npx salus backup FILE.tar|FOLDER [--with-keys] [--data DIR] [--json]
npx salus backup --check FILE.tar|FOLDER [--json]

  FILE.tar|FOLDER  a new name; "….tar" makes one file, anything else a folder
  --with-keys      the node's key file too. Whoever has it and the data can sign as the node and its accounts:
                   without it, keep keys/node.key (or SALUS_KEY_FILE) at another place; it cannot be made again
  --check          reads a backup and compares every part with its SHA-256
  --data DIR       folder of the node's files (default .salus; DATABASE_URL is honoured)
  --json           the summary as JSON

Everything is of one moment; servers go on reading and writing meanwhile. The database is not migrated by it.`;

export const command: Command = {
  name: "backup",
  summary: "Save the whole record, while it serves",
  usage,
  async run(args, io) {
    const wrong = (text: string): number => { io.stderr.write(`${text}\n\n${usage}\n`); return 2; };
    let parsed;
    try {
      parsed = parseArgs({ args: [...args], allowPositionals: true, options: { "with-keys": { type: "boolean", default: false }, check: { type: "boolean", default: false }, data: { type: "string" }, json: { type: "boolean", default: false } } });
    } catch (error) {
      return wrong(error instanceof Error ? error.message : String(error));
    }
    const { values, positionals: [path, ...more] } = parsed;
    if (path === undefined || more.length) return wrong("Name one file (….tar) or folder.");
    if (values.check) return await check(path, values.json, io);
    const database = await openDatabase(values.data === undefined ? {} : { folder: values.data });
    try {
      const keys = values["with-keys"] ? await readFile(keyFileOf(database.folder)) : undefined;
      const at = new Date();
      const archive = await createArchive(path, at);
      if (!archive.ok) { io.stderr.write(`${archive.failure.text}\n`); return 1; }
      const bar = progressBar(process.stderr, "backup");
      try {
        const done = await backUp(archive.value, { url: database.url, migrations, salus: version, at, ...(keys ? { keys } : {}), onProgress: (rows, table) => bar.update(0, 0, `${rows.toLocaleString("en")} rows, ${table}`) });
        if (!done.ok) {
          await archive.value.abandon();
          io.stderr.write(`${done.failure.text}\n`);
          return 1;
        }
        await archive.value.finish();
        const { tables, ledger } = done.value;
        const summary = { path: resolve(path), at: done.value.at, tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0), ledger, keys: keys !== undefined };
        io.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${summary.rows.toLocaleString("en")} rows of ${summary.tables} tables, as of ${summary.at}; ledger of ${ledger.size} entries, root ${ledger.root}\n${keys ? "The node's key file is in it: keep it as you keep the key." : `Not in it: the key file ${keyFileOf(database.folder)}. Without it no sealed signing key opens; keep a copy elsewhere.`}\n`);
        return 0;
      } catch (error) {
        await archive.value.abandon();
        throw error;
      } finally {
        bar.end();
      }
    } finally {
      await database.stop();
    }
  },
};

export function keyFileOf(folder: string): string {
  return resolve(process.env.SALUS_KEY_FILE || join(folder, "keys", "node.key"));
}

async function check(path: string, json: boolean, io: CommandIo): Promise<number> {
  const archive = await openArchive(path);
  if (!archive.ok) { io.stderr.write(`${archive.failure.text}\n`); return 1; }
  try {
    const checked = await checkBackup(archive.value, path);
    const faults = checked.ok ? checked.value.faults : [checked.failure.text];
    const parts = checked.ok ? partNames(checked.value.manifest).length : 0;
    if (json) io.stdout.write(`${JSON.stringify({ ok: faults.length === 0, parts, faults, ...(checked.ok ? { at: checked.value.manifest.at, salus: checked.value.manifest.salus, ledger: checked.value.manifest.ledger } : {}) })}\n`);
    else io.stdout.write(faults.length ? `DAMAGED:\n  ${faults.join("\n  ")}\n` : `WHOLE: ${parts} parts, as of ${checked.ok ? checked.value.manifest.at : ""}\n`);
    return faults.length ? 1 : 0;
  } finally {
    await archive.value.close();
  }
}
