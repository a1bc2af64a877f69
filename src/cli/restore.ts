/** `salus restore FILE.tar|FOLDER`: a backup into an empty database, whole or not at all. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { progressBar } from "#platform/progress.ts";
import { openArchive } from "#record/backup/archive.ts";
import { checkBackup } from "#record/backup/manifest.ts";
import { restore } from "#record/backup/restore.ts";
import { openDatabase } from "#server/node.ts";
import { migrations } from "#trust/migrations.ts";
import { keyFileOf } from "./backup.ts";
import type { Command } from "./command.ts";

const usage = `npx salus restore FILE.tar|FOLDER [--data DIR] [--json]

Into an empty database only: a new folder (--data), or the DATABASE_URL of a new database. Checks every part, the rows
of every table and every entry of the ledger; what does not fit is named, and nothing is restored. A key file in the
backup is put in its place, never over another one. A backup of an older Salus is brought up to date.

  --data DIR   folder of the node's files (default .salus; DATABASE_URL is honoured)
  --json       {tables, rows, leaves, migrated, at, keys}`;

export const command: Command = {
  name: "restore",
  summary: "Bring a backup into an empty database",
  usage,
  async run(args, io) {
    const wrong = (text: string): number => { io.stderr.write(`${text}\n\n${usage}\n`); return 2; };
    const refused = (text: string): number => { io.stderr.write(`${text}\n`); return 1; };
    let parsed;
    try {
      parsed = parseArgs({ args: [...args], allowPositionals: true, options: { data: { type: "string" }, json: { type: "boolean", default: false } } });
    } catch (error) {
      return wrong(error instanceof Error ? error.message : String(error));
    }
    const { values, positionals: [path, ...more] } = parsed;
    if (path === undefined || more.length) return wrong("Name one backup.");
    const archive = await openArchive(path);
    if (!archive.ok) return refused(archive.failure.text);
    const bar = progressBar(process.stderr, "restore");
    try {
      const checked = await checkBackup(archive.value, path, (done, total) => bar.update(done, total, "checking"));
      if (!checked.ok) return refused(`${checked.failure.text}. Nothing was restored`);
      const { manifest } = checked.value;
      const database = await openDatabase(values.data === undefined ? {} : { folder: values.data });
      try {
        const keyFile = keyFileOf(database.folder);
        const key = manifest.keys === undefined || checked.value.faults.length ? undefined : await archive.value.read(manifest.keys);
        if (key && existsSync(keyFile) && !key.equals(await readFile(keyFile))) return refused(`${keyFile} is another key than the backup's. Move it away, or restore into another folder (--data). Nothing was restored`);
        const done = await restore(archive.value, checked.value, { url: database.url, migrations, onProgress: (rows, total, table) => bar.update(rows, total, table) });
        if (!done.ok) return refused(done.failure.text);
        if (key && !existsSync(keyFile)) {
          await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
          await writeFile(keyFile, key, { mode: 0o600, flag: "wx", flush: true });
        }
        const { rows, tables, leaves, migrated } = done.value;
        io.stdout.write(values.json ? `${JSON.stringify({ ...done.value, at: manifest.at, keys: key !== undefined })}\n`
          : `${rows.toLocaleString("en")} rows of ${tables} tables as of ${manifest.at}; ${leaves} entries of the ledger verify${migrated.length ? `; brought up to date: ${migrated.join(", ")}` : ""}.\n${key ? "" : `The key file was not in the backup: put yours at ${keyFile} before you start.\n`}Everything against the ledger: npx salus ledger verify\n`);
        return 0;
      } finally {
        await database.stop();
      }
    } finally {
      bar.end();
      await archive.value.close();
    }
  },
};
