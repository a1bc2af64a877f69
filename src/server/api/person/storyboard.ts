/** The storyboard: what is always in sight of a person, and the one sentence a colleague would open with. */
import { urgencies, type Bilingual } from "#findings/finding.ts";
import { standing, type Standing } from "#findings/standing.ts";
import type { Resource } from "#fhir/resource.ts";
import type { FindingView, Labelled, Storyboard } from "../contract.ts";
import { ageOn, cited, happened, personSummary, type Chart } from "./chart.ts";
import { bilingual, conceptLabel, resourceLabel } from "./labels.ts";
import { lastVitals } from "./measures.ts";
import { nameBy, type Reference } from "./named.ts";

function clinicalStatus(resource: Resource): string | undefined {
  return (resource.clinicalStatus as { coding?: { code?: string }[] } | undefined)?.coding?.[0]?.code;
}

/** One row per label, the newest version of it first. */
function distinct(rows: Labelled[]): Labelled[] {
  const seen = new Map<string, Labelled>();
  for (const row of rows.toSorted((a, b) => ((a.since ?? "") < (b.since ?? "") ? 1 : -1))) if (!seen.has(row.label.en)) seen.set(row.label.en, row);
  return [...seen.values()];
}

function labelled(resource: Resource, label: Bilingual, more: Partial<Labelled> = {}): Labelled {
  const since = happened(resource).start;
  return { ...cited(resource), label, ...(since ? { since } : {}), ...more };
}

export function activeProblems(chart: Chart): Labelled[] {
  const active = chart.of("Condition").filter((condition) => ["active", "recurrence", "relapse", undefined].includes(clinicalStatus(condition)) && condition.abatementDateTime === undefined);
  return distinct(active.map((condition) => labelled(condition, resourceLabel(condition), { status: clinicalStatus(condition) ?? "active" })));
}

const medicineStates = new Set(["active", "on-hold", "completed", "stopped"]);

/** Every medicine that is or was taken, once, those of now first; an order that is "active" after its end is over. */
export function medicines(chart: Chart): Labelled[] {
  const now = chart.facts.asOf;
  const rows = [...chart.of("MedicationRequest"), ...chart.of("MedicationStatement")].filter(({ status }) => medicineStates.has(String(status))).map((resource): Labelled => {
    const { end } = happened(resource);
    const over = end !== undefined && end < now.slice(0, end.length);
    const dosage = ((resource.dosageInstruction ?? resource.dosage) as { text?: string; _text?: unknown }[] | undefined)?.[0];
    return labelled(resource, resourceLabel(resource), { status: resource.status === "active" && over ? "completed" : String(resource.status), ...(dosage?.text ? { detail: bilingual(dosage.text, dosage._text) } : {}) });
  });
  const current = distinct(rows.filter(({ status }) => status === "active"));
  const held = new Set(current.map(({ label }) => label.en));
  return [...current, ...distinct(rows.filter(({ status, label }) => status !== "active" && !held.has(label.en)))];
}

const criticalities: Record<string, Bilingual> = { high: { en: "high criticality", zh: "高危" }, low: { en: "low criticality", zh: "低危" } };

function criticality({ criticality: code }: Resource): Partial<Labelled> {
  const words = typeof code === "string" ? criticalities[code] : undefined;
  return words ? { detail: words } : {};
}

function allergies(chart: Chart): { rows: Labelled[]; known: boolean } {
  const all = chart.of("AllergyIntolerance").filter((allergy) => clinicalStatus(allergy) !== "resolved");
  // 716186003 |No known allergy|: known, and none.
  const none = (resource: Resource): boolean => ((resource.code as { coding?: { code?: string }[] } | undefined)?.coding ?? []).some(({ code }) => code === "716186003");
  return { rows: distinct(all.filter((allergy) => !none(allergy)).map((allergy) => labelled(allergy, resourceLabel(allergy), criticality(allergy)))), known: all.length > 0 };
}

