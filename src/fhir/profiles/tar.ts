/**
 * Regular files of a tar archive (POSIX ustar and pax paths; GNU long names), as FHIR packages are. Bounded by the number
 * of files; the size is that of the bytes given. Source: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 */
import { fail, ok, type Result } from "#platform/result.ts";

export type TarFile = { name: string; bytes: Uint8Array };

const blockSize = 512;
const filesMax = 100_000;
const nameLengthMax = 4096;

/** Failure `invalid` names the offset; `too-costly` a bound. */
export function readTar(archive: Uint8Array): Result<TarFile[]> {
  const files: TarFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + blockSize <= archive.length; ) {
    const head = archive.subarray(at, at + blockSize);
    if (head.every((byte) => byte === 0)) break;
    const size = octal(head, 124, 12);
    if (size === undefined || checksum(head) !== octal(head, 148, 8)) return fail("invalid", `the archive is damaged at byte ${at}: no tar header there`);
    const start = at + blockSize, end = start + size;
    if (end > archive.length) return fail("invalid", `the archive ends inside the file at byte ${at}`);
    const kind = String.fromCharCode(head[156]!);
    const body = archive.subarray(start, end);
    at = start + Math.ceil(size / blockSize) * blockSize;
    if (kind === "L") { longName = text(body, 0, Math.min(size, nameLengthMax)); continue; }
    if (kind === "x") { longName = paxPath(body) ?? longName; continue; }
    if (kind === "0" || kind === "\0") {
      if (files.length >= filesMax) return fail("too-costly", `the archive holds more than ${filesMax} files`);
      const prefix = text(head, 257, 5) === "ustar" ? text(head, 345, 155) : "";
      files.push({ name: longName ?? (prefix === "" ? "" : `${prefix}/`) + text(head, 0, 100), bytes: body });
    }
    longName = undefined;
  }
  return ok(files);
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return new TextDecoder().decode(end < 0 ? part : part.subarray(0, end));
}

function octal(head: Uint8Array, from: number, length: number): number | undefined {
  const digits = text(head, from, length).trim();
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Sum of the header's bytes, its own field counted as spaces. */
function checksum(head: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < blockSize; i++) sum += i >= 148 && i < 156 ? 32 : head[i]!;
  return sum;
}

/** Records "length key=value\n". */
function paxPath(body: Uint8Array): string | undefined {
  const match = /(?:^|\n)\d+ path=([^\n]*)/.exec(new TextDecoder().decode(body));
  return match?.[1]?.slice(0, nameLengthMax);
}
