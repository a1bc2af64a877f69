/** Tokens of the language, both syntaxes. Comments and white space are gone; every token knows where it stood. */
import { fail, ok, type Result } from "#platform/result.ts";

export type TokenKind =
  /** Digits only: an identifier or a bound of a cardinality. */
  | "digits"
  /** #-12.5 of a concrete value: the text without "#". */
  | "number"
  /** What stands between quotes, as written. */
  | "text"
  /** What stands between pipes, trimmed. */
  | "term"
  /** SCHEME#code */
  | "alternate"
  | "word" | "sign" | "end";

export type Token = { kind: TokenKind; text: string; at: number; /** Of an opening bracket: index of the token that closes it. */ closes?: number };

export type EclLimits = {
  /** UTF-16 units. Default 200,000. */
  sizeMax?: number;
  /** Brackets within brackets. Default 60. */
  depthMax?: number;
};

const signs = ["<<!", "!!>", "!!<", ">>!", "<<", "<!", "<=", "<>", ">>", ">!", ">=", "!=", "{{", "}}", "..", "<", ">", "=", "^", "(", ")", "[", "]", "{", "}", ":", ",", ".", "*", "+"];
const blank = /[ \t\r\n]+/y;
const digits = /\d+/y;
const number = /#[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?![\d.])/y;
const quoted = /"((?:[^"\\]|\\.)*)"/ys;
const piped = /\|([^|]*)\|/y;
const alternate = /[A-Za-z][A-Za-z0-9-]*#[A-Za-z0-9._-]+/y;
/** The reverse flag may stand right before its attribute: R127489000. */
const reverse = /R(?=\d{6})/y;
const word = /[A-Za-z][A-Za-z0-9_-]*/y;
/** The letter that says what a filter is of may stand right before its keyword: {{Dterm = "x"}}. */
const letter = /[dcm](?=(?:term|language|type|typeid|dialect|dialectid|id|definitionstatus|definitionstatusid|moduleid|effectivetime|active)\b)/iy;
const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "{{": "}}" };

export function tokens(source: string, { sizeMax = 200_000, depthMax = 60 }: EclLimits = {}): Result<Token[]> {
  if (source.length > sizeMax) return fail("too-long", `The expression has ${source.length} characters; at most ${sizeMax} are taken here`);
  const found: Token[] = [];
  const open: number[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  while (at < source.length) {
    const space = match(blank);
    if (space) { at += space[0].length; continue; }
    if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      if (end < 0) return faultAt(source, at, "a comment that is never closed; end it with */");
      at = end + 2;
      continue;
    }
    const start = at;
    const take = (kind: TokenKind, whole: string, text = whole): void => {
      found.push({ kind, text, at: start });
      at += whole.length;
    };
    let m: RegExpExecArray | null;
    if ((m = match(digits))) take("digits", m[0]);
    else if ((m = match(number))) take("number", m[0], m[0].slice(1));
    else if (source[at] === '"') {
      if (!(m = match(quoted))) return faultAt(source, at, 'a quotation that is never closed; end it with "');
      take("text", m[0], m[1]!);
    } else if (source[at] === "|") {
      if (!(m = match(piped))) return faultAt(source, at, "a term that is never closed; end it with |");
      take("term", m[0], m[1]!.trim());
    } else if ((m = match(alternate))) take("alternate", m[0]);
    else if ((m = match(reverse)) || (found.at(-1)?.text === "{{" && (m = match(letter))) || (m = match(word))) take("word", m[0]);
    else {
      const sign = signs.find((one) => source.startsWith(one, at));
      if (sign === undefined) return faultAt(source, at, `"${String.fromCodePoint(source.codePointAt(at)!)}" has no meaning here`);
      take("sign", sign);
      if (closing[sign] !== undefined) {
        if (open.push(found.length - 1) > depthMax) return fail("too-costly", `The expression nests deeper than ${depthMax} brackets`);
      } else if (sign === ")" || sign === "]" || sign === "}" || sign === "}}") {
        const opener = open.pop();
        if (opener === undefined || closing[found[opener]!.text] !== sign) return faultAt(source, start, `"${sign}" closes nothing${opener === undefined ? "" : `; "${found[opener]!.text}" at character ${found[opener]!.at + 1} is open`}`);
        found[opener]!.closes = found.length - 1;
      }
    }
  }
  const left = open.pop();
  if (left !== undefined) return faultAt(source, found[left]!.at, `"${found[left]!.text}" is never closed`);
  found.push({ kind: "end", text: "", at: source.length });
  return ok(found);
}

/** A failure that says at which character, and shows what stands there. */
export function faultAt(source: string, at: number, what: string): { ok: false; failure: { code: "invalid"; text: string } } {
  const rest = source.slice(at, at + 30).replaceAll(/\s+/g, " ");
  return { ok: false, failure: { code: "invalid", text: `ECL, character ${at + 1}${rest === "" ? " (the end)" : ` ("${rest}${at + 30 < source.length ? "…" : ""}")`}: ${what}` } };
}
