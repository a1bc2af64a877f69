/**
 * A small tree of XML for those who must walk it: XML Patch, and narratives that need their namespaces written
 * anew. Names carry their namespace; printing declares the default namespace wherever it changes.
 */
import { characters, comment, end, endTag, instruction, startTag, XmlFault, XmlReader, xhtmlNamespace } from "./reader.ts";

export type XmlAttribute = { name: string; namespace: string; local: string; value: string };
export type XmlElement = {
  kind: "element"; local: string; namespace: string; attributes: XmlAttribute[];
  /** Prefixes declared here, "" for the default namespace. */
  declared: Map<string, string>;
  children: XmlNode[];
  /** A narrative as its source wrote it, for as long as nothing in it is changed. */
  source?: string;
};
export type XmlNode = XmlElement | { kind: "text"; text: string } | { kind: "comment"; text: string } | { kind: "instruction"; target: string; text: string };

/** Children before and after the root are dropped; `keep`: narratives remember their source. Throws XmlFault. */
export function readElement(text: string, options: { depthMax?: number; keep?: boolean } = {}): XmlElement {
  const reader = new XmlReader(text, options.depthMax);
  let root: XmlElement | undefined;
  const open: { element: XmlElement; from: number }[] = [];
  for (let token = reader.next(); token !== end; token = reader.next()) {
    const top = open.at(-1)?.element;
    if (token === startTag) {
      const element = started(reader);
      if (top) top.children.push(element);
      root ??= element;
      open.push({ element, from: reader.from });
    } else if (token === endTag) {
      const { element, from } = open.pop()!;
      if (options.keep && element.local === "div" && element.declared.get("") === xhtmlNamespace && element.namespace === xhtmlNamespace) element.source = text.slice(from, reader.to);
    } else if (top) top.children.push(leaf(reader, token));
  }
  return root!;
}

function started(reader: XmlReader): XmlElement {
  const attributes: XmlAttribute[] = [];
  for (let i = 0; i < reader.attributes; i++) {
    const name = reader.attributeNames[i]!;
    const colon = name.indexOf(":");
    const attribute = { name, local: name.slice(colon + 1), namespace: colon < 0 ? "" : reader.resolve(name.slice(0, colon))!, value: reader.attributeValue(i) };
    if (attributes.some(other => other.local === attribute.local && other.namespace === attribute.namespace)) throw new XmlFault(reader.attributeAt(i), `the attribute ${name} stands twice`);
    attributes.push(attribute);
  }
  return { kind: "element", local: reader.local, namespace: reader.namespace, attributes, declared: new Map(reader.declared()), children: [] };
}

function leaf(reader: XmlReader, token: number): XmlNode {
  const raw = reader.text.slice(reader.from, reader.to);
  if (token === characters) return { kind: "text", text: reader.value() };
  if (token === comment) return { kind: "comment", text: raw.slice(4, -3) };
  if (token !== instruction) throw new XmlFault(reader.from, "not expected here");
  const target = /^[^\s?]+/.exec(raw.slice(2))![0];
  return { kind: "instruction", target, text: raw.slice(2 + target.length, -2).trimStart() };
}

/** XML text; `outer` is the default namespace around it. Prefixes are kept for attributes only. */
export function printElement(element: XmlElement, outer = ""): string {
  if (element.source !== undefined) return element.source;
  let out = `<${element.local}`;
  if (element.namespace !== outer) out += ` xmlns="${escapeValue(element.namespace)}"`;
  for (const [prefix, namespace] of element.declared) if (prefix !== "") out += ` xmlns:${prefix}="${escapeValue(namespace)}"`;
  for (const { name, value } of element.attributes) out += ` ${name}="${escapeValue(value)}"`;
  if (element.children.length === 0) return `${out}/>`;
  out += ">";
  for (const child of element.children) {
    if (child.kind === "element") out += printElement(child, element.namespace);
    else if (child.kind === "text") out += escapeText(child.text);
    else if (child.kind === "comment") out += `<!--${child.text}-->`;
    else out += `<?${child.target} ${child.text}?>`;
  }
  return `${out}</${element.local}>`;
}

const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;" };

/** For an attribute in double quotes. */
export function escapeValue(text: string): string {
  return /[&<"\n\r\t]/.test(text) ? text.replace(/[&<"\n\r\t]/g, c => names[c]!) : text;
}

export function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, c => names[c]!) : text;
}
