/** Which part of a resource a request asks for. Source: https://hl7.org/fhir/R4/http.html#parameters */
import type { FastifyRequest } from "fastify";
import { subsetAsked, type Subset } from "#fhir/subset/subset.ts";
import { ok, type Result } from "#platform/result.ts";

/** `_summary` and `_elements`. Nearly all reads say neither and pay for one look at the address. */
export function partAsked(request: FastifyRequest): Result<Subset | undefined> {
  const url = request.raw.url ?? "";
  if (!/[?&]_(?:summary|elements)=/.test(url)) return ok(undefined);
  const words = new URLSearchParams(url.slice(url.indexOf("?") + 1));
  return subsetAsked(words.get("_summary") ?? undefined, words.get("_elements") ?? undefined);
}
