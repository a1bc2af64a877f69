/**
 * Full text: `_text` searches the narrative, `_content` every text of a resource. Source: https://hl7.org/fhir/R4/search.html#content
 * Words are runs of letters and digits, folded as strings are. Scripts written without spaces are cut into pairs of
 * letters ("收缩压": 收缩, 缩压, 压), so that any part of two letters or more is found, without a dictionary.
 * A query: words (all of them), "a phrase", begin*, OR, NOT or -, parentheses.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Resource } from "../resource.ts";
import type { Filter, WordQuery } from "./query-model.ts";
import { foldLetters } from "./string.ts";
import { unescape } from "./value.ts";

export const wordLengthMax = 64;
/** Of one resource, and characters of all together (PostgreSQL takes 1 MB); what comes later is not found by its words. */
export const wordsMax = 10_000;
const charactersMax = 200_000;
const nestingMax = 20;
const queryWordsMax = 100;

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const run = /[\p{L}\p{N}\p{M}]+/gu;
const pieces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

/** Names of codes, units and places come again and again. `seenBy`: the extraction that met the text last. */
type Kept = { words: readonly string[]; seenBy: number };
const kept = new Map<string, Kept>();
const keptMax = 20_000;
const keptLength = 100;

function keptOf(text: string): Kept {
  let found = kept.get(text);
  if (!found) kept.set(text, found = { words: cutUp(text), seenBy: 0 });
  return found;
}

/** Words in order. */
export function wordsOf(text: string): readonly string[] {
  if (text.length > keptLength) return cutUp(text);
  if (kept.size >= keptMax) kept.clear();
  return keptOf(text).words;
}

function cutUp(text: string): string[] {
  const words: string[] = [];
  for (const [letters] of foldLetters(text).matchAll(run))
    for (const [piece] of letters.matchAll(pieces)) {
      if (!unspaced.test(piece)) { words.push(piece.slice(0, wordLengthMax)); continue; }
      const signs = [...piece];
      for (let i = 0; i < signs.length; i++) words.push(signs[i]! + (signs[i + 1] ?? ""));
    }
  return words;
}

const notText = new Set(["resourceType", "id", "meta", "implicitRules", "reference", "system", "url", "fullUrl", "contentType", "data", "div", "profile", "language", "hash"]);
/** Dates, times, ids and addresses are searched by their parameters. */
const technical = /^(\d{4}(-\d\d){0,2}(T.*)?|\d\d:\d\d.*|[a-z][a-z0-9+.-]*:\S+|[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+)$/;

/** Most texts are told at a glance: without the expression, and without a search for the signs, which costs as much. */
function isTechnical(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return technical.test(text);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x3a || c === 0x2f) return technical.test(text);
    // An address has no space.
    if (c === 0x20) return false;
  }
  return false;
}

/** "" stands between texts, so that no phrase goes from one into the next. Without doubles of a text. */
export type Words = { narrative: readonly string[]; content: readonly string[] };

export function extractWords(resource: Resource): Words {
  // Room is made before it begins: what one extraction has met stays known to its end.
  if (kept.size >= keptMax) kept.clear();
  const narrative = wordsOf(narrativeText(resource));
  const content: string[] = [...narrative];
  extraction++;
  collect(resource, new Set(), content);
  return { narrative: cut(narrative), content: cut(content) };
}

let extraction = 0;

function cut(words: readonly string[]): readonly string[] {
  let characters = 0;
  for (let i = 0; i < words.length; i++) if (i >= wordsMax || (characters += words[i]!.length) > charactersMax) return words.slice(0, i);
  return words;
}

/** `long`: texts met that are too long to keep. */
function collect(value: object, long: Set<string>, into: string[]): void {
  if (into.length > wordsMax) return;
  if (Array.isArray(value)) {
    for (const member of value as unknown[]) collectMember(member, "", long, into);
    return;
  }
  for (const own of Object.keys(value)) collectMember((value as Record<string, unknown>)[own], own, long, into);
}

function collectMember(member: unknown, name: string, long: Set<string>, into: string[]): void {
  if (typeof member === "object") {
    if (member !== null && name !== "meta") collect(member, long, into);
  } else if (typeof member === "string" && !notText.has(name) && !isTechnical(member)) {
    const words = firstMet(member, long);
    if (!words) return;
    if (into.length) into.push("");
    for (const word of words) into.push(word);
  }
}

