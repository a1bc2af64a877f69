/** Routes of every operation, from its definition. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ParameterReader } from "#fhir/terminology/parameters.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ServerDeps } from "../../deps.ts";
import { principalOf } from "../../http/caller.ts";
import { fhirJson } from "../../http/forms.ts";
import { sendFailure } from "../../http/outcome.ts";
import { bodyText } from "../body.ts";
import { keyOf, typeOf } from "../keys.ts";
import { baseOf, formatOf } from "../responses.ts";
import { operations } from "./list.ts";
import type { Level, Operation, OperationCall } from "./operation.ts";
import { readGiven } from "./parameters.ts";

type Params = { type?: string; id?: string; version?: string };

export function operationRoutes(app: FastifyInstance, deps: ServerDeps): void {
  for (const operation of operations) {
    const { code, resource, levels, affectsState, asynchronous, ownForm } = operation.definition;
    for (const level of levels) {
      for (const type of level === "system" || resource === "any" ? [undefined] : resource) {
        app.route<{ Params: Params }>({
          method: affectsState ? ["POST"] : ["GET", "POST"], url: `${pathOf(level, type)}/$${code}`, config: { ...(asynchronous ? { now: true } : {}), ...(ownForm ? { anyForm: true } : {}) },
          handler: (request, reply) => handle(deps, operation, level, type, request, reply),
        });
      }
    }
  }
}

function pathOf(level: Level, type = ":type"): string {
  switch (level) {
    case "system": return "";
    case "type": return `/${type}`;
    case "instance": return `/${type}/:id`;
    case "version": return `/${type}/:id/_history/:version`;
  }
}

async function handle(deps: ServerDeps, operation: Operation, level: Level, type: string | undefined, request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): Promise<FastifyReply> {
  const call = callOf(deps, operation, level, type, request, reply);
  const done = call.ok ? await operation.run(call.value) : call;
  if (!done.ok) return sendFailure(reply, done.failure);
  const { status, contentType = fhirJson, headers = {} } = done.value;
  reply.code(status).headers({ ...headers, "content-type": contentType });
  if ("text" in done.value) return reply.send(done.value.text);
  if (request.method !== "HEAD") return reply.send(done.value.stream);
  done.value.stream.destroy();
  return reply.send();
}

function callOf(deps: ServerDeps, { definition }: Operation, level: Level, only: string | undefined, request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): Result<OperationCall> {
  const place = placeOf(level, only, request.params);
  if (!place.ok) return place;
  const url = request.raw.url ?? "";
  const mark = url.indexOf("?");
  const rawQuery = mark < 0 ? "" : url.slice(mark + 1);
  const { body } = request;
  const sent = Buffer.isBuffer(body) && body.length > 0 ? bodyText(request) : ok(typeof body === "string" ? body : "");
  if (!sent.ok) return sent;
  const lines = body instanceof Readable ? body : undefined;
  if (lines && !definition.takesLines) return fail("not-supported", `$${definition.code} takes no NDJSON; send a Parameters resource`);
  const kind = Buffer.isBuffer(body) ? "json" : "form";
  const given = readGiven(definition, rawQuery, sent.value === "" || definition.ownBody ? { kind: "none" } : { kind, text: sent.value });
  if (!given.ok) return given;
  const { parameters, query, cursor } = given.value;
  const base = baseOf(request);
  const { type, id, version } = place.value;
  const language = request.headers["accept-language"];
  return ok({
    deps, caller: principalOf(request).caller, definition, level, type, id, given: new ParameterReader(parameters), parameters, query, format: formatOf(rawQuery), base, prefer: String(request.headers.prefer ?? ""), accept: request.headers.accept ?? "", gone: () => goneSignal(reply),
    here: `${base}${pathOf(level, type).replace(":id", id).replace(":version", String(version))}/$${definition.code}`,
    ...(lines ? { lines } : {}), ...(version === undefined ? {} : { version }), ...(cursor === undefined ? {} : { cursor }), ...(language === undefined ? {} : { language }),
    ...(sent.value !== "" ? { body: { contentType: request.headers["content-type"] ?? "", text: sent.value } } : {}),
  });
}

function goneSignal({ raw }: FastifyReply): AbortSignal {
  const abort = new AbortController();
  raw.once("close", () => abort.abort());
  return abort.signal;
}

type Place = { type: string; id: string; version?: number };

function placeOf(level: Level, only: string | undefined, { type: asked = only ?? "", id = "", version }: Params): Result<Place> {
  if (level === "system") return ok({ type: "", id: "" });
  if (level === "type") {
    // ViewDefinition, of which R4 has operations but no resources.
    const type = only === undefined ? typeOf(asked) : ok(only);
    return type.ok ? ok({ type: type.value, id: "" }) : type;
  }
  const key = keyOf({ type: asked, id });
  if (!key.ok || level === "instance") return key;
  return /^[1-9]\d{0,8}$/.test(version ?? "") ? ok({ ...key.value, version: Number(version) }) : fail("not-found", `${asked}/${id} has no version "${(version ?? "").slice(0, 40)}"`);
}
