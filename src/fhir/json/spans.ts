/** Where values begin and end in JSON text that has passed the door (document.ts). */

/** Offset of a member's value, given the opening quote of its name. */
export function valueStart(text: string, nameStart: number): number {
  return afterBlank(text, afterBlank(text, stringEnd(text, nameStart)) + 1);
}

export function afterBlank(text: string, at: number): number {
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Offset after the closing quote. */
export function stringEnd(text: string, openingQuote: number): number {
  for (let i = openingQuote + 1; ; i++) {
    const c = text.charCodeAt(i);
    if (c === 34 || i >= text.length) return i + 1;
    if (c === 92) i++;
  }
}

export function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === 34) return stringEnd(text, start);
  let i = start, depth = 0;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) { i = stringEnd(text, i) - 1; continue; }
    if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) { if (depth === 0) return trimmedEnd(text, i); if (--depth === 0) return i + 1; }
    else if (c === 44 && depth === 0) return trimmedEnd(text, i);
  }
  return i;
}

function trimmedEnd(text: string, end: number): number {
  while (text.charCodeAt(end - 1) <= 32) end--;
  return end;
}
