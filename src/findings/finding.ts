/**
 * Finding: what a Method returns. A result with its method and version, what moved it, the evidence it
 * rests on, and its limits. "Cannot be computed, because…" is a Finding too (`outcome: "abstained"`).
 */
import type { Coding } from "#fhir/resource.ts";

/** Where in the course of care a method serves. */
export type Stage = "prevention" | "screening" | "diagnosis" | "treatment" | "rehabilitation";

/** How soon a person should look. Ordered: routine < soon < urgent < emergency. */
export type Urgency = "routine" | "soon" | "urgent" | "emergency";
export const urgencies: readonly Urgency[] = ["routine", "soon", "urgent", "emergency"];

/** A text in the two languages of the screens. */
export type Bilingual = { en: string; zh: string };

/** What moved the result and by how much. `effect` is in `effectUnit` (points, log-odds, %, years). */
export type Contribution = {
  factor: string;              // stable machine name, e.g. "age"
  label: Bilingual;
  observed: string;            // "67 years", "present"
  rule?: string;               // "≥ 65 years"
  effect?: number;
  effectUnit?: "points" | "log-odds" | "log-hazard" | "%" | "years" | "mL/min/1.73m2" | "kg/m2" | "bpm" | "s";
};

/** A resource version and the place in it, or a section of a published source. */
export type Evidence =
  | { kind: "resource"; reference: string; version?: string; path: string; value: string; at?: string; label?: Bilingual }
  | { kind: "source"; citation: string; section?: string; url?: string };

/** Why a result must be read with care, or could not be computed. */
export type Limit =
  | { kind: "missing"; input: string; label: Bilingual; text: Bilingual }
  | { kind: "outside-validity"; input: string; label: Bilingual; text: Bilingual }
  | { kind: "stale"; input: string; label: Bilingual; text: Bilingual }
  | { kind: "quality"; input: string; label: Bilingual; text: Bilingual };

/** The value of a result: a quantity (UCUM), a code, or an ordinal category. */
export type FindingValue =
  | { kind: "quantity"; value: number; unit: string; code: string } // unit printed, code UCUM
  | { kind: "coded"; coding: Coding; label: Bilingual };

/** risk: RiskAssessment; measure: Observation; issue: DetectedIssue; impression: ClinicalImpression. */
export type FindingForm = "risk" | "measure" | "issue" | "impression";

export function formOf(finding: Finding): FindingForm {
  if (finding.form) return finding.form;
  if (finding.probability !== undefined) return "risk";
  return finding.value || finding.outcome === "abstained" ? "measure" : "issue";
}

export type Finding = {
  method: { id: string; version: string; title: Bilingual };
  outcome: "computed" | "abstained";
  /** Which FHIR resource carries it; a method states it for each part so that it never changes. Absent: see `formOf`. */
  form?: FindingForm;
  subject: string;              // "Patient/123"
  stage: Stage;
  /** What the finding is about, e.g. LOINC or SNOMED CT code of the result. */
  code: Coding & { label: Bilingual };
  /** Which result of the method, when one method returns several ("cvd", "ascvd", "hf"). */
  part?: string;
  value?: FindingValue;
  /** Probability 0…1 over `horizonYears`, when the result is a risk. */
  probability?: number;
  horizonYears?: number;
  urgency: Urgency;
  /** The sentence a colleague would say. */
  statement: Bilingual;
  contributions: Contribution[];
  evidence: Evidence[];
  limits: Limit[];
  /** The clinical time the finding speaks of (ISO 8601): the newest input, or the end of the signal. */
  effective?: string;
};
