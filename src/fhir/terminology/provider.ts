/**
 * What the engine asks of content, in memory or in a database. The engine's functions are generators that yield asks;
 * `runSync` answers them from memory, `runAsync` awaits a database. Asks take batches, so that a database answers a
 * page of codes with one statement. Hot membership look-ups do not come this way (membership.ts).
 */
import type { Result } from "#platform/result.ts";
import type { CodeSystem, ConceptMap, ConceptProperty, ContentMode, Designation, Extension, PropertyDefinition, ValueSet } from "./resources.ts";

export type Maybe<T> = T | Promise<T>;

/** Answers about code systems, value sets and maps by canonical url, without version: every version that is here. */
export type TerminologySource = {
  /** Every version, supplements left out. An implicit or grammar system (UCUM) is one version. */
  codeSystems(url: string): Maybe<readonly CodeSystemProvider[]>;
  /** CodeSystem resources with content = supplement of the system. */
  supplements(system: string): Maybe<readonly CodeSystem[]>;
  /** The supplement itself by its own url: to say that a supplement is no system. */
  supplementByUrl(url: string): Maybe<CodeSystem | undefined>;
  /** Every version; implicit value sets (SNOMED's `?fhir_vs=`) come with a compose made for them. */
  valueSets(url: string): Maybe<readonly ValueSet[]>;
  /** By own url, or every map that may translate from the system. */
  conceptMaps(query: { url: string } | { sourceSystem: string }): Maybe<readonly ConceptMap[]>;
};

/** One version of a code system. Codes go in and come out in the system's own spelling. */
export type CodeSystemProvider = {
  readonly header: SystemHeader;
  /** In order of `codes`; undefined where the system has no such code. Case is folded where the system says so. */
  concepts(codes: readonly string[]): Maybe<readonly (Concept | undefined)[]>;
  /** What is wrong with a filter: an operation, property or value (ECL text) the system does not know. */
  filterFault(filter: ConceptFilter): string | undefined;
  /** Concepts that pass every filter, in the system's own order (memory: depth first). Fails where they cannot be listed. */
  select(query: ConceptQuery): Maybe<Result<ConceptPage>>;
  /** How many pass, where `select` does not say; absent where it always does. */
  count?(query: Omit<ConceptQuery, "count">): Maybe<Result<number>>;
  /** What else is to be said of a code that is none: a post-coordinated expression is no wrong identifier. */
  codeFault?(code: string): string | undefined;
  /** Which of the codes pass every filter, in order of `codes`. */
  matches(filters: readonly ConceptFilter[], codes: readonly string[]): Maybe<readonly boolean[]>;
  /** Is `below` a descendant of `above` or the same? */
  subsumes(above: string, below: string): Maybe<boolean>;
  /** Direct children, in order. */
  children(code: string): Maybe<readonly string[]>;
};

export type SystemHeader = {
  url: string; version?: string; name?: string; title?: string; language?: string;
  content: ContentMode; caseSensitive: boolean; status?: string; standardsStatus?: string; experimental?: boolean;
  /** Meaning may change with the version: a Coding must state it. */
  versionNeeded?: boolean;
  /** The value set of all codes, as the CodeSystem names it. */
  valueSet?: string;
  /** Number of concepts where known; undefined for a grammar. */
  size?: number;
  /** A grammar: its codes can be checked, not listed. */
  grammar?: boolean;
  /** Concepts stand in a hierarchy: expansions may nest. */
  hierarchy: boolean;
  properties: readonly PropertyDefinition[];
};

export type Concept = {
  code: string; display?: string; definition?: string;
  designation?: readonly Designation[]; property?: readonly ConceptProperty[]; extension?: readonly Extension[];
  /** Direct parents, first the one it stands under. */
  parents: readonly string[];
  abstract: boolean; inactive: boolean; status?: string;
};

/** https://hl7.org/fhir/R4/valueset-filter-operator.html, and two of R5 that terminologies already use. */
export type FilterOperator = "=" | "is-a" | "descendent-of" | "is-not-a" | "regex" | "in" | "not-in" | "generalizes" | "exists" | "child-of" | "descendent-leaf";
export type ConceptFilter = { property: string; op: FilterOperator; value: string };

export type ConceptQuery = {
  filters: readonly ConceptFilter[];
  /** Words that must each begin a word of the display, a designation or the code. */
  text?: string;
  activeOnly?: boolean;
  /** Concepts left out at the front: a page of a client. */
  skip?: number;
  /** Instead of `skip`: go on after this code. */
  after?: string;
  count: number;
};

/** `total`: of all that pass, where it costs nothing to know. `more`: there are further ones. */
export type ConceptPage = { concepts: readonly Concept[]; total?: number; more: boolean };

export type Ask<T> = () => Maybe<T>;

/** A computation that may have to ask. */
export type Work<T> = Generator<Ask<unknown>, T, unknown>;

/** One question: `const page = yield* ask(() => system.select(query))`. */
export function* ask<T>(question: Ask<T>): Work<T> {
  return (yield question) as T;
}

/** Runs to the end over a source that answers at once. */
export function runSync<T>(work: Work<T>): T {
  let step = work.next();
  while (!step.done) {
    const answer = step.value();
    if (answer instanceof Promise) throw new Error("this terminology content answers later: use runAsync");
    step = work.next(answer);
  }
  return step.value;
}

/** Runs to the end, awaiting answers that come later. */
export async function runAsync<T>(work: Work<T>): Promise<T> {
  let step = work.next();
  while (!step.done) {
    const answer = step.value();
    step = work.next(answer instanceof Promise ? await answer : answer);
  }
  return step.value;
}
