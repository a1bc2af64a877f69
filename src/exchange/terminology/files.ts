/** Files of a release: of a folder, of a .zip, or one alone; and their text by lines, with bounded memory. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { filesInZip } from "./zip.ts";
import { ReleaseFault } from "./fault.ts";

/** `name`: within the release, with "/"; `place`: how messages call it. */
export type ReleaseFile = { name: string; place: string; bytes: number; chunks(): AsyncIterable<Buffer> };

/** Throws ReleaseFault. */
export async function releaseFiles(path: string): Promise<ReleaseFile[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new ReleaseFault(path, undefined, "there is no such file or folder");
  if (found.isFile()) return /\.zip$/i.test(path) ? await filesInZip(path) : [onDisk(path, basename(path), found.size)];
  const files: ReleaseFile[] = [];
  for (const item of await readdir(path, { recursive: true, withFileTypes: true })) if (item.isFile()) {
    const full = join(item.parentPath, item.name);
    files.push(onDisk(full, relative(path, full).replaceAll("\\", "/"), (await stat(full)).size));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function onDisk(path: string, name: string, bytes: number): ReleaseFile {
  return { name, place: name, bytes, chunks: () => createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer> };
}

export function fileName(file: ReleaseFile): string {
  return file.name.slice(file.name.lastIndexOf("/") + 1);
}

/** Characters of one line; the longest of any release are texts of a few thousand. */
const lineMax = 1 << 20;

/** Text in pieces; what is no UTF-8 is a fault and never turns into other characters. */
export async function* pieces(file: ReleaseFile): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new ReleaseFault(file.place, undefined, "the file is not UTF-8; fetch it again or save it as UTF-8");
    }
  };
  for await (const chunk of file.chunks()) yield decode(chunk);
  yield decode();
}

export type Lines = { lines: string[]; /** Number of the first, from 1. */ first: number };

/** Lines without their ends, in blocks. The last one counts whether or not it is ended. */
export async function* linesOf(file: ReleaseFile): AsyncGenerator<Lines> {
  let rest = "", first = 1;
  for await (const piece of pieces(file)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    if (rest.length > lineMax) throw new ReleaseFault(file.place, first + lines.length, `the line has more than ${lineMax.toLocaleString("en")} characters; this is not a file of the release`);
    for (let i = 0; i < lines.length; i++) if (lines[i]!.endsWith("\r")) lines[i] = lines[i]!.slice(0, -1);
    if (lines.length > 0) yield { lines, first };
    first += lines.length;
  }
  if (rest !== "") yield { lines: [rest.endsWith("\r") ? rest.slice(0, -1) : rest], first };
}

/** The whole text of a file that has a known, modest size. */
export async function wholeText(file: ReleaseFile, bytesMax: number): Promise<string> {
  if (file.bytes > bytesMax) throw new ReleaseFault(file.place, undefined, `the file has ${file.bytes.toLocaleString("en")} bytes; at most ${bytesMax.toLocaleString("en")} are read here`);
  let text = "";
  for await (const piece of pieces(file)) text += piece;
  return text;
}
