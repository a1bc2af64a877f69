/**
 * Puts the server's id, versionId and lastUpdated into a document by splicing its text: member order and number
 * literals elsewhere stay as they came. Line breaks and indentation between tokens go (JSON allows raw line
 * breaks nowhere else), so a pretty-printed file is stored compact.
 */
import type { Document } from "./document.ts";
import type { ResourceSpan } from "./scan.ts";

export type Stamp = {
  id: string;
  /** Members set in the resource's meta: {versionId, lastUpdated}; its other members stay. */
  meta: Readonly<Record<string, string>>;
};

/** The document's text with `stamp` in place: id and meta replaced where they stand, else inserted after resourceType. */
export function restamp(document: Pick<Document, "text" | "span">, stamp: Stamp): string {
  const { text, span } = document;
  const edits: Edit[] = [];
  const anchor = span.resourceType >= 0 ? valueEnd(text, valueStart(text, span.resourceType)) : -1;
  let inserted = "";
  const id = `"id":${JSON.stringify(stamp.id)}`;
  if (span.id >= 0) edits.push(replaceMember(text, span.id, id)); else inserted += `,${id}`;
  if (span.meta >= 0) edits.push(...metaEdits(text, span.meta, stamp.meta)); else inserted += `,"meta":${JSON.stringify(stamp.meta)}`;
  if (inserted) edits.push(anchor >= 0
    ? { from: anchor, to: anchor, with: inserted }
    : { from: span.start + 1, to: span.start + 1, with: `${inserted.slice(1)},` });
  return withoutIndentation(apply(text, span, edits));
}

/** The document's text with another meta; everything else stays to the letter. */
export function replaceMeta({ text, span }: Pick<Document, "text" | "span">, meta: object): string {
  const member = `"meta":${JSON.stringify(meta)}`;
  if (span.meta >= 0) return apply(text, span, [replaceMember(text, span.meta, member)]);
  const at = span.resourceType >= 0 ? valueEnd(text, valueStart(text, span.resourceType)) : -1;
  return apply(text, span, [at >= 0 ? { from: at, to: at, with: `,${member}` } : { from: span.start + 1, to: span.start + 1, with: `${member},` }]);
}

type Edit = { from: number; to: number; with: string };

/** Raw line breaks never stand inside JSON strings, so what follows one is white space between tokens. Linear: matches begin at the break. */
export function withoutIndentation(text: string): string {
  return text.includes("\n") ? text.replace(/\r?\n[ \t\r\n]*/g, "") : text;
}

function apply(text: string, span: ResourceSpan, edits: Edit[]): string {
  edits.sort((a, b) => a.from - b.from);
  let out = "", at = span.start;
  for (const edit of edits) { out += text.slice(at, edit.from) + edit.with; at = edit.to; }
  return out + text.slice(at, span.end);
}

function replaceMember(text: string, nameStart: number, member: string): Edit {
  return { from: nameStart, to: valueEnd(text, valueStart(text, nameStart)), with: member };
}

function metaEdits(text: string, nameStart: number, values: Readonly<Record<string, string>>): Edit[] {
  const start = valueStart(text, nameStart);
  if (text[start] !== "{") return [replaceMember(text, nameStart, `"meta":${JSON.stringify(values)}`)];
  const edits: Edit[] = [];
  const left = new Map(Object.entries(values));
  let at = afterBlank(text, start + 1);
  const empty = text[at] === "}";
  while (text[at] === '"') {
    const valueAt = valueStart(text, at);
    const end = valueEnd(text, valueAt);
    const name = JSON.parse(text.slice(at, stringEnd(text, at))) as string;
    const value = left.get(name);
    if (value !== undefined) { edits.push({ from: valueAt, to: end, with: JSON.stringify(value) }); left.delete(name); }
    at = afterBlank(text, end);
    if (text[at] === ",") at = afterBlank(text, at + 1);
  }
  if (left.size) {
    const members = [...left].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",");
    edits.push({ from: start + 1, to: start + 1, with: empty ? members : `${members},` });
  }
  return edits;
}

/** Offset after a member's colon, given the opening quote of its name. The text has passed the door. */
function valueStart(text: string, nameStart: number): number {
  return afterBlank(text, afterBlank(text, stringEnd(text, nameStart)) + 1);
}

function afterBlank(text: string, at: number): number {
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Offset after the closing quote. */
export function stringEnd(text: string, openingQuote: number): number {
  for (let i = openingQuote + 1; ; i++) {
    const c = text.charCodeAt(i);
    if (c === 34 || i >= text.length) return i + 1;
    if (c === 92) i++;
  }
}

function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === 34) return stringEnd(text, start);
  let i = start, depth = 0;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) { i = stringEnd(text, i) - 1; continue; }
    if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) { if (depth === 0) return trimmedEnd(text, i); if (--depth === 0) return i + 1; }
    else if (c === 44 && depth === 0) return trimmedEnd(text, i);
  }
  return i;
}

function trimmedEnd(text: string, end: number): number {
  while (text.charCodeAt(end - 1) <= 32) end--;
  return end;
}
