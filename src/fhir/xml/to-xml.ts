/**
 * A FHIR resource's JSON to XML: elements in the definition's order, number literals as written, the narrative as
 * it stands. What R4 does not know, or XML cannot hold (control characters), is refused with its path.
 * Source: https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/json.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isResourceType } from "../definitions/load.ts";
import type { Limits } from "../json/document.ts";
import { isJsonObject, numberText, parseLiterals } from "../json/literals.ts";
import type { Json, JsonObject } from "../resource.ts";
import { layoutOf, type Layout, type Member } from "./layout.ts";
import { end, endTag, fhirNamespace, startTag, XmlFault, XmlReader, xhtmlNamespace } from "./reader.ts";
import { escapeValue } from "./tree.ts";

class WriteFault extends Error {
  readonly path: string;
  constructor(path: string, text: string) {
    super(text);
    this.path = path;
  }
}

/** XML text of a resource's JSON text, with its declaration. Failures: those of the JSON door, and `structure`, `value` with a FHIRPath. */
export function xmlFromJson(source: string | Uint8Array, limits?: Limits): Result<string> {
  const parsed = parseLiterals(source, limits);
  return parsed.ok ? xmlFromValue(parsed.value) : parsed;
}

/** The same from a parsed value; numbers print as JavaScript prints them unless they are literals of json/literals. */
export function xmlFromValue(value: Json): Result<string> {
  try {
    return ok(`<?xml version="1.0" encoding="UTF-8"?>\n${resource(value, "", true)}\n`);
  } catch (fault) {
    if (!(fault instanceof WriteFault)) throw fault;
    const text = `${fault.path || "resource"}: ${fault.message}`;
    return fail("structure", text, [{ severity: "error", code: "structure", text, ...(fault.path ? { expression: fault.path } : {}) }]);
  }
}

function resource(value: Json | undefined, path: string, root: boolean): string {
  if (!isJsonObject(value)) throw new WriteFault(path, "a resource is a JSON object");
  const type = value.resourceType;
  if (typeof type !== "string" || !isResourceType(type)) throw new WriteFault(path, `${JSON.stringify(type ?? null).slice(0, 60)} is no R4 resource type`);
  const inner = children(value, layoutOf(type), path === "" ? type : path);
  const open = root ? `${type} xmlns="${fhirNamespace}"` : type;
  return inner === "" ? `<${open}/>` : `<${open}>${inner}</${type}>`;
}

function children(object: JsonObject, layout: Layout, path: string): string {
  const found: Member[] = [];
  let sorted = true, last = -1;
  for (const key in object) {
    if (object[key] === undefined) continue;
    if (layout.attributes.has(key) || key === "resourceType" && isResourceType(layout.type)) continue;
    const twin = key.charCodeAt(0) === 95;
    const name = twin ? key.slice(1) : key;
    const member = layout.members.get(name);
    if (member === undefined || twin && (member.shape === "object" || member.shape === "resource" || member.shape === "xhtml")) throw new WriteFault(path, `${layout.type} has no member "${key.slice(0, 80)}"`);
    if (twin && object[name] !== undefined) continue;
    if (member.order < last) sorted = false;
    last = member.order;
    found.push(member);
  }
  if (!sorted) found.sort((a, b) => a.order - b.order);
  let out = "";
  for (const member of found) out += written(member, object[member.name], object[`_${member.name}`], `${path}.${member.name}`);
  return out;
}

function written(member: Member, value: Json | undefined, twin: Json | undefined, path: string): string {
  if (!member.many) {
    if (Array.isArray(value) || Array.isArray(twin)) throw new WriteFault(path, "is an array; this element does not repeat");
    return one(member, value, twin, path);
  }
  if (value !== undefined && !Array.isArray(value) || twin !== undefined && !Array.isArray(twin)) throw new WriteFault(path, "is no array; this element repeats");
  let out = "";
  const count = Math.max(value?.length ?? 0, twin?.length ?? 0);
  if (count === 0) throw new WriteFault(path, "is an empty array, which FHIR does not have; leave it out");
  for (let i = 0; i < count; i++) out += one(member, value?.[i], twin?.[i], `${path}[${i}]`);
  return out;
}

