/**
 * The text of `$expand?filter=`: every word given must begin a word of the concept's display, of a designation, or of
 * its code, without regard to case and marks. https://hl7.org/fhir/R4/valueset-operation-expand.html leaves it to the server.
 */
import type { Concept } from "./provider.ts";

export function textTest(text: string): (concept: Pick<Concept, "code" | "display" | "designation">) => boolean {
  const wanted = wordsOf(text);
  const bare = text.trim().toLowerCase();
  return ({ code, display, designation }) => {
    if (wanted.length === 0) return true;
    if (code.toLowerCase().startsWith(bare)) return true;
    const words = wordsOf([display ?? "", ...(designation?.map(({ value }) => value) ?? [])].join(" "));
    return wanted.every((word) => words.some((own) => own.startsWith(word)));
  };
}

function wordsOf(text: string): string[] {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
