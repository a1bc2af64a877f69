/** How terms are compared: without case and accents, by words. */

/** Lower case, compatibility forms folded, accents of Latin, Greek and Cyrillic letters taken off. */
export function folded(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return text.normalize("NFKD").replaceAll(/(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}*)\p{M}/gu, "").normalize("NFC").toLowerCase();
}

/** Words of a folded text. Han, kana and Hangul are written without blanks: each of their characters is a word. */
export function wordsOf(text: string): string[] {
  return text.match(word) ?? [];
}

const ascii = /^[\0-\x7f]*$/;
const word = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{N}\p{M}])+/gu;

/** Every word searched for begins a word of the term; order does not matter. */
export function matchesWords(term: string, searched: readonly string[]): boolean {
  const words = wordsOf(folded(term));
  return searched.every((piece) => wordsOf(folded(piece)).every((part) => words.some((one) => one.startsWith(part))));
}

/** The whole term is the pieces in their order with anything between. */
export function matchesPieces(term: string, pieces: readonly string[]): boolean {
  const text = folded(term), parts = pieces.map(folded);
  if (parts.length === 1) return text === parts[0];
  if (!text.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1)!;
  return text.length - at >= last.length && text.endsWith(last);
}

/** Sign of a - b for decimals of any length, written in digits. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(fraction(a), fraction(b));
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function fraction(digits: string): number {
  const dot = digits.indexOf(".");
  return dot < 0 ? 0 : digits.length - dot - 1;
}

function scaled(digits: string, scale: number): bigint {
  return BigInt(digits.replace("+", "").replace(".", "") + "0".repeat(scale - fraction(digits)));
}
