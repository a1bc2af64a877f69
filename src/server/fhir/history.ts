/** FHIR history of an instance, a type, the system, newest first, in pages. Source: https://hl7.org/fhir/R4/http.html#history */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { subsetAsked, subsetText, type Subset } from "#fhir/subset/subset.ts";
import { parseDateTerm } from "#fhir/search/date.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { HistoryEntry, HistoryQuery, Page } from "#record/record.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { keyOf, typeOf, type KeyParams } from "./keys.ts";
import { baseOf, historyBundle } from "./responses.ts";

/** R4 instant; a fraction and seconds may be left out. */
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** `words`: what the links of a page repeat; `shown`: what those to other pages repeat too. */
type Asked = { query: HistoryQuery; words: [string, string][]; shown: [string, string][]; part?: Subset };

function parse(raw: string, now: number): Result<Asked> {
  const query: HistoryQuery = { count: 50 };
  const words: [string, string][] = [], shown: [string, string][] = [];
  let summary: string | undefined, elements: string | undefined;
  const seen = new Set<string>();
  for (let [name, value] of new URLSearchParams(raw)) {
    // https://hl7.org/fhir/R4/http.html#history: none of them more than once.
    if (seen.has(name)) return fail("value", `"${name.slice(0, 64)}" stands twice in the address; say it once.`);
    seen.add(name);
    switch (name) {
      case "_count":
        if (!/^\d{1,9}$/.test(value)) return fail("value", `_count must be a whole number, not "${value.slice(0, 40)}".`);
        query.count = Math.min(1000, Number(value));
        continue;
      case "_since":
        // A "+" of the zone that was not escaped reads as a space.
        if (!instant.test(value = value.replace(" ", "+")) || Number.isNaN(Date.parse(value))) return fail("value", `_since must be an instant such as 2026-01-31T08:00:00Z, not "${value.slice(0, 40)}".`);
        query.since = new Date(value).toISOString();
        break;
      case "_at": {
        const date = parseDateTerm(value, now);
        if (!date.ok || !/^\d/.test(value)) return fail("value", `_at must be a date or time such as 2026-01 or 2026-01-31T08:00:00Z, not "${value.slice(0, 40)}".`);
        query.at = { low: date.value.low, high: date.value.high };
        break;
      }
      case "_summary": summary = value; break;
      case "_elements": elements = value; break;
      case "_list": query.list = value; break;
      case "_cursor": query.cursor = value; continue;
      case "_format":
        if (value !== "") shown.push([name, value]);
        continue;
      case "_pretty": continue;
      default: return fail("not-supported", `History takes _count, _since, _at, _list, _summary and _elements; "${name.slice(0, 64)}" is not known.`);
    }
    words.push([name, value]);
  }
  const part = subsetAsked(summary, elements);
  return part.ok ? ok({ query, words: [["_count", String(query.count)], ...words], shown, ...(part.value ? { part: part.value } : {}) }) : part;
}

export function historyRoutes(app: FastifyInstance, { record, clock }: ServerDeps): void {
  async function answer(request: FastifyRequest, reply: FastifyReply, scope: { type?: string; id?: string }, path: string): Promise<FastifyReply> {
    const raw = (request.raw.url ?? "").split("?")[1] ?? "";
    const asked = parse(raw, clock.now().getTime());
    if (!asked.ok) return sendFailure(reply, asked.failure);
    const { type = "", id } = scope;
    if (id !== undefined && (await record.read(principalOf(request).caller, { type, id })).kind === "absent") return sendFailure(reply, { code: "not-found", text: `${type}/${id} is not known.` });
    const { query, words, shown, part } = asked.value;
    const page: Result<Page<HistoryEntry>> = query.count === 0 ? ok({ entries: [] }) : await record.history(principalOf(request).caller, scope, query);
    if (!page.ok) return sendFailure(reply, page.failure);
    if (part) page.value.entries = page.value.entries.map((entry) => entry.kind === "delete" ? entry : { ...entry, stored: { ...entry.stored, text: subsetText(entry.stored.text, part) } });
    const base = baseOf(request);
    const url = (cursor: string | undefined, form = shown): string => `${base}/${path}?${new URLSearchParams([...words, ...form, ...(cursor ? [["_cursor", cursor]] : [])])}`;
    const { next, previous, last } = page.value;
    return reply.header("content-type", fhirJson).send(historyBundle(base, { self: url(query.cursor, []), first: url(undefined), previous: previous && url(previous), next: next && url(next), last: last && url(last) }, page.value));
  }

  app.get<{ Params: KeyParams }>("/:type/:id/_history", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    return answer(request, reply, key.value, `${key.value.type}/${key.value.id}/_history`);
  });
  app.get<{ Params: { type: string } }>("/:type/_history", async (request, reply) => {
    const type = typeOf(request.params.type);
    return type.ok ? answer(request, reply, { type: type.value }, `${type.value}/_history`) : sendFailure(reply, type.failure);
  });
  app.get("/_history", (request, reply) => answer(request, reply, {}, "_history"));
}
