/**
 * Where a view comes from: it stands in the request, or in a Library of the record. R4 has no type ViewDefinition, so
 * a stored one is a Library with the view's canonical url, and the view's JSON as its content: an artifact with url,
 * version, status and search of its own, which every signed-in person may read as they read other definitions.
 */
import { splitCanonical } from "#fhir/canonical.ts";
import { parseReference } from "#fhir/resource.ts";
import { compileView, type View } from "#fhir/views/compile.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";

export type ReadView = { view: View; /** As it was given, to compile again. */ definition: unknown };

/** Types of Attachments that may be a view. */
const jsonTypes = new Set(["application/json", "application/fhir+json"]);

/** Failures are `processing`, with an issue for each fault and its FHIRPath in the view. */
export function readView(definition: unknown): Result<ReadView> {
  const compiled = compileView(definition);
  if (compiled.ok) return ok({ view: compiled.value, definition });
  const { text, issues } = compiled.failure;
  return fail("processing", text, issues);
}

/** `reference`: Library/id, its address below `base`, or a canonical url with or without |version. */
export async function findView(record: Pick<OpenRecord, "read" | "search">, caller: Caller, reference: string, base: string): Promise<Result<ReadView>> {
  const shown = reference.slice(0, 200);
  const text = await libraryText(record, caller, reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference);
  if (text === undefined) return fail("not-found", `viewReference: ${shown} is not known; a view is stored as a Library with its JSON as content (docs/views.md), or sent as viewResource`);
  const { content } = JSON.parse(text) as { content?: { contentType?: unknown; data?: unknown }[] };
  const attached = content?.find(({ contentType, data }) => typeof contentType === "string" && jsonTypes.has(contentType.split(";")[0]!.trim().toLowerCase()) && typeof data === "string");
  if (!attached) return fail("processing", `viewReference: ${shown} has no content of type application/json with data; put the ViewDefinition there`);
  let definition: unknown;
  try {
    definition = JSON.parse(Buffer.from(attached.data as string, "base64").toString("utf8"));
  } catch (error) {
    return fail("processing", `viewReference: the content of ${shown} is no JSON: ${(error as Error).message}`);
  }
  return readView(definition);
}

async function libraryText(record: Pick<OpenRecord, "read" | "search">, caller: Caller, reference: string): Promise<string | undefined> {
  const key = parseReference(reference);
  if (key?.type === "Library" && reference.startsWith("Library/")) {
    const found = await record.read(caller, { type: "Library", id: key.id });
    return found.kind === "current" ? found.stored.text : undefined;
  }
  if (!reference.includes(":")) return undefined;
  const { url, version } = splitCanonical(reference);
  const escaped = (value: string): string => encodeURIComponent(value.replace(/[\\$,|]/g, "\\$&"));
  const page = await record.search(caller, "Library", `url=${escaped(url)}${version === undefined ? "" : `&version=${escaped(version)}`}&_sort=-_lastUpdated&_count=1`);
  return page.ok ? page.value.entries.find(({ mode }) => mode === "match")?.stored.text : undefined;
}
