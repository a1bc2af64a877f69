/**
 * Who is asking: the session cookie of the web, or a bearer token. Deny by default: every route but those that
 * say `config: { open: true }` answers 401 without a valid one.
 * A cookie is honoured on a writing request only when the request comes from our own pages (Sec-Fetch-Site, else Origin).
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Principal, Trust } from "#trust/trust.ts";
import { fail, type Result } from "#platform/result.ts";
import { sendFailure } from "./outcome.ts";

declare module "fastify" {
  interface FastifyRequest { principal?: Principal }
  interface FastifyContextConfig { open?: boolean }
}

export const sessionCookie = "salus_session";

export function tokenOf(request: FastifyRequest): { token: string; kind: "cookie" | "bearer" } | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const match = /^Bearer ([A-Za-z0-9\-._~+/]{16,512}=*)$/i.exec(header);
    return match ? { token: match[1]!, kind: "bearer" } : undefined;
  }
  const cookie = request.cookies[sessionCookie];
  return cookie ? { token: cookie, kind: "cookie" } : undefined;
}

function isOwnPage(request: FastifyRequest): boolean {
  if (request.method === "GET" || request.method === "HEAD") return true;
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = request.headers.origin;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === request.host;
  } catch {
    return false;
  }
}

async function identify(trust: Trust, request: FastifyRequest): Promise<Result<Principal>> {
  const held = tokenOf(request);
  if (!held) return fail("login", "Sign in, or send a bearer token (npx salus token prints one for local use).");
  if (held.kind === "cookie" && !isOwnPage(request)) return fail("forbidden", "This request came from another site's page and was not carried out.");
  return trust.principal(held.token);
}

export function requireCaller(app: FastifyInstance, trust: Trust): void {
  app.decorateRequest("principal", undefined);
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config.open) return;
    const found = await identify(trust, request);
    if (!found.ok) return sendFailure(reply, found.failure);
    request.principal = found.value;
  });
}

/** The principal where a session is optional (the session route itself). */
export async function principalIfAny(trust: Trust, request: FastifyRequest): Promise<Principal | undefined> {
  if (!tokenOf(request)) return undefined;
  const found = await identify(trust, request);
  return found.ok ? found.value : undefined;
}

/** The principal of a route behind `requireCaller`. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error("route reached without a principal");
  return request.principal;
}
