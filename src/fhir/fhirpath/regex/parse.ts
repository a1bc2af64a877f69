/**
 * Regular expressions of FHIRPath (PCRE's common part, as far as ECMAScript knows it) as a tree. The tree decides
 * whether the platform's backtracking engine is safe, and is run by `machine.ts` where it is not.
 */

export type Regex =
  | { kind: "empty" }
  /** One character: `source` is ECMAScript for it (a character, an escape or a class). */
  | { kind: "char"; source: string }
  | { kind: "assert"; source: "^" | "$" | "\\b" | "\\B" }
  /** `index` numbers capturing groups from 1. */
  | { kind: "group"; body: Regex; index: number | undefined; name?: string }
  | { kind: "sequence"; parts: readonly Regex[] }
  | { kind: "either"; branches: readonly Regex[] }
  | { kind: "repeat"; body: Regex; min: number; max: number; lazy: boolean }
  /** Looking around (with its `body`) and back references: only the platform's engine knows them. */
  | { kind: "foreign"; body: Regex | undefined };

export type ParsedRegex = { tree: Regex; /** The whole as ECMAScript (flags su). */ source: string; groups: number; names: ReadonlyMap<string, number> };

export class RegexFault extends Error {}

const patternLengthMax = 10_000;
const depthMax = 200;
/** Characters that may stand behind a backslash in ECMAScript's u mode to mean themselves. */
const syntax = new Set("^$\\.*+?()[]{}|/");

class RegexParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  groups = 0;
  readonly names = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  whole(): { tree: Regex; source: string } {
    const found = this.#either();
    if (this.#at < this.#text.length) throw new RegexFault(`")" at ${this.#at + 1} closes nothing`);
    return found;
  }

  #either(): { tree: Regex; source: string } {
    if (++this.#depth > depthMax) throw new RegexFault(`groups nest deeper than ${depthMax}`);
    const branches = [this.#sequence()];
    while (this.#text[this.#at] === "|") {
      this.#at += 1;
      branches.push(this.#sequence());
    }
    this.#depth -= 1;
    const source = branches.map((branch) => branch.source).join("|");
    return { tree: branches.length === 1 ? branches[0]!.tree : { kind: "either", branches: branches.map((branch) => branch.tree) }, source };
  }

  #sequence(): { tree: Regex; source: string } {
    const parts: Regex[] = [];
    let source = "";
    for (let next = this.#text[this.#at]; next !== undefined && next !== "|" && next !== ")"; next = this.#text[this.#at]) {
      const atom = this.#quantified(this.#atom());
      parts.push(atom.tree);
      source += atom.source;
    }
    return { tree: parts.length === 0 ? { kind: "empty" } : parts.length === 1 ? parts[0]! : { kind: "sequence", parts }, source };
  }

  #quantified(atom: { tree: Regex; source: string }): { tree: Regex; source: string } {
    const rest = /(?:[*+?]|\{(\d{1,4})(,(\d{1,4})?)?\})(\??)/y;
    rest.lastIndex = this.#at;
    const match = rest.exec(this.#text);
    if (!match) return atom;
    if (atom.tree.kind === "assert") throw new RegexFault(`nothing to repeat at ${this.#at + 1}`);
    this.#at = rest.lastIndex;
    const sign = match[0][0]!;
    const min = sign === "{" ? Number(match[1]) : sign === "+" ? 1 : 0;
    const max = sign === "{" ? (match[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3])) : sign === "?" ? 1 : Infinity;
    if (max < min) throw new RegexFault(`{${min},${max}} counts backwards`);
    if (/[*+?]/.test(this.#text[this.#at] ?? "")) throw new RegexFault(`nothing to repeat at ${this.#at + 1}; possessive quantifiers are not known`);
    return { tree: { kind: "repeat", body: atom.tree, min, max, lazy: match[4] === "?" }, source: atom.source + match[0] };
  }

  #atom(): { tree: Regex; source: string } {
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    switch (c) {
      case "(": return this.#group();
      case "[": { const source = this.#class(); return { tree: { kind: "char", source }, source }; }
      case "\\": return this.#escape();
      case "^": case "$": this.#at += 1; return { tree: { kind: "assert", source: c }, source: c };
      case ".": this.#at += 1; return { tree: { kind: "char", source: "." }, source: "." };
      case "*": case "+": case "?": throw new RegexFault(`nothing to repeat at ${this.#at + 1}`);
      default: {
        this.#at += c.length;
        const source = syntax.has(c) ? `\\${c}` : c; // a brace or slash that stands for itself
        return { tree: { kind: "char", source }, source };
      }
    }
  }

  #group(): { tree: Regex; source: string } {
    const start = this.#at;
    const opening = /\((?:\?(?::|<([A-Za-z_]\w*)>|(<?[=!])))?/y;
    opening.lastIndex = start;
    const [text, name, look] = opening.exec(this.#text)!;
    this.#at = opening.lastIndex;
    if (text === "(" && this.#text[this.#at] === "?") throw new RegexFault(`"(?${this.#text[this.#at + 1] ?? ""}" at ${start + 1} is not known`);
    const index = text === "(" || name !== undefined ? ++this.groups : undefined;
    if (name !== undefined) {
      if (this.names.has(name)) throw new RegexFault(`the group ${name} is there twice`);
      this.names.set(name, index!);
    }
    const body = this.#either();
    if (this.#text[this.#at] !== ")") throw new RegexFault(`"(" at ${start + 1} is not closed`);
    this.#at += 1;
    const source = `${text}${body.source})`;
    if (look !== undefined) return { tree: { kind: "foreign", body: body.tree }, source };
    return { tree: { kind: "group", body: body.tree, index, ...(name === undefined ? {} : { name }) }, source };
  }

  #class(): string {
    const start = this.#at;
    let source = "[";
    this.#at += 1;
    if (this.#text[this.#at] === "^") { source += "^"; this.#at += 1; }
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined) throw new RegexFault(`"[" at ${start + 1} is not closed`);
      if (c === "]") { this.#at += 1; return `${source}]`; }
      if (c === "\\") {
        const { source: escaped } = this.#escape(true);
        source += escaped;
      } else {
        source += c;
        this.#at += 1;
      }
    }
  }

  #escape(inClass = false): { tree: Regex; source: string } {
    const whole = /\\(?:u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[pP]\{[\w=]{1,60}\}|k<\w+>|c[A-Za-z]|\d{1,3}|[^])/uy;
    whole.lastIndex = this.#at;
    const match = whole.exec(this.#text);
    if (!match) throw new RegexFault("the pattern ends in a backslash");
    const text = match[0];
    const c = text[1]!;
    this.#at = whole.lastIndex;
    if (text.startsWith("\\k<") || /^\\[1-9]/.test(text)) {
      if (inClass) throw new RegexFault(`${text} has no meaning in [ ]`);
      return { tree: { kind: "foreign", body: undefined }, source: text };
    }
    if ((c === "b" || c === "B") && !inClass) return { tree: { kind: "assert", source: text as "\\b" | "\\B" }, source: text };
    const plain = text.slice(1);
    // A letter keeps its meaning; PCRE lets any other character be escaped, ECMAScript only its own syntax.
    const source = /^[A-Za-z0-9]/.test(plain) || syntax.has(plain) || (inClass && plain === "-") ? text : plain;
    return { tree: { kind: "char", source }, source };
  }
}

/** Throws `RegexFault` on what is no regular expression. */
export function parseRegex(pattern: string): ParsedRegex {
  if (pattern.length > patternLengthMax) throw new RegexFault(`the pattern is longer than ${patternLengthMax} characters`);
  const parser = new RegexParser(pattern);
  const { tree, source } = parser.whole();
  return { tree, source, groups: parser.groups, names: parser.names };
}
