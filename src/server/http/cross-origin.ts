/**
 * Cross-origin resource sharing for the origins that the node names, none by default: their pages may use bearer
 * tokens; cookies never count, since credentials are not allowed. An OPTIONS without a preflight's headers tells what
 * the address offers. Source: https://fetch.spec.whatwg.org/#http-cors-protocol, https://hl7.org/fhir/R4/http.html#3.1.0.1.4
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { fail, ok, type Result } from "#platform/result.ts";

/** Headers of answers that a page may read beside the usual ones. */
const exposed = "ETag, Location, Content-Location, X-Request-Id, X-Progress, Retry-After, Expires, Preference-Applied, Accept-Patch, Allow, X-Security-Context";
const preflightSeconds = 600;

/** Origins from a setting, separated by commas ("https://app.example, http://localhost:3000"); "*" is every origin. */
export function originsOf(setting: string | undefined): Result<readonly string[]> {
  const origins = (setting ?? "").split(",").map((origin) => origin.trim()).filter((origin) => origin !== "");
  const wrong = origins.find((origin) => origin !== "*" && (!URL.canParse(origin) || new URL(origin).origin !== origin));
  return wrong === undefined ? ok(origins) : fail("value", `"${wrong.slice(0, 80)}" is no origin; write scheme://host or scheme://host:port without a path, several separated by commas, or * for all`);
}

/** Before all that refuses: a page must be able to read why it was refused, and a preflight brings no token. */
export function shareWith(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const all = origins.includes("*");
  app.addHook("onRequest", (request, reply, done) => {
    const { origin } = request.headers;
    if (!all) reply.header("vary", "Origin");
    if (typeof origin === "string" && (all || origins.includes(origin))) reply.headers({ "access-control-allow-origin": all ? "*" : origin, "access-control-expose-headers": exposed });
    done();
  });
}

/** The answer to OPTIONS; `allow`: methods of the address. */
export function sendOptions(reply: FastifyReply, allow: string): FastifyReply {
  const { "access-control-request-method": method, "access-control-request-headers": headers } = reply.request.headers;
  reply.code(204).header("allow", allow);
  if (method !== undefined && reply.hasHeader("access-control-allow-origin")) {
    reply.headers({ "access-control-allow-methods": allow, "access-control-max-age": preflightSeconds });
    // Names of headers alone, so that nothing else is echoed.
    if (typeof headers === "string" && /^[A-Za-z0-9-]+(?: *, *[A-Za-z0-9-]+)*$/.test(headers)) reply.header("access-control-allow-headers", headers);
  }
  return reply.send();
}
