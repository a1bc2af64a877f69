/**
 * A drafted summary of one person, composed from the record without any language model. Each sentence states one
 * thing and cites the versions it rests on. Stored as Composition `preliminary` by the Device "summary-draft": it is a
 * draft until a person signs it (`sign.ts`).
 */
import type { Resource } from "#fhir/resource.ts";
import { methodDevice, deviceReference } from "#findings/to-fhir.ts";
import { ok, refuse, type Result } from "#platform/result.ts";
import type { Caller, HealthRecord } from "#record/record.ts";
import { draftFromComposition, draftToComposition, type Draft } from "./composition.ts";
import { nodeCaller } from "./node-caller.ts";
import { composeSections, summaryTitle } from "./summary.ts";

export const drafter = { id: "summary-draft", version: "1.0.0", title: { en: "Summary drafter", zh: "摘要起草程序" }, sources: [{ citation: "Composed from the record's own statements, without a language model" }] };

/** Composes and stores a new draft. The caller must see the person and be allowed to write. */
export async function composeDraft(record: HealthRecord, caller: Caller, patientId: string, options: { language: "en" | "zh"; asOf: string }): Promise<Result<Draft>> {
  const person = await record.read(caller, { type: "Patient", id: patientId });
  if (person.kind !== "current") return refuse("not-found", { code: "unknown", what: `Patient/${patientId}` }, `Patient/${patientId} is not known`);
  if (!caller.canWrite) return refuse("forbidden", { code: "read-only" }, "You may read this record but not write to it");
  const resources = await record.compartment(caller, patientId);
  const draft: Draft = {
    id: "", version: "1", status: "preliminary", language: options.language, subject: `Patient/${patientId}`, title: summaryTitle, composed: options.asOf,
    sections: composeSections({ subject: `Patient/${patientId}`, asOf: options.asOf, resources }, options.language), authors: [deviceReference(drafter.id)],
  };
  const device = methodDevice(drafter);
  const done = await record.commit(nodeCaller, [
    { kind: "update", type: "Device", id: device.id!, text: JSON.stringify(device) },
    { kind: "create", type: "Composition", text: JSON.stringify(draftToComposition(draft)) },
  ], { source: "#salus" });
  if (!done.ok) return done;
  const created = done.value[1]!;
  return ok({ ...draft, id: created.id, version: String(created.version) });
}

/** The drafts and summaries of one person, the newest first. */
export async function draftsOf(record: HealthRecord, caller: Caller, patientId: string): Promise<Result<Draft[]>> {
  const found = await record.search(caller, "Composition", `subject=${encodeURIComponent(`Patient/${patientId}`)}&_sort=-date&_count=100`);
  if (!found.ok) return found;
  return ok(found.value.entries.filter((entry) => entry.mode === "match").flatMap(({ stored }) => {
    const draft = draftFromComposition(JSON.parse(stored.text) as Resource);
    return draft.ok ? [draft.value] : [];
  }));
}

export async function readDraft(record: HealthRecord, caller: Caller, id: string): Promise<Result<Draft>> {
  const found = await record.read(caller, { type: "Composition", id });
  if (found.kind !== "current") return refuse("not-found", { code: "unknown", what: `Composition/${id}` }, `Composition/${id} is not known`);
  return draftFromComposition(JSON.parse(found.stored.text) as Resource);
}
