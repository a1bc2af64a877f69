/** NDJSON into the record: good lines are kept, bad ones named. Running it again adds nothing. */
import { Importer, type ImportSummary, type Rejected } from "../import/import.ts";
import { lineGroups } from "../fhir/split.ts";
import type { ImportStream } from "#record/record.ts";

export type ImportLines = {
  /** What the lines are called in messages. */
  name: string;
  bytes: AsyncIterable<Buffer>;
  /** Only resources of this type. */
  type?: string;
};
export type ImportRun = { rejected(entry: Rejected): void; progress?(summary: ImportSummary): void; signal?: AbortSignal };

const typeOf = /"resourceType"\s*:\s*"([A-Za-z]{1,64})"/;

/** What it did until it ended, or the signal stopped it: whole batches. Throws what reading the bytes throws; what came before is stored. */
export async function importLines(stream: ImportStream, { name, bytes, type }: ImportLines, { rejected, progress = () => {}, signal }: ImportRun): Promise<ImportSummary> {
  const importer = new Importer(stream, { rejected, progress });
  try {
    for await (const group of lineGroups(bytes)) for (const line of group) {
      if (signal?.aborted) return importer.summary;
      if (!line.ok) importer.reject(name, placeIn(line.failure.text), line.failure.text);
      else if (type !== undefined && typeOf.exec(line.value.text)?.[1] !== type && !says(line.value.text, type)) importer.reject(name, line.value.place, `${line.value.place} is no ${type}, which the input was said to hold.`);
      else {
        const sent = importer.add(name, line.value);
        if (sent) await sent;
      }
    }
  } finally {
    await importer.flush(name);
  }
  return importer.summary;
}

/** A contained resource may name its type first; what is no JSON is the importer's to name. */
function says(text: string, type: string): boolean {
  try {
    return (JSON.parse(text) as { resourceType?: unknown }).resourceType === type;
  } catch {
    return true;
  }
}

function placeIn(text: string): string {
  return /^line \d+/.exec(text)?.[0] ?? "the lines";
}

/** "line 3 (Observation/a): what is wrong", as an issue of an OperationOutcome. */
export function rejectionIssue({ place, reason, resource }: Rejected): { severity: "error"; code: string; diagnostics: string; location: string[] } {
  const diagnostics = `${place}${resource ? ` (${resource})` : ""}: ${reason.startsWith(`${place} `) ? reason.slice(place.length + 1) : reason}`;
  return { severity: "error", code: "processing", diagnostics, location: [place] };
}