function careTeam({ patient, of, names }: Chart): Labelled[] {
  const label = (one: Reference & { reference: string }): Bilingual => nameBy(names, one) ?? { en: one.reference, zh: one.reference };
  const rows: Labelled[] = [];
  for (const practitioner of (patient.generalPractitioner as Reference[] | undefined) ?? [])
    if (practitioner.reference) rows.push({ reference: practitioner.reference, label: label({ ...practitioner, reference: practitioner.reference }), detail: { en: "general practitioner", zh: "全科医生" } });
  for (const team of of("CareTeam"))
    for (const { member, role } of (team.participant as { member?: Reference; role?: unknown }[] | undefined) ?? [])
      if (member?.reference && !member.reference.startsWith("Patient/") && !rows.some((row) => row.reference === member.reference))
        rows.push({ reference: member.reference, label: label({ ...member, reference: member.reference }), ...(conceptLabel(role) ? { detail: conceptLabel(role)! } : {}) });
  return rows;
}

type Said = Standing<FindingView>;
const byUrgencyThenTime = (a: Said, b: Said): number =>
  urgencies.indexOf(b.urgency) - urgencies.indexOf(a.urgency) || Number(a.since !== undefined) - Number(b.since !== undefined) || ((a.one.finding.effective ?? "") < (b.one.finding.effective ?? "") ? 1 : -1);

function answer(problems: Labelled[], findings: readonly FindingView[], said: readonly Said[], ageText: { en: string; zh: string }): Bilingual {
  if (said.length > 0) {
    const first = said.slice(0, 2).map(({ statement }) => statement);
    return { en: first.map(({ en }) => en).join(" "), zh: first.map(({ zh }) => zh).join("") };
  }
  if (problems.length === 0) return { en: `${ageText.en}No active problems are recorded.`, zh: `${ageText.zh}没有记录在案的现患问题。` };
  // Nothing computed is no reassurance.
  const assessed = findings.some(({ finding }) => finding.outcome === "computed");
  const named = problems.slice(0, 3);
  const more = problems.length - named.length;
  return {
    en: `${ageText.en}${named.map(({ label }) => label.en).join(", ")}${more > 0 ? ` and ${more} more` : ""}; ${assessed ? "no computed finding asks for attention soon" : "nothing has been computed yet"}.`,
    zh: `${ageText.zh}${named.map(({ label }) => label.zh).join("、")}${more > 0 ? `等${problems.length}项` : ""}；${assessed ? "计算结果中没有需要尽快处理的事项" : "尚未进行计算"}。`,
  };
}

export function storyboard(chart: Chart, findings: readonly FindingView[]): Storyboard {
  const person = personSummary(chart.patient, chart.facts.asOf, chart.names);
  const stands = standing(findings, ({ finding }) => finding).toSorted(byUrgencyThenTime);
  const said = stands.filter(({ urgency }) => urgency !== "routine");
  const problems = activeProblems(chart);
  const { rows, known } = allergies(chart);
  const age = ageOn(person.birthDate, chart.facts.asOf);
  const times = chart.resources.flatMap((resource) => happened(resource).start ?? []).sort();
  const institutions = new Map<string, Bilingual>();
  for (const { serviceProvider } of chart.of("Encounter") as (Resource & { serviceProvider?: Reference })[])
    if (serviceProvider?.reference) institutions.set(serviceProvider.reference, nameBy(chart.names, serviceProvider) ?? { en: serviceProvider.reference, zh: serviceProvider.reference });
  const counts: Record<string, number> = {};
  for (const { resourceType } of chart.resources) counts[resourceType] = (counts[resourceType] ?? 0) + 1;
  return {
    person, answer: answer(problems, findings, said, age === undefined ? { en: "", zh: "" } : { en: `${age} years old. `, zh: `${age}岁。` }),
    allergies: rows, allergiesKnown: known, problems, medicines: medicines(chart),
    ...(said[0] ? { why: { reference: said[0].one.reference, urgency: said[0].urgency } } : {}),
    risks: stands.filter(({ one: { finding }, since }) => since === undefined && (finding.probability !== undefined || finding.urgency !== "routine")).slice(0, 6).map(({ one }) => ({ finding: one })),
    vitals: lastVitals(chart), careTeam: careTeam(chart),
    institutions: [...institutions].map(([reference, name]) => ({ reference, name })),
    span: { ...(times[0] ? { first: times[0] } : {}), ...(times.at(-1) ? { last: times.at(-1)! } : {}) }, counts,
  };
}
