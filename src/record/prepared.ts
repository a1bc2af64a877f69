/**
 * Which statements PostgreSQL keeps prepared. A prepared one stays in each connection as long as the connection does, some
 * 20 bytes for each letter, and there is no end to the forms that searches take: only what is asked again and again is
 * kept, and so much of it in all. What is not is read and planned anew, as a prepared one is at its first use.
 */

/** Asked so often before it is kept. */
const askedMin = 2;
/** Letters of all that are kept, and of all that are counted. */
const keptMax = 4 << 20, countedMax = 4 << 20;

export class PreparedTexts {
  readonly #kept = new Set<string>();
  readonly #counted = new Map<string, number>();
  readonly #bounds: { kept: number; counted: number };
  #keptLetters = 0;
  #countedLetters = 0;

  constructor(bounds: { kept: number; counted: number } = { kept: keptMax, counted: countedMax }) {
    this.#bounds = bounds;
  }

  /** For the statement that is about to be sent. */
  isKept(text: string): boolean {
    if (this.#kept.has(text)) return true;
    if (this.#keptLetters + text.length > this.#bounds.kept) return false;
    const asked = this.#counted.get(text) ?? 0;
    if (asked >= askedMin) {
      this.#counted.delete(text);
      this.#countedLetters -= text.length;
      this.#kept.add(text);
      this.#keptLetters += text.length;
      return true;
    }
    if (asked === 0) {
      if (this.#countedLetters + text.length > this.#bounds.counted) { this.#counted.clear(); this.#countedLetters = 0; }
      this.#countedLetters += text.length;
    }
    this.#counted.set(text, asked + 1);
    return false;
  }
}

const texts = new PreparedTexts();

/** Options of the driver for a statement whose form hangs on what is asked. */
export function preparing(text: string): { prepare: boolean } {
  return { prepare: texts.isKept(text) };
}
