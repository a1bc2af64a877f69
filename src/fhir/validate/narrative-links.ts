/**
 * Links inside a narrative: "#x" leads to an id or name of the same text, or to the id of an element or contained resource.
 * Links into one, by the extension narrativeLink: its url names a place in the narrative of this resource or another.
 * Source: https://hl7.org/fhir/R4/narrative.html, https://hl7.org/fhir/R4/extension-narrativelink.html
 */
import { narrativeLinkPlace } from "./places.ts";
import { shown } from "./primitives.ts";
import type { ValueCheck } from "./profile/invariants.ts";
import { resolveReference } from "./profile/resolve.ts";
import { isObject, tell, tellAt, type Run } from "./profile/run.ts";
import { expressionOf, type Container } from "./context.ts";

const href = /\shref\s*=\s*(?:"#([^"]*)"|'#([^']*)')/g;
const anchor = /\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

export const checkNarrativeLinks: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || typeof value.div !== "string" || !value.div.includes("#")) return;
  const { div } = value;
  let known: Set<string> | undefined;
  for (const [, double, single] of div.matchAll(href)) {
    const name = double ?? single ?? "";
    if (name === "") continue;
    if (!known) {
      known = idsOf(run.root);
      for (const [, a, b] of div.matchAll(anchor)) known.add(a ?? b ?? "");
    }
    if (!known.has(name)) tell(run, "error", "value", `the link ${shown(`#${name}`)} leads nowhere; give something that id`, "div");
  }
};

export const narrativeLinkUrl = "http://hl7.org/fhir/StructureDefinition/narrativeLink";

/** Reports at the extension where the run stands. A resource that is not here is let be, unless the Bundle must hold it. */
export function checkNarrativeLink({ valueUrl, valueUri }: Container, run: Run): void {
  const link = valueUrl ?? valueUri; // the wrong type is reported by the definition
  const cut = typeof link === "string" ? link.indexOf("#") : -1;
  if (typeof link !== "string" || cut < 0) return;
  const resource = cut === 0 ? run.root : resolveReference(link.slice(0, cut), run);
  const place = narrativeLinkPlace(run, `${expressionOf(run)}.value`);
  if (!resource) {
    if (run.bundle && link.startsWith("urn:")) tellAt(run, "error", "not-found", `${shown(link)} leads to no entry of the Bundle; add it or correct the link`, place);
    return;
  }
  const name = link.slice(cut + 1);
  const places = narrativesOf(resource).flatMap((div) => [...div.matchAll(anchor)]).filter(([, double, single]) => (double ?? single) === name).length;
  if (places === 0) tellAt(run, "error", "value", `${shown(link)} leads nowhere: nothing in the narrative has that id; give something that id or correct the link`, place);
  else if (places > 1) tellAt(run, "error", "multiple-matches", `${shown(link)} leads to ${places} places; an id stands once in a resource`, place);
}

/** The text of every narrative in a resource, sections' included. */
function narrativesOf(root: unknown): string[] {
  const found: string[] = [];
  eachObject(root, (at) => { if (typeof at.div === "string") found.push(at.div); });
  return found;
}

function idsOf(root: unknown): Set<string> {
  const found = new Set<string>();
  eachObject(root, (at) => { if (typeof at.id === "string") found.add(at.id); });
  return found;
}

function eachObject(root: unknown, visit: (object: Container) => void): void {
  const open: unknown[] = [root];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (Array.isArray(at)) { for (const one of at) if (typeof one === "object" && one !== null) open.push(one); }
    else if (isObject(at)) {
      visit(at);
      for (const inner of Object.values(at)) if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
}
