/** The storyboard: what is always in sight of a person, and the one sentence a colleague would open with. */
import { urgencies, type Bilingual } from "#findings/finding.ts";
import type { Resource } from "#fhir/resource.ts";
import type { FindingView, Labelled, Storyboard } from "../contract.ts";
import { ageOn, cited, happened, personSummary, type Chart } from "./chart.ts";
import { bilingual, conceptLabel, resourceLabel } from "./labels.ts";
import { lastVitals } from "./measures.ts";

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

function careTeam(chart: Chart): Labelled[] {
  const patient = chart.patient;
  const rows: Labelled[] = [];
  for (const practitioner of (patient.generalPractitioner as { reference?: string; display?: string }[] | undefined) ?? [])
    if (practitioner.reference) rows.push({ reference: practitioner.reference, label: both(practitioner.display ?? practitioner.reference), detail: { en: "general practitioner", zh: "全科医生" } });
  for (const team of chart.of("CareTeam"))
    for (const { member, role } of (team.participant as { member?: { reference?: string; display?: string }; role?: unknown }[] | undefined) ?? [])
      if (member?.reference && !member.reference.startsWith("Patient/") && !rows.some((row) => row.reference === member.reference))
        rows.push({ reference: member.reference, label: both(member.display ?? member.reference), ...(conceptLabel(role) ? { detail: conceptLabel(role)! } : {}) });
  return rows;
}

function both(text: string): Bilingual {
  return { en: text, zh: text };
}

/** Replaces reference displays by names in both scripts where the practitioners themselves are at hand. */
export function withNames(rows: Labelled[], named: ReadonlyMap<string, Resource>): Labelled[] {
  return rows.map((row) => {
    const found = named.get(row.reference);
    return found ? { ...row, label: resourceLabel(found) } : row;
  });
}

const kindOf = ({ finding }: FindingView): string => `${finding.method.id} ${finding.code.system ?? ""}|${finding.code.code ?? finding.code.label.en}`;
const byUrgencyThenTime = (a: FindingView, b: FindingView): number => urgencies.indexOf(b.finding.urgency) - urgencies.indexOf(a.finding.urgency) || ((a.finding.effective ?? "") < (b.finding.effective ?? "") ? 1 : -1);

/** Of several findings of one kind (an ECG of each month) the one that speaks of the latest time. */
function newestOfEach(findings: readonly FindingView[]): FindingView[] {
  const newest = new Map<string, FindingView>();
  for (const view of findings) {
    const known = newest.get(kindOf(view));
    if (!known || (known.finding.effective ?? "") < (view.finding.effective ?? "")) newest.set(kindOf(view), view);
  }
  return [...newest.values()];
}

function answer(problems: Labelled[], findings: readonly FindingView[], ageText: { en: string; zh: string }): Bilingual {
  const newest = newestOfEach(findings);
  const worst = new Map<string, FindingView>();
  for (const view of findings.filter(({ finding }) => finding.outcome === "computed" && finding.urgency !== "routine").sort(byUrgencyThenTime))
    if (!worst.has(kindOf(view))) worst.set(kindOf(view), view);
  if (worst.size > 0) {
    // What a newer one of its kind does not repeat is still said, with its day.
    const said = [...worst.values()].slice(0, 2).map((view) => {
      const { statement, effective } = view.finding;
      const at = newest.includes(view) || effective === undefined ? undefined : effective.slice(0, 10);
      return at === undefined ? statement : { en: `${at}: ${statement.en}`, zh: `${at}：${statement.zh}` };
    });
    return { en: said.map(({ en }) => en).join(" "), zh: said.map(({ zh }) => zh).join("") };
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

export function storyboard(chart: Chart, findings: readonly FindingView[], named: ReadonlyMap<string, Resource>): Storyboard {
  const person = personSummary(chart.patient, chart.facts.asOf);
  const problems = activeProblems(chart);
  const { rows, known } = allergies(chart);
  const age = ageOn(person.birthDate, chart.facts.asOf);
  const times = chart.resources.flatMap((resource) => happened(resource).start ?? []).sort();
  const institutions = new Map<string, string>();
  for (const { serviceProvider } of chart.of("Encounter") as (Resource & { serviceProvider?: { reference?: string; display?: string } })[])
    if (serviceProvider?.reference) institutions.set(serviceProvider.reference, serviceProvider.display ?? serviceProvider.reference);
  const counts: Record<string, number> = {};
  for (const { resourceType } of chart.resources) counts[resourceType] = (counts[resourceType] ?? 0) + 1;
  return {
    person, answer: answer(problems, findings, age === undefined ? { en: "", zh: "" } : { en: `${age} years old. `, zh: `${age}岁。` }),
    allergies: rows, allergiesKnown: known, problems, medicines: medicines(chart),
    risks: newestOfEach(findings.filter(({ finding }) => finding.outcome === "computed" && (finding.probability !== undefined || finding.urgency !== "routine"))).sort(byUrgencyThenTime).slice(0, 6).map((finding) => ({ finding })),
    vitals: lastVitals(chart), careTeam: withNames(careTeam(chart), named),
    institutions: [...institutions].map(([reference, name]) => ({ reference, name: named.has(reference) ? resourceLabel(named.get(reference)!) : both(name) })),
    span: { ...(times[0] ? { first: times[0] } : {}), ...(times.at(-1) ? { last: times.at(-1)! } : {}) }, counts,
  };
}
