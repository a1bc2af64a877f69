/**
 * FHIR XML laid out for people: two spaces a level. Elements of FHIR hold no text of their own, so space between them
 * means nothing; narratives are copied as they are. The text is known to be XML as `xmlFromJson` writes it.
 */
export function prettyXml(text: string): string {
  let out = "", level = 0;
  for (let at = 0; at < text.length;) {
    const open = text.indexOf("<", at);
    if (open < 0) break;
    const narrative = text.startsWith("<div ", open) || text.startsWith("<div>", open);
    const end = narrative ? endOfNarrative(text, open) : endOfTag(text, open);
    const tag = text.slice(open, end);
    const closing = tag.startsWith("</");
    if (closing) level--;
    if (out !== "") out += `\n${"  ".repeat(level)}`;
    out += tag;
    if (!closing && !narrative && !tag.endsWith("/>") && !tag.startsWith("<?")) level++;
    at = end;
  }
  return `${out}\n`;
}

/** Attribute values stand in double quotes and may hold ">". */
function endOfTag(text: string, open: number): number {
  for (let i = open; i < text.length; i++) {
    if (text[i] === '"') i = text.indexOf('"', i + 1);
    else if (text[i] === ">") return i + 1;
  }
  return text.length;
}

/** Behind the </div> that closes the one at `open`. */
function endOfNarrative(text: string, open: number): number {
  const tags = /<(\/?)div(?:\s[^<>]*)?>/g;
  tags.lastIndex = open;
  for (let depth = 0, match = tags.exec(text); match; match = tags.exec(text)) {
    if (match[1] === "/") depth--;
    else if (!match[0].endsWith("/>")) depth++;
    if (depth === 0) return tags.lastIndex;
  }
  return text.length;
}
