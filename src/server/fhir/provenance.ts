/**
 * The header X-Provenance of a create, an update or a patch: a Provenance as JSON without target, which is stored in the
 * same transaction. Source: https://hl7.org/fhir/R4/provenance.html#header
 */
import { isUtf8 } from "node:buffer";
import type { FastifyRequest } from "fastify";
import { withOwnReferences } from "#fhir/json/own-references.ts";
import { ownBases } from "./responses.ts";

export function provenanceOf(request: FastifyRequest): { provenance?: string } {
  const sent = request.headers["x-provenance"];
  if (sent === undefined) return {};
  // Node reads each byte of a header as one character.
  const bytes = Buffer.from(String(sent), "latin1");
  return { provenance: withOwnReferences(isUtf8(bytes) ? bytes.toString("utf8") : String(sent), ownBases(request)) };
}
