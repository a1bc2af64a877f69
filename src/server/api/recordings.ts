/**
 * Recordings of everybody the caller may see, newest first: each once (segments belong to their recording), with what
 * was found of its rhythm. Samples are not decoded here: length and leads are read from the frame.
 */
import type { FastifyInstance } from "fastify";
import type { CodeableConcept, Resource } from "#fhir/resource.ts";
import type { Caller } from "#record/record.ts";
import { ecgStudy, segmentOffset, startOf } from "#signals/ecg/observation.ts";
import { leadName } from "#signals/ecg/leads.ts";
import { rhythmCode } from "#signals/methods/ecg-rhythm.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { findingView } from "./charts.ts";
import type { FindingView, RecordingRow, RecordingsPage } from "./contract.ts";
import { cited } from "./person/chart.ts";
import { conceptLabel } from "./person/labels.ts";
import { named, namesIn, nameBy, type Reference } from "./person/named.ts";
import { summaries } from "./person/summaries.ts";

const pageSize = 25;
const coded = ({ system, code }: { system?: string; code?: string }): string => encodeURIComponent(`${system}|${code}`);

export function recordingRoutes(app: FastifyInstance, { record, clock }: Pick<ServerDeps, "record" | "clock">): void {
  async function findingsOf(caller: Caller, recordings: readonly Resource[]): Promise<Map<string, FindingView>> {
    const found = new Map<string, FindingView>();
    if (recordings.length === 0) return found;
    const page = await record.search(caller, "Observation", `code=${coded(rhythmCode)}&derived-from=${recordings.flatMap(basisOf).join(",")}&status=final&_count=${2 * pageSize}`);
    if (page.ok) for (const { stored } of page.value.entries) {
      const view = findingView(JSON.parse(stored.text) as Resource);
      for (const item of view?.finding.evidence ?? []) if (item.kind === "resource") found.set(item.reference, view!);
    }
    return found;
  }

  app.get<{ Querystring: { cursor?: string } }>("/signals", async (request, reply) => {
    const { caller } = principalOf(request);
    const { cursor } = request.query;
    const page = await record.search(caller, "Observation", `code=${coded(ecgStudy)}&component-code:not=${coded(segmentOffset)}&status:not=entered-in-error,cancelled&_include=Observation:subject&_sort=-date&_count=${pageSize}${cursor ? `&_cursor=${encodeURIComponent(cursor)}` : ""}`);
    if (!page.ok) return sendFailure(reply, page.failure);
    const of = (mode: "match" | "include"): Resource[] => page.value.entries.filter((entry) => entry.mode === mode).map(({ stored }) => JSON.parse(stored.text) as Resource);
    const recordings = of("match"), patients = of("include");
    const [findings, people, names] = await Promise.all([findingsOf(caller, recordings), summaries(record, caller, patients, clock.now().toISOString()), named(record, caller, namesIn(recordings).filter((reference) => reference.startsWith("Device/")))]);
    const rows = recordings.flatMap((recording): RecordingRow[] => {
      const person = people.find(({ id }) => `Patient/${id}` === (recording.subject as Reference | undefined)?.reference);
      if (!person) return [];
      const finding = basisOf(recording).map((reference) => findings.get(reference)).find((one) => one !== undefined), device = nameBy(names, recording.device as Reference | undefined);
      return [{ ...cited(recording), person, label: conceptLabel(recording.code) ?? { en: "ECG", zh: "心电图" }, ...frameOf(recording), ...(device ? { device } : {}), ...(finding ? { finding } : {}) }];
    });
    return { rows, ...(page.value.next ? { next: page.value.next } : {}) } satisfies RecordingsPage;
  });
}

/** What a finding of this recording cites: the recording itself, or its only segment. */
function basisOf(recording: Resource): string[] {
  const members = ((recording.hasMember as Reference[] | undefined) ?? []).flatMap(({ reference }) => reference ?? []);
  return [`Observation/${recording.id}`, ...(members.length === 1 ? members : [])];
}

/** Begin, length, rate and leads as the resource states them. */
function frameOf(recording: Resource): Pick<RecordingRow, "start" | "seconds" | "rate" | "leads"> {
  const start = startOf(recording) ?? "", end = (recording.effectivePeriod as { end?: string } | undefined)?.end;
  const components = ((recording.component as { code?: CodeableConcept; valueSampledData?: { period?: number } }[] | undefined) ?? []).filter(({ valueSampledData }) => valueSampledData !== undefined);
  const periodMs = components[0]?.valueSampledData?.period;
  return {
    start, seconds: start === "" || end === undefined ? 0 : Math.max(0, (Date.parse(end) - Date.parse(start)) / 1000), rate: periodMs ? Math.round(1000 / periodMs) : 0,
    leads: components.map(({ code }) => leadName(code) ?? code?.text ?? "ECG"),
  };
}
