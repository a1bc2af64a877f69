/**
 * Links of a transaction put into a resource's text and parsed value. Most are `"reference":"urn:uuid:…"`; those are
 * spliced without walking the text. Whatever else a link may stand in (uri, narrative, markdown, fragments, versions,
 * relative urls) goes the general way through #fhir/json. Source: https://hl7.org/fhir/R4/http.html#trules
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { parseDocument, type Document } from "#fhir/json/document.ts";
import { withOwnReferences } from "#fhir/json/own-references.ts";
import { rewriteReferences } from "#fhir/json/references.ts";

export type Links = {
  /** fullUrl → Type/id. */
  entries: ReadonlyMap<string, string>;
  /** "Type?condition" → Type/id. */
  conditions: ReadonlyMap<string, string>;
  /** Of this node: references below them become relative. */
  bases: readonly string[];
  /** Whether links are urns of entries alone. */
  urns: boolean;
};

export function linksOf({ entries, conditions, bases }: Omit<Links, "urns">): Links {
  return { entries, conditions, bases, urns: conditions.size === 0 && [...entries.keys()].every((link) => link.startsWith("urn:")) };
}

/** The value itself is changed: it belongs to who asks. */
export function resolveLinks(document: Document, fullUrl: string | undefined, links: Links): Result<Document> {
  if (!links.entries.size && !links.conditions.size) return ownReferences(document, links);
  const fast = spliced(document, links);
  const resolved = fast ? ok(fast) : rewritten(document, fullUrl, links);
  return resolved.ok ? ownReferences(resolved.value, links) : resolved;
}

function ownReferences(document: Document, { bases }: Links): Result<Document> {
  return parsedAgain(document, withOwnReferences(document.text, bases));
}

function parsedAgain(document: Document, text: string): Result<Document> {
  if (text === document.text) return ok(document);
  const again = parseDocument(text);
  return again.ok ? again : fail("exception", again.failure.text);
}

type Edit = { at: number; end: number; link: string };

/** Undefined when the text holds anything that is not a whole `reference` with a urn of this Bundle. */
function spliced(document: Document, { entries, urns }: Links): Document | undefined {
  if (!urns) return undefined;
  const { text, span } = document;
  const edits: Edit[] = [];
  for (let at = text.indexOf("urn:"); at >= 0; at = text.indexOf("urn:", at)) {
    const end = text.indexOf('"', at);
    const found = text.slice(at, end), link = entries.get(found);
    if (text.charCodeAt(at - 1) !== quote) {
      // Inside a longer text: a link only where narrative or markdown may hold one.
      if (link !== undefined || mayLink(text, at, entries)) return undefined;
    } else if (link !== undefined) {
      if (!isReference(text, at - 1)) return undefined;
      edits.push({ at, end, link });
    } else if (/[#\\]|\/_history\//.test(found)) return undefined;
    at = end;
  }
  if (!edits.length) return document;
  let out = "", copied = 0;
  for (const { at, end, link } of edits) { out += text.slice(copied, at) + link; copied = end; }
  const resolvedText = out + text.slice(copied);
  replaceIn(document.value, entries);
  const moved = (offset: number) => {
    let by = 0;
    for (const { at, end, link } of edits) { if (at > offset) break; by += link.length - (end - at); }
    return offset < 0 ? offset : offset + by;
  };
  return { ...document, text: resolvedText, span: { start: span.start, end: moved(span.end), resourceType: moved(span.resourceType), id: moved(span.id), meta: moved(span.meta) } };
}

const quote = 34, colon = 58;

/** Whether the string that opens at `at` is the value of a member named reference. */
function isReference(text: string, at: number): boolean {
  let i = at - 1;
  while (text.charCodeAt(i) <= 32) i--;
  if (text.charCodeAt(i) !== colon) return false;
  i--;
  while (text.charCodeAt(i) <= 32) i--;
  return text.startsWith('"reference"', i - 10);
}

function mayLink(text: string, at: number, entries: ReadonlyMap<string, string>): boolean {
  const known = /^urn:[A-Za-z0-9:-]+/.exec(text.slice(at, at + 80));
  return known !== null && entries.has(known[0]);
}

function replaceIn(value: unknown, entries: ReadonlyMap<string, string>): void {
  if (Array.isArray(value)) { for (const item of value) if (typeof item === "object") replaceIn(item, entries); return; }
  if (value === null) return;
  const object = value as Record<string, unknown>;
  for (const name in object) {
    const member = object[name];
    if (typeof member === "object") replaceIn(member, entries);
    else if (name === "reference" && typeof member === "string") {
      const link = entries.get(member);
      if (link !== undefined) object[name] = link;
    }
  }
}

function rewritten(document: Document, fullUrl: string | undefined, { entries, conditions }: Links): Result<Document> {
  const base = fullUrl !== undefined && /^https?:\/\//.test(fullUrl) ? fullUrl.slice(0, fullUrl.lastIndexOf("/", fullUrl.lastIndexOf("/") - 1) + 1) : undefined;
  const text = rewriteReferences(document.text, (link) => {
    const found = entries.get(link) ?? conditions.get(link) ?? (base !== undefined && !link.includes(":") ? entries.get(base + link) : undefined);
    if (found !== undefined) return found;
    for (const mark of ["#", "/_history/"]) {
      const at = link.indexOf(mark);
      const target = at > 0 ? entries.get(link.slice(0, at)) : undefined;
      if (target !== undefined) return target + link.slice(at);
    }
    return undefined;
  });
  return parsedAgain(document, text);
}
