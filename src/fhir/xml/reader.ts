/**
 * A pull parser for XML 1.0 with namespaces, as far as FHIR needs it: no document type, so no entities but the
 * five predefined ones and character references, and nothing is ever fetched or expanded. Bounded in size, depth
 * and attributes; linear in the length of the text. It throws `XmlFault`, which the doors of this folder turn into
 * a Result; callers outside use those.
 * Source: https://www.w3.org/TR/xml/, https://www.w3.org/TR/xml-names/, https://hl7.org/fhir/R4/xml.html
 */
import { isUtf8 } from "node:buffer";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { placeText } from "../json/diagnose.ts";

export type XmlLimits = {
  /** Bytes of a Buffer, UTF-16 units of a string. Default 64 MiB. */
  sizeMax?: number;
  /** Levels of elements, narrative included. Default 100. */
  depthMax?: number;
};

export const fhirNamespace = "http://hl7.org/fhir";
export const xhtmlNamespace = "http://www.w3.org/1999/xhtml";
export const xmlNamespace = "http://www.w3.org/XML/1998/namespace";

export class XmlFault extends Error {
  readonly at: number;
  constructor(at: number, text: string) {
    super(text);
    this.at = at;
  }
}

export const end = 0, startTag = 1, endTag = 2, characters = 3, comment = 4, instruction = 5;

const attributesMax = 256;
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
/** ASCII characters of a name without prefix: 1 may begin it, 2 may follow. */
const nameClass = new Uint8Array(65536);
for (let c = 0; c < 128; c++) nameClass[c] = /[A-Za-z_]/.test(String.fromCharCode(c)) ? 1 : /[\d.-]/.test(String.fromCharCode(c)) ? 2 : 0;
/** Names met before, by hash: the same few hundred come again and again, and a known string is not hashed anew. */
const seen: (string | undefined)[] = Array.from({ length: 1024 }, () => undefined);
const anyName = /[\p{L}_][\p{L}\p{N}\p{M}_.·-]*(?::[\p{L}_][\p{L}\p{N}\p{M}_.·-]*)?/uy;
const predefined: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Text ready for a reader: UTF-8, allowed characters only, line ends as XML 1.0 §2.11 says. */
export function xmlText(source: string | Uint8Array, sizeMax = 64 * 1024 * 1024): Result<string> {
  if (source.length > sizeMax) return fail("too-long", `The XML has ${source.length} ${typeof source === "string" ? "characters" : "bytes"}; at most ${sizeMax} are taken here`);
  let text: string;
  if (typeof source === "string") text = source;
  else {
    if (!isUtf8(source)) return fail("invalid", "Not UTF-8: send the XML as UTF-8");
    text = Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString("utf8");
    const encoding = /^\uFEFF?<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)["']/.exec(text.slice(0, 200))?.[1];
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) return fail("invalid", `The XML says it is encoded as ${encoding.slice(0, 40)}; FHIR XML is UTF-8`);
  }
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  if (!text.isWellFormed()) return fail("invalid", "Not Unicode text: half of a surrogate pair");
  const bad = forbidden.exec(text);
  if (bad) return fail("invalid", `XML ${placeText(text, bad.index)}: the character U+${text.charCodeAt(bad.index).toString(16).padStart(4, "0").toUpperCase()} is not allowed in XML`);
  return ok(text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);
}

/** "XML line 3, column 14: …" */
export function faultOf(text: string, fault: XmlFault): { ok: false; failure: Failure } {
  return fail("invalid", `XML ${placeText(text, fault.at)}: ${fault.message}`);
}

export class XmlReader {
  readonly text: string;
  /** Where the next token begins. */
  at = 0;
  /** Open elements, the one just started included. */
  depth = 0;
  /** Last token: [from, to) in the text. */
  from = 0;
  to = 0;
  /** Last start tag: qualified name, local name, namespace ("" for none), `<x/>`. */
  name = "";
  local = "";
  namespace = "";
  empty = false;
  /** Attributes of the last start tag without namespace declarations: qualified names, and [from, to) of each raw value. */
  attributes = 0;
  readonly attributeNames: string[] = [];
  private readonly attributeFrom: number[] = [];
  private readonly attributeTo: number[] = [];
  private readonly open: string[] = [];
  private readonly defaults: string[] = [""];
  /** Prefix → namespace for each depth that declares prefixes; undefined elsewhere. */
  private readonly prefixes: (Map<string, string> | undefined)[] = [];
  private anyPrefix = false;
  private rootSeen = false;
  /** The next "]]>" and "<" ahead, looked for once: searching anew from each token would be quadratic. */
  private nextClose = -1;
  private nextLess = -1;
  private readonly depthMax: number;

