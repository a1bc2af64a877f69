/**
 * One pass over JSON text that checks what JSON.parse does not: duplicate member names (also when spelt with
 * escapes), nesting depth, `__proto__`, escapes of NUL and of lone surrogates. On the way it notes where the
 * resource's own id, meta and resourceType stand, and the same for each entry's resource of a Bundle.
 * It does not check syntax: JSON.parse does, afterwards. It ends on any text, in linear time.
 */

/** Offsets of one resource: its braces [start, end), and the opening quote of three member names (-1 when absent). */
export type ResourceSpan = { start: number; end: number; resourceType: number; id: number; meta: number };
export type EntrySpan = ResourceSpan & { index: number };

/** `deep`: the text must not be parsed, that would build the whole tower. */
export type Fault = { at: number; text: string; path: string; duplicate?: true; deep?: true };
export type Scan = { root: ResourceSpan; entries: EntrySpan[] };

const quote = 34, comma = 44, colon = 58, openArray = 91, backslash = 92, closeArray = 93, openObject = 123, closeObject = 125;
const letterU = 117, underscore = 95;
/** From this count on an object's names are kept in a Set, so that a million names stay linear. */
const listedNamesMax = 48;

/** Working arrays, shared by all scans: a scan never yields. */
let hashes = new Int32Array(1024), starts = new Int32Array(1024), ends = new Int32Array(1024);
let frames = 0;
let isObject = new Uint8Array(0), base = new Int32Array(0), position = new Int32Array(0);

export function scan(text: string, depthMax: number): Scan | Fault {
  if (frames < depthMax + 2) {
    frames = depthMax + 2;
    isObject = new Uint8Array(frames); base = new Int32Array(frames); position = new Int32Array(frames);
  }
  const length = text.length;
  const root: ResourceSpan = { start: -1, end: -1, resourceType: -1, id: -1, meta: -1 };
  const entries: EntrySpan[] = [];
  let entry: EntrySpan | undefined;
  let sets: (Set<string> | undefined)[] | undefined;
  let depth = 0, names = 0, i = 0;
  let nameNext = false, inEntries = false, resourceNext = false;
  let nextEscape = indexOrEnd(text, "\\", 0);

  while (i < length) {
    const c = text.charCodeAt(i);
    if (c === quote) {
      const start = ++i;
      if (!nameNext) { // a value: to the closing quote, looking at escapes on the way
        let end = indexOrEnd(text, '"', i);
        while (nextEscape < end) {
          const fault = escapeFault(text, nextEscape);
          if (fault) return { at: nextEscape, text: fault, path: pathAt(text, depth) };
          i = nextEscape + escapeLength(text, nextEscape);
          nextEscape = indexOrEnd(text, "\\", i);
          if (end < i) end = indexOrEnd(text, '"', i);
        }
        i = end + 1;
        continue;
      }
      let hash = 0, escaped = false;
      for (; i < length; i++) {
        const d = text.charCodeAt(i);
        if (d === quote) break;
        if (d === backslash) { escaped = true; i++; }
        hash = (Math.imul(hash, 31) + d) | 0;
      }
      const end = i++;
      let name: string | undefined; // only when it is spelt with escapes
      if (escaped) {
        name = decoded(text, start, end);
        if (name === undefined) return { at: start, text: "a member name holds an escape that is not Unicode text", path: pathAt(text, depth) };
        hash = hashOf(name);
        if (nextEscape < end) nextEscape = indexOrEnd(text, "\\", end);
      }
      nameNext = false;
      // Same name twice? Hashes first; text only when they agree.
      const first = base[depth]!;
      const set = sets?.[depth];
      let twice = false;
      if (set) { const key = name ?? text.slice(start, end); twice = set.has(key); set.add(key); }
      else for (let k = first; k < names; k++)
        if (hashes[k] === hash && sameName(text, starts[k]!, ends[k]!, start, end)) { twice = true; break; }
      if (twice) {
        return { at: start - 1, text: `the member "${name ?? text.slice(start, end)}" stands twice in one object; keep one of them`, duplicate: true, path: pathAt(text, depth) };
      }
      if (text.charCodeAt(start) === underscore && end - start === 9 && text.startsWith("__proto__", start) || name === "__proto__")
        return { at: start - 1, text: 'the member name "__proto__" is not allowed', path: pathAt(text, depth) };
      if (names === hashes.length) grow();
      hashes[names] = hash; starts[names] = start; ends[names] = end; names++;
      if (!set && names - first > listedNamesMax) {
        const all = new Set<string>();
        for (let k = first; k < names; k++) all.add(decoded(text, starts[k]!, ends[k]!) ?? "");
        (sets ??= [])[depth] = all;
      }
      if (depth === 1) {
        note(root, text, start, end, name);
        inEntries = isName("entry", text, start, end, name);
      } else if (inEntries) {
        if (depth === 4) { if (entry) note(entry, text, start, end, name); }
        else if (depth === 3) resourceNext = isName("resource", text, start, end, name);
      }
      continue;
    }
    i++;
    if (c <= 32 || c === colon) continue;
    if (c === comma) {
      if (depth > 0) { if (isObject[depth]) nameNext = true; else position[depth]!++; }
    } else if (c === openObject || c === openArray) {
      if (++depth > depthMax) return { at: i - 1, text: `nested deeper than ${depthMax} levels`, deep: true, path: pathAt(text, depth - 1) };
      base[depth] = names;
      position[depth] = 0;
      if (c === openObject) {
        isObject[depth] = 1;
        nameNext = true;
        if (depth === 1) root.start = i - 1;
        else if (depth === 4 && inEntries && resourceNext)
          entries.push(entry = { start: i - 1, end: -1, resourceType: -1, id: -1, meta: -1, index: position[2]! });
      } else { isObject[depth] = 0; nameNext = false; }
    } else if (c === closeObject || c === closeArray) {
      if (depth === 0) break; // JSON.parse refuses it
      if (sets) sets[depth] = undefined;
      names = base[depth]!;
      if (depth === 4 && entry) { entry.end = i; entry = undefined; resourceNext = false; }
      else if (depth === 1) root.end = i;
      depth--;
      nameNext = false;
    }
  }
  return { root, entries };
}

