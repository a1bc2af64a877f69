/**
 * A WFDB record on disk: header, signal files and annotations found, checked and read a few seconds at a time.
 * Missing, truncated or damaged files are named with how to mend them. Memory is bounded by one chunk.
 */
import { createHash } from "node:crypto";
import { open, readFile, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fail, ok, type Result } from "#platform/result.ts";
import { parseAnnotations, type Annotations } from "#signals/wfdb/annotations.ts";
import { addChecksum, byteRange, checksumMatches, decodeFrames, framesIn, groups, type Group } from "#signals/wfdb/frames.ts";
import { parseHeader, type Header } from "#signals/wfdb/header.ts";

export type WfdbRecord = {
  header: Header;
  /** Path without extension. */
  base: string;
  frames: number;
  groups: Group[];
  annotations?: Annotations;
};

const headerBytesMost = 1 << 20, annotationBytesMost = 256 << 20, chunkFrames = 1 << 16;

/** The base path of a record named by its .hea, .dat, .atr or by no extension. */
export function basePath(path: string): string {
  return path.replace(/\.(hea|dat|atr|qrs)$/i, "");
}

/** Opens a record: header parsed, every signal file present and complete, annotations (.atr) read where they exist. */
export async function openRecord(path: string): Promise<Result<WfdbRecord>> {
  const base = basePath(path), headerName = `${basename(base)}.hea`;
  const headerSize = await sizeOf(`${base}.hea`);
  if (headerSize === undefined)
    return fail("not-found", `${headerName} is missing beside ${basename(path)}; a WFDB record needs its header, which names rate, gain and leads. Copy it into the same folder.`);
  if (headerSize > headerBytesMost) return fail("too-long", `${headerName} has ${headerSize} bytes, too many for a WFDB header.`);
  const header = parseHeader(await readFile(`${base}.hea`, "latin1"), headerName);
  if (!header.ok) return header;
  const parts = groups(header.value);
  let frames = header.value.frames ?? Infinity;
  for (const group of parts) {
    const size = await sizeOf(join(dirname(base), group.file));
    if (size === undefined) return fail("not-found", `${group.file}, named by ${headerName}, is missing beside it; copy the signal file into the same folder.`);
    const held = framesIn(group, size);
    if (header.value.frames === undefined) frames = Math.min(frames, held);
    else if (held < header.value.frames)
      return fail("incomplete", `${group.file} is cut short: ${headerName} promises ${header.value.frames} samples per signal, the file's ${size} bytes hold ${held}. Copy the file again, or correct the number in the header if the recording did end there.`);
  }
  if (frames === 0) return fail("incomplete", `${headerName}: the signal files hold no samples.`);
  const record: WfdbRecord = { header: header.value, base, frames, groups: parts };
  const annotationSize = await sizeOf(`${base}.atr`);
  if (annotationSize !== undefined) {
    const name = `${basename(base)}.atr`;
    if (annotationSize > annotationBytesMost) return fail("too-long", `${name} has ${annotationSize} bytes, too many for annotations.`);
    const annotations = parseAnnotations(await readFile(`${base}.atr`), name);
    if (!annotations.ok) return annotations;
    if (!annotations.value.complete) return fail("incomplete", `${name} ends without its end mark after ${annotations.value.samples.length} annotations; copy the file again.`);
    record.annotations = annotations.value;
  }
  return ok(record);
}

/** ADC values chunk by chunk: one array per signal of the header. `frames` per chunk is made even. */
export async function* readChunks(record: WfdbRecord, frames = chunkFrames): AsyncGenerator<{ from: number; raw: Int16Array[] }> {
  const step = Math.max(2, frames - (frames % 2));
  const files: FileHandle[] = [];
  try {
    for (const group of record.groups) files.push(await open(join(dirname(record.base), group.file), "r"));
    for (let from = 0; from < record.frames; from += step) {
      const to = Math.min(record.frames, from + step), raw: Int16Array[] = [];
      for (const [index, group] of record.groups.entries()) {
        const { offset, length } = byteRange(group, from, to), bytes = new Uint8Array(length);
        const { bytesRead } = await files[index]!.read(bytes, 0, length, offset);
        if (bytesRead < length) throw new Error(`${group.file} became shorter while it was read`);
        decodeFrames(group, bytes, to - from).forEach((values, place) => { raw[group.indices[place]!] = values; });
      }
      yield { from, raw };
    }
  } finally {
    for (const file of files) await file.close();
  }
}

/**
 * SHA-256 over the record's meaning: header fields, samples, annotation bytes. Fails where a signal's sum is not the
 * header's checksum: the file is damaged, and nothing of it should be taken in.
 */
export async function verifyRecord(record: WfdbRecord): Promise<Result<string>> {
  const hash = createHash("sha256"), sums = record.header.signals.map(() => 0);
  hash.update(JSON.stringify(record.header));
  for await (const { raw } of readChunks(record))
    raw.forEach((values, index) => {
      sums[index] = addChecksum(sums[index]!, values);
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    });
  for (const [index, spec] of record.header.signals.entries())
    if (!checksumMatches(spec, sums[index]!))
      return fail("invalid", `${spec.file}: the samples of signal ${index + 1} (${spec.description || "unnamed"}) sum to ${(sums[index]! << 16) >> 16}, the header's checksum is ${spec.checksum}. The file is damaged or not the header's; copy both again.`);
  if (record.annotations) {
    const { samples, codes } = record.annotations;
    hash.update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)).update(codes).update(JSON.stringify([...record.annotations.aux]));
  }
  return ok(hash.digest("hex"));
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
