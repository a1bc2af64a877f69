/** Languages as requests weigh them (Accept-Language, RFC 9110 §12.5.4) and as displays state them (BCP 47). */

/** `quality` 0: not wanted. The tag "*" stands for any; `implied`: it was not asked for. */
export type WantedLanguage = { tag: string; quality: number; implied?: true };

export type LanguageFit = "same" | "region" | "language";

const languagesMax = 50;

/** In order of preference; undefined where the text names none. */
export function parseLanguages(text: string): WantedLanguage[] | undefined {
  const wanted: WantedLanguage[] = [];
  for (const part of text.split(",").slice(0, languagesMax)) {
    const [tag, ...parameters] = part.split(";").map((piece) => piece.trim());
    if (tag === undefined || !/^(?:\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)$/.test(tag)) continue;
    const quality = Number(/^q=([01](?:\.\d{0,3})?)$/i.exec(parameters.find((one) => /^q=/i.test(one)) ?? "")?.[1] ?? 1);
    wanted.push({ tag, quality });
  }
  return wanted.length === 0 ? undefined : wanted.sort((a, b) => b.quality - a.quality);
}

export function fits(wanted: string, actual: string, fit: LanguageFit): boolean {
  const [a, b] = [wanted.toLowerCase(), actual.toLowerCase()];
  if (fit === "same") return a === b;
  if (primary(a) !== primary(b)) return false;
  return fit === "language" || region(a) === region(b);
}

function primary(tag: string): string {
  return tag.split("-", 1)[0]!;
}

function region(tag: string): string | undefined {
  return tag.split("-").slice(1).find((part) => /^(?:[a-z]{2}|\d{3})$/.test(part));
}

/** With weights "de, *; q=0" or "en,it,*"; without, the languages alone. */
export function languagesText(wanted: readonly WantedLanguage[], weights: boolean): string {
  if (weights) return wanted.map(({ tag, quality }) => (quality === 1 ? tag : ` ${tag}; q=${quality}`)).join(",").trim();
  return wanted.filter(({ tag, quality }) => tag !== "*" && quality > 0).map(({ tag }) => tag).join(", ");
}
