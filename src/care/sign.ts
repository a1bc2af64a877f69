/**
 * What a person does with a draft: edit, sign, reject. Only a preliminary draft can be changed; what was signed stays.
 *
 * Signed are the bytes of `signedBytes`: the final Composition without `id` and `meta`, members in order. The
 * signature goes into a Provenance that names the version it stands for, in the same transaction as that version.
 */
import type { Resource } from "#fhir/resource.ts";
import { ok, refuse, type Result } from "#platform/result.ts";
import type { Caller, Change, HealthRecord } from "#record/record.ts";
import type { FhirSignature, Signed, VerifiedSignature } from "#trust/trust.ts";
import { draftFromComposition, draftToComposition, type Cited, type Draft, type Section, type Sentence } from "./composition.ts";

/** Signs with the caller's own key; trust/ supplies it. */
export type Signer = (bytes: Uint8Array, options: { contentType: string; when: Date }) => Promise<Result<Signed>>;
export type Verifier = (jws: string, bytes: Uint8Array) => Promise<Result<VerifiedSignature>>;

const sentencesMax = 500, textMax = 4_000, reasonMax = 2_000;

type Open = { draft: Draft; resource: Resource };

async function openDraft(record: HealthRecord, caller: Caller, id: string, version: string): Promise<Result<Open>> {
  const found = await record.read(caller, { type: "Composition", id });
  if (found.kind !== "current") return refuse("not-found", { code: "unknown", what: `Composition/${id}` }, `Composition/${id} is not known`);
  if (caller.role !== "practitioner" || !caller.canWrite) return refuse("forbidden", { code: "practitioner-only" }, "Only a practitioner may change, sign or reject a draft");
  const resource = JSON.parse(found.stored.text) as Resource;
  const draft = draftFromComposition(resource);
  if (!draft.ok) return draft;
  if (draft.value.status !== "preliminary") return refuse("conflict", { code: "draft-closed", status: draft.value.status }, `Composition/${id} is ${draft.value.status} already and can no longer be changed`);
  if (String(found.stored.version) !== version) return refuse("precondition", { code: "draft-changed", version: found.stored.version }, `The draft was changed meanwhile: it is version ${found.stored.version}, not ${version}. Read it again`);
  return ok({ draft: draft.value, resource });
}

/** New wording. A sentence whose text is unchanged keeps its evidence; a changed or new one is the person's. */
export async function editDraft(record: HealthRecord, caller: Caller, id: string, version: string, sections: readonly { code: string; sentences: readonly { text: string; evidence?: readonly Cited[] }[] }[]): Promise<Result<Draft>> {
  const opened = await openDraft(record, caller, id, version);
  if (!opened.ok) return opened;
  const { draft } = opened.value;
  if (sections.reduce((sum, section) => sum + section.sentences.length, 0) > sentencesMax) return refuse("too-long", { code: "draft-sentences", max: sentencesMax }, `A summary holds at most ${sentencesMax} sentences`);
  const cited = new Map(draft.sections.flatMap((section) => section.sentences.flatMap((one) => one.evidence.map((evidence) => [evidence.reference, evidence] as const))));
  const edited: Section[] = [];
  for (const before of draft.sections) {
    const after = sections.find((section) => section.code === before.code);
    if (!after) { edited.push(before); continue; }
    const sentences: Sentence[] = [];
    for (const { text, evidence } of after.sentences) {
      if (typeof text !== "string" || text.trim() === "") continue;
      if (text.length > textMax) return refuse("too-long", { code: "sentence-long", max: textMax }, `A sentence holds at most ${textMax} characters`);
      const same = before.sentences.find((one) => one.text === text.trim());
      // Only versions the draft cited already: a person's words cannot claim evidence that was not shown to them.
      sentences.push(same ?? { text: text.trim(), human: true, evidence: (evidence ?? []).flatMap((one) => cited.get(one.reference) ?? []) });
    }
    edited.push({ ...before, sentences: sentences.length > 0 ? sentences : [{ text: draft.language === "zh" ? "（无内容）" : "(left empty)", human: true, evidence: [] }] });
  }
  const unknown = sections.find((section) => !draft.sections.some((before) => before.code === section.code));
  if (unknown) return refuse("value", { code: "unknown", what: unknown.code }, `The draft has no section "${unknown.code}"`);
  const changed: Draft = { ...draft, sections: edited, authors: [...new Set([...draft.authors, caller.agent])] };
  return store(record, caller, changed, []);
}

