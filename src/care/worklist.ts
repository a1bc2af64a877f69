/**
 * Worklist: one's people, the most urgent first, then the newest; each with the sentence that says why. Built from
 * stored, current Findings through the record's search, so that the caller's reach decides whose they are.
 *
 * People with a Finding above `routine` come first (all of them are ordered, at most `attentionMax` findings), then
 * everybody else by name. Pages go on with `next`. An abnormal ECG that a newer one does not repeat is said as earlier.
 */
import type { Resource } from "#fhir/resource.ts";
import { parseReference } from "#fhir/resource.ts";
import { urgencyTag } from "#findings/canonical.ts";
import { urgencies, type Bilingual, type Finding, type Urgency } from "#findings/finding.ts";
import { findingFromFhir, isCurrent, isFinding } from "#findings/from-fhir.ts";
import { inputDates } from "#findings/dates.ts";
import { kindOf, standing } from "#findings/standing.ts";
import { findingTypes } from "#findings/to-fhir.ts";
import { span } from "#findings/time.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { Caller, HealthRecord, SearchEntry } from "#record/record.ts";

export type WorkRow = { patient: Resource; urgency: Urgency; reason: Bilingual; at?: string; /** dates of what the reason rests on */ inputs?: { first: string; last: string }; /** references, the most urgent first */ findings: string[]; draft?: { reference: string; status: string } };
export type WorkPage = { rows: WorkRow[]; next?: string; counts: Record<Urgency, number> };

const attentionMax = 20_000;
const pageMax = 200;
const nothing: Bilingual = { en: "No computed finding asks for attention.", zh: "没有需要关注的计算结果。" };

type Read = { reference: string; finding: Finding; at: number };
/** Why a person is on the list: a finding as it stands now (#findings/standing.ts). */
type Reason = Read & { urgency: Urgency; statement: Bilingual };

export async function worklist(record: HealthRecord, caller: Caller, { count = 50, cursor }: { count?: number; cursor?: string } = {}): Promise<Result<WorkPage>> {
  const place = readCursor(cursor);
  if (!place) return fail("value", "The cursor of the worklist is not one of ours: ask for the first page again");
  const limit = Math.min(Math.max(1, count), pageMax);
  const attention = await peopleWithReasons(record, caller);
  if (!attention.ok) return attention;
  const ordered = order(attention.value);
  const all = await record.search(caller, "Patient", "_summary=count");
  if (!all.ok) return all;
  const counts: Record<Urgency, number> = { routine: Math.max(0, (all.value.total ?? 0) - ordered.length), soon: 0, urgent: 0, emergency: 0 };
  for (const { reasons } of ordered) counts[reasons[0]!.urgency]++;

  const rows: WorkRow[] = [];
  let next: string | undefined;
  if (place.kind === "attention") {
    const slice = ordered.slice(place.offset, place.offset + limit);
    for (const { patient, reasons } of slice) {
      const read = await record.read(caller, { type: "Patient", id: patient });
      if (read.kind === "current") rows.push(rowOf(JSON.parse(read.stored.text) as Resource, reasons));
    }
    const end = place.offset + limit;
    next = end < ordered.length ? `a${end}` : rows.length < limit ? undefined : "r";
  }
  if (place.kind === "rest" || (next === undefined && rows.length < limit)) {
    const listed = new Set(ordered.map((one) => one.patient));
    let from = place.kind === "rest" ? place.cursor : undefined;
    next = undefined;
    while (rows.length < limit) {
      const page = await record.search(caller, "Patient", `_sort=name&_count=${limit - rows.length}${from === undefined ? "" : `&_cursor=${from}`}`);
      if (!page.ok) return page;
      for (const { stored } of matches(page.value.entries)) if (!listed.has(stored.id)) rows.push(rowOf(JSON.parse(stored.text) as Resource, []));
      from = page.value.next;
      if (from === undefined) break;
    }
    if (from !== undefined) next = `r${from}`;
  }
  const drafted = await addDrafts(record, caller, rows);
  return drafted.ok ? ok({ rows, counts, ...(next === undefined ? {} : { next }) }) : drafted;
}

type Place = { kind: "attention"; offset: number } | { kind: "rest"; cursor: string | undefined };

function readCursor(cursor: string | undefined): Place | undefined {
  if (cursor === undefined || cursor === "") return { kind: "attention", offset: 0 };
  if (/^a\d{1,9}$/.test(cursor)) return { kind: "attention", offset: Number(cursor.slice(1)) };
  if (cursor === "r") return { kind: "rest", cursor: undefined };
  return /^r[A-Za-z0-9_-]{1,8192}$/.test(cursor) ? { kind: "rest", cursor: cursor.slice(1) } : undefined;
}

const matches = (entries: readonly SearchEntry[]): SearchEntry[] => entries.filter((entry) => entry.mode === "match");

