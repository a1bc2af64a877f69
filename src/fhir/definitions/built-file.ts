/**
 * Files under build/ that are made once from the published definitions: read when they are of this version, else built
 * then and there and written for the next process. One form is a single JSON text (load.ts), the other an indexed
 * NDJSON: a first line {stamp, rows}, then one body a line, parsed when first asked for.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What `open` makes of the file; of freshly built bytes where it is absent, damaged, or `open` answers undefined (another version). */
export function builtFile<T>(file: string, open: (bytes: Buffer) => T | undefined, build: () => Buffer): T {
  try {
    const opened = open(readFileSync(file));
    if (opened !== undefined) return opened;
  } catch { /* absent or damaged: rebuilt below */ }
  const bytes = build();
  try {
    writeWhole(file, bytes);
  } catch (error) {
    // A checkout that cannot be written to still works, at the price of building in each process.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  const opened = open(bytes);
  if (opened === undefined) throw new Error(`${file} was built in a form that cannot be opened`);
  return opened;
}

/** Writes beside, then renames: a reader never meets half a file. */
function writeWhole(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, bytes);
  renameSync(partial, file);
}

/** One line: what the index says of it, and the line itself, parsed anew at each call. */
export type IndexedLine<Row, Body> = Row & { read: () => Body };

/** Offset and length in bytes, counted from the end of the first line. */
type Placed<Row> = Row & { at: number; length: number };
type Index<Row> = { stamp: string; rows: Placed<Row>[] };
const newline = 10;

/** Every line of an indexed NDJSON; opening it costs the index only. Another `stamp` in the file means another version. */
export function indexedLines<Row extends object, Body>(file: string, stamp: string, build: () => Iterable<readonly [row: Row, body: Body]>): IndexedLine<Row, Body>[] {
  return builtFile(file, (bytes) => openIndexed<Row, Body>(bytes, stamp), () => packed(stamp, build()));
}

function packed<Row extends object, Body>(stamp: string, lines: Iterable<readonly [row: Row, body: Body]>): Buffer {
  const rows: Placed<Row>[] = [];
  const bodies: Buffer[] = [];
  let at = 0;
  for (const [row, body] of lines) {
    const line = Buffer.from(`${JSON.stringify(body)}\n`);
    rows.push({ ...row, at, length: line.length - 1 });
    bodies.push(line);
    at += line.length;
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify({ stamp, rows } satisfies Index<Row>)}\n`), ...bodies]);
}

function openIndexed<Row extends object, Body>(bytes: Buffer, stamp: string): IndexedLine<Row, Body>[] | undefined {
  const start = bytes.indexOf(newline) + 1;
  const index = JSON.parse(bytes.toString("utf8", 0, start)) as Index<Row>;
  if (index.stamp !== stamp) return undefined;
  return index.rows.map((row) => ({ ...row, read: () => JSON.parse(bytes.toString("utf8", start + row.at, start + row.at + row.length)) as Body }));
}
