/** Well-formed XML, as published test suites are, to a tree. Declarations, comments and doctypes are passed over. */

export type Element = { name: string; attributes: Record<string, string>; children: Element[]; text: string; /** Source from "<" to the end tag. */ source: string };

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, name: string) =>
    name.startsWith("#x") ? String.fromCodePoint(parseInt(name.slice(2), 16))
      : name.startsWith("#") ? String.fromCodePoint(Number(name.slice(1))) : entities[name] ?? whole);
}

const token = /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<!DOCTYPE[^>]*>|<\/([^\s>]+)\s*>|<([^\s/>]+)((?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g;

export function parseXml(xml: string): Element {
  const holder: Element = { name: "", attributes: {}, children: [], text: "", source: "" };
  const open: { element: Element; from: number }[] = [{ element: holder, from: 0 }];
  for (const match of xml.matchAll(token)) {
    const top = open.at(-1)!;
    const [whole, cdata, closing, opening, attributes, selfClosed, text] = match;
    if (cdata !== undefined) top.element.text += cdata;
    else if (text !== undefined) top.element.text += decode(text);
    else if (closing !== undefined) {
      if (top.element.name !== closing) throw new Error(`</${closing}> closes <${top.element.name}>`);
      top.element.source = xml.slice(top.from, match.index + whole.length);
      open.pop();
    } else if (opening !== undefined) {
      const element: Element = { name: opening, attributes: {}, children: [], text: "", source: whole };
      for (const [, name, double, single] of (attributes ?? "").matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
        element.attributes[name!] = decode(double ?? single ?? "");
      top.element.children.push(element);
      if (!selfClosed) open.push({ element, from: match.index });
    }
  }
  if (open.length !== 1 || holder.children.length !== 1) throw new Error("the XML is not one closed element");
  return holder.children[0]!;
}
