/** Drafted summaries: compose, read, edit, sign with one's own key, reject with a reason. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Draft } from "#care/composition.ts";
import { composeDraft, draftsOf, readDraft } from "#care/draft.ts";
import { editDraft, rejectDraft, signatureOf, signDraft, type Signer } from "#care/sign.ts";
import { isId, type Resource } from "#fhir/resource.ts";
import type { Bilingual } from "#findings/finding.ts";
import type { Result } from "#platform/result.ts";
import type { Caller } from "#record/record.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import type { Charts } from "./charts.ts";
import type { DraftView } from "./contract.ts";
import { jsonBody } from "./json-body.ts";
import { humanName } from "./person/labels.ts";

type ById = { Params: { id: string } };
type EditedSection = { code: string; sentences: { text: string; evidence?: { reference: string; version?: string }[] }[] };

export function draftRoutes(app: FastifyInstance, { record, trust, clock }: ServerDeps, charts: Charts): void {
  async function nameOf(caller: Caller, reference: string, display: string): Promise<Bilingual> {
    const id = reference.startsWith("Practitioner/") ? reference.slice("Practitioner/".length) : "";
    const found = id === "" ? undefined : await record.read(caller, { type: "Practitioner", id });
    return found?.kind === "current" ? humanName((JSON.parse(found.stored.text) as Resource).name) : { en: display, zh: display };
  }

  async function view(caller: Caller, draft: Draft): Promise<DraftView> {
    const { id, version, status, title, language, composed, sections, authors, rejection } = draft;
    const signature = status === "final" ? await signatureOf(record, caller, id, (jws, bytes) => trust.verifyDetached(jws, bytes)) : undefined;
    return {
      id, version, status, title, language, composed, sections, author: authors.join(", "), machine: authors.every((author) => author.startsWith("Device/")),
      ...(signature ? { signature: { who: await nameOf(caller, signature.agent, signature.display), reference: signature.agent, when: signature.when, keyId: signature.keyId, valid: signature.valid } } : {}),
      ...(rejection ? { rejection: { who: await nameOf(caller, rejection.who, rejection.display), when: rejection.when, reason: rejection.reason } } : {}),
    };
  }

  async function answer(reply: FastifyReply, caller: Caller, done: Result<Draft>): Promise<FastifyReply | DraftView> {
    if (!done.ok) return sendFailure(reply, done.failure);
    charts.forget(done.value.subject.slice("Patient/".length));
    return view(caller, done.value);
  }

  app.get<ById>("/people/:id/drafts", async (request, reply) => {
    const { caller } = principalOf(request);
    const chart = await charts.ofRequest(request, reply);
    if (!chart) return reply;
    const drafts = await draftsOf(record, caller, request.params.id);
    return drafts.ok ? Promise.all(drafts.value.map((draft) => view(caller, draft))) : sendFailure(reply, drafts.failure);
  });

  app.post<ById>("/people/:id/drafts", async (request, reply) => {
    const { id } = request.params;
    const body = jsonBody(request, { language: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    if (!isId(id)) return sendFailure(reply, { code: "not-found", text: `Patient/${id} is not known.`, why: { code: "unknown", what: `Patient/${id}` } });
    const { caller } = principalOf(request);
    const language = body.value.language === "zh" ? "zh" : "en";
    return answer(reply, caller, await composeDraft(record, caller, id, { language, asOf: clock.now().toISOString() }));
  });

  app.get<ById>("/drafts/:id", async (request, reply) => {
    const { caller } = principalOf(request);
    const draft = isId(request.params.id) ? await readDraft(record, caller, request.params.id) : undefined;
    if (!draft) return sendFailure(reply, { code: "not-found", text: `Composition/${request.params.id} is not known.`, why: { code: "unknown", what: `Composition/${request.params.id}` } });
    return draft.ok ? view(caller, draft.value) : sendFailure(reply, draft.failure);
  });

  app.put<ById>("/drafts/:id", async (request, reply) => {
    const body = jsonBody(request, { sections: "array", version: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const fault = sectionFault(body.value.sections);
    if (fault) return sendFailure(reply, { code: "value", text: fault });
    const { caller } = principalOf(request);
    return answer(reply, caller, await editDraft(record, caller, request.params.id, body.value.version, body.value.sections as EditedSection[]));
  });

  app.post<ById>("/drafts/:id/sign", async (request, reply) => {
    const body = jsonBody(request, { version: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const { caller, account } = principalOf(request);
    if (!account) return sendFailure(reply, { code: "forbidden", text: "This token belongs to no account: sign in as the person who signs.", why: { code: "account-none" } });
    const signer: Signer = (bytes, options) => trust.signDetached(account.id, bytes, options);
    const done = await signDraft(record, caller, request.params.id, body.value.version, signer, clock.now());
    if (done.ok) await record.appendLeaf(caller, { kind: "signature", reference: `Composition/${done.value.id}`, version: Number(done.value.version), patients: [done.value.subject.slice("Patient/".length)] });
    return answer(reply, caller, done);
  });

  app.post<ById>("/drafts/:id/reject", async (request, reply) => {
    const body = jsonBody(request, { version: "string", reason: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const { caller } = principalOf(request);
    const done = await rejectDraft(record, caller, request.params.id, body.value.version, body.value.reason, clock.now());
    if (done.ok) await record.appendLeaf(caller, { kind: "decision", reference: `Composition/${done.value.id}`, version: Number(done.value.version), patients: [done.value.subject.slice("Patient/".length)] });
    return answer(reply, caller, done);
  });
}

/** What is wrong with the sections sent, if anything. */
function sectionFault(sections: readonly unknown[]): string | undefined {
  for (const [i, section] of sections.entries()) {
    const { code, sentences } = (section ?? {}) as { code?: unknown; sentences?: unknown };
    if (typeof code !== "string") return `sections[${i}].code must be a text.`;
    if (!Array.isArray(sentences)) return `sections[${i}].sentences must be a list.`;
    for (const [j, sentence] of sentences.entries()) {
      const { text, evidence } = (sentence ?? {}) as { text?: unknown; evidence?: unknown };
      if (typeof text !== "string") return `sections[${i}].sentences[${j}].text must be a text.`;
      if (evidence !== undefined && !(Array.isArray(evidence) && evidence.every((one) => typeof (one as { reference?: unknown } | null)?.reference === "string"))) return `sections[${i}].sentences[${j}].evidence must be a list of {reference}.`;
    }
  }
  return undefined;
}