export function isFault(result: Scan | Fault): result is Fault {
  return "at" in result;
}

function indexOrEnd(text: string, search: string, from: number): number {
  const found = text.indexOf(search, from);
  return found < 0 ? text.length : found;
}

function grow(): void {
  const wider = (old: Int32Array<ArrayBuffer>) => { const next = new Int32Array(old.length * 2); next.set(old); return next; };
  hashes = wider(hashes); starts = wider(starts); ends = wider(ends);
}

function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return hash;
}

/** The name between two quotes, escapes resolved; undefined when an escape is broken or not Unicode. */
function decoded(text: string, start: number, end: number): string | undefined {
  const raw = text.slice(start, end);
  if (!raw.includes("\\")) return raw;
  try {
    const name = JSON.parse(`"${raw}"`) as string;
    return name.isWellFormed() && !name.includes("\0") ? name : undefined;
  } catch { return undefined; }
}

function sameName(text: string, startA: number, endA: number, startB: number, endB: number): boolean {
  return decoded(text, startA, endA) === decoded(text, startB, endB);
}

function note(span: ResourceSpan, text: string, start: number, end: number, name: string | undefined): void {
  if (isName("id", text, start, end, name)) span.id = start - 1;
  else if (isName("meta", text, start, end, name)) span.meta = start - 1;
  else if (isName("resourceType", text, start, end, name)) span.resourceType = start - 1;
}

/** `name` is given when the text spells it with escapes. */
function isName(wanted: string, text: string, start: number, end: number, name: string | undefined): boolean {
  return name === undefined ? end - start === wanted.length && text.startsWith(wanted, start) : name === wanted;
}

/** PostgreSQL text and UTF-8 hold neither NUL nor half a surrogate pair. Broken escapes are left to JSON.parse. */
function escapeFault(text: string, at: number): string | undefined {
  if (text.charCodeAt(at + 1) !== letterU) return undefined;
  const code = hex(text, at + 2);
  if (code === 0) return "\\u0000 is not allowed in text";
  if (code < 0xd800 || code > 0xdfff) return undefined;
  const paired = code < 0xdc00 && text.charCodeAt(at + 6) === backslash && text.charCodeAt(at + 7) === letterU && isLow(hex(text, at + 8));
  return paired ? undefined : `\\u${code.toString(16)} is half of a surrogate pair`;
}

function escapeLength(text: string, at: number): number {
  if (text.charCodeAt(at + 1) !== letterU) return 2;
  const code = hex(text, at + 2);
  return code >= 0xd800 && code < 0xdc00 ? 12 : 2;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

function hex(text: string, at: number): number {
  const digits = text.slice(at, at + 4);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

/** Where the scan stands: ".name[0].given". The last name noted on each level is the one being read. */
function pathAt(text: string, depth: number): string {
  let path = "";
  const levels = Math.min(depth, 24);
  for (let d = 1; d <= levels; d++) {
    if (!isObject[d]) path += `[${position[d]!}]`;
    else if (d < depth) path += `.${decoded(text, starts[base[d + 1]! - 1]!, ends[base[d + 1]! - 1]!) ?? "?"}`;
  }
  return depth > levels ? `${path}…` : path;
}
