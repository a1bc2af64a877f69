/**
 * Search values as text: OR lists and the escapes `\,` `\|` `\$` `\\`.
 * Source: https://hl7.org/fhir/R4/search.html#escaping
 */
import type { Prefix } from "./query-model.ts";

/** Splits at separators that no backslash precedes; escapes stay for the next level. */
export function splitUnescaped(text: string, separator: "," | "|" | "$"): string[] {
  if (!text.includes("\\")) return text.split(separator);
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** Whether a backslash stands where it escapes nothing, which R4 calls illegal. */
export function escapesNothing(text: string): boolean {
  return text.includes("\\") && text.replace(/\\[,|$\\]/g, "").includes("\\");
}

export function unescape(text: string): string {
  return text.includes("\\") ? text.replace(/\\([,|$\\])/g, "$1") : text;
}

const prefixed = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-+.\d])/;

/** A leading comparison prefix; none means eq. */
export function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const match = prefixed.exec(text);
  return match ? { prefix: match[1] as Prefix, rest: text.slice(2) } : { prefix: "eq", rest: text };
}
