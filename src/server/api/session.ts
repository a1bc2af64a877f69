/** Sign-in and sign-out of the screens, and the one-time making of the first administrator. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Account as TrustAccount } from "#trust/trust.ts";
import type { ServerDeps } from "../deps.ts";
import { principalIfAny, principalOf, sessionCookie, tokenOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { jsonBody } from "./json-body.ts";
import type { Account, SessionView } from "./contract.ts";

function accountView({ username, display, role, agent, demo }: TrustAccount): Account {
  return { username, display, role, agent, demo };
}

export function sessionRoutes(app: FastifyInstance, { trust, node, population }: ServerDeps): void {
  async function view(account: TrustAccount | undefined): Promise<SessionView> {
    const demoAccounts = node.demo ? await trust.demoAccounts() : [];
    const progress = population();
    return {
      ...(account ? { account: accountView(account) } : {}),
      node: { name: { en: node.nameEn, zh: node.nameZh }, demo: node.demo, ...(demoAccounts.length > 0 ? { demoAccounts } : {}), ...(progress ? { population: progress } : {}) },
    };
  }
  function keep(reply: FastifyReply, token: string, secure: boolean, expires: string): void {
    reply.setCookie(sessionCookie, token, { path: "/", httpOnly: true, sameSite: "strict", secure, expires: new Date(expires) });
  }

  app.get("/session", { config: { open: true } }, async (request) => view((await principalIfAny(trust, request))?.account));

  app.post("/session", { config: { open: true } }, async (request, reply) => {
    const body = jsonBody(request, { username: "string", password: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const held = tokenOf(request);
    const done = await trust.signIn(body.value.username, body.value.password, request.ip, held?.kind === "cookie" ? held.token : undefined);
    if (!done.ok) {
      if (done.failure.retryAfterSeconds !== undefined) reply.header("retry-after", String(done.failure.retryAfterSeconds));
      return sendFailure(reply, done.failure);
    }
    keep(reply, done.value.token, request.protocol === "https", done.value.expires);
    return view(done.value.account);
  });

  app.delete("/session", { config: { open: true } }, async (request, reply) => {
    const held = tokenOf(request);
    if (held) await trust.signOut(held.token);
    return reply.clearCookie(sessionCookie, { path: "/" }).code(204).send();
  });

  app.post("/first-administrator", { config: { open: true } }, async (request, reply) => {
    const body = jsonBody(request, { token: "string", username: "string", password: "string", name: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const { token, username, password, name } = body.value;
    const made = await trust.redeemFirstAdministratorLink(token, { username, password, display: { en: name, zh: name } });
    return made.ok ? reply.code(201).send(accountView(made.value)) : sendFailure(reply, made.failure);
  });

  app.post("/password", async (request, reply) => {
    const body = jsonBody(request, { current: "string", next: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const { account } = principalOf(request);
    if (!account) return sendFailure(reply, { code: "forbidden", text: "This token belongs to no account, so there is no password to change.", why: { code: "account-none" } });
    const done = await trust.changePassword(account.id, body.value.current, body.value.next);
    return done.ok ? reply.code(204).send() : sendFailure(reply, done.failure);
  });

  app.get("/progress", async (_request, reply) => {
    const progress = population();
    return progress ? progress : reply.code(204).send();
  });
}
