/** The body of a FHIR write: JSON as the bytes came, so that number literals and member order survive. */
import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { fail, ok, type Result } from "#platform/result.ts";

export const bodyBytesMax: number = 64 * 1024 * 1024;

export function acceptFhirBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(["application/fhir+json", "application/json", "application/json+fhir", "text/json"], { parseAs: "buffer", bodyLimit: bodyBytesMax }, (_request, body, done) => done(null, body));
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string", bodyLimit: 1 << 20 }, (_request, body, done) => done(null, body));
}

export function bodyText(request: FastifyRequest): Result<string> {
  const body = request.body;
  if (!Buffer.isBuffer(body) || body.length === 0) return fail("invalid", "The request has no body: send the resource as application/fhir+json.");
  if (!isUtf8(body)) return fail("invalid", "The body is not valid UTF-8: encode it as UTF-8.");
  const text = body.toString("utf8");
  return ok(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}