function one(member: Member, value: Json | undefined, twin: Json | undefined, path: string): string {
  const { name, shape } = member;
  switch (shape) {
    case "object": {
      if (!isJsonObject(value)) throw new WriteFault(path, "must be a JSON object");
      return element(name, value, layoutOf(member.type), path, "");
    }
    case "resource": return `<${name}>${resource(value, path, false)}</${name}>`;
    case "xhtml": return narrative(value, path);
    default: {
      const attribute = value === undefined || value === null ? "" : ` value="${attributeText(member, value, path)}"`;
      if (twin === undefined || twin === null) {
        if (attribute === "") throw new WriteFault(path, "has neither a value nor an extension");
        return `<${name}${attribute}/>`;
      }
      if (!isJsonObject(twin)) throw new WriteFault(path, `"_${name}" must be a JSON object`);
      return element(name, twin, layoutOf("Element"), path, attribute);
    }
  }
}

function element(name: string, object: JsonObject, layout: Layout, path: string, value: string): string {
  let open = `<${name}`;
  for (const attribute of layout.attributes) {
    const own = object[attribute];
    if (own === undefined) continue;
    if (typeof own !== "string") throw new WriteFault(`${path}.${attribute}`, "must be a string");
    if (object[`_${attribute}`] !== undefined) throw new WriteFault(`${path}.${attribute}`, "is an attribute in XML and can have no extension");
    open += ` ${attribute}="${text(own, `${path}.${attribute}`)}"`;
  }
  open += value;
  const inner = children(object, layout, path);
  return inner === "" ? `${open}/>` : `${open}>${inner}</${name}>`;
}

function attributeText(member: Member, value: Json, path: string): string {
  switch (member.shape) {
    case "text":
      if (typeof value !== "string") throw new WriteFault(path, "must be a string");
      return text(value, path);
    case "boolean":
      if (typeof value !== "boolean") throw new WriteFault(path, "must be true or false");
      return String(value);
    default: {
      const number = numberText(value);
      if (number === undefined) throw new WriteFault(path, "must be a number");
      if (member.shape === "integer" && !/^-?\d+$/.test(number)) throw new WriteFault(path, `is ${number.slice(0, 40)}; it must be a whole number, in digits`);
      return number;
    }
  }
}

const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

function text(value: string, path: string): string {
  const bad = forbidden.exec(value);
  if (bad) throw new WriteFault(path, `holds U+${value.charCodeAt(bad.index).toString(16).padStart(4, "0").toUpperCase()}, which XML cannot hold`);
  return escapeValue(value);
}

/** Put in as it stands, once it is seen to be one well-formed <div> in the namespace of XHTML. */
function narrative(value: Json | undefined, path: string): string {
  if (typeof value !== "string") throw new WriteFault(path, "must be a string of XHTML");
  const div = value.trim();
  if (forbidden.test(div)) throw new WriteFault(path, "holds a control character, which XML cannot hold");
  try {
    const reader = new XmlReader(div);
    for (let token = reader.next(), first = true; token !== end; token = reader.next()) {
      if (token === startTag) {
        if (first && (reader.from !== 0 || reader.local !== "div" || reader.namespace !== xhtmlNamespace)) throw new XmlFault(0, `the narrative is one <div xmlns="${xhtmlNamespace}">`);
        first = false;
        for (let i = 0; i < reader.attributes; i++) reader.attributeValue(i);
      } else if (token !== endTag && !div.startsWith("<![CDATA[", reader.from) && !div.startsWith("<!--", reader.from)) reader.checkReferences(reader.from, reader.to);
    }
  } catch (fault) {
    if (!(fault instanceof XmlFault)) throw fault;
    throw new WriteFault(path, `is not well-formed XHTML (character ${fault.at + 1}): ${fault.message}`);
  }
  return div.includes("\r") ? div.replaceAll("\r", "&#13;") : div;
}