/** Signs the draft as it stands: Composition `final`, attested by the caller, with the signature in a Provenance. */
export async function signDraft(record: HealthRecord, caller: Caller, id: string, version: string, signer: Signer, when: Date): Promise<Result<Draft>> {
  const opened = await openDraft(record, caller, id, version);
  if (!opened.ok) return opened;
  const { draft } = opened.value;
  const final: Draft = { ...draft, status: "final" };
  const composition = { ...draftToComposition(final), attester: [{ mode: "legal", time: when.toISOString(), party: { reference: caller.agent, display: caller.display } }] };
  const signed = await signer(signedBytes(composition), { contentType: "application/fhir+json", when });
  if (!signed.ok) return signed;
  const target = `Composition/${id}/_history/${Number(version) + 1}`;
  return store(record, caller, final, [provenance(caller, target, when, "LA", signed.value.signature)], composition);
}

/** Withdraws the draft; it stays readable with the reason. */
export async function rejectDraft(record: HealthRecord, caller: Caller, id: string, version: string, reason: string, when: Date): Promise<Result<Draft>> {
  const given = reason.trim();
  if (given === "") return refuse("required", { code: "rejection-reason" }, "Say why the draft is rejected");
  if (given.length > reasonMax) return refuse("too-long", { code: "rejection-long", max: reasonMax }, `A reason holds at most ${reasonMax} characters`);
  const opened = await openDraft(record, caller, id, version);
  if (!opened.ok) return opened;
  const rejected: Draft = { ...opened.value.draft, status: "rejected", rejection: { who: caller.agent, display: caller.display, when: when.toISOString(), reason: given } };
  return store(record, caller, rejected, [provenance(caller, `Composition/${id}/_history/${Number(version) + 1}`, when, "NULLIFY")]);
}

async function store(record: HealthRecord, caller: Caller, draft: Draft, more: Resource[], composition: Resource = draftToComposition(draft)): Promise<Result<Draft>> {
  const changes: Change[] = [
    { kind: "update", type: "Composition", id: draft.id, text: JSON.stringify(composition), ifMatch: Number(draft.version) },
    ...more.map((resource): Change => ({ kind: "create", type: resource.resourceType, text: JSON.stringify(resource) })),
  ];
  const done = await record.commit(caller, changes);
  return done.ok ? ok({ ...draft, version: String(done.value[0]!.version) }) : done;
}

function provenance(caller: Caller, target: string, when: Date, activity: "LA" | "NULLIFY", signature?: FhirSignature): Resource {
  const coding = activity === "LA"
    ? { system: "http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion", code: "LA", display: "legally authenticated" }
    : { system: "http://terminology.hl7.org/CodeSystem/v3-DataOperation", code: "NULLIFY", display: "nullify" };
  return {
    resourceType: "Provenance", target: [{ reference: target }], recorded: when.toISOString(), activity: { coding: [coding] },
    agent: [{ type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", code: activity === "LA" ? "legal" : "verifier" }] }, who: { reference: caller.agent, display: caller.display } }],
    ...(signature ? { signature: [signature] } : {}),
  };
}

/** The bytes a signature stands for: JSON of the resource without `id` and `meta`, members in code-unit order, UTF-8. */
export function signedBytes(resource: Resource): Uint8Array {
  const { id: _id, meta: _meta, ...content } = resource;
  return new TextEncoder().encode(ordered(content));
}

function ordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join(",")}]`;
  if (value !== null && typeof value === "object")
    return `{${Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => `${JSON.stringify(key)}:${ordered(member)}`).join(",")}}`;
  return JSON.stringify(value);
}

export type SignatureView = { agent: string; display: string; when: string; keyId: string; valid: boolean; /** why it is not */ fault?: string };

/** The signature on a final draft, checked over the content as stored now. undefined: it bears none. */
export async function signatureOf(record: HealthRecord, caller: Caller, id: string, verifier: Verifier): Promise<SignatureView | undefined> {
  const found = await record.read(caller, { type: "Composition", id });
  if (found.kind !== "current") return undefined;
  const provenances = await record.search(caller, "Provenance", `target=Composition/${id}&_sort=-recorded&_count=20`);
  if (!provenances.ok) return undefined;
  for (const { mode, stored } of provenances.value.entries) {
    if (mode !== "match") continue;
    const one = JSON.parse(stored.text) as { target?: { reference?: string }[]; signature?: FhirSignature[]; agent?: { who?: { display?: string } }[] };
    const signature = one.signature?.[0];
    if (!signature || !one.target?.some((target) => target.reference?.endsWith(`Composition/${id}/_history/${found.stored.version}`))) continue;
    const verified = await verifier(Buffer.from(signature.data, "base64").toString("utf8"), signedBytes(JSON.parse(found.stored.text) as Resource));
    const common = { agent: signature.who.reference, display: signature.who.display ?? one.agent?.[0]?.who?.display ?? "", when: signature.when };
    if (!verified.ok) return { ...common, keyId: "", valid: false, fault: verified.failure.text };
    const same = verified.value.agent === signature.who.reference;
    return { ...common, keyId: verified.value.keyId, valid: same, ...(same ? {} : { fault: `signed by ${verified.value.agent}, not by ${signature.who.reference}` }) };
  }
  return undefined;
}