async function peopleWithReasons(record: HealthRecord, caller: Caller): Promise<Result<Map<string, Reason[]>>> {
  const people = new Map<string, Read[]>();
  const tags = (codes: readonly Urgency[]): string => codes.map((code) => encodeURIComponent(`${urgencyTag}|${code}`)).join(",");
  let read = 0;
  /** Reads every page of one search into `people`. */
  async function gather(type: string, query: string): Promise<Result<void>> {
    for (let from: string | undefined; ;) {
      const page = await record.search(caller, type, `${query}&_count=500${from === undefined ? "" : `&_cursor=${from}`}`);
      if (!page.ok) return page;
      for (const { stored } of matches(page.value.entries)) {
        read++;
        const resource = JSON.parse(stored.text) as Resource;
        if (!isFinding(resource) || !isCurrent(resource)) continue;
        const finding = findingFromFhir(resource);
        const key = finding.ok ? parseReference(finding.value.subject) : undefined;
        if (!finding.ok || key?.type !== "Patient") continue;
        const one = { reference: `${stored.type}/${stored.id}`, finding: finding.value, at: span(finding.value.effective ?? "")?.last ?? 0 };
        const known = people.get(key.id);
        if (known) known.push(one); else people.set(key.id, [one]);
      }
      from = page.value.next;
      if (from === undefined || read >= attentionMax) return ok(undefined);
    }
  }
  for (const type of findingTypes) {
    const asked = await gather(type, `_tag=${tags(["emergency", "urgent", "soon"])}`);
    if (!asked.ok) return asked;
  }
  for (const { type, code, subjects } of repeatable(people)) {
    const asked = await gather(type, `_tag=${tags(["routine"])}&code=${encodeURIComponent(code)}&subject=${encodeURIComponent(subjects.join(","))}`);
    if (!asked.ok) return asked;
  }
  return ok(new Map([...people].map(([patient, all]) => [patient, reasonsOf(all)])));
}

const subjectsMax = 100;

/** Searches for what may have replaced a finding: methods that judge one recording at a time write several measures of one kind. Risks and issues stand once for each method and part. */
function repeatable(people: ReadonlyMap<string, readonly Read[]>): { type: string; code: string; subjects: string[] }[] {
  const kinds = new Map<string, { type: string; code: string; subjects: Set<string> }>();
  for (const all of people.values()) for (const { reference, finding } of all) {
    const type = reference.slice(0, reference.indexOf("/"));
    if (type !== "Observation" || finding.part === undefined || finding.code.code === undefined) continue;
    const key = `${type} ${kindOf(finding)}`;
    const kind = kinds.get(key) ?? { type, code: `${finding.code.system ?? ""}|${finding.code.code}`, subjects: new Set() };
    kinds.set(key, kind);
    kind.subjects.add(finding.subject);
  }
  return [...kinds.values()].flatMap(({ type, code, subjects }) => {
    const all = [...subjects];
    return Array.from({ length: Math.ceil(all.length / subjectsMax) }, (_, i) => ({ type, code, subjects: all.slice(i * subjectsMax, (i + 1) * subjectsMax) }));
  });
}

function reasonsOf(all: readonly Read[]): Reason[] {
  return standing(all, ({ finding }) => finding).flatMap(({ one, urgency, statement }) => (urgency === "routine" ? [] : [{ ...one, urgency, statement }]));
}

const rank = (urgency: Urgency): number => urgencies.indexOf(urgency);

function order(people: ReadonlyMap<string, Reason[]>): { patient: string; reasons: Reason[] }[] {
  const byUrgency = (a: Reason, b: Reason): number => rank(b.urgency) - rank(a.urgency) || b.at - a.at || (a.reference < b.reference ? -1 : 1);
  const rows = [...people].filter(([, reasons]) => reasons.length > 0).map(([patient, reasons]) => ({ patient, reasons: reasons.sort(byUrgency) }));
  return rows.sort((a, b) => byUrgency(a.reasons[0]!, b.reasons[0]!) || (a.patient < b.patient ? -1 : 1));
}

function rowOf(patient: Resource, reasons: readonly Reason[]): WorkRow {
  const first = reasons[0];
  if (!first) return { patient, urgency: "routine", reason: nothing, findings: [] };
  const inputs = inputDates(first.finding);
  return { patient, ...(inputs ? { inputs } : {}), urgency: first.urgency, reason: first.statement, findings: reasons.map((reason) => reason.reference), ...(first.finding.effective === undefined ? {} : { at: first.finding.effective }) };
}

/** The newest draft of each row that still waits for a person. */
async function addDrafts(record: HealthRecord, caller: Caller, rows: readonly WorkRow[]): Promise<Result<void>> {
  if (rows.length === 0) return ok(undefined);
  const subjects = rows.map((row) => `Patient/${row.patient.id}`).join(",");
  const found = await record.search(caller, "Composition", `subject=${encodeURIComponent(subjects)}&status=preliminary&_sort=-date&_count=500`);
  if (!found.ok) return found;
  for (const { stored } of matches(found.value.entries)) {
    const composition = JSON.parse(stored.text) as { subject?: { reference?: string }; status?: string };
    const row = rows.find((one) => `Patient/${one.patient.id}` === composition.subject?.reference);
    if (row && !row.draft) row.draft = { reference: `Composition/${stored.id}`, status: composition.status ?? "preliminary" };
  }
  return ok(undefined);
}
