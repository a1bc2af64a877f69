/**
 * Files of a .zip without unpacking it: the directory at its end, then each file as it is asked for. Stored and deflated
 * files, ZIP64; encrypted ones are refused. Length and checksum are checked, so that a damaged download is told.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3, 4.4, 4.5.3)
 */
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { crc32, createInflateRaw } from "node:zlib";
import type { ReleaseFile } from "./files.ts";
import { ReleaseFault } from "./fault.ts";

type Entry = { name: string; method: number; flags: number; crc: number; packed: number; bytes: number; offset: number };

const entriesMax = 100_000;
/** Of the directory: far more than any release has. */
const directoryBytesMax = 64 * 1024 * 1024;

export async function filesInZip(path: string): Promise<ReleaseFile[]> {
  const zip = basename(path);
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const entries = await directory(file, size, zip);
    const files: ReleaseFile[] = [];
    for (const entry of entries) if (!entry.name.endsWith("/")) files.push({ name: entry.name, place: `${zip}/${entry.name}`, bytes: entry.bytes, chunks: () => contents(path, zip, entry) });
    return files;
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

async function directory(file: FileHandle, size: number, zip: string): Promise<Entry[]> {
  const tailAt = Math.max(0, size - 65_557);
  const tail = await read(file, tailAt, size - tailAt);
  const end = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0 || end + 22 > tail.length) throw new ReleaseFault(zip, undefined, "the .zip has no directory at its end; it was cut off, so fetch it again");
  let count = tail.readUInt16LE(end + 10), length = tail.readUInt32LE(end + 12), at = tail.readUInt32LE(end + 16);
  if (count === 0xffff || length === 0xffffffff || at === 0xffffffff) {
    const locator = end - 20;
    if (locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) throw new ReleaseFault(zip, undefined, "the .zip is larger than its directory can say; fetch it again");
    const wide = await read(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
    if (wide.length < 56 || wide.readUInt32LE(0) !== 0x06064b50) throw new ReleaseFault(zip, undefined, "the directory of the .zip is damaged; fetch it again");
    count = Number(wide.readBigUInt64LE(32));
    length = Number(wide.readBigUInt64LE(40));
    at = Number(wide.readBigUInt64LE(48));
  }
  if (count > entriesMax || length > directoryBytesMax) throw new ReleaseFault(zip, undefined, `the .zip says it has ${count} files; at most ${entriesMax} are read here`);
  const bytes = await read(file, at, length);
  const entries: Entry[] = [];
  for (let place = 0; entries.length < count;) {
    if (place + 46 > bytes.length || bytes.readUInt32LE(place) !== 0x02014b50) throw new ReleaseFault(zip, undefined, "the directory of the .zip is damaged; fetch it again");
    const nameLength = bytes.readUInt16LE(place + 28), extraLength = bytes.readUInt16LE(place + 30);
    const entry: Entry = {
      flags: bytes.readUInt16LE(place + 8), method: bytes.readUInt16LE(place + 10), crc: bytes.readUInt32LE(place + 16), packed: bytes.readUInt32LE(place + 20), bytes: bytes.readUInt32LE(place + 24),
      offset: bytes.readUInt32LE(place + 42), name: bytes.toString("utf8", place + 46, place + 46 + nameLength),
    };
    widen(entry, bytes.subarray(place + 46 + nameLength, place + 46 + nameLength + extraLength));
    entries.push(entry);
    place += 46 + nameLength + extraLength + bytes.readUInt16LE(place + 32);
  }
  return entries;
}

/** ZIP64: what did not fit stands in the extra field 1, in this order. */
function widen(entry: Entry, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length;) {
    const id = extra.readUInt16LE(at), length = extra.readUInt16LE(at + 2);
    if (id === 1) {
      let value = at + 4;
      for (const member of ["bytes", "packed", "offset"] as const) if (entry[member] === 0xffffffff && value + 8 <= at + 4 + length) {
        entry[member] = Number(extra.readBigUInt64LE(value));
        value += 8;
      }
      return;
    }
    at += 4 + length;
  }
}

async function* contents(path: string, zip: string, entry: Entry): AsyncGenerator<Buffer> {
  const place = `${zip}/${entry.name}`;
  if (entry.flags & 1) throw new ReleaseFault(place, undefined, "the file is encrypted; unpack it and load the folder");
  if (entry.method !== 0 && entry.method !== 8) throw new ReleaseFault(place, undefined, `the file is packed by method ${entry.method}; unpack it and load the folder`);
  const file = await open(path);
  let start: number;
  try {
    const head = await read(file, entry.offset, 30);
    if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50) throw new ReleaseFault(place, undefined, "the file is not where the directory of the .zip says; fetch it again");
    start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  } finally {
    await file.close();
  }
  if (entry.packed === 0) return;
  const packed = createReadStream(path, { start, end: start + entry.packed - 1, highWaterMark: 1 << 18 });
  const stream = entry.method === 0 ? packed : packed.pipe(createInflateRaw({ chunkSize: 1 << 18 }));
  if (stream !== packed) packed.on("error", (error) => stream.destroy(error));
  let crc = 0, bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // More than the directory says: an archive made to fill the disk, or a damaged one.
      if (bytes > entry.bytes) break;
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ReleaseFault) throw error;
    throw new ReleaseFault(place, undefined, `the packed data is damaged (${error instanceof Error ? error.message : String(error)}); fetch the .zip again`);
  } finally {
    packed.destroy();
  }
  if (bytes !== entry.bytes || crc !== entry.crc) throw new ReleaseFault(place, undefined, `the file has ${bytes} bytes and the directory of the .zip says ${entry.bytes}${bytes === entry.bytes ? ", with another checksum" : ""}; fetch it again`);
}
