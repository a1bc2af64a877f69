/**
 * What FHIR JSON never holds, looked for in every answer a test gets: empty objects, arrays and strings, and null outside
 * of arrays that stand beside others. Source: https://hl7.org/fhir/R4/json.html
 */
import type { LightMyRequestResponse } from "fastify";

/** Throws with the place of the first one. */
export function assertNothingEmpty(asked: string, { headers, body }: LightMyRequestResponse): void {
  if (body === "" || !/^application\/(?:fhir\+)?json\b/.test(String(headers["content-type"]))) return;
  let value: unknown;
  try { value = JSON.parse(body); } catch { return; }
  // Manifests, trees of GraphQL and tables of views are no resources.
  if (typeof (value as { resourceType?: unknown } | null)?.resourceType !== "string") return;
  const place = emptyIn(value);
  if (place !== undefined) throw new Error(`${asked}: the answer holds something empty at ${place}: ${body.slice(0, 500)}`);
}

function emptyIn(value: unknown, at = "", inArray = false): string | undefined {
  if (value === "" || value === null && !inArray) return at || ".";
  if (typeof value !== "object" || value === null) return undefined;
  const members: [string, unknown][] = Array.isArray(value) ? value.map((item, i) => [`${at}[${i}]`, item]) : Object.entries(value).map(([name, item]) => [`${at}.${name}`, item]);
  if (!members.length || Array.isArray(value) && value.every((item) => item === null)) return at || ".";
  for (const [place, member] of members) {
    const found = emptyIn(member, place, Array.isArray(value));
    if (found !== undefined) return found;
  }
  return undefined;
}
