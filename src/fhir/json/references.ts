/**
 * Replaces links inside a resource's text when a transaction assigns ids: member `reference`, elements of type
 * uri, url, oid, uuid that are exactly a link known to the caller, and href/src of narrative and markdown links.
 * Elements of type canonical and string (Identifier.value) stay. Source: https://hl7.org/fhir/R4/http.html#trules
 */
import { resourceTypes, typeDefinition } from "../definitions/load.ts";
import { stringEnd } from "./restamp.ts";

type Role = "reference" | "uri" | "narrative" | "markdown";

let roles: Map<string, Role> | undefined;

/** What a member of this name may hold, by R4's definitions. A name used for uri and string alike counts as uri. */
function roleOf(name: string): Role | undefined {
  if (!roles) {
    roles = new Map();
    const seen = new Set<string>();
    const visit = (type: string) => {
      if (seen.has(type)) return;
      seen.add(type);
      for (const element of typeDefinition(type)?.elements ?? []) for (const member of element.members) {
        if (["uri", "url", "oid", "uuid"].includes(member.type)) roles!.set(member.name, "uri");
        else if (member.type === "markdown" && !roles!.has(member.name)) roles!.set(member.name, "markdown");
        visit(member.type);
      }
    };
    resourceTypes().forEach(visit);
    roles.set("div", "narrative").set("reference", "reference");
  }
  return roles.get(name);
}

/** `map` answers the new link, or undefined to leave it. `only`: members `reference` alone. Only text that has passed the door. */
export function rewriteReferences(text: string, map: (link: string) => string | undefined, only?: "reference"): string {
  let out = "", copied = 0;
  let name = "";
  const nameAtDepth: string[] = [];
  const isObject: boolean[] = [];
  let nameNext = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      const end = stringEnd(text, i);
      if (nameNext) { name = unquoted(text.slice(i, end)); nameNext = false; }
      else {
        const changed = only === undefined || name === only ? rewritten(text.slice(i, end), name, map) : undefined;
        if (changed !== undefined) { out += text.slice(copied, i) + changed; copied = end; }
      }
      i = end - 1;
    } else if (c === 123) { nameAtDepth.push(name); isObject.push(true); nameNext = true; }
    else if (c === 91) { nameAtDepth.push(name); isObject.push(false); nameNext = false; }
    else if (c === 125 || c === 93) { name = nameAtDepth.pop() ?? ""; isObject.pop(); nameNext = false; }
    else if (c === 44) nameNext = isObject.at(-1) === true;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

/** `literal` with its quotes. */
function rewritten(literal: string, name: string, map: (link: string) => string | undefined): string | undefined {
  if (name !== "reference" && !literal.includes("urn:") && !literal.includes("://")) return undefined;
  const role = roleOf(name);
  if (!role) return undefined;
  const value = unquoted(literal);
  const replaced = role === "reference" || role === "uri" ? map(value)
    : role === "narrative" ? value.replace(/(\s(?:href|src)\s*=\s*)(["'])([^"']*)\2/g, (whole, before: string, quote: string, link: string) => replacedLink(whole, map(link), to => `${before}${quote}${to}${quote}`))
      : value.replace(/(\]\()([^()\s]+)(\))/g, (whole, before: string, link: string, after: string) => replacedLink(whole, map(link), to => before + to + after));
  return replaced === undefined || replaced === value ? undefined : JSON.stringify(replaced);
}

function unquoted(literal: string): string {
  return literal.includes("\\") ? JSON.parse(literal) as string : literal.slice(1, -1);
}

function replacedLink(whole: string, to: string | undefined, build: (to: string) => string): string {
  return to === undefined ? whole : build(to);
}
