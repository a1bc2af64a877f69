/** People search and the views of one person. */
import type { FastifyInstance } from "fastify";
import type { Resource } from "#fhir/resource.ts";
import { isId } from "#fhir/resource.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { currentFindings, findingView, type Charts } from "./charts.ts";
import type { PeoplePage } from "./contract.ts";
import { measureKinds, series } from "./person/measures.ts";
import { summaries } from "./person/summaries.ts";
import { storyboard } from "./person/storyboard.ts";
import { timeline } from "./person/timeline.ts";

type ById = { Params: { id: string } };
const pageSize = 50;

/** What was typed as a FHIR query: a birth date, an identifier or id where it has digits, else a name in either script. */
function peopleQuery(q: string): string {
  const text = q.trim();
  const value = encodeURIComponent(text.replaceAll(/([\\,|$])/g, "\\$1"));
  if (text === "") return "";
  if (/^\d{4}(-\d{2}){0,2}$/.test(text)) return `birthdate=${value}`;
  if (/\d/.test(text)) return `identifier=${value}`;
  return text.split(/\s+/).map((word) => `name:contains=${encodeURIComponent(word.replaceAll(/([\\,|$])/g, "\\$1"))}`).join("&");
}

export function peopleRoutes(app: FastifyInstance, deps: ServerDeps, charts: Charts): void {
  const { record, clock } = deps;

  app.get<{ Querystring: { q?: string; cursor?: string } }>("/people", async (request, reply) => {
    const { q = "", cursor } = request.query;
    const caller = principalOf(request).caller;
    const words = [peopleQuery(q.slice(0, 200)), `_count=${pageSize}`, "_sort=family", ...(cursor ? [`_cursor=${encodeURIComponent(cursor)}`] : [])].filter((part) => part !== "");
    const page = await record.search(caller, "Patient", words.join("&"));
    if (!page.ok) return sendFailure(reply, page.failure);
    const asOf = clock.now().toISOString();
    const patients = page.value.entries.map(({ stored }) => JSON.parse(stored.text) as Resource);
    const trimmed = q.trim();
    if (patients.length === 0 && isId(trimmed)) {
      const found = await record.read(caller, { type: "Patient", id: trimmed });
      if (found.kind === "current") patients.push(JSON.parse(found.stored.text) as Resource);
    }
    return { people: await summaries(record, caller, patients, asOf), ...(page.value.next ? { next: page.value.next } : {}) } satisfies PeoplePage;
  });

  app.get<ById>("/people/:id", async (request, reply) => {
    const chart = await charts.ofRequest(request, reply);
    return chart ? storyboard(chart, currentFindings(chart)) : reply;
  });

  app.get<ById & { Querystring: { from?: string; to?: string } }>("/people/:id/timeline", async (request, reply) => {
    const chart = await charts.ofRequest(request, reply);
    return chart ? timeline(chart, request.query.from, request.query.to) : reply;
  });

  app.get<ById>("/people/:id/measures", async (request, reply) => {
    const chart = await charts.ofRequest(request, reply);
    return chart ? measureKinds(chart) : reply;
  });

  app.get<ById & { Querystring: { code?: string; from?: string; to?: string } }>("/people/:id/series", async (request, reply) => {
    const chart = await charts.ofRequest(request, reply);
    if (!chart) return reply;
    const { code, from, to } = request.query;
    if (code === undefined) return sendFailure(reply, { code: "required", text: "Say which measure: ?code=<LOINC code>." });
    return series(chart, code, from, to) ?? sendFailure(reply, { code: "not-found", text: `There are no values of ${code}.`, why: { code: "unknown", what: code } });
  });

  app.get<ById>("/people/:id/findings", async (request, reply) => {
    const chart = await charts.ofRequest(request, reply);
    return chart ? currentFindings(chart) : reply;
  });

  app.get<{ Params: { type: string; id: string } }>("/findings/:type/:id", async (request, reply) => {
    const { type, id } = request.params;
    const found = isId(id) ? await record.read(principalOf(request).caller, { type, id }) : undefined;
    const view = found?.kind === "current" ? findingView(JSON.parse(found.stored.text) as Resource) : undefined;
    return view ?? sendFailure(reply, { code: "not-found", text: `${type}/${id} is not a finding that is known.`, why: { code: "unknown", what: `${type}/${id}` } });
  });
}
