/**
 * FHIRPath lexer: text to tokens with offsets.
 * Source: http://hl7.org/fhirpath/N1/grammar.html (FHIRPath 2.0.0).
 * Keywords are plain identifiers here; the parser knows where they are operators.
 * Throws `SyntaxFault` (caught by `parse`); bounded by `expressionLengthMax`.
 */

export const expressionLengthMax = 65_536;

export type TokenKind = "identifier" | "delimited" | "string" | "number" | "date" | "dateTime" | "time" | "external" | "symbol" | "end";

/** `text` is decoded for strings, delimited identifiers and external constants; otherwise as written. */
export type Token = { kind: TokenKind; text: string; at: number; end: number };

/** Where and what: `at` is the offset in UTF-16 units. */
export class SyntaxFault extends Error {
  readonly at: number;
  readonly expected: string;
  readonly found: string;
  constructor(at: number, expected: string, found: string) {
    super(`expected ${expected}, found ${found}`);
    this.at = at;
    this.expected = expected;
    this.found = found;
  }
}

const space = /[ \t\r\n\u00a0\ufeff]+/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /\d+(?:\.\d+)?/y;
const zone = "(?:Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)";
const clock = "(?:[01]\\d|2[0-3])(?::[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?)?";
/** Months and days by shape alone, lest @2020-13 read as 2020 minus 13; whether they exist is for the plan. */
const day = "\\d{4}(?:-\\d{2}(?:-\\d{2})?)?";
const time = new RegExp(`@T(${clock})`, "y");
const dateTime = new RegExp(`@(${day}T(?:${clock}${zone}?)?)`, "y");
const date = new RegExp(`@(${day})`, "y");
const symbol = /<=|>=|!=|!~|\$this|\$index|\$total|[.[\](){},|&*/+\-=~<>]/y;

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f" };

/** Splits an expression; the last token is `end`. */
export function tokenize(text: string): Token[] {
  if (text.length > expressionLengthMax)
    throw new SyntaxFault(expressionLengthMax, `at most ${expressionLengthMax} characters`, `${text.length}`);
  const tokens: Token[] = [];
  let at = 0;

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(text);
  }
  function push(kind: TokenKind, value: string, end: number): void {
    tokens.push({ kind, text: value, at, end });
    at = end;
  }
  /** Reads from the opening quote at `from` to its closing twin; returns the decoded text and the offset after it. */
  function quoted(from: number): { value: string; end: number } {
    const quote = text[from]!;
    let value = "";
    let i = from + 1;
    for (;;) {
      const c = text[i];
      if (c === undefined) throw new SyntaxFault(from, `a closing ${quote}`, "end of expression");
      if (c === quote) return { value, end: i + 1 };
      if (c !== "\\") { value += c; i += 1; continue; }
      const escaped = text[i + 1];
      if (escaped === undefined) throw new SyntaxFault(i, "an escaped character", "end of expression");
      if (escaped === "u") {
        const hex = text.slice(i + 2, i + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new SyntaxFault(i, "four hexadecimal digits after \\u", JSON.stringify(hex));
        value += String.fromCharCode(parseInt(hex, 16));
        i += 6;
      } else {
        value += escapes[escaped] ?? escaped;
        i += 2;
      }
    }
  }

  while (at < text.length) {
    const blank = take(space);
    if (blank) { at += blank[0].length; continue; }
    if (text.startsWith("//", at)) {
      const newline = text.indexOf("\n", at);
      at = newline < 0 ? text.length : newline + 1;
      continue;
    }
    if (text.startsWith("/*", at)) {
      const close = text.indexOf("*/", at + 2);
      if (close < 0) throw new SyntaxFault(at, "*/ to close the comment", "end of expression");
      at = close + 2;
      continue;
    }
    const c = text[at]!;
    if (c === "'") { const { value, end } = quoted(at); push("string", value, end); continue; }
    if (c === "`") { const { value, end } = quoted(at); push("delimited", value, end); continue; }
    if (c === "%") {
      const next = text[at + 1];
      if (next === "'" || next === "`") { const { value, end } = quoted(at + 1); push("external", value, end); continue; }
      identifier.lastIndex = at + 1;
      const name = identifier.exec(text);
      if (!name) throw new SyntaxFault(at + 1, "a name after %", found(text, at + 1));
      push("external", name[0], at + 1 + name[0].length);
      continue;
    }
    if (c === "@") {
      const asTime = take(time);
      if (asTime) { push("time", asTime[1]!, at + asTime[0].length); continue; }
      const asDateTime = take(dateTime);
      if (asDateTime) { push("dateTime", asDateTime[1]!, at + asDateTime[0].length); continue; }
      const asDate = take(date);
      if (asDate) { push("date", asDate[1]!, at + asDate[0].length); continue; }
      throw new SyntaxFault(at, "a date, time or dateTime such as @2020-01-31, @T10:30 or @2020-01-31T10:30Z", found(text, at));
    }
    const digits = take(number);
    if (digits) { push("number", digits[0], at + digits[0].length); continue; }
    const name = take(identifier);
    if (name) { push("identifier", name[0], at + name[0].length); continue; }
    const mark = take(symbol);
    if (mark) { push("symbol", mark[0], at + mark[0].length); continue; }
    throw new SyntaxFault(at, "an expression", found(text, at));
  }
  tokens.push({ kind: "end", text: "", at: text.length, end: text.length });
  return tokens;
}

function found(text: string, at: number): string {
  return at >= text.length ? "end of expression" : JSON.stringify([...text.slice(at, at + 12)].join(""));
}
