/**
 * What R4's text says of a CodeSystem beyond its invariants: properties are declared and have their type, parents and
 * children are codes of the system, and there are not more concepts than count states.
 * Source: https://hl7.org/fhir/R4/codesystem-definitions.html, https://hl7.org/fhir/R4/codesystem-concept-properties.html
 */
import { propertyRoles } from "../../terminology/concept-status.ts";
import type { PropertyDefinition } from "../../terminology/resources.ts";
import type { Container } from "../context.ts";
import { shown } from "../primitives.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { objects, tell } from "../profile/run.ts";

type Placed = { concept: Container; place: string };

export const checkCodeSystem: ValueCheck = (value, _twin, _type, run) => {
  const system = value as Container;
  const concepts = conceptsOf(system);
  if (typeof system.count === "number" && concepts.length > system.count)
    tell(run, "error", "value", `count states ${system.count} concepts, and ${concepts.length} are defined here; correct the count`, "count");
  const definitions = objects(system.property) as (Container & PropertyDefinition)[];
  const types = new Map(definitions.map(({ code, type }) => [code, type]));
  const roles = propertyRoles(definitions);
  const codes = system.content === "complete" ? new Set(concepts.map(({ concept }) => concept.code)) : undefined;
  for (const { concept, place } of concepts) for (const [i, property] of objects(concept.property).entries()) {
    const { code } = property;
    const at = `${place}.property[${i}]`;
    if (typeof code !== "string") continue;
    if (!types.has(code)) { tell(run, "error", "value", `the property ${shown(code)} is not declared; add it to CodeSystem.property`, at); continue; }
    const type = types.get(code);
    const member = Object.keys(property).find((name) => name.startsWith("value"));
    if (member === undefined || typeof type !== "string") continue;
    const expected = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;
    if (member !== expected) tell(run, "error", "value", `the property ${shown(code)} is declared as ${type}; write ${expected} instead of ${member}`, at);
    // Other properties of type code, R4's own status among them, take codes from elsewhere, whatever the text says.
    else if (codes && isRelation(roles.get(code)) && !codes.has(property[member])) tell(run, "error", "code-invalid", `${shown(property[member])} is no code of this code system, so it is no ${code} of one`, at);
  }
};

function isRelation(role: string | undefined): boolean {
  return role === "parent" || role === "child";
}

/** All concepts in document order, each with its place below the CodeSystem; without recursion. */
function conceptsOf(system: Container): Placed[] {
  const found: Placed[] = [];
  const open = placed(system, "").reverse();
  for (let at = open.pop(); at; at = open.pop()) {
    found.push(at);
    open.push(...placed(at.concept, `${at.place}.`).reverse());
  }
  return found;
}

function placed(holder: Container, prefix: string): Placed[] {
  return objects(holder.concept).map((concept, i) => ({ concept, place: `${prefix}concept[${i}]` }));
}