  constructor(text: string, depthMax = 100) {
    this.text = text;
    this.depthMax = depthMax;
    if (text.startsWith("<?xml") && /\s/.test(text[5] ?? "")) {
      const close = text.indexOf("?>");
      if (close < 0) throw new XmlFault(0, "the XML declaration is not closed");
      if (!/^\s+version\s*=\s*(?:"1\.\d"|'1\.\d')(?:\s+encoding\s*=\s*(?:"[\w.-]+"|'[\w.-]+'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*$/.test(text.slice(5, close)))
        throw new XmlFault(0, "the XML declaration is malformed");
      this.at = close + 2;
    }
  }

  /** The next token; comments and instructions are told apart for those who keep them. */
  next(): number {
    const { text } = this;
    if (this.empty) {
      this.empty = false;
      this.close();
      return endTag;
    }
    const from = this.from = this.at;
    if (from >= text.length) {
      if (this.depth > 0) throw new XmlFault(from, `the text ends inside <${this.open[this.depth - 1]}>`);
      if (!this.rootSeen) throw new XmlFault(from, "there is no element");
      this.to = from;
      return end;
    }
    if (text.charCodeAt(from) !== 60) return this.readCharacters(from);
    const c = text.charCodeAt(from + 1);
    if (c === 47) return this.readEnd(from);
    if (c === 33) return this.readMarkup(from);
    if (c === 63) return this.readInstruction(from);
    return this.readStart(from);
  }

  /** Decoded value of an attribute of the last start tag; undefined when it is not there. */
  attribute(name: string): string | undefined {
    for (let i = 0; i < this.attributes; i++) if (this.attributeNames[i] === name) return this.attributeValue(i);
    return undefined;
  }

  /** White space in it is a space each, as XML 1.0 §3.3.3 says. */
  attributeValue(index: number): string {
    const from = this.attributeFrom[index]!;
    const raw = this.text.slice(from, this.attributeTo[index]!);
    if (raw.includes("\n") || raw.includes("\t")) return this.decode(raw.replace(/[\n\t]/g, " "), from);
    return raw.includes("&") ? this.decode(raw, from) : raw;
  }

  attributeAt(index: number): number {
    return this.attributeFrom[index]!;
  }

  /** Decoded text of the last `characters` token. */
  value(): string {
    const raw = this.text.slice(this.from, this.to);
    if (raw.startsWith("<![CDATA[")) return raw.slice(9, -3);
    return raw.includes("&") ? this.decode(raw, this.from) : raw;
  }

  blank(): boolean {
    const { text, to } = this;
    for (let i = this.from; i < to; i++) if (text.charCodeAt(i) > 32) return false;
    return true;
  }

  /** Namespace of a prefix where the reader stands; "" is the default namespace. */
  resolve(prefix: string): string | undefined {
    if (prefix === "") return this.defaults[this.depth];
    if (prefix === "xml") return xmlNamespace;
    if (this.anyPrefix) for (let d = this.depth; d > 0; d--) {
      const found = this.prefixes[d]?.get(prefix);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Prefixes declared on the last start tag ("" for xmlns); undefined: none. */
  declared(): ReadonlyMap<string, string> | undefined {
    return this.prefixes[this.depth];
  }

  private readCharacters(from: number): number {
    const { text } = this;
    let to = text.indexOf("<", from);
    if (to < 0) to = text.length;
    this.to = this.at = to;
    if (this.depth === 0 && !this.blank()) throw new XmlFault(from + text.slice(from, to).search(/\S/), "text outside of the root element");
    if (this.nextClose < from) this.nextClose = after(text, "]]>", from);
    if (this.nextClose < to) throw new XmlFault(this.nextClose, 'the text holds "]]>"; write "]]&gt;"');
    return characters;
  }

  private readEnd(from: number): number {
    const { text } = this;
    const name = this.depth > 0 ? this.open[this.depth - 1]! : "";
    let at = from + 2 + name.length;
    if (name === "" || !text.startsWith(name, from + 2)) throw this.wrongEnd(from, name);
    while (isBlank(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) !== 62) throw this.wrongEnd(from, name);
    this.to = this.at = at + 1;
    this.close();
    return endTag;
  }

  private wrongEnd(from: number, name: string): XmlFault {
    const found = /^<\/[^<>]{0,80}>?/.exec(this.text.slice(from, from + 90))?.[0] ?? "</";
    return new XmlFault(from, name === "" ? `${found} closes nothing` : `expected </${name}>, found ${found}`);
  }

  private close(): void {
    if (this.prefixes[this.depth]) this.prefixes[this.depth] = undefined;
    this.depth--;
  }

  private readMarkup(from: number): number {
    const { text } = this;
    if (text.startsWith("<!--", from)) {
      const dashes = text.indexOf("--", from + 4);
      if (dashes < 0) throw new XmlFault(from, "the comment that begins here is not closed");
      if (text.charCodeAt(dashes + 2) !== 62) throw new XmlFault(dashes, 'a comment holds "--"');
      this.to = this.at = dashes + 3;
      return comment;
    }
    if (text.startsWith("<![CDATA[", from) && this.depth > 0) {
      const close = text.indexOf("]]>", from + 9);
      if (close < 0) throw new XmlFault(from, "the CDATA section that begins here is not closed");
      this.to = this.at = close + 3;
      return characters;
    }
    if (text.startsWith("<!DOCTYPE", from)) throw new XmlFault(from, "a document type (DOCTYPE) is not allowed: FHIR XML has none, and entities are not expanded");
    throw new XmlFault(from, `${JSON.stringify(text.slice(from, from + 9))} is not allowed here`);
  }

  private readInstruction(from: number): number {
    const { text } = this;
    const close = text.indexOf("?>", from + 2);
    if (close < 0) throw new XmlFault(from, "the processing instruction that begins here is not closed");
    const target = this.nameAt(from + 2);
    if (/^xml$/i.test(target)) throw new XmlFault(from, "an XML declaration may only stand at the very beginning");
    this.to = this.at = close + 2;
    return instruction;
  }

  private nameAt(at: number): string {
    const { text } = this;
    let to = at, hash = 0, c = text.charCodeAt(at);
    if (nameClass[c] === 1) {
      do { hash = (Math.imul(hash, 31) + c) | 0; c = text.charCodeAt(++to); } while (nameClass[c]! > 0);
      if (c < 128 && c !== 58) {
        const slot = hash & 1023, known = seen[slot];
        if (known !== undefined && known.length === to - at && text.startsWith(known, at)) return known;
        if (to - at > 64) return text.slice(at, to);
        return seen[slot] = Buffer.from(text.slice(at, to), "latin1").toString("latin1"); // a copy: a slice would hold on to the whole document
      }
    }
    anyName.lastIndex = at;
    const name = anyName.exec(this.text)?.[0];
    if (name === undefined || this.text[at + name.length] === ":") throw new XmlFault(at, `expected a name, found ${this.shown(at)}`);
    return name;
  }

  private shown(at: number): string {
    return at >= this.text.length ? "the end of the text" : JSON.stringify(String.fromCodePoint(this.text.codePointAt(at)!));
  }

  private readStart(from: number): number {
    const { text } = this;
    if (this.depth === 0 && this.rootSeen) throw new XmlFault(from, "a second root element; one resource is one element");
    this.rootSeen = true;
    const name = this.nameAt(from + 1);
    if (this.depth >= this.depthMax) throw new XmlFault(from, `nested deeper than ${this.depthMax} levels`);
    const depth = ++this.depth;
    this.open[depth - 1] = name;
    this.defaults[depth] = this.defaults[depth - 1]!;
    this.attributes = 0;
    let at = from + 1 + name.length;
    for (;;) {
      const before = at;
      while (isBlank(text.charCodeAt(at))) at++;
      const c = text.charCodeAt(at);
      if (c === 62) { this.empty = false; at++; break; }
      if (c === 47 && text.charCodeAt(at + 1) === 62) { this.empty = true; at += 2; break; }
      if (at >= text.length) throw new XmlFault(from, `the tag <${name}> is not closed`);
      if (at === before) throw new XmlFault(at, `expected white space, "/>" or ">", found ${this.shown(at)}`);
      at = this.readAttribute(at, depth);
    }
    this.to = this.at = at;
    this.name = name;
    const colon = name.indexOf(":");
    if (colon < 0) {
      this.local = name;
      this.namespace = this.defaults[depth]!;
    } else {
      const namespace = this.resolve(name.slice(0, colon));
      if (namespace === undefined) throw new XmlFault(from + 1, `the prefix of ${name} is not declared (xmlns:${name.slice(0, colon)})`);
      this.local = name.slice(colon + 1);
      this.namespace = namespace;
    }
    for (let i = 0; i < this.attributes; i++) {
      const attribute = this.attributeNames[i]!;
      const at = attribute.indexOf(":");
      if (at > 0 && this.resolve(attribute.slice(0, at)) === undefined) throw new XmlFault(this.attributeFrom[i]!, `the prefix of ${attribute} is not declared`);
    }
    return startTag;
  }

  private readAttribute(start: number, depth: number): number {
    const { text } = this;
    const name = this.nameAt(start);
    let at = start + name.length;
    while (isBlank(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) !== 61) throw new XmlFault(at, `expected "=" after ${name}, found ${this.shown(at)}`);
    at++;
    while (isBlank(text.charCodeAt(at))) at++;
    const quote = text[at];
    if (quote !== '"' && quote !== "'") throw new XmlFault(at, `the value of ${name} stands in quotes, found ${this.shown(at)}`);
    const to = text.indexOf(quote, at + 1);
    if (to < 0) throw new XmlFault(at, `the value of ${name} is not closed`);
    if (this.nextLess < at) this.nextLess = after(text, "<", at);
    if (this.nextLess < to) throw new XmlFault(this.nextLess, `the value of ${name} holds "<"; write "&lt;"`);
    for (let i = 0; i < this.attributes; i++) if (this.attributeNames[i] === name) throw new XmlFault(start, `the attribute ${name} stands twice`);
    if (name === "xmlns" || name.startsWith("xmlns:")) this.declareNamespace(name, at + 1, to, depth);
    else {
      if (this.attributes >= attributesMax) throw new XmlFault(start, `more than ${attributesMax} attributes`);
      this.attributeNames[this.attributes] = name;
      this.attributeFrom[this.attributes] = at + 1;
      this.attributeTo[this.attributes++] = to;
    }
    return to + 1;
  }

  private declareNamespace(name: string, from: number, to: number, depth: number): void {
    const raw = this.text.slice(from, to);
    const value = raw.includes("&") ? this.decode(raw, from) : raw;
    const prefix = name === "xmlns" ? "" : name.slice(6);
    const map = this.prefixes[depth] ??= new Map<string, string>();
    if (map.has(prefix)) throw new XmlFault(from, `${name} stands twice`);
    if (map.size >= attributesMax) throw new XmlFault(from, `more than ${attributesMax} namespaces`);
    map.set(prefix, value);
    if (prefix === "") this.defaults[depth] = value;
    else {
      if (value === "" || prefix === "xmlns" || prefix === "xml" && value !== xmlNamespace) throw new XmlFault(from, `${name} cannot be declared so`);
      this.anyPrefix = true;
    }
  }

  private decode(raw: string, from: number): string {
    let out = "", last = 0;
    for (let at = raw.indexOf("&"); at >= 0; at = raw.indexOf("&", last)) {
      const semicolon = raw.indexOf(";", at);
      const name = semicolon < 0 || semicolon - at > 40 ? undefined : raw.slice(at + 1, semicolon);
      const value = name === undefined ? undefined : name.charCodeAt(0) === 35 ? character(name) : Object.hasOwn(predefined, name) ? predefined[name] : undefined;
      if (value === undefined)
        throw new XmlFault(from + at, name === undefined ? '"&" stands for itself only as "&amp;"' : `&${name}; is not defined: XML in FHIR knows &lt; &gt; &amp; &quot; &apos; and character references such as &#160;`);
      out += raw.slice(last, at) + value;
      last = semicolon + 1;
    }
    return out + raw.slice(last);
  }

  /** Checks the references in a stretch that is kept as it stands. */
  checkReferences(from: number, to: number): void {
    const raw = this.text.slice(from, to);
    if (raw.includes("&")) this.decode(raw, from);
  }
}

function after(text: string, wanted: string, from: number): number {
  const found = text.indexOf(wanted, from);
  return found < 0 ? text.length : found;
}

function isBlank(c: number): boolean {
  return c === 32 || c === 10 || c === 9 || c === 13;
}

function character(name: string): string | undefined {
  const match = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (!match) return undefined;
  const point = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  if (point > 0x10ffff || point >= 0xd800 && point <= 0xdfff) return undefined;
  const text = String.fromCodePoint(point);
  return forbidden.test(text) ? undefined : text;
}
