/** Small XML trees for the classifications that come as XML (ClaML, the ICD-10-CM tabular): tens of megabytes at most. */
import { characters, end, startTag, endTag, XmlFault, XmlReader, xmlText } from "#fhir/xml/reader.ts";
import { placeText } from "#fhir/json/diagnose.ts";
import { ReleaseFault } from "./fault.ts";
import { wholeText, type ReleaseFile } from "./files.ts";

export type Element = { name: string; attributes: Readonly<Record<string, string>>; children: (Element | string)[] };

const bytesMax = 256 * 1024 * 1024;

/** A document type without rules of its own is left out: nothing of it is fetched or expanded. */
export async function xmlTree(file: ReleaseFile): Promise<Element> {
  const text = xmlText((await wholeText(file, bytesMax)).replace(/<!DOCTYPE\s[^<>[\]]*>/, ""), bytesMax);
  if (!text.ok) throw new ReleaseFault(file.place, undefined, text.failure.text);
  const reader = new XmlReader(text.value);
  const root: Element = { name: "", attributes: {}, children: [] };
  const open = [root];
  try {
    for (let token = reader.next(); token !== end; token = reader.next()) switch (token) {
      case startTag: {
        const attributes: Record<string, string> = {};
        for (let i = 0; i < reader.attributes; i++) attributes[reader.attributeNames[i]!] = reader.attributeValue(i);
        const element: Element = { name: reader.local, attributes, children: [] };
        open.at(-1)!.children.push(element);
        open.push(element);
        break;
      }
      case endTag: open.pop(); break;
      case characters: open.at(-1)!.children.push(reader.value()); break;
      default:
    }
  } catch (error) {
    if (error instanceof XmlFault) throw new ReleaseFault(file.place, undefined, `XML ${placeText(text.value, error.at)}: ${error.message}; the file was cut off or changed`);
    throw error;
  }
  return elementsOf(root)[0]!;
}

export function elementsOf(element: Element, name?: string): Element[] {
  return element.children.filter((child): child is Element => typeof child !== "string" && (name === undefined || child.name === name));
}

/** All text below, blanks run together. */
export function textOf(element: Element | undefined): string {
  const parts: string[] = [];
  const walk = (one: Element | string): void => {
    if (typeof one === "string") parts.push(one);
    else for (const child of one.children) walk(child);
  };
  if (element) walk(element);
  return parts.join(" ").replaceAll(/\s+/g, " ").trim();
}
