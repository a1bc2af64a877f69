/**
 * A FHIR resource in XML to its JSON text, in one pass and without a tree between. Decimals keep their literal
 * (1.50), the narrative is the source's own text, `id` and extensions of primitives go beside them (`_birthDate`).
 * Comments, processing instructions and xsi attributes are passed over; anything else that R4 does not know, or
 * that stands out of order, is refused with line and column. Types are checked no further: validate does.
 * Source: https://hl7.org/fhir/R4/xml.html
 */
import { ok, type Result } from "#platform/result.ts";
import { isResourceType } from "../definitions/load.ts";
import { nearNames } from "../fhirpath/near.ts";
import { layoutOf, type Layout, type Member } from "./layout.ts";
import { inOrder } from "./order.ts";
import { escapeValue, printElement, readElement, type XmlElement } from "./tree.ts";
import { characters, end, endTag, faultOf, fhirNamespace, startTag, XmlFault, XmlReader, xhtmlNamespace, xmlText, type XmlLimits } from "./reader.ts";

export type XmlOptions = XmlLimits & {
  /** Takes elements in any order, which R4 does not allow but some senders write. Lists keep theirs. */
  anyOrder?: boolean;
};

class OrderFault extends XmlFault {}

/** JSON text of one resource. Failures `too-long` and `invalid` name line, column and mend. */
export function jsonFromXml(source: string | Uint8Array, options: XmlOptions = {}): Result<string> {
  const read = xmlText(source, options.sizeMax);
  if (!read.ok) return read;
  try {
    try {
      return ok(convert(read.value, options.depthMax));
    } catch (fault) {
      if (!options.anyOrder || !(fault instanceof OrderFault)) throw fault;
      const tree = readElement(read.value, { depthMax: options.depthMax, keep: true });
      inOrder(tree);
      return ok(convert(printElement(tree), options.depthMax));
    }
  } catch (fault) {
    if (!(fault instanceof XmlFault)) throw fault;
    return faultOf(read.value, fault);
  }
}

function convert(text: string, depthMax: number | undefined): string {
  const reader = new XmlReader(text, depthMax);
  let json = "";
  for (let token = reader.next(); token !== end; token = reader.next()) if (token === startTag) json = resource(reader);
  return json;
}

const decimalForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const integerForm = /^[+-]?(?:0|[1-9]\d*)$/;
const escaped = /["\\\n\t\r\u2028\u2029]/;

function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function resource(reader: XmlReader): string {
  const { local } = reader;
  if (reader.namespace !== fhirNamespace) throw new XmlFault(reader.from, `<${reader.name}> is not in the namespace of FHIR; a resource says xmlns="${fhirNamespace}"`);
  if (!isResourceType(local)) throw new XmlFault(reader.from, `<${local}> is no R4 resource`);
  const layout = layoutOf(local);
  const first = attributes(reader, layout, `"resourceType":"${local}"`);
  const json = `{${body(reader, layout, first)}}`;
  json.charCodeAt(0); // makes one string of its thousand pieces now, so that a Bundle does not keep them all alive to its end
  return json;
}

/** The element's attributes as JSON members after `out`. */
function attributes(reader: XmlReader, layout: Layout, out: string): string {
  for (let i = 0; i < reader.attributes; i++) {
    const name = reader.attributeNames[i]!;
    if (layout.attributes.has(name)) out += `${out === "" ? "" : ","}"${name}":${quoted(reader.attributeValue(i))}`;
    else refuseAttribute(reader, i, `<${reader.local}>`);
  }
  return out;
}

const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

function refuseAttribute(reader: XmlReader, index: number, where: string): void {
  const name = reader.attributeNames[index]!;
  const colon = name.indexOf(":");
  if (colon > 0 && reader.resolve(name.slice(0, colon)) === schemaInstance) return; // xsi:schemaLocation says nothing of the resource
  throw new XmlFault(reader.attributeAt(index), `${where} has no attribute ${name}`);
}

/** Children up to the end tag, as JSON members after `out`. */
function body(reader: XmlReader, layout: Layout, out: string): string {
  let last: Member | undefined;
  let list = false; // an array of objects stands open in `out`
  let values = "", twins = "", count = 0, anyValue = false, anyTwin = false; // an array of primitives being gathered
  for (;;) {
    const token = reader.next();
    if (token === startTag) {
      const member = memberOf(reader, layout);
      if (member !== last) {
        if (list) { out += "]"; list = false; }
        else if (count > 0) { out += primitives(last!, values, twins, anyValue, anyTwin, out !== ""); values = twins = ""; count = 0; anyValue = anyTwin = false; }
        if (last !== undefined && member.order <= last.order) refuseOrder(reader, layout, member, last);
        last = member;
      } else if (!member.many) throw new XmlFault(reader.from, `<${member.name}> stands twice in ${layout.type}; it may stand once`);
      switch (member.shape) {
        case "object": {
          const inner = layoutOf(member.type);
          const first = attributes(reader, inner, "");
          out += list ? "," : out === "" ? member.key : `,${member.key}`;
          if (member.many && !list) { out += "["; list = true; }
          out += `{${body(reader, inner, first)}}`;
          break;
        }
        case "resource":
          out += list ? "," : out === "" ? member.key : `,${member.key}`;
          if (member.many && !list) { out += "["; list = true; }
          out += wrapped(reader, member);
          break;
        case "xhtml":
          out += `${out === "" ? "" : ","}${member.key}${JSON.stringify(narrative(reader))}`;
          break;
        default: {
          const value = primitive(reader, member);
          const twin = beside;
          if (member.many) {
            if (count++ > 0) { values += ","; twins += ","; }
            values += value ?? "null";
            twins += twin === "" ? "null" : `{${twin}}`;
            anyValue ||= value !== undefined;
            anyTwin ||= twin !== "";
          } else {
            if (value !== undefined) out += out === "" ? member.key + value : `,${member.key}${value}`;
            if (twin !== "") out += `${out === "" ? "" : ","}${member.twinKey}{${twin}}`;
          }
        }
      }
    } else if (token === endTag) break;
    else if (token === characters && !reader.blank()) throw new XmlFault(reader.from, `text inside of ${layout.type}: values of FHIR elements stand in the attribute "value"`);
  }
  if (list) return `${out}]`;
  return count > 0 ? out + primitives(last!, values, twins, anyValue, anyTwin, out !== "") : out;
}

function memberOf(reader: XmlReader, layout: Layout): Member {
  const member = layout.members.get(reader.local);
  if (member !== undefined && reader.namespace === (member.shape === "xhtml" ? xhtmlNamespace : fhirNamespace)) return member;
  if (member !== undefined) throw new XmlFault(reader.from, `<${reader.name}> is in the namespace "${reader.namespace}"; it must be "${member.shape === "xhtml" ? xhtmlNamespace : fhirNamespace}"`);
  const near = nearNames(reader.local, [...layout.members.keys()]);
  throw new XmlFault(reader.from, `${layout.type} has no element <${reader.local}>${near.length > 0 ? `; did you mean ${near.map(name => `<${name}>`).join(" or ")}?` : ""}`);
}

function refuseOrder(reader: XmlReader, layout: Layout, member: Member, last: Member): never {
  const text = member.order === last.order ? `${layout.type} holds both <${last.name}> and <${member.name}>; one of them may stand`
    : `<${member.name}> must stand before <${last.name}> in ${layout.type}`;
  throw member.order === last.order ? new XmlFault(reader.from, text) : new OrderFault(reader.from, text);
}

function primitives(member: Member, values: string, twins: string, anyValue: boolean, anyTwin: boolean, comma: boolean): string {
  let out = comma ? "," : "";
  if (anyValue) out += `${member.key}[${values}]`;
  if (anyTwin) out += `${anyValue ? "," : ""}${member.twinKey}[${twins}]`;
  return out;
}

/** Members of the last primitive's twin, "" when it has none: beside the value that `primitive` answers. */
let beside = "";

function primitive(reader: XmlReader, member: Member): string | undefined {
  let value: string | undefined, twin = "";
  const { from } = reader;
  for (let i = 0; i < reader.attributes; i++) {
    const name = reader.attributeNames[i]!;
    if (name === "value") value = literal(reader, i, member);
    else if (name === "id") twin = `"id":${quoted(reader.attributeValue(i))}`;
    else refuseAttribute(reader, i, `<${reader.local}>`);
  }
  if (reader.empty) reader.next();
  else twin = body(reader, layoutOf("Element"), twin);
  if (value === undefined && twin === "") throw new XmlFault(from, `<${member.name}> has neither a value nor an extension`);
  beside = twin;
  return value;
}

function literal(reader: XmlReader, index: number, member: Member): string {
  const text = reader.attributeValue(index);
  switch (member.shape) {
    case "text": return quoted(text);
    case "boolean":
      if (text === "true" || text === "false") return text;
      throw new XmlFault(reader.attributeAt(index), `${JSON.stringify(text.slice(0, 40))} is no boolean; <${member.name}> is true or false`);
    case "decimal":
      if (decimalForm.test(text)) return text;
      throw new XmlFault(reader.attributeAt(index), `${JSON.stringify(text.slice(0, 40))} is no decimal; <${member.name}> is written such as 1.50`);
    default:
      if (integerForm.test(text)) return text.charCodeAt(0) === 43 ? text.slice(1) : text;
      throw new XmlFault(reader.attributeAt(index), `${JSON.stringify(text.slice(0, 40))} is no whole number, as <${member.name}> wants`);
  }
}

/** contained, Bundle.entry.resource: an element that holds one resource. */
function wrapped(reader: XmlReader, member: Member): string {
  const { from } = reader;
  for (let i = 0; i < reader.attributes; i++) refuseAttribute(reader, i, `<${member.name}>`);
  let json: string | undefined;
  for (let token = reader.next(); token !== endTag; token = reader.next()) {
    if (token === startTag) {
      if (json !== undefined) throw new XmlFault(reader.from, `<${member.name}> holds more than one resource`);
      json = resource(reader);
    } else if (token === characters && !reader.blank()) throw new XmlFault(reader.from, `text inside of <${member.name}>`);
  }
  if (json === undefined) throw new XmlFault(from, `<${member.name}> holds no resource`);
  return json;
}

/** The <div> as it stands; written anew only when it relies on a declaration outside of it, which JSON does not have. */
function narrative(reader: XmlReader): string {
  const { from, depth } = reader;
  let alone = reader.name === "div" && reader.declared()?.get("") === xhtmlNamespace;
  for (let token: number = startTag; ; token = reader.next()) {
    if (token === startTag) {
      if (reader.name.includes(":") || reader.namespace !== xhtmlNamespace) alone = false;
      for (let i = 0; i < reader.attributes; i++) { reader.attributeValue(i); if (reader.attributeNames[i]!.includes(":")) alone &&= reader.attributeNames[i]!.startsWith("xml:"); }
    } else if (token === endTag) {
      if (reader.depth < depth) break;
    } else if (token === characters && !reader.text.startsWith("<![CDATA[", reader.from)) reader.checkReferences(reader.from, reader.to);
  }
  if (alone) return reader.text.slice(from, reader.to);
  const { text } = reader;
  const prefixes = new Map<string, string>();
  for (const [, prefix] of text.slice(from, reader.to).matchAll(/[<\s]([\p{L}_][\p{L}\p{N}_.-]*):/gu)) {
    const namespace = reader.resolve(prefix!);
    if (namespace !== undefined && prefix !== "xml") prefixes.set(prefix!, namespace);
  }
  const outer = reader.resolve("") ?? "";
  const shell = `<s xmlns="${escapeValue(outer)}"${[...prefixes].map(([prefix, namespace]) => ` xmlns:${prefix}="${escapeValue(namespace)}"`).join("")}>`;
  const tree = readElement(`${shell}${text.slice(from, reader.to)}</s>`, { depthMax: 1000 });
  return printElement(tree.children[0] as XmlElement, "");
}

