/**
 * Equal questions of one turn of the event loop, asked together: statements with the same text and other values become
 * one statement that runs it for each row of values. A message, a plan and an answer for many cost much less than for
 * each (docs/performance.md). Each question keeps its own values, so its own caller's filter; one that fails is asked alone.
 */
import { preparing } from "./prepared.ts";
import type { Queryable } from "./sql.ts";

type Row = Record<string, unknown>;
type Cell = string | number | boolean | null;
type Waiting = { values: readonly Cell[]; resolve: (rows: Row[]) => void; reject: (error: unknown) => void };

/** So many at most in one statement: none waits long for another. */
const togetherMax = 24;
/** Values are sent as columns of text; with these letters inside, a question is asked alone. */
const between = "\u001e", nothing = "\u001d";
const unfit = /[\u001d\u001e]/;

/** The statement for many rows of values: $1, $2, … become columns, text that the statement casts as it cast the parameter. */
function textFor(text: string, count: number): string {
  const names = Array.from({ length: count }, (_, i) => `v${i + 1}`);
  const columns = names.map((_, i) => `(string_to_array($${i + 1}, chr(30), chr(29)))[2:]`);
  return `select u.n as together, q.* from unnest(${columns.join(", ")}) with ordinality u(${names.join(", ")}, n)
    cross join lateral (select row_number() over () as place, o.* from (${text.replace(/\$(\d+)/g, "u.v$1")}) o) q order by u.n, q.place`;
}

export class Together {
  readonly #db: Queryable;
  #waiting = new Map<string, Waiting[]>();
  readonly #texts = new Map<string, string>();

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** For statements that only read. */
  readonly unsafe: Queryable["unsafe"] = (text, values = []) => {
    const cells = values as readonly Cell[];
    if (cells.length === 0 || cells.some((cell) => typeof cell === "string" && unfit.test(cell))) return this.#db.unsafe(text, values, preparing(text));
    return new Promise<Row[]>((resolve, reject) => {
      if (this.#waiting.size === 0) setImmediate(() => this.#send());
      const one = { values: cells, resolve, reject };
      const waiting = this.#waiting.get(text);
      if (waiting) waiting.push(one);
      else this.#waiting.set(text, [one]);
    }) as never;
  };

  #send(): void {
    const all = this.#waiting;
    this.#waiting = new Map();
    for (const [text, waiting] of all)
      for (let at = 0; at < waiting.length; at += togetherMax) {
        const some = waiting.slice(at, at + togetherMax);
        if (some.length === 1) void this.#ask(text, some[0]!);
        else void this.#askTogether(text, some);
      }
  }

  async #ask(text: string, { values, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await this.#db.unsafe<Row[]>(text, values as Cell[], preparing(text)));
    } catch (error) {
      reject(error);
    }
  }

  async #askTogether(text: string, waiting: readonly Waiting[]): Promise<void> {
    const count = waiting[0]!.values.length;
    const columns = Array.from({ length: count }, (_, i) => {
      let column = "";
      for (const { values } of waiting) column += between + (values[i] === null ? nothing : String(values[i]));
      return column;
    });
    let rows: (Row & { together: string })[];
    try {
      const all = this.#textFor(text, count);
      rows = await this.#db.unsafe<(Row & { together: string })[]>(all, columns, preparing(all));
    } catch (error) {
      // Stopped as a whole: each is asked again by whoever asked (load/initial-load.ts).
      if ((error as { code?: string }).code === "57014") { for (const { reject } of waiting) reject(error); return; }
      // Which one is at fault shows when each is asked alone.
      for (const one of waiting) void this.#ask(text, one);
      return;
    }
    const answers: Row[][] = waiting.map(() => []);
    for (const row of rows) answers[Number(row.together) - 1]!.push(row);
    for (const [i, one] of waiting.entries()) one.resolve(answers[i]!);
  }

  #textFor(text: string, count: number): string {
    let found = this.#texts.get(text);
    if (found === undefined) {
      if (this.#texts.size >= 1000) this.#texts.clear();
      this.#texts.set(text, found = textFor(text, count));
    }
    return found;
  }
}
