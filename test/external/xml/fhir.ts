/** A FHIR resource in XML (https://hl7.org/fhir/R4/xml.html) to its JSON form, by the R4 definitions. */
import type { JsonObject, Json, Resource } from "#fhir/resource.ts";
import { isResourceType, typeDefinition } from "#fhir/definitions/load.ts";
import { parseXml, type Element } from "./xml.ts";

export function resourceFromXml(xml: string): Resource {
  return resource(parseXml(xml)) as Resource;
}

function resource(element: Element): JsonObject {
  if (!isResourceType(element.name)) throw new Error(`<${element.name}> is no R4 resource`);
  return { resourceType: element.name, ...object(element, element.name) };
}

const numeric = new Set(["decimal", "integer", "positiveInt", "unsignedInt"]);

function object(element: Element, type: string): JsonObject {
  const result: JsonObject = {};
  const definition = typeDefinition(type);
  for (const [name, text] of Object.entries(element.attributes)) if (name === "id" || (name === "url" && type === "Extension")) result[name] = text;
  for (const child of element.children) {
    const member = definition?.members.get(child.name);
    if (!member) throw new Error(`${type} has no member ${child.name}`);
    const many = member.element.max > 1;
    if (member.type === "Resource") put(result, child.name, many, child.children.map(resource)[0] ?? null);
    else if (typeDefinition(member.type)?.kind === "primitive") primitive(result, child, member.type, many);
    else put(result, child.name, many, object(child, member.type));
  }
  return result;
}

function put(result: JsonObject, name: string, many: boolean, value: Json): void {
  if (!many) result[name] = value;
  else ((result[name] ??= []) as Json[]).push(value);
}

function primitive(result: JsonObject, child: Element, type: string, many: boolean): void {
  const text = type === "xhtml" ? child.source : child.attributes.value;
  const value: Json = text === undefined ? null : numeric.has(type) ? Number(text) : type === "boolean" ? text === "true" : text;
  const beside = type === "xhtml" ? {} : object(child, "Element");
  const hasBeside = Object.keys(beside).length > 0;
  const twin = `_${child.name}`;
  if (!many) {
    if (value !== null) result[child.name] = value;
    if (hasBeside) result[twin] = beside;
    return;
  }
  const values = (result[child.name] ??= []) as Json[];
  const twins = result[twin] as Json[] | undefined;
  values.push(value);
  if (hasBeside || twins) {
    const list = twins ?? (result[twin] = Array.from({ length: values.length - 1 }, () => null) as Json[]);
    list.push(hasBeside ? beside : null);
  }
}
