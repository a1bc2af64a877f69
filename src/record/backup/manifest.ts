/** What a backup says of itself: `manifest.json`. `SHA256SUMS` beside it has the hash of every part, as `sha256sum -c` reads it. */
import { createHash } from "node:crypto";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ArchiveReader } from "./archive.ts";

/** `bytes`: before compression. */
export type BackupPart = { name: string; bytes: number };
export type BackupTable = { name: string; columns: string[]; rows: number; parts: BackupPart[] };
export type BackupSequence = { table: string; column: string; last: string; called: boolean };

export type Manifest = {
  format: "salus-backup";
  form: 1;
  /** Of the code that wrote it. */
  salus: string;
  postgres: string;
  /** When its snapshot was taken, by the node's clock. */
  at: string;
  migrations: { name: string; checksum: string }[];
  tables: BackupTable[];
  sequences: BackupSequence[];
  ledger: { size: number; root: string };
  /** The part with the node's key file; absent where keys were left out. */
  keys?: string;
};

export const manifestName = "manifest.json", sumsName = "SHA256SUMS";

/** A backup that was looked at; `faults` names every part that is missing, changed or not of it. */
export type CheckedBackup = { manifest: Manifest; sums: ReadonlyMap<string, string>; faults: string[] };

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Reads everything once. Failure: it is no backup, or its own list is damaged, so that nothing can be said of its parts. */
export async function checkBackup(archive: ArchiveReader, path: string, onProgress: (done: number, total: number) => void = () => {}): Promise<Result<CheckedBackup>> {
  for (const name of [manifestName, sumsName]) if (!archive.parts.has(name)) return fail("structure", archive.broken ?? `${path} has no ${name}: it is no backup, or was not written to its end`);
  const sums = new Map((await archive.read(sumsName)).toString("utf8").trim().split("\n").map((line) => {
    const [sum = "", name = ""] = line.split("  ");
    return [name, sum];
  }));
  const text = await archive.read(manifestName);
  if (sums.get(manifestName) !== sha256Of(text)) return fail("structure", `${manifestName} of ${path} is not the one that was written (its SHA-256 differs from ${sumsName}): it was changed or damaged`);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text.toString("utf8")) as Manifest;
  } catch {
    return fail("structure", `${manifestName} of ${path} is no JSON`);
  }
  if (manifest.format !== "salus-backup" || manifest.form !== 1) return fail("not-supported", `${path} is a backup of another form; restore it with the Salus that knows it`);
  const faults: string[] = archive.broken === undefined ? [] : [archive.broken];
  const expected = partNames(manifest);
  let done = 0;
  for (const name of expected) {
    if (!archive.parts.has(name)) faults.push(`${name} is missing`);
    else if (sha256Of(await archive.read(name)) !== sums.get(name)) faults.push(`${name} is not what was written: its SHA-256 differs`);
    onProgress(++done, expected.length);
  }
  return ok({ manifest, sums, faults });
}

export function partNames({ tables, keys }: Manifest): string[] {
  return [...tables.flatMap(({ parts }) => parts.map(({ name }) => name)), ...(keys === undefined ? [] : [keys])];
}
