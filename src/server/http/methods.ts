/** OPTIONS for every address; 405 with Allow where an address is served but not by this method; 404 where `unknown` says that nothing is. Source: RFC 7231 section 6.5.5, https://hl7.org/fhir/R4/http.html */
import type { FastifyInstance, HTTPMethods } from "fastify";
import type { Failure } from "#platform/result.ts";
import { sendOptions } from "./cross-origin.ts";
import { sendFailure } from "./outcome.ts";

const methods: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Call before the routes; the function it answers, after them. `unknown`: of the parameters of a route, whether they name what there is not. */
export function refuseOtherMethods(app: FastifyInstance, unknown: (parameters: Readonly<Record<string, string>>) => Failure | undefined): () => void {
  const offered = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ method, routePath: path }) => {
    // Under a prefix "/" is made twice, with and without the slash.
    const routePath = path === "" ? "/" : path;
    const known = offered.get(routePath) ?? new Set<string>();
    for (const one of [method].flat()) known.add(one);
    offered.set(routePath, known);
  });
  return () => {
    for (const [url, known] of [...offered]) {
      known.add("OPTIONS");
      const allow = methods.filter((method) => known.has(method)).join(", ");
      app.options(url, { config: { open: true, anyForm: true } }, (_request, reply) => sendOptions(reply, allow));
      app.route({
        method: methods.filter((method) => !known.has(method)), url, exposeHeadRoute: false,
        // Refused before a body is read, whatever its type.
        onRequest: (request, reply, done) => {
          const nothing = unknown(request.params as Record<string, string>);
          if (nothing) sendFailure(reply, nothing);
          else if (!reply.sent) sendFailure(reply.header("allow", allow), { code: "not-supported", text: `${request.method} is not offered at this address; ${allow} are.` }, 405);
          else done();
        },
        handler: (_request, reply) => reply.send(),
      });
    }
  };
}
