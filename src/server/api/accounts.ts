/**
 * Accounts, for the administrator: list, create, disable, reset a password. Each change leaves a "policy" leaf in the
 * ledger. Nobody disables the account they are signed in with, so a node cannot be locked out by one click.
 */
import type { FastifyInstance } from "fastify";
import { parseReference } from "#fhir/resource.ts";
import { refuse, type Result } from "#platform/result.ts";
import type { Caller } from "#record/record.ts";
import type { Account, Role } from "#trust/trust.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { administratorOnly } from "./administrator.ts";
import type { ManagedAccount } from "./contract.ts";
import { jsonBody } from "./json-body.ts";

const roles: readonly Role[] = ["patient", "practitioner", "administrator"];
const adminOnly = { preHandler: administratorOnly };

function view({ id, username, display, role, agent, demo, disabled }: Account): ManagedAccount {
  return { id, username, display, role, agent, demo, disabled };
}

export function accountRoutes(app: FastifyInstance, { record, trust }: Pick<ServerDeps, "record" | "trust">): void {
  const logged = (caller: Caller): Promise<void> => record.appendLeaf(caller, { kind: "policy" });

  /** Whom the account stands for must be in the record; an administrator may be nobody in it. */
  async function checkAgent(caller: Caller, role: Role, agent: string): Promise<Result<string>> {
    if (role === "administrator" && agent === "") return { ok: true, value: "Device/salus" };
    const key = parseReference(agent);
    if (!key || `${key.type}/${key.id}` !== agent) return refuse("value", { code: "agent-form", role, agent }, `"${agent.slice(0, 120)}" is no reference such as Practitioner/123.`);
    const found = agent === "Device/salus" ? { kind: "current" } : await record.read(caller, key);
    return found.kind === "current" ? { ok: true, value: agent } : refuse("value", { code: "agent-unknown", agent }, `${agent} is not in the record.`);
  }

  app.get("/accounts", adminOnly, async () => (await trust.accounts()).map(view));

  app.post("/accounts", adminOnly, async (request, reply) => {
    const body = jsonBody(request, { username: "string", password: "string", role: "string", agent: "string", en: "string", zh: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const { username, password, agent, en, zh } = body.value;
    const role = roles.find((one) => one === body.value.role);
    if (!role) return sendFailure(reply, { code: "value", text: `"role" must be one of ${roles.join(", ")}.`, why: { code: "input-value", input: "role" } });
    const { caller } = principalOf(request);
    const stands = await checkAgent(caller, role, agent.trim());
    if (!stands.ok) return sendFailure(reply, stands.failure);
    // One name stands for both languages where only one was given.
    const made = await trust.createAccount({ username, password, role, agent: stands.value, display: { en: en.trim() || zh.trim(), zh: zh.trim() || en.trim() } });
    if (!made.ok) return sendFailure(reply, made.failure);
    await logged(caller);
    return reply.code(201).send(view(made.value));
  });

  app.put<{ Params: { id: string } }>("/accounts/:id/disabled", adminOnly, async (request, reply) => {
    const body = jsonBody(request, { disabled: "boolean" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const { caller, account } = principalOf(request);
    if (account?.id === request.params.id) return sendFailure(reply, { code: "conflict", text: "You are signed in with this account; another administrator may disable it.", why: { code: "account-own" } });
    const done = await trust.setDisabled(request.params.id, body.value.disabled);
    if (!done.ok) return sendFailure(reply, done.failure);
    await logged(caller);
    return reply.code(204).send();
  });

  app.put<{ Params: { id: string } }>("/accounts/:id/password", adminOnly, async (request, reply) => {
    const body = jsonBody(request, { password: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const { caller, account } = principalOf(request);
    // One's own needs the current password: POST /api/password.
    if (account?.id === request.params.id) return sendFailure(reply, { code: "conflict", text: "Change your own password with the current one.", why: { code: "account-own" } });
    const done = await trust.changePassword(request.params.id, undefined, body.value.password);
    if (!done.ok) return sendFailure(reply, done.failure);
    await logged(caller);
    return reply.code(204).send();
  });
}
