/**
 * WFDB record → FHIR: a recording Observation (LOINC 11524-6) whose `hasMember` lists segments of at most 60 s with one
 * SampledData per signal; converter values are kept as they are (factor = 1 / gain). Annotations stay in each segment's
 * component "Beat annotations". Ids come from the content, so importing twice gives the same resources.
 * Shape: docs/signals.md. The recording comes last, after everything it refers to.
 */
import { createHash } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { ok, type Result } from "#platform/result.ts";
import type { Reference, Resource } from "#fhir/resource.ts";
import { leadCode } from "#signals/ecg/leads.ts";
import { ecgFrame, offsetText, segmentOffset, segmentSeconds, type EcgComponent, type EcgFrame, type EcgObservation } from "#signals/ecg/observation.ts";
import { integersToText, sampledData } from "#signals/encode.ts";
import { symbols, type Annotations } from "#signals/wfdb/annotations.ts";
import { formats } from "#signals/wfdb/formats.ts";
import { parseHeader, type Header, type SignalSpec } from "#signals/wfdb/header.ts";
import { basePath, openRecord, readChunks, verifyRecord } from "./record.ts";

export type WfdbOptions = {
  /** Whose recording it is, "Patient/123". Absent: a Patient is made from the header's comment, without a name. */
  subject?: string;
  /** Time of the first sample where the header has no date. */
  start?: string;
  /** Offset of the header's local time, "+08:00". Default UTC. */
  zone?: string;
};

