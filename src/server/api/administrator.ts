/** For routes that only an administrator may ask, before anything is read for them. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";

export async function administratorOnly(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (principalOf(request).caller.role === "administrator") return undefined;
  return sendFailure(reply, { code: "forbidden", text: "Only an administrator may ask this.", why: { code: "administrator-only" } });
}
