/**
 * Method: anything that computes a medical result. Methods are values listed in a registry, so that the
 * web, the API and evaluation use all of them without knowing any.
 */
import type { Coding, Resource } from "#fhir/resource.ts";
import type { Bilingual, Finding, Stage } from "./finding.ts";

export type Source = { citation: string; doi?: string; url?: string; section?: string };

/** One input of a method: how it is named on the command line and how it is found in a record. */
export type InputSpec = {
  name: string;                 // CLI name: "systolicMmHg", units last
  label: Bilingual;
  required: boolean;
} & (
  | { kind: "quantity"; unit: string /* UCUM the method computes in */; codes: Coding[];
      /** g/mol, where laboratories report mass and amount concentrations. */ molarMass?: number;
      range: { low: number; high: number } /* physiologically possible; outside: refused */; maxAgeDays?: number }
  | { kind: "age"; range: { low: number; high: number } }
  | { kind: "sex" }
  | { kind: "condition"; codes: Coding[]; /** codes that are descendants count too where terminology is at hand */ }
  | { kind: "medication"; codes: Coding[] }
  | { kind: "observed-code"; codes: Coding[] /* question */; answers: Record<string, Coding[]>; maxAgeDays?: number }
  | { kind: "boolean" } | { kind: "choice"; options: string[] }
);

/** Everything known of one person at a moment: resources of the compartment, already filtered by the caller's reach. */
export type Facts = {
  subject: string;              // "Patient/123"
  asOf: string;                 // ISO 8601 instant; later facts do not exist
  resources: readonly Resource[];
};

export type Method = {
  id: string;
  version: string;
  title: Bilingual;
  stage: Stage;
  /** Population the method is valid for, in words. */
  population: Bilingual;
  inputs: readonly InputSpec[];
  sources: readonly Source[];
  /** Whether the method has anything to say of this person at all (e.g. an AF score only with AF). */
  applicable(facts: Facts): boolean;
  /** Pure. Never throws on data: abstains with limits. */
  run(facts: Facts): Finding[];
  /** From plain named inputs (CLI `score run`, what-if). Result has no resource evidence. Absent for methods over signals. */
  runInputs?(inputs: Readonly<Record<string, number | boolean | string>>): Finding[];
};
