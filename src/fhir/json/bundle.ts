/**
 * Entries of a Bundle with the exact source text of each resource, so that 1.50 survives a transaction.
 * Source: https://hl7.org/fhir/R4/bundle.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { parseDocument, type Document, type Limits } from "./document.ts";

export type EntryRequest = { method: string; url: string; ifMatch?: string; ifNoneExist?: string; ifNoneMatch?: string; ifModifiedSince?: string };

export type BundleEntry = {
  /** Position in Bundle.entry. */
  index: number;
  fullUrl?: string;
  request?: EntryRequest;
  /** The entry's resource as a document of its own: parsed value, exact text, spans for restamp. */
  document?: Document;
  /** Why its request or resource cannot be read, and where: it has none then. */
  fault?: { text: string; expression: string };
};

const backbone = ["id", "extension", "modifierExtension"];
/** Members of https://hl7.org/fhir/R4/bundle.html: one that is spelt otherwise would be dropped, and with it what was asked. */
const members = {
  bundle: new Set(["resourceType", "id", "meta", "implicitRules", "language", "identifier", "type", "timestamp", "total", "link", "entry", "signature"]),
  entry: new Set([...backbone, "link", "fullUrl", "resource", "search", "request", "response"]),
  request: new Set([...backbone, "method", "url", "ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist"]),
};

function strangeMember(value: object, known: ReadonlySet<string>): string | undefined {
  for (const name in value) if (!known.has(name) && !(name.startsWith("_") && known.has(name.slice(1)))) return name;
  return undefined;
}

/** Takes a parsed Bundle (nothing is parsed twice) or its text. Fails when it is no Bundle, has a member that none has, or no list of entries; an entry that cannot be read says so itself. */
export function bundleEntries(source: string | Uint8Array | Document, limits?: Limits): Result<BundleEntry[]> {
  if (typeof source === "string" || source instanceof Uint8Array) {
    const parsed = parseDocument(source, limits);
    return parsed.ok ? bundleEntries(parsed.value) : parsed;
  }
  const { value, text } = source;
  if (value.resourceType !== "Bundle") return fail("structure", `Expected a Bundle, found ${value.resourceType}`);
  const strange = strangeMember(value, members.bundle);
  if (strange !== undefined) return structure("Bundle", `"${strange.slice(0, 64)}" is no member of Bundle`);
  if (value.entry === undefined) return ok([]);
  if (!Array.isArray(value.entry)) return structure("Bundle.entry", "Bundle.entry is a list of entries");
  const spans = new Map(source.entries.map(span => [span.index, span]));
  const entries: BundleEntry[] = [];
  for (const [index, raw] of (value.entry as unknown[]).entries()) {
    const path = `Bundle.entry[${index}]`;
    if (!isObject(raw)) { entries.push({ index, fault: { text: `${path} is not an object`, expression: path } }); continue; }
    const entry: BundleEntry = { index };
    entries.push(entry);
    const unknown = strangeMember(raw, members.entry);
    if (unknown !== undefined) entry.fault = { text: `${path}: "${unknown.slice(0, 64)}" is no member of an entry`, expression: path };
    if (typeof raw.fullUrl === "string") entry.fullUrl = raw.fullUrl;
    if (raw.request !== undefined) {
      const request = readRequest(raw.request);
      const odd = isObject(raw.request) ? strangeMember(raw.request, members.request) : undefined;
      if (odd !== undefined) entry.fault ??= { text: `${path}.request: "${odd.slice(0, 64)}" is no member of a request`, expression: `${path}.request` };
      else if (request) entry.request = request;
      else entry.fault ??= { text: `${path}.request needs method and url, both strings`, expression: `${path}.request` };
    }
    if (raw.resource !== undefined) {
      const span = spans.get(index);
      if (!span || !isObject(raw.resource) || typeof raw.resource.resourceType !== "string") {
        entry.fault ??= { text: `${path}.resource is no FHIR resource: it needs a resourceType`, expression: `${path}.resource` };
        continue;
      }
      const shift = (offset: number) => offset < 0 ? -1 : offset - span.start;
      entry.document = {
        value: raw.resource as Document["value"],
        text: text.slice(span.start, span.end),
        span: { start: 0, end: span.end - span.start, resourceType: shift(span.resourceType), id: shift(span.id), meta: shift(span.meta) },
        // A Bundle inside a Bundle is rare: its own entries are found by parsing its text again.
        entries: raw.resource.resourceType === "Bundle" ? innerEntries(text.slice(span.start, span.end)) : [],
      };
    }
  }
  return ok(entries);
}

function innerEntries(text: string): Document["entries"] {
  const parsed = parseDocument(text, { sizeMax: text.length });
  return parsed.ok ? parsed.value.entries : [];
}

function readRequest(raw: unknown): EntryRequest | undefined {
  if (!isObject(raw) || typeof raw.method !== "string" || typeof raw.url !== "string") return undefined;
  const request: EntryRequest = { method: raw.method, url: raw.url };
  for (const name of ["ifMatch", "ifNoneExist", "ifNoneMatch", "ifModifiedSince"] as const) {
    const value = raw[name];
    if (typeof value === "string") request[name] = value;
    else if (value !== undefined) return undefined;
  }
  return request;
}

function structure(expression: string, text: string): Result<never> {
  return fail("structure", text, [{ severity: "error", code: "structure", text, expression }]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
