/** Says where and why text is not JSON (RFC 8259). Runs only after JSON.parse refused the text. */

export type Place = { line: number; column: number };

/** Line and column, both from 1; columns count UTF-16 units. */
export function placeOf(text: string, offset: number): Place {
  let line = 1, from = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) { line++; from = at + 1; }
  return { line, column: offset - from + 1 };
}

/** "line 3, column 14" */
export function placeText(text: string, offset: number): string {
  const { line, column } = placeOf(text, offset);
  return `line ${line}, column ${column}`;
}

const blank = /[ \t\r\n]*/y;
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordToken = /true|false|null/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function match(token: RegExp, text: string, at: number): number {
  token.lastIndex = at;
  return token.test(text) ? token.lastIndex : -1;
}

/** First fault: its offset and what was expected there. Undefined when the text is JSON after all. */
export function diagnose(text: string): { at: number; text: string } | undefined {
  const open: ("{" | "[")[] = [];
  let at = 0;
  let expect: "value" | "first-name" | "name" | "first-item" | "after" = "value";
  const found = (offset: number) => offset >= text.length ? "the text ends" : `found ${JSON.stringify(String.fromCodePoint(text.codePointAt(offset)!))}`;
  const fault = (expected: string) => ({ at, text: `expected ${expected}, ${found(at)}` });
  for (;;) {
    at = match(blank, text, at);
    const c = text[at];
    if (expect === "after") {
      const top = open.at(-1);
      if (top === undefined) return at >= text.length ? undefined : { at, text: `nothing may follow the JSON value, ${found(at)}` };
      if (c === ",") { at++; expect = top === "{" ? "name" : "value"; }
      else if (c === (top === "{" ? "}" : "]")) { at++; open.pop(); }
      else return fault(top === "{" ? '"," or "}"' : '"," or "]"');
      continue;
    }
    if (expect === "first-name" && c === "}" || expect === "first-item" && c === "]") { at++; open.pop(); expect = "after"; continue; }
    if (expect === "name" || expect === "first-name") {
      if (c !== '"') return fault(expect === "name" ? 'a member name in double quotes (no comma before "}")' : 'a member name in double quotes or "}"');
      const end = stringEnd(text, at);
      if (typeof end !== "number") return end;
      at = match(blank, text, end);
      if (text[at] !== ":") return fault('":" after the member name');
      at++;
      expect = "value";
      continue;
    }
    if (c === "{" || c === "[") { open.push(c); at++; expect = c === "{" ? "first-name" : "first-item"; continue; }
    if (c === '"') {
      const end = stringEnd(text, at);
      if (typeof end !== "number") return end;
      at = end;
    } else {
      const word = match(wordToken, text, at);
      const end = word >= 0 ? word : match(numberToken, text, at);
      if (end < 0) return fault("a JSON value");
      if (/[\w.+-]/.test(text[end] ?? "")) { at = end; return { at, text: `not a JSON number or word, ${found(at)} after it` }; }
      at = end;
    }
    expect = "after";
  }
}

/** Offset after the closing quote, or what is wrong with the string. A loop: a regular expression would run out of stack on long strings. */
function stringEnd(text: string, start: number): number | { at: number; text: string } {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) return i + 1;
    if (c < 32) return { at: i, text: `a string holds the control character U+${c.toString(16).padStart(4, "0").toUpperCase()}; write it as an escape` };
    if (c !== 92) continue;
    const end = match(escape, text, i);
    if (end < 0) return { at: i, text: `${JSON.stringify(text.slice(i, i + 2))} is not an escape of JSON` };
    i = end - 1;
  }
  return { at: start, text: "the string that begins here is not closed" };
}