/** Undefined where this extraction met the text before. */
function firstMet(text: string, long: Set<string>): readonly string[] | undefined {
  if (text.length > keptLength) {
    if (long.has(text)) return undefined;
    long.add(text);
    return cutUp(text.slice(0, 100_000));
  }
  const found = keptOf(text);
  if (found.seenBy === extraction) return undefined;
  found.seenBy = extraction;
  return found.words;
}

/** XHTML without its tags. */
function narrativeText({ text }: Resource): string {
  const div = (text as { div?: unknown } | undefined)?.div;
  if (typeof div !== "string") return "";
  return div.replace(/<[^<>]*>/g, " ").replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,6}));/g, (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
    if (name !== undefined) return entities[name] ?? " ";
    const point = decimal !== undefined ? Number(decimal) : Number.parseInt(hex!, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" };

type Token = { kind: "(" | ")" | "or" | "and" | "not" } | { kind: "text"; text: string; quoted: boolean };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [whole, quoted] of text.matchAll(/"([^"]*)"|[()]|[^\s()"]+/g)) {
    if (quoted !== undefined) tokens.push({ kind: "text", text: quoted, quoted: true });
    else if (whole === "(" || whole === ")") tokens.push({ kind: whole });
    else if (/^(or|and|not)$/i.test(whole)) tokens.push({ kind: whole.toLowerCase() as "or" | "and" | "not" });
    else if (/^-./.test(whole)) tokens.push({ kind: "not" }, { kind: "text", text: whole.slice(1), quoted: false });
    else tokens.push({ kind: "text", text: whole, quoted: false });
  }
  return tokens;
}

export function parseWords(name: "_text" | "_content", raw: string): Result<Filter> {
  const tokens = tokensOf(unescape(raw));
  if (tokens.length > queryWordsMax) return fail("too-costly", `${name} has ${tokens.length} words; at most ${queryWordsMax} are taken`);
  let at = 0;
  let fault: string | undefined;

  function any(depth: number): WordQuery {
    const queries = [all(depth)];
    while (tokens[at]?.kind === "or") { at++; queries.push(all(depth)); }
    return queries.length === 1 ? queries[0]! : { kind: "any", queries };
  }
  function all(depth: number): WordQuery {
    const queries: WordQuery[] = [];
    for (let token = tokens[at]; token && token.kind !== ")" && token.kind !== "or"; token = tokens[at]) {
      if (token.kind === "and") { at++; continue; }
      const query = one(depth);
      if (query) queries.push(query);
    }
    if (!queries.length) fault ??= "a word is missing";
    return queries.length === 1 ? queries[0]! : { kind: "all", queries };
  }
  function one(depth: number): WordQuery | undefined {
    const token = tokens[at++];
    if (depth > nestingMax) { fault ??= `parentheses are nested deeper than ${nestingMax}`; return undefined; }
    if (token?.kind === "not") { const query = one(depth + 1); return query && { kind: "none", query }; }
    if (token?.kind === "(") {
      const query = any(depth + 1);
      if (tokens[at++]?.kind !== ")") fault ??= "a parenthesis is not closed";
      return query;
    }
    if (token?.kind !== "text") { fault ??= "a word is missing"; return undefined; }
    const words = wordsOf(token.text);
    const last = words.at(-1);
    if (last === undefined) return undefined;
    // The last letter of an unspaced run stands there alone only at the end of what was written.
    const open = unspaced.test(last);
    if (open && words.length > 1) return { kind: "phrase", words: words.slice(0, -1), prefix: false };
    return { kind: "phrase", words, prefix: open || (!token.quoted && token.text.endsWith("*")) };
  }

  const query = any(0);
  if (at < tokens.length) fault ??= "a parenthesis is closed that was not opened";
  if (fault !== undefined) return fail("invalid", `${name}: ${fault}; write words, "a phrase", begin*, OR, NOT and parentheses`);
  return ok({ kind: "words", of: name === "_text" ? "narrative" : "content", query });
}

export function matchesWords(words: readonly string[], query: WordQuery): boolean {
  switch (query.kind) {
    case "phrase": return words.some((_, start) => query.words.every((word, i) => {
      const here = words[start + i];
      return here !== undefined && here !== "" && (query.prefix && i === query.words.length - 1 ? here.startsWith(word) : here === word);
    }));
    case "all": return query.queries.every((one) => matchesWords(words, one));
    case "any": return query.queries.some((one) => matchesWords(words, one));
    case "none": return !matchesWords(words, query.query);
  }
}
