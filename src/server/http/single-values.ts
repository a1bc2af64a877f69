/** Where each word of a query means one value: a repeated one is refused, instead of reaching the route as a list. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { sendFailure } from "./outcome.ts";

export async function singleValues(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const repeated = Object.entries(request.query as Record<string, unknown>).find(([, value]) => Array.isArray(value));
  if (repeated) return sendFailure(reply, { code: "value", text: `"${repeated[0].slice(0, 64)}" stands twice in the address; say it once.` });
  return undefined;
}
