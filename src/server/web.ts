/** The built web application: files with a hash in their name are kept by the browser, index.html never. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "./deps.ts";
import { sendFailure } from "./http/outcome.ts";

const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export async function webRoutes(app: FastifyInstance, { webFolder }: Pick<ServerDeps, "webFolder">): Promise<void> {
  app.addHook("onSend", (_request, reply, payload, done) => {
    reply.headers({ "content-security-policy": policy, "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY" });
    done(null, payload);
  });
  if (webFolder === undefined || !existsSync(join(webFolder, "index.html"))) {
    app.setNotFoundHandler((_request, reply) => sendFailure(reply, { code: "not-found", text: "There is nothing at this address." }));
    return;
  }
  await app.register(fastifyStatic, {
    root: webFolder, wildcard: false, index: false,
    setHeaders(response, path) {
      response.header("cache-control", /[/\\]assets[/\\]/.test(path) ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  const page = await readFile(join(webFolder, "index.html"));
  // Every address that is no file and no API is a state of the application.
  app.setNotFoundHandler((request, reply) => {
    if ((request.method === "GET" || request.method === "HEAD") && !/^\/(api|fhir|assets)\//.test(request.url)) return reply.header("cache-control", "no-cache").type("text/html; charset=utf-8").send(page);
    return sendFailure(reply, { code: "not-found", text: "There is nothing at this address." });
  });
}
