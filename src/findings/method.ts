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
      range: { low: number; high: number } /* physiologically possible; outside: refused */; maxAgeDays?: number;
      /** Interval (both ends included) the method was derived for; outside: the method abstains. */
      valid?: { low: number; high: number };
      /** Codes of a lesser kind (another equation): used, and named as a limit, only when nothing else is at hand. */
      lesser?: { codes: Coding[]; note: Bilingual };
      /** When nothing usable is recorded, or something newer can be computed: from these inputs instead. */
      derive?: { inputs: readonly InputSpec[]; compute(values: Values): number | undefined; note: Bilingual } }
  | { kind: "age"; range: { low: number; high: number }; valid?: { low: number; high: number };
      /** Age on the day of this input's value instead of `asOf`. */ on?: string }
  | { kind: "sex" }
  | { kind: "condition"; codes: Coding[] /* ICD-10 codes stand for their subdivisions too */;
      /** A past, resolved problem counts too ("history of stroke"). */ history?: boolean }
  | { kind: "medication"; codes: Coding[] /* ATC codes stand for their groups */;
      /** Ingredient names matched as whole words in the text where only a product code is given. */ names?: readonly string[] }
  /** Answers named "true"/"false" make a boolean input. */
  | { kind: "observed-code"; codes: Coding[] /* question */; answers: Record<string, Coding[]>; maxAgeDays?: number }
  | { kind: "boolean" }
  | { kind: "choice"; options: string[]; /** option by ISO 3166 alpha-2 country of the person's address */ byCountry?: Readonly<Record<string, string>> }
);

/** Plain named inputs, in the units their names end with. */
export type Values = Readonly<Record<string, number | boolean | string>>;

/** Everything known of one person at a moment: resources of the compartment, already filtered by the caller's reach. */
export type Facts = {
  subject: string;              // "Patient/123"
  asOf: string;                 // ISO 8601 instant; later facts do not exist
  resources: readonly Resource[];
  /** Inputs no record holds (a risk region, a saturation scale), said by the node's configuration or the person asking. */
  given?: Values;
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
  runInputs?(inputs: Values): Finding[];
};
