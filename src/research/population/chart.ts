/**
 * One person's chart: writes FHIR R4 resources with ids that follow from the person and the order of events, so that
 * the same events get the same ids and importing twice adds nothing.
 */
import type {
  AllergyIntolerance, CodeableConcept, Condition, DiagnosticReport, Encounter, FamilyMemberHistory, Immunization, MedicationRequest, MedicationStatement, Observation,
  ObservationReferenceRange, Procedure, Resource,
} from "@medplum/fhirtypes";
import type { Sex } from "./epidemiology.ts";
import type { Ref, Role, Shared, Site } from "./institutions.ts";
import {
  atc, ckdGeneral, ckdStages, coded, concept, drugs, icd10, loinc, measures, problems, procedures, rxnorm, snomed, translation, ucum, vaccines,
  type Concept, type DrugKey, type Label, type Measure, type MeasureKey, type ProblemKey, type ProcedureKey, type VaccineKey,
} from "./terms.ts";
import type { CkdStage } from "./kidney.ts";
import { isoDate, isoTime } from "./time.ts";

export type Visit = { reference: Ref; site: Site; role: Role; day: number; minute: number; resource: Encounter };

const categorySystem = "http://terminology.hl7.org/CodeSystem/observation-category";
const categories: Record<Measure["category"], CodeableConcept[]> = {
  "vital-signs": [coded(categorySystem, "vital-signs")], laboratory: [coded(categorySystem, "laboratory")], survey: [coded(categorySystem, "survey")],
  procedure: [coded(categorySystem, "procedure")], activity: [coded(categorySystem, "activity")], "social-history": [coded(categorySystem, "social-history")],
};
const measureConcepts = Object.fromEntries((Object.entries(measures) as [MeasureKey, Measure][]).map(([key, measure]) => [key, concept(measure.label, { system: loinc, code: measure.loinc }, ...(measure.also ? [{ system: loinc, code: measure.also }] : []))])) as Record<MeasureKey, Concept>;
const interpretationSystem = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
const interpretations = { L: [coded(interpretationSystem, "L")], N: [coded(interpretationSystem, "N")], H: [coded(interpretationSystem, "H")] };
const pressureConcept = concept({ en: "Blood pressure", zh: "血压" }, { system: loinc, code: "85354-9" });
const systolicConcept = concept({ en: "Systolic pressure", zh: "收缩压" }, { system: loinc, code: "8480-6" });
const diastolicConcept = concept({ en: "Diastolic pressure", zh: "舒张压" }, { system: loinc, code: "8462-4" });
const clinical = (code: string): CodeableConcept => coded("http://terminology.hl7.org/CodeSystem/condition-clinical", code);
const confirmed = coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed");
const problemList = [coded("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")];
const encounterDiagnosis = [coded("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis")];
const classes = {
  ambulatory: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB", display: "ambulatory" },
  emergency: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "EMER", display: "emergency" },
  inpatient: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "IMP", display: "inpatient encounter" },
} as const;

