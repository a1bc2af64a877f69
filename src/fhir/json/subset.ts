/**
 * Parts of a resource, cut out of its text, so that what is left keeps its number literals and order: `_summary` and
 * `_elements`. The result carries the tag SUBSETTED. Source: https://hl7.org/fhir/R4/search.html#summary, #elements
 */
import { typeDefinition, type TypeDefinition } from "../definitions/load.ts";
import { valueEnd, valueStart, afterBlank, stringEnd } from "./spans.ts";

/** `elements`: names at the top ("value" for value[x]); mandatory ones and modifiers stay as well. */
export type Subset = { kind: "summary" } | { kind: "text" } | { kind: "data" } | { kind: "elements"; elements: readonly string[] };

const subsetted = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`;
const always: ReadonlySet<string> = new Set(["resourceType", "id", "meta"]);

/** `text`: one resource that has passed the door, with a meta of its own, as the record keeps them. */
export function subset(text: string, type: string, wanted: Subset): string {
  const definition = typeDefinition(type);
  if (!definition) return text;
  return object(text, 0, (name) => keeps(definition, name, wanted));
}

/** Keep whole, leave out, or look inside by the definition of a backbone element. */
type Verdict = "whole" | "out" | "meta" | TypeDefinition;

function keeps(definition: TypeDefinition, name: string, wanted: Subset): Verdict {
  if (name === "meta") return "meta";
  if (always.has(name)) return "whole";
  if (wanted.kind === "data") return name === "text" ? "out" : "whole";
  if (wanted.kind === "text" && name === "text") return "whole";
  const element = definition.members.get(plain(name))?.element;
  if (!element) return "out";
  const needed = element.min > 0 || element.modifier && wanted.kind !== "text";
  switch (wanted.kind) {
    case "text": return needed ? "whole" : "out";
    case "elements": return needed || wanted.elements.includes(element.name) ? "whole" : "out";
    case "summary": return element.summary || needed ? within(element.members[0]?.type) : "out";
  }
}

function within(type: string | undefined): Verdict {
  const definition = type === undefined ? undefined : typeDefinition(type);
  return definition?.kind === "backbone" ? definition : "whole";
}

/** "_birthDate" carries the id and extensions of "birthDate". */
function plain(name: string): string {
  return name.startsWith("_") ? name.slice(1) : name;
}

function object(text: string, start: number, verdictOf: (name: string) => Verdict): string {
  let out = "";
  for (let at = afterBlank(text, start + 1); text[at] === '"';) {
    const name = JSON.parse(text.slice(at, stringEnd(text, at))) as string;
    const from = valueStart(text, at), end = valueEnd(text, from);
    const verdict = verdictOf(name);
    if (verdict !== "out") out += `${out === "" ? "" : ","}${JSON.stringify(name)}:${verdict === "whole" ? text.slice(from, end) : verdict === "meta" ? tagged(text, from, end) : inside(text, from, end, verdict)}`;
    at = afterBlank(text, end);
    if (text[at] === ",") at = afterBlank(text, at + 1);
  }
  return `{${out}}`;
}

/** A backbone element, or the list of several. */
function inside(text: string, from: number, end: number, definition: TypeDefinition): string {
  const each = (start: number) => object(text, start, (name) => {
    const element = definition.members.get(plain(name))?.element;
    return element && (element.summary || element.min > 0 || element.modifier) ? within(element.members[0]?.type) : "out";
  });
  if (text[from] === "{") return each(from);
  if (text[from] !== "[") return text.slice(from, end);
  const items: string[] = [];
  for (let at = afterBlank(text, from + 1); at < end && text[at] !== "]";) {
    const itemEnd = valueEnd(text, at);
    items.push(text[at] === "{" ? each(at) : text.slice(at, itemEnd));
    at = afterBlank(text, itemEnd);
    if (text[at] === ",") at = afterBlank(text, at + 1);
  }
  return `[${items.join(",")}]`;
}

function tagged(text: string, from: number, end: number): string {
  const meta = text.slice(from, end);
  if (meta[0] !== "{") return meta;
  for (let at = afterBlank(meta, 1); meta[at] === '"';) {
    const value = valueStart(meta, at), valueStop = valueEnd(meta, value);
    if (JSON.parse(meta.slice(at, stringEnd(meta, at))) === "tag" && meta[value] === "[") {
      const first = afterBlank(meta, value + 1);
      return `${meta.slice(0, value + 1)}${subsetted}${meta[first] === "]" ? "" : ","}${meta.slice(first)}`;
    }
    at = afterBlank(meta, valueStop);
    if (meta[at] === ",") at = afterBlank(meta, at + 1);
  }
  const last = meta.slice(0, -1).trimEnd();
  return `${last}${last === "{" ? "" : ","}"tag":[${subsetted}]}`;
}
