/**
 * References that are searches ("Patient?identifier=urn:mrn|1"): a writing transaction resolves them, stored they would lead
 * nowhere. Source: https://hl7.org/fhir/R4/http.html#trules, "Conditional References"
 */
import { isResourceType } from "../definitions/load.ts";

export type ConditionalReference = { link: string; /** FHIRPath */ expression: string };

const form = /^([A-Z][A-Za-z]+)\?./s;

/** The first one in a resource's text, which is JSON that has passed the door or is refused there. */
export function findConditionalReference(text: string): ConditionalReference | undefined {
  if (!text.includes("?") || !/"reference"\s*:\s*"[A-Z][A-Za-z]+\?/.test(text)) return undefined;
  let value: unknown;
  try { value = JSON.parse(text); } catch { return undefined; }
  const resource = value as { resourceType?: unknown } | null;
  return within(resource, String(resource?.resourceType));
}

/** Depth is bounded by the door and by JSON.parse. */
function within(value: unknown, path: string): ConditionalReference | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) { const found = within(item, `${path}[${i}]`); if (found) return found; }
    return undefined;
  }
  for (const [name, member] of Object.entries(value)) {
    const type = name === "reference" && typeof member === "string" ? form.exec(member)?.[1] : undefined;
    if (type !== undefined && isResourceType(type)) return { link: member as string, expression: `${path}.reference` };
    const found = within(member, `${path}.${name}`);
    if (found) return found;
  }
  return undefined;
}
