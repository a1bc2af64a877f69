/**
 * A drafted summary as a FHIR Composition and back. `Composition.section.text` holds one paragraph for each sentence
 * with its id; the extension `composition-sentence` on the section ties that id to the versions it rests on.
 * A rejected draft is `entered-in-error` with its reason in `composition-rejection`: R4 has no other way to withdraw one.
 */
import type { Resource } from "#fhir/resource.ts";
import { parseReference } from "#fhir/resource.ts";
import { aiast, base } from "#findings/canonical.ts";
import { pack, unpack, type Extension, type Plain } from "#findings/extension.ts";
import type { Bilingual } from "#findings/finding.ts";
import { fail, ok, type Result } from "#platform/result.ts";

export type Cited = { reference: string; version?: string };
export type Sentence = { text: string; evidence: Cited[]; /** true once a person changed or wrote it */ human: boolean };
export type Section = { code: string; title: Bilingual; sentences: Sentence[] };
export type DraftStatus = "preliminary" | "final" | "rejected" | "amended";
export type Rejection = { who: string; display: string; when: string; reason: string };
export type Draft = {
  id: string; version: string; status: DraftStatus; language: "en" | "zh"; subject: string; title: Bilingual; composed: string;
  sections: Section[]; /** "Device/…" or, once changed by a person, theirs too */ authors: string[]; rejection?: Rejection;
};

const sentenceUrl = `${base}/StructureDefinition/composition-sentence`;
const rejectionUrl = `${base}/StructureDefinition/composition-rejection`;
const titleUrl = `${base}/StructureDefinition/composition-title`;

const escape = (words: string): string => words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
/** Characters XML 1.0 has no place for. */
const clean = (words: string): string => words.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "").trim();

export function draftToComposition(draft: Draft): Resource {
  let n = 0;
  const section = draft.sections.map(({ code, title, sentences }) => {
    const numbered = sentences.map((sentence) => ({ ...sentence, text: clean(sentence.text), id: `s${++n}` }));
    const entries = [...new Set(numbered.flatMap((one) => one.evidence.map((cited) => cited.reference)))];
    return {
      extension: [
        ...pack(titleUrl, title),
        ...numbered.flatMap((one) => pack(sentenceUrl, { id: one.id, text: one.text, human: one.human, evidence: one.evidence.map((cited): Plain => ({ ...cited })) })),
      ],
      title: title[draft.language], code: { coding: [{ system: "http://loinc.org", code }], text: title.en },
      text: { status: numbered.some((one) => one.human) ? "additional" : "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${numbered.map((one) => `<p id="${one.id}">${escape(one.text)}</p>`).join("")}</div>` },
      ...(entries.length > 0 ? { entry: entries.map((reference) => ({ reference })) } : {}),
    };
  });
  const machineOnly = draft.authors.every((author) => author.startsWith("Device/"));
  return {
    resourceType: "Composition", ...(draft.id === "" ? {} : { id: draft.id }), ...(machineOnly ? { meta: { security: [aiast] } } : {}), language: draft.language,
    extension: [...pack(titleUrl, draft.title), ...(draft.rejection ? pack(rejectionUrl, draft.rejection) : [])],
    status: draft.status === "rejected" ? "entered-in-error" : draft.status,
    type: { coding: [{ system: "http://loinc.org", code: "60591-5", display: "Patient summary Document" }], text: draft.title.en },
    subject: { reference: draft.subject }, date: draft.composed, author: draft.authors.map((reference) => ({ reference })), title: draft.title[draft.language], section,
  };
}

export function draftFromComposition(composition: Resource): Result<Draft> {
  const name = `Composition/${composition.id ?? ""}`;
  const title = memberOf(composition["extension"], titleUrl) as Bilingual | undefined;
  const sections = composition["section"];
  const status = composition["status"];
  if (composition.resourceType !== "Composition" || !title || !Array.isArray(sections)) return fail("not-supported", `${name} is no drafted summary of ours`);
  const rejection = memberOf(composition["extension"], rejectionUrl) as Rejection | undefined;
  return ok({
    id: composition.id ?? "", version: composition.meta?.versionId ?? "1", title, subject: (composition["subject"] as { reference: string }).reference,
    status: status === "entered-in-error" ? "rejected" : (status as DraftStatus), language: composition["language"] === "zh" ? "zh" : "en", composed: String(composition["date"]),
    authors: ((composition["author"] ?? []) as { reference?: string }[]).flatMap((author) => author.reference ?? []),
    sections: sections.map((section: Record<string, unknown>): Section => ({
      code: (section["code"] as { coding?: { code?: string }[] } | undefined)?.coding?.[0]?.code ?? "",
      title: (memberOf(section["extension"], titleUrl) as Bilingual | undefined) ?? { en: String(section["title"] ?? ""), zh: String(section["title"] ?? "") },
      sentences: extensionsOf(section["extension"]).filter((one) => one.url === sentenceUrl).map(sentenceOf),
    })),
    ...(rejection ? { rejection } : {}),
  });
}

function extensionsOf(value: unknown): Extension[] {
  return Array.isArray(value) ? (value as Extension[]) : [];
}

function memberOf(extensions: unknown, url: string): Plain | undefined {
  const found = extensionsOf(extensions).find((one) => one.url === url);
  return found && unpack(found);
}

function sentenceOf(extension: Extension): Sentence {
  const inner = extension.extension ?? [];
  return {
    text: inner.find((one) => one.url === "text")?.valueString ?? "", human: inner.find((one) => one.url === "human")?.valueBoolean ?? false,
    evidence: inner.filter((one) => one.url === "evidence").map((one) => unpack(one) as Cited).filter((cited) => parseReference(cited.reference) !== undefined),
  };
}
