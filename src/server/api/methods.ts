/** Methods as the screens list them, what-if runs (never stored), and a fresh assessment of a person. */
import type { FastifyInstance } from "fastify";
import { assessPerson } from "#care/assess.ts";
import { methods } from "#care/methods.ts";
import type { Values } from "#findings/method.ts";
import { gatherAll } from "#findings/facts.ts";
import { isId } from "#fhir/resource.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import type { Charts } from "./charts.ts";
import type { MethodInputs, MethodView } from "./contract.ts";
import { jsonBody } from "./json-body.ts";

export function methodRoutes(app: FastifyInstance, { record, clock }: ServerDeps, charts: Charts): void {
  const byId = new Map(methods.map((method) => [method.id, method]));

  app.get("/methods", () => methods.map(({ id, version, title, population, inputs, sources }): MethodView => ({
    id, version, title, population, sources: [...sources],
    inputs: inputs.map((input) => ({ name: input.name, label: input.label, kind: input.kind, required: input.required, ...(input.kind === "quantity" ? { unit: input.unit } : {}), ...(input.kind === "quantity" || input.kind === "age" ? { range: input.valid ?? input.range } : {}) })),
  })));

  app.post<{ Params: { id: string } }>("/methods/:id/run", async (request, reply) => {
    const method = byId.get(request.params.id);
    if (!method?.runInputs) return sendFailure(reply, { code: "not-found", text: `There is no method "${request.params.id}" that runs on given inputs. GET /api/methods lists them.`, why: { code: "method-unknown", method: request.params.id } });
    const body = jsonBody(request, { inputs: "object" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const inputs: Record<string, number | boolean | string> = {};
    for (const [name, value] of Object.entries(body.value.inputs)) {
      if (!method.inputs.some((input) => input.name === name)) return sendFailure(reply, { code: "value", text: `${method.id} has no input "${name}". It takes ${method.inputs.map((input) => input.name).join(", ")}.`, why: { code: "input-value", input: name } });
      if (typeof value !== "number" && typeof value !== "boolean" && typeof value !== "string") return sendFailure(reply, { code: "value", text: `Input "${name}" must be a number, a text or true/false.`, why: { code: "input-value", input: name } });
      inputs[name] = value;
    }
    return method.runInputs(inputs);
  });

  app.get<{ Params: { id: string }; Querystring: { method?: string } }>("/people/:id/inputs", async (request, reply) => {
    const chart = await charts.ofRequest(request, reply);
    if (!chart) return reply;
    const method = byId.get(request.query.method ?? "");
    if (!method) return sendFailure(reply, { code: "not-found", text: `There is no method "${request.query.method ?? ""}".`, why: { code: "method-unknown", method: request.query.method ?? "" } });
    const { values, missing } = gatherAll(chart.facts, method.inputs);
    return { method: method.id, inputs: values satisfies Values, missing } satisfies MethodInputs;
  });

  app.post<{ Params: { id: string } }>("/people/:id/assess", async (request, reply) => {
    const { id } = request.params;
    const { caller } = principalOf(request);
    if (!isId(id)) return sendFailure(reply, { code: "not-found", text: `Patient/${id} is not known.`, why: { code: "unknown", what: `Patient/${id}` } });
    const done = await assessPerson(record, caller, id, { asOf: clock.now().toISOString() });
    if (!done.ok) return sendFailure(reply, done.failure);
    charts.forget(id);
    return { stored: done.value.stored };
  });
}
