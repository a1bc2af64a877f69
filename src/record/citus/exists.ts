/**
 * Probes as EXISTS. On one PostgreSQL a probe is `(select true from … limit 1) is not null`, so that it is never turned
 * into a join (search/check.ts). Citus is to turn it into one: then it sees that both sides lie in one bucket, asks that
 * bucket's shard alone, and accepts the probe where its LIMIT would be refused.
 */
const opening = "(select true from ", ending = " limit 1", test = " is not null";

const keptMax = 5_000;
const kept = new Map<string, string>();

export function withExists(text: string): string {
  if (!text.includes(ending)) return text;
  let known = kept.get(text);
  if (known === undefined) {
    if (kept.size >= keptMax) kept.clear();
    kept.set(text, known = rewritten(text));
  }
  return known;
}

function rewritten(text: string): string {
  let out = "", from = 0;
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, from)) {
    const end = closing(text, at), inner = text.slice(at + opening.length, end);
    out += text.slice(from, at);
    from = at + opening.length;
    if (!inner.endsWith(ending)) { out += opening; continue; }
    out += `exists (select true from ${rewritten(inner.slice(0, -ending.length))})`;
    from = text.startsWith(test, end + 1) ? end + 1 + test.length : end + 1;
  }
  return out + text.slice(from);
}

/** Where the parenthesis that opens at `at` is closed; quoted text counts as text. */
function closing(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const letter = text[i];
    if (letter === "'") i = text.indexOf("'", i + 1);
    else if (letter === "(") depth++;
    else if (letter === ")" && --depth === 0) return i;
    if (i < 0) break;
  }
  throw new Error("a statement with an open parenthesis");
}
