/**
 * Invariant dom-3: what is contained is referred to from elsewhere in the resource, or refers to the resource around it.
 * R4 publishes it with as() over all descendants, which takes one item, so that it could never be evaluated; here each
 * resource is gone through once. Source: https://hl7.org/fhir/R4/domainresource-definitions.html
 */
import type { Container } from "./context.ts";
import type { ValueCheck } from "./profile/invariants.ts";
import { isObject, tell } from "./profile/run.ts";

export const checkContainedLinks: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || !Array.isArray(value.contained)) return;
  const { contained, ...rest } = value;
  const around = linksIn(rest);
  const inside = contained.map((one) => isObject(one) ? linksIn(one) : new Set<string>());
  const holders = new Map<string, number>();
  for (const links of inside) for (const link of links) holders.set(link, (holders.get(link) ?? 0) + 1);
  for (const [i, one] of contained.entries()) {
    if (!isObject(one) || typeof one.id !== "string") continue;
    const link = `#${one.id}`, own = inside[i]!;
    if (around.has(link) || own.has("#") || (holders.get(link) ?? 0) > (own.has(link) ? 1 : 0)) continue;
    tell(run, "error", "invariant", `dom-3: nothing in the resource refers to ${link}, and it does not refer to "#"; refer to it or leave it out`, "contained", i);
  }
};

/** Every text that begins with "#": references, uris, urls and canonicals into the resource. */
function linksIn(root: Container): Set<string> {
  const links = new Set<string>();
  const open: unknown[] = [root];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const one of Array.isArray(at) ? at : Object.values(at as Container)) {
      if (typeof one === "string") { if (one.startsWith("#")) links.add(one); }
      else if (typeof one === "object" && one !== null) open.push(one);
    }
  }
  return links;
}