/** Rounded half up to decimals, as a laboratory prints it; free of binary dust. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

export function ckdConcept(stage: CkdStage): Concept {
  const codes = ckdStages[stage];
  return concept({ en: `Chronic kidney disease stage ${stage}`, zh: `慢性肾脏病${stage}期` },
    { system: snomed, code: codes.snomed }, { system: snomed, code: ckdGeneral }, { system: icd10, code: codes.icd10 });
}

export type Chart = ReturnType<typeof createChart>;

export function createChart(shared: Shared, index: number, sex: Sex) {
  const person = `${shared.prefix}-${index}`;
  const subject: Ref = { reference: `Patient/${person}` };
  const resources: Resource[] = [];
  const counts = new Map<string, number>();
  const nextId = (kind: string): string => {
    const n = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, n);
    return `${person}-${kind}${n}`;
  };
  const meta = (site: Site) => ({ source: shared.source[site] });
  const add = <T extends Resource>(resource: T): T => { resources.push(resource); return resource; };
  const refer = (resource: Resource): Ref => ({ reference: `${resource.resourceType}/${resource.id}` });

  // Visits follow one another: one moved to a working day never lies behind a later one.
  let latestDay = -Infinity;
  const visits = new Map<string, Visit>();
  function visit(wished: number, minute: number, site: Site, role: Role, label: Label, options: { class?: keyof typeof classes; minutes?: number; place?: number; reason?: Label } = {}): Visit {
    const day = latestDay = Math.max(wished, latestDay);
    const end = minute + (options.minutes ?? 20);
    const resource = add<Encounter>({
      resourceType: "Encounter", id: nextId("e"), meta: meta(site), status: "finished", class: classes[options.class ?? "ambulatory"], type: [concept(label)], subject,
      participant: [{ individual: shared.practitioner[role] }], period: { start: isoTime(day, minute), end: isoTime(day, end) },
      ...(options.reason ? { reasonCode: [concept(options.reason)] } : {}),
      location: [{ location: shared.place[site][options.place ?? 0]! }], serviceProvider: shared.organization[site],
    });
    const made: Visit = { reference: refer(resource), site, role, day, minute, resource };
    visits.set(resource.id!, made);
    return made;
  }

  function range(key: MeasureKey): { low?: number; high?: number } {
    const measure: Measure = measures[key];
    const of = (bound: Measure["low"]): number | undefined => (typeof bound === "object" ? bound[sex] : bound);
    return { low: of(measure.low), high: of(measure.high) };
  }
  function quantity(key: MeasureKey, value: number): Observation["valueQuantity"] {
    const measure = measures[key];
    return { value: rounded(value, measure.digits), unit: measure.unit, system: ucum, code: measure.ucum };
  }
  function ranged(key: MeasureKey, value: number): Pick<Observation, "interpretation" | "referenceRange"> {
    const { low, high } = range(key);
    if (low === undefined && high === undefined) return {};
    const measure = measures[key], shown = rounded(value, measure.digits);
    const bound = (at: number) => ({ value: at, unit: measure.unit, system: ucum, code: measure.ucum });
    const reference: ObservationReferenceRange & { _text?: unknown } = {
      ...(low === undefined ? {} : { low: bound(low) }), ...(high === undefined ? {} : { high: bound(high) }), ...(measure.rangeOf ? { text: measure.rangeOf.en, _text: translation(measure.rangeOf.zh) } : {}),
    };
    return { interpretation: interpretations[low !== undefined && shown < low ? "L" : high !== undefined && shown > high ? "H" : "N"], referenceRange: [reference] };
  }

  /** A measured value at a visit. `adult: false` leaves out the adult reference range. Laboratory values are resulted three hours later by the laboratory. */
  function observe(at: Visit, key: MeasureKey, value: number, options: { adult?: boolean; minute?: number } = {}): Observation {
    const measure = measures[key], minute = options.minute ?? at.minute + 4;
    const laboratory = measure.category === "laboratory";
    return add<Observation>({
      resourceType: "Observation", id: nextId("o"), meta: meta(laboratory ? "laboratory" : at.site), status: "final", category: categories[measure.category], code: measureConcepts[key],
      subject, encounter: at.reference, effectiveDateTime: isoTime(at.day, minute), issued: isoTime(at.day, minute + (laboratory ? 180 : 1)),
      performer: [laboratory ? shared.organization.laboratory : shared.practitioner[at.role]], valueQuantity: quantity(key, value), ...(options.adult === false ? {} : ranged(key, value)),
    });
  }

  function pressureComponents(systolic: number, diastolic: number, adult: boolean): Pick<Observation, "interpretation" | "component"> {
    const part = (code: Concept, value: number, high: number) => ({
      code, valueQuantity: { value: Math.round(value), unit: "mmHg", system: ucum, code: "mm[Hg]" },
      ...(adult ? { interpretation: interpretations[Math.round(value) >= high ? "H" : "N"], referenceRange: [{ high: { value: high, unit: "mmHg", system: ucum, code: "mm[Hg]" } }] } : {}),
    });
    return { component: [part(systolicConcept, systolic, 140), part(diastolicConcept, diastolic, 90)] };
  }
  function pressure(at: Visit, systolic: number, diastolic: number, adult = true): Observation {
    return add<Observation>({
      resourceType: "Observation", id: nextId("o"), meta: meta(at.site), status: "final", category: categories["vital-signs"], code: pressureConcept, subject, encounter: at.reference,
      effectiveDateTime: isoTime(at.day, at.minute + 3), issued: isoTime(at.day, at.minute + 4), performer: [shared.practitioner[at.role]], ...pressureComponents(systolic, diastolic, adult),
    });
  }

  /** An answer from a list (smoking status, consciousness). */
  function answer(at: Visit, question: Concept, category: Measure["category"], value: CodeableConcept): Observation {
    return add<Observation>({
      resourceType: "Observation", id: nextId("o"), meta: meta(at.site), status: "final", category: categories[category], code: question, subject, encounter: at.reference,
      effectiveDateTime: isoTime(at.day, at.minute + 2), issued: isoTime(at.day, at.minute + 3), performer: [shared.practitioner[at.role]], valueCodeableConcept: value,
    });
  }

  function report(at: Visit, label: Label, results: Observation[]): void {
    const minute = at.minute + 4;
    add<DiagnosticReport>({
      resourceType: "DiagnosticReport", id: nextId("r"), meta: meta("laboratory"), status: "final", category: [coded("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB")], code: concept(label), subject,
      encounter: at.reference, effectiveDateTime: isoTime(at.day, minute), issued: isoTime(at.day, minute + 181), performer: [shared.organization.laboratory], result: results.map(refer),
    });
  }

  /** `onsetDay` is when it began as far as known then; recorded at the visit. An ended condition is resolved on `endDay`. */
  function condition(at: Visit, key: ProblemKey | "ckd", onsetDay: number, options: { endDay?: number; acute?: boolean; recurrence?: boolean; stage?: CkdStage } = {}): Condition {
    const known = key === "ckd" ? undefined : problems[key];
    const resource = add<Condition>({
      resourceType: "Condition", id: nextId("c"), meta: meta(at.site), clinicalStatus: clinical(options.endDay !== undefined ? "resolved" : options.recurrence ? "recurrence" : "active"), verificationStatus: confirmed,
      category: options.acute ? encounterDiagnosis : problemList,
      code: known ? concept(known.label, { system: snomed, code: known.snomed }, { system: icd10, code: known.icd10 }) : ckdConcept(options.stage!),
      subject, encounter: at.reference, onsetDateTime: isoDate(onsetDay), ...(options.endDay !== undefined ? { abatementDateTime: isoDate(options.endDay) } : {}),
      recordedDate: isoTime(at.day, at.minute + 15), recorder: shared.practitioner[at.role],
    });
    (at.resource.diagnosis ??= []).push({ condition: refer(resource) });
    if (!at.resource.reasonCode && known) at.resource.reasonCode = [concept(known.label)];
    return resource;
  }

  /** A prescription; `endDay` is known for short courses, and set by `stop` for long ones. */
  function prescribe(at: Visit, key: DrugKey, options: { endDay?: number; reason?: Condition } = {}): MedicationRequest {
    const drug = drugs[key], finished = options.endDay !== undefined;
    return add<MedicationRequest>({
      resourceType: "MedicationRequest", id: nextId("m"), meta: meta(at.site), status: finished ? "completed" : "active", intent: "order",
      category: [coded("http://terminology.hl7.org/CodeSystem/medicationrequest-category", at.resource.class.code === "IMP" ? "inpatient" : finished ? "outpatient" : "community")],
      medicationCodeableConcept: concept(drug.label, { system: rxnorm, code: drug.rxnorm }, { system: atc, code: drug.atc }),
      subject, encounter: at.reference, authoredOn: isoTime(at.day, at.minute + 16), requester: shared.practitioner[at.role],
      ...(options.reason ? { reasonReference: [refer(options.reason)] } : {}), courseOfTherapyType: coded("http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", finished ? "acute" : "continuous"),
      dosageInstruction: [dosage(key, at.day, options.endDay)],
    });
  }
  function dosage(key: DrugKey, from: number, to?: number) {
    const drug = drugs[key];
    const zh = translation(drug.doseZh);
    return {
      text: drug.dose, _text: zh, asNeededBoolean: "asNeeded" in drug && drug.asNeeded === true,
      timing: { repeat: { boundsPeriod: { start: isoDate(from), ...(to !== undefined ? { end: isoDate(to) } : {}) }, frequency: drug.times, period: 1, periodUnit: "d" as const } },
      doseAndRate: [{ doseQuantity: { value: drug.value, unit: drug.unit === "[iU]" ? "IU" : drug.unit === "ug" ? "µg" : drug.unit, system: ucum, code: drug.unit } }],
    };
  }
  function stop(request: MedicationRequest, day: number, why: Label): void {
    request.status = "stopped";
    request.statusReason = concept(why);
    request.dosageInstruction![0]!.timing!.repeat!.boundsPeriod!.end = isoDate(day);
  }
  /** A medicine the person takes without prescription, as told at the visit. */
  function statement(at: Visit, key: DrugKey, fromDay: number): void {
    const drug = drugs[key];
    add<MedicationStatement>({
      resourceType: "MedicationStatement", id: nextId("s"), meta: meta(at.site), status: "active", medicationCodeableConcept: concept(drug.label, { system: rxnorm, code: drug.rxnorm }, { system: atc, code: drug.atc }),
      subject, context: at.reference, effectivePeriod: { start: isoDate(fromDay) }, dateAsserted: isoTime(at.day, at.minute + 10), informationSource: subject, dosage: [{ text: drug.dose, asNeededBoolean: true }],
    });
  }

  function procedure(at: Visit, key: ProcedureKey, options: { minute?: number; reason?: Condition; role?: Role } = {}): Procedure {
    return add<Procedure>({
      resourceType: "Procedure", id: nextId("p"), meta: meta(at.site), status: "completed", code: procedures[key], subject, encounter: at.reference,
      performedDateTime: isoTime(at.day, options.minute ?? at.minute + 8), performer: [{ actor: shared.practitioner[options.role ?? at.role] }], ...(options.reason ? { reasonReference: [refer(options.reason)] } : {}),
    });
  }
  function immunize(at: Visit, key: VaccineKey, dose?: number): void {
    add<Immunization>({
      resourceType: "Immunization", id: nextId("i"), meta: meta(at.site), status: "completed", vaccineCode: vaccines[key], patient: subject, encounter: at.reference, occurrenceDateTime: isoTime(at.day, at.minute + 12),
      primarySource: true, performer: [{ actor: shared.practitioner[at.role] }], ...(dose ? { protocolApplied: [{ doseNumberPositiveInt: dose }] } : {}),
    });
  }
  function allergy(at: Visit, label: Label, code: { system: string; code: string }, options: { category?: "medication" | "food"; high?: boolean; reaction?: Label; reactionCode?: string } = {}): void {
    add<AllergyIntolerance>({
      resourceType: "AllergyIntolerance", id: nextId("a"), meta: meta(at.site), clinicalStatus: coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
      verificationStatus: coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed"), ...(options.category ? { type: "allergy", category: [options.category] } : {}),
      ...(options.category ? { criticality: options.high ? "high" as const : "low" as const } : {}), code: concept(label, code), patient: subject, recordedDate: isoTime(at.day, at.minute + 9), recorder: shared.practitioner[at.role],
      ...(options.reaction ? { reaction: [{ manifestation: [concept(options.reaction, { system: snomed, code: options.reactionCode! })] }] } : {}),
    });
  }

  /** A parent with a condition, as told at the visit. */
  function family(at: Visit, key: ProblemKey, mother: boolean): void {
    const known = problems[key];
    add<FamilyMemberHistory>({
      resourceType: "FamilyMemberHistory", id: nextId("f"), meta: meta(at.site), status: "completed", patient: subject, date: isoDate(at.day),
      relationship: concept(mother ? { en: "Mother", zh: "母亲" } : { en: "Father", zh: "父亲" }, { system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode", code: mother ? "MTH" : "FTH" }),
      condition: [{ code: concept(known.label, { system: snomed, code: known.snomed }, { system: icd10, code: known.icd10 }) }],
    });
  }

  return { latest: () => latestDay, visits, family, person, subject, shared, sex, resources, nextId, add, refer, visit, observe, pressure, pressureComponents, quantity, ranged, measureConcepts, categories, pressureConcept, answer, report, condition, prescribe, stop, statement, procedure, immunize, allergy };
}
