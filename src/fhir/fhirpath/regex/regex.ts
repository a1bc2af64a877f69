/**
 * Regular expressions that cannot run away. A pattern whose cost on this text is bounded runs on the platform's
 * engine; one on which backtracking could explode runs on the linear machine.
 */
import { costOf, type Cost } from "./cost.ts";
import { assemble, runOf, search, type Program } from "./machine.ts";
import { parseRegex, RegexFault, type ParsedRegex } from "./parse.ts";

export { RegexFault } from "./parse.ts";

/** Steps that backtracking may be expected to take at worst before the machine is preferred. */
const backtrackingMax = 20_000_000;
const textLengthMax = 1_000_000;
const outcomeLengthMax = 10_000_000;
const cacheMax = 500;

export class Regex {
  readonly #parsed: ParsedRegex;
  readonly #cost: Cost | undefined;
  readonly #native: RegExp;
  readonly #nativeFull: RegExp;
  #program: Program | undefined;

  constructor(pattern: string) {
    this.#parsed = parseRegex(pattern);
    this.#cost = costOf(this.#parsed.tree);
    try {
      this.#native = new RegExp(this.#parsed.source, "sug");
      this.#nativeFull = new RegExp(`^(?:${this.#parsed.source})$`, "su");
    } catch (fault) {
      throw new RegexFault(fault instanceof Error ? fault.message.replace(/^.*: /, "") : "it cannot be read");
    }
    if (!this.#cost) this.#program = assemble(this.#parsed);
  }

  /** Whether the pattern is found anywhere, or with `full` is the whole text. */
  test(text: string, full = false): boolean {
    if (this.#isSafe(text)) {
      if (full) return this.#nativeFull.test(text);
      this.#native.lastIndex = 0;
      return this.#native.test(text);
    }
    return search(runOf(this.#machine(), text), 0, full) !== undefined;
  }

  /** All matches replaced; $1, ${name}, $<name>, $& and $$ in `to` stand for groups, the match and a dollar. */
  replace(text: string, to: string): string {
    const { names } = this.#parsed;
    const parts = template(to, names, this.#parsed.groups);
    let out = "";
    let at = 0;
    for (const groups of this.#matches(text)) {
      out += text.slice(at, groups[0]) + parts.map((part) => (typeof part === "string" ? part : text.slice(groups[part * 2] ?? 0, groups[part * 2 + 1] ?? 0))).join("");
      at = groups[1]!;
      if (out.length > outcomeLengthMax) throw new RegexFault(`the outcome is longer than ${outcomeLengthMax} characters`);
    }
    return out + text.slice(at);
  }

  *#matches(text: string): Generator<readonly (number | undefined)[]> {
    const run = this.#isSafe(text) ? undefined : runOf(this.#machine(), text);
    for (let from = 0; from <= text.length; ) {
      const groups = run ? search(run, from) : this.#nativeMatch(text, from);
      if (!groups) return;
      yield groups;
      from = groups[1]! > groups[0]! ? groups[1]! : groups[1]! + (text.codePointAt(groups[1]!)! > 0xffff ? 2 : 1);
    }
  }

  #nativeMatch(text: string, from: number): readonly (number | undefined)[] | undefined {
    const indexed = this.#indexed ??= new RegExp(this.#parsed.source, "sugd");
    indexed.lastIndex = from;
    const match = indexed.exec(text) as (RegExpExecArray & { indices: ([number, number] | undefined)[] }) | null;
    return match?.indices.flatMap((pair) => pair ?? [undefined, undefined]);
  }
  #indexed: RegExp | undefined;

  #isSafe(text: string): boolean {
    if (text.length > textLengthMax) throw new RegexFault(`the text is longer than ${textLengthMax} characters`);
    if (!this.#cost) return false;
    // One power more: an unanchored search starts anew at every place.
    return this.#cost.ways * (text.length + 1) ** (this.#cost.degree + 1) <= backtrackingMax;
  }

  #machine(): Program {
    return this.#program ??= assemble(this.#parsed);
  }
}

/** Texts and group numbers in turn. */
function template(to: string, names: ReadonlyMap<string, number>, groups: number): (string | number)[] {
  const parts: (string | number)[] = [];
  let at = 0;
  for (const match of to.matchAll(/\$(?:(\$)|(&)|(\d{1,2})|\{(\w+)\}|<(\w+)>)/g)) {
    const [whole, dollar, all, number, braced, angled] = match;
    const name = braced ?? angled;
    const index = all !== undefined ? 0 : number !== undefined ? Number(number) : name === undefined ? undefined : /^\d+$/.test(name) ? Number(name) : names.get(name);
    if (dollar === undefined && (index === undefined || index > groups)) continue;
    parts.push(to.slice(at, match.index), dollar ?? index!);
    at = match.index + whole.length;
  }
  parts.push(to.slice(at));
  return parts;
}

const known = new Map<string, Regex>();

/** Compiled once for each text of a pattern, the latest 500 kept. Throws `RegexFault`. */
export function regexOf(pattern: string): Regex {
  let regex = known.get(pattern);
  if (!regex) {
    regex = new Regex(pattern);
    if (known.size >= cacheMax) known.delete(known.keys().next().value!);
    known.set(pattern, regex);
  }
  return regex;
}
