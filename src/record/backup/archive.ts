/**
 * Where the parts of a backup lie: a folder, or one tar file (POSIX ustar), which any tar reads. Both are written under
 * another name and renamed when everything is on disk, so that what bears the name is whole.
 */
import { existsSync } from "node:fs";
import { mkdir, open, readFile, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fail, ok, type Result } from "#platform/result.ts";

export type ArchiveWriter = {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
};

export type ArchiveReader = {
  /** Name to size in bytes. */
  parts: ReadonlyMap<string, number>;
  /** Where it ends too early: what is there of the last part is no part. */
  broken?: string;
  read(name: string): Promise<Buffer>;
  close(): Promise<void>;
};

const block = 512;
const partsMax = 1_000_000;
/** A part is held in memory: one row with its neighbours, see backup.ts. */
const partMax = 1 << 30;

/** "….tar" is a file, everything else a folder. */
export async function createArchive(path: string, at: Date): Promise<Result<ArchiveWriter>> {
  const target = resolve(path), draft = `${target}.part`;
  const isFile = target.endsWith(".tar");
  if (existsSync(target) && (isFile || !(await stat(target)).isDirectory() || (await readdir(target)).length > 0)) return fail("conflict", `${path} is there already; give the backup a new name, so that an older one is never lost`);
  await mkdir(dirname(target), { recursive: true });
  await rm(draft, { recursive: true, force: true });
  return ok(isFile ? await tarWriter(draft, target, at) : await folderWriter(draft, target));
}

async function folderWriter(draft: string, target: string): Promise<ArchiveWriter> {
  await mkdir(draft, { mode: 0o700 });
  return {
    async put(name, bytes) {
      const file = await open(join(draft, name), "wx", 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    async finish() {
      await synced(draft);
      await rename(draft, target);
      await synced(dirname(target));
    },
    abandon: () => rm(draft, { recursive: true, force: true }),
  };
}

async function tarWriter(draft: string, target: string, at: Date): Promise<ArchiveWriter> {
  const file = await open(draft, "wx", 0o600);
  return {
    async put(name, bytes) {
      await file.writeFile(tarHeader(name, bytes.length, at));
      await file.writeFile(bytes);
      await file.writeFile(Buffer.alloc((block - bytes.length % block) % block));
    },
    async finish() {
      await file.writeFile(Buffer.alloc(2 * block));
      await file.sync();
      await file.close();
      await rename(draft, target);
      await synced(dirname(target));
    },
    async abandon() {
      await file.close();
      await rm(draft, { force: true });
    },
  };
}

/** A rename is on disk when its folder is. */
async function synced(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format". */
function tarHeader(name: string, size: number, at: Date): Buffer {
  const head = Buffer.alloc(block);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  head.write(name, 0);
  head.write(octal(0o600, 7), 100);
  head.write(octal(0, 7), 108);
  head.write(octal(0, 7), 116);
  head.write(octal(size, 11), 124);
  head.write(octal(Math.floor(at.getTime() / 1000), 11), 136);
  head.write("0", 156);
  head.write("ustar\0", 257);
  head.write("00", 263);
  head.write(`${octal(checksumOf(head), 6)}\0 `, 148);
  return head;
}

/** Its own field counts as blanks. */
function checksumOf(head: Uint8Array): number {
  return head.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
}

export async function openArchive(path: string): Promise<Result<ArchiveReader>> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return fail("not-found", `${path} is not there, or cannot be read`);
  return found.isDirectory() ? ok(await folderReader(path)) : await tarReader(path, found.size);
}

async function folderReader(path: string): Promise<ArchiveReader> {
  const parts = new Map<string, number>();
  for (const entry of await readdir(path, { withFileTypes: true })) if (entry.isFile()) parts.set(entry.name, (await stat(join(path, entry.name))).size);
  return { parts, read: (name) => readFile(join(path, name)), close: async () => {} };
}

/** Only headers are read, so a file of any size is opened at once. */
async function tarReader(path: string, size: number): Promise<Result<ArchiveReader>> {
  const file = await open(path, "r");
  const parts = new Map<string, number>(), places = new Map<string, number>();
  let broken: string | undefined, at = 0;
  for (let last = "its beginning"; ; ) {
    const head = await bytesAt(file, at, block);
    if (head.length === block && head.every((byte) => byte === 0)) break;
    const name = head.toString("utf8", 0, Math.max(0, head.indexOf(0)));
    const length = Number.parseInt(head.toString("latin1", 124, 136), 8);
    if (head.length < block) { broken = `${path} ends after ${last}: it was cut off, or was not written to its end`; break; }
    if (Number.parseInt(head.toString("latin1", 148, 155), 8) !== checksumOf(head) || !/^[\w.-]{1,100}$/.test(name) || !(length >= 0 && length <= partMax) || parts.size >= partsMax) { broken = `${path} is no backup, or was changed, after ${last} (byte ${at})`; break; }
    if (at + block + length > size) { broken = `${path} ends in the middle of ${name}: it was cut off, or was not written to its end`; break; }
    parts.set(name, length);
    places.set(name, at + block);
    last = name;
    at += block + Math.ceil(length / block) * block;
  }
  if (broken !== undefined && parts.size === 0) { await file.close(); return fail("structure", broken); }
  return ok({
    parts, ...(broken === undefined ? {} : { broken }),
    read: (name) => bytesAt(file, places.get(name)!, parts.get(name)!),
    close: () => file.close(),
  });
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await file.read(buffer, got, length - got, at + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return buffer.subarray(0, got);
}
