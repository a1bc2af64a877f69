/** JSON text laid out for people: two spaces a level; literals, names and order as they are. The text is known to be JSON. */
export function prettyJson(text: string): string {
  let out = "", level = 0, copied = 0;
  const line = (): string => `\n${"  ".repeat(level)}`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    switch (code) {
      case 0x22: { // a string is copied whole
        for (i++; text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
        continue;
      }
      case 0x20: case 0x09: case 0x0a: case 0x0d:
        out += text.slice(copied, i);
        break;
      case 0x7b: case 0x5b: {
        out += text.slice(copied, i + 1);
        let next = i + 1;
        while (" \t\n\r".includes(text[next]!)) next++;
        if (text[next] === "}" || text[next] === "]") { out += text[next]; i = next; }
        else { level++; out += line(); i = next - 1; }
        break;
      }
      case 0x7d: case 0x5d:
        level--;
        out += text.slice(copied, i) + line() + text[i]!;
        break;
      case 0x2c: out += `${text.slice(copied, i)},${line()}`; break;
      case 0x3a: out += `${text.slice(copied, i)}: `; break;
      default: continue;
    }
    copied = i + 1;
  }
  return out + text.slice(copied);
}