/** "header" of a record, "companion" (signal or annotation file of a header beside it), "orphan" (such a file alone), or none of it. */
export async function detectWfdb(path: string): Promise<"header" | "companion" | "orphan" | undefined> {
  const name = basename(path);
  if (/\.hea$/i.test(name)) return parseHeader(await headOf(path), name).ok || /^\s*(#.*\s+)*[\w.-]+(\/\d+)?\s+\d+\s+[\d.]+/.test(await headOf(path)) ? "header" : undefined;
  if (!/\.(dat|atr)$/i.test(name)) return undefined;
  const folder = await readdir(dirname(path)).catch(() => [] as string[]);
  if (folder.includes(`${basename(basePath(path))}.hea`)) return "companion";
  for (const header of folder.filter((entry) => entry.endsWith(".hea")).slice(0, 1000))
    if ((await headOf(`${dirname(path)}/${header}`)).includes(name)) return "companion";
  return "orphan";
}

async function headOf(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return "";
  try {
    const bytes = new Uint8Array(65536);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return Buffer.from(bytes.buffer, 0, bytesRead).toString("latin1");
  } finally {
    await file.close();
  }
}

/** The resources of one record, in the order in which they can be stored. A failure is the last value; nothing precedes a failed check. */
export async function* readWfdb(path: string, options: WfdbOptions = {}): AsyncGenerator<Result<Resource>> {
  const opened = await openRecord(path);
  if (!opened.ok) { yield opened; return; }
  const record = opened.value, { header } = record;
  const content = await verifyRecord(record);
  if (!content.ok) { yield content; return; }

  const person = personOf(header);
  const patientId = `wfdb-${content.value.slice(0, 40)}`;
  if (options.subject === undefined) yield ok(patient(patientId, content.value, person));
  const subject: Reference = { reference: options.subject ?? `Patient/${patientId}` };
  const id = `ecg-${createHash("sha256").update(`${content.value} ${subject.reference}`).digest("hex").slice(0, 40)}`;
  const start = options.start ?? (header.start === undefined ? undefined : `${header.start}${options.zone ?? "Z"}`);
  const about = (seconds: number, offset: number): EcgObservation => {
    const frame: EcgFrame = { subject, seconds };
    if (start !== undefined && !Number.isNaN(Date.parse(start))) frame.start = new Date(Date.parse(start) + Math.round(offset * 1000)).toISOString();
    const observation = ecgFrame(frame);
    return header.signals.some(isLead) ? observation : { ...observation, code: { text: "Physiological waveforms" } };
  };

  const cursor = { next: 0 }, members: Reference[] = [];
  for await (const { from, raw } of readChunks(record, Math.floor(segmentSeconds * header.frameRateHz))) {
    const frames = raw[0]!.length / header.signals[0]!.samplesPerFrame, offset = from / header.frameRateHz, seconds = frames / header.frameRateHz;
    const component = header.signals.map((spec, index) => lead(spec, raw[index]!, header.frameRateHz));
    component.push({ code: { coding: [segmentOffset], text: offsetText }, valueQuantity: secondsQuantity(offset) });
    const beats = record.annotations && annotationText(record.annotations, cursor, from, from + frames, header.frameRateHz);
    if (beats) component.push({ code: { text: "Beat annotations" }, valueString: beats });
    const segment = { ...about(seconds, offset), id: `${id}-${members.length}`, component };
    members.push({ reference: `Observation/${segment.id}` });
    yield ok(segment);
  }
  yield ok({
    ...about(record.frames / header.frameRateHz, 0), id,
    identifier: [{ system: "urn:salus:wfdb-sha256", value: content.value }],
    ...(header.comments.length > 0 ? { note: header.comments.map((text) => ({ text })) } : {}),
    ...(person.ageYears === undefined ? {} : { component: [{ code: { coding: [{ system: "http://loinc.org", code: "30525-0", display: "Age" }] }, valueQuantity: { value: person.ageYears, unit: "a", system: "http://unitsofmeasure.org", code: "a" } }] }),
    hasMember: members,
  });
}

function lead(spec: SignalSpec, raw: Int16Array, frameRateHz: number): EcgComponent {
  const values = new Float64Array(raw.length), invalid = formats[spec.format].invalid;
  for (let index = 0; index < raw.length; index++) values[index] = raw[index] === invalid ? NaN : raw[index]! - spec.baseline;
  return {
    code: isLead(spec) ? leadCode(spec.description || "ECG") : { text: spec.description || "Signal" },
    valueSampledData: sampledData(integersToText(values), spec.unit, frameRateHz * spec.samplesPerFrame, 1 / spec.gain),
  };
}

/** An electrocardiographic lead by unit and name; "ABP", "RESP", "PLETH" are none. */
function isLead({ unit, description }: SignalSpec): boolean {
  return (unit === "mV" || unit === "uV" || unit === "V") && !/^(abp|art|cvp|pap|icp|bp|resp|pleth|ppg|spo2|co2|eeg|emg|eog)\b/i.test(description);
}

function secondsQuantity(value: number): { value: number; unit: string; system: string; code: string } {
  return { value: Number(value.toFixed(6)), unit: "s", system: "http://unitsofmeasure.org", code: "s" };
}

/** "77:N 370:N 18:+:(N": sample in the segment, symbol, and its text percent-encoded where it has one. */
function annotationText(annotations: Annotations, cursor: { next: number }, from: number, to: number, frameRateHz: number): string {
  const scale = frameRateHz / (annotations.rateHz ?? frameRateHz), words: string[] = [];
  for (; cursor.next < annotations.samples.length; cursor.next++) {
    const at = annotations.samples[cursor.next]! * scale;
    if (at >= to) break;
    const text = annotations.aux.get(cursor.next), code = annotations.codes[cursor.next]!;
    words.push(`${Math.round(at - from)}:${symbols[code] ?? `#${code}`}${text ? `:${encodeURIComponent(text)}` : ""}`);
  }
  return words.join(" ");
}

type Person = { ageYears?: number; gender?: "male" | "female" };

/** Age and sex as headers give them: "69 M …" (MIT-BIH) or "Age: 69 Sex: M"; -1 and ? are unknown. */
function personOf(header: Header): Person {
  const text = header.comments.join(" ");
  const plain = /^(-?\d{1,3})\s+([MF?])\b/i.exec(header.comments[0] ?? "");
  const age = plain?.[1] ?? /\bage>?\s*[:=]?\s*(\d{1,3})\b/i.exec(text)?.[1], sex = plain?.[2] ?? /\b(?:sex|gender)>?\s*[:=]?\s*([MF])/i.exec(text)?.[1];
  const person: Person = {};
  if (age !== undefined && Number(age) >= 0 && Number(age) <= 130) person.ageYears = Number(age);
  if (sex && /[MF]/i.test(sex)) person.gender = sex.toUpperCase() === "M" ? "male" : "female";
  return person;
}

function patient(id: string, content: string, { gender }: Person): Resource {
  return { resourceType: "Patient", id, identifier: [{ system: "urn:salus:wfdb-sha256", value: content }], ...(gender ? { gender } : {}) };
}
