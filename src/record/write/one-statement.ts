/**
 * Several writing statements as one: common table expressions that PostgreSQL runs to their ends, all or none. A statement
 * of its own costs a message, an answer and a wake-up on either side, more than the rows of one resource do
 * (docs/performance.md). All see the state before the statement: what one deletes another may not insert again.
 */
import type { Parameter } from "../sql.ts";

/** `text` has its parameters as $1, $2, …; what it says does not depend on the values. */
export type Part = { name: string; text: string; values: readonly Parameter[] };

const texts = new Map<string, string>();
/** Which parts stand together: some dozens of sets, unless somebody makes an effort. */
const textsMax = 1000;

/** `last` asks for the answer and may name the others. Names are of this code and stand once. */
export function oneStatement(parts: readonly Part[], last: Part): { text: string; values: Parameter[] } {
  const all = [...parts, last];
  const key = all.map(({ name }) => name).join(" ");
  let text = texts.get(key);
  if (text === undefined) {
    if (texts.size >= textsMax) texts.clear();
    let before = 0;
    const renumbered = all.map((part) => {
      const from = before;
      before += part.values.length;
      return part.text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + from}`);
    });
    const lastText = renumbered.pop()!;
    text = parts.length ? `with ${parts.map(({ name }, i) => `${name} as (${renumbered[i]!})`).join(",\n")}\n${lastText}` : lastText;
    texts.set(key, text);
  }
  return { text, values: all.flatMap(({ values }) => values) };
}
