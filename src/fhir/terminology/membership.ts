/**
 * Value sets compiled for the question "is this coding in it?", which validation asks for every coded element. Where
 * all content is here, the answer is two map look-ups; else each include answers yes, no or "not known".
 */
import { splitCanonical } from "../canonical.ts";
import type { MemoryCodeSystem } from "./code-system.ts";
import { isOperator } from "./filter.ts";
import { grammarSystems } from "./grammar.ts";
import type { Concept, ConceptFilter } from "./provider.ts";
import type { Contains, Include, ValueSet } from "./resources.ts";
import type { Shelf } from "./shelf.ts";
import { pickVersion } from "./version.ts";

/** `shown`: the display that the value set itself gives. */
export type Member = { concept?: Concept; shown?: string };

export type Verdict = { kind: "yes"; system: string; member: Member } | { kind: "no" } | { kind: "unknown"; text: string };

/** Concepts listed when a value set is laid out flat; larger ones are asked include by include. */
const flatMax = 200_000;
const depthMax = 50;

const no: Verdict = { kind: "no" };

type Test = (code: string) => Member | string | undefined;

type Part = {
  system?: string;
  /** A member, a text why it is not known, or undefined: not in it. */
  test: Test;
  /** Every code that may pass; undefined where they cannot be listed here. */
  codes?: () => Iterable<string>;
  imports: readonly CompiledValueSet[];
};

export class CompiledValueSet {
  readonly url: string;
  /** Every system that it draws from, imports included. */
  readonly systems: readonly string[];
  readonly #includes: readonly Part[];
  readonly #excludes: readonly Part[];
  readonly #flat: ReadonlyMap<string, ReadonlyMap<string, Extract<Verdict, { kind: "yes" }>>> | undefined;

  /** Systems that fold case: a code in other spelling than the flat form's may still be a member. */
  readonly #folds: ReadonlySet<string>;

  /** The last answer: a set that is imported on many ways is asked the same again and again. */
  #last: { system: string; code: string; verdict: Verdict } | undefined;

  /** Inactive concepts, imported ones too, are no part of it. */
  readonly #activeOnly: boolean;

  constructor(url: string, includes: readonly Part[], excludes: readonly Part[], { folds, activeOnly }: { folds: (system: string) => boolean; activeOnly: boolean }) {
    this.url = url;
    this.#activeOnly = activeOnly;
    this.#includes = includes;
    this.#excludes = excludes;
    this.systems = [...new Set(includes.flatMap(({ system, imports }) => (system === undefined ? imports.flatMap((set) => set.systems) : [system])))];
    this.#folds = new Set(this.systems.filter(folds));
    this.#flat = this.#layOut();
  }

  /** Without a system: in any of the value set's systems. */
  find(system: string | undefined, code: string): Verdict {
    if (system !== undefined) {
      if (this.#flat) return this.#flat.get(system)?.get(code) ?? (this.#folds.has(system) ? this.#ask(system, code) : no);
      return this.#ask(system, code);
    }
    let answer: Verdict = no;
    for (const own of this.systems) {
      const found = this.find(own, code);
      if (found.kind === "yes") return found;
      if (found.kind === "unknown") answer = found;
    }
    return answer;
  }

  /** Some of its codes, for a message; empty where they cannot be listed. */
  some(count: number): string[] {
    if (!this.#flat) return [];
    const codes: string[] = [];
    for (const own of this.#flat.values()) for (const code of own.keys()) if (codes.push(code) >= count) return codes;
    return codes;
  }

  get size(): number | undefined {
    return this.#flat && [...this.#flat.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #layOut(): ReadonlyMap<string, ReadonlyMap<string, Extract<Verdict, { kind: "yes" }>>> | undefined {
    const flat = new Map<string, Map<string, Extract<Verdict, { kind: "yes" }>>>();
    let count = 0;
    for (const [system, code] of this.#candidates() ?? [[undefined, ""] as const]) {
      if (system === undefined || ++count > flatMax) return undefined;
      const verdict = this.#ask(system, code);
      if (verdict.kind === "unknown") return undefined;
      if (verdict.kind !== "yes") continue;
      let own = flat.get(system);
      if (!own) flat.set(system, own = new Map());
      own.set(code, verdict);
    }
    return flat;
  }

  #candidates(): Iterable<readonly [system: string, code: string]> | undefined {
    const all: Iterable<readonly [string, string]>[] = [];
    for (const { system, codes, imports } of this.#includes) {
      if (system !== undefined) {
        if (!codes) return undefined;
        all.push(pairs(system, codes()));
      } else {
        const flat = imports[0]!.#flat;
        if (!flat) return undefined;
        for (const [own, members] of flat) all.push(pairs(own, members.keys()));
      }
    }
    return chain(all);
  }

  #ask(system: string, code: string): Verdict {
    const last = this.#last;
    if (last?.code === code && last.system === system) return last.verdict;
    const verdict = this.#askAnew(system, code);
    this.#last = { system, code, verdict };
    return verdict;
  }

  #askAnew(system: string, code: string): Verdict {
    let answer: Verdict = no;
    for (const part of this.#includes) {
      const verdict = askPart(part, system, code);
      if (verdict.kind === "unknown") answer = verdict;
      if (verdict.kind !== "yes" || (this.#activeOnly && verdict.member.concept?.inactive)) continue;
      for (const exclude of this.#excludes) {
        const excluded = askPart(exclude, system, code);
        if (excluded.kind === "yes") return no;
        if (excluded.kind === "unknown") return excluded;
      }
      return verdict;
    }
    return answer;
  }
}

function* pairs(system: string, codes: Iterable<string>): Iterable<readonly [string, string]> {
  for (const code of codes) yield [system, code] as const;
}

function* chain<T>(all: readonly Iterable<T>[]): Iterable<T> {
  for (const one of all) yield* one;
}

function askPart({ system, test, imports }: Part, asked: string, code: string): Verdict {
  if (system !== undefined && system !== asked) return no;
  let answer: Verdict | undefined;
  for (const set of imports) {
    const verdict = set.find(asked, code);
    if (verdict.kind === "no") return verdict;
    if (answer?.kind !== "unknown") answer = verdict;
  }
  if (system === undefined) return answer ?? no;
  const found = test(code);
  if (found === undefined) return no;
  if (typeof found === "string") return { kind: "unknown", text: found };
  return answer?.kind === "unknown" ? answer : { kind: "yes", system, member: found };
}

/** Compiles value sets over one shelf and keeps them. */
export class MembershipCompiler {
  readonly #shelf: Shelf;
  readonly #known = new Map<string, CompiledValueSet | string>();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** A text where the value set, or one it is made of, is not here or leads back to itself. */
  valueSet(canonical: string, path: readonly string[] = []): CompiledValueSet | string {
    const known = this.#known.get(canonical);
    if (known !== undefined) return known;
    const { url, version } = splitCanonical(canonical);
    const resource = pickVersion(this.#shelf.valueSets(url), (set) => set.version, version);
    // Not kept: whoever asks for urls at random would fill the memory.
    if (!resource) return `the value set ${canonical} is not known here`;
    const compiled = this.#compile(canonical, resource, path);
    this.#known.set(canonical, compiled);
    return compiled;
  }

  #compile(canonical: string, resource: ValueSet, path: readonly string[]): CompiledValueSet | string {
    if (path.includes(canonical)) return `the value set ${canonical} is made of itself: ${[...path, canonical].join(" → ")}`;
    if (path.length >= depthMax) return `value sets are nested deeper than ${depthMax}: ${path[0]}`;
    if (!resource.compose?.include?.length) return resource.expansion ? fromExpansion(canonical, resource) : `the value set ${canonical} says nothing of its content`;
    const read = (includes: readonly Include[]): Part[] | string => {
      const parts: Part[] = [];
      for (const include of includes) {
        const part = this.#part(include, [...path, canonical]);
        if (typeof part === "string") return part;
        parts.push(part);
      }
      return parts;
    };
    const includes = read(resource.compose.include);
    if (typeof includes === "string") return includes;
    const excludes = read(resource.compose.exclude ?? []);
    if (typeof excludes === "string") return excludes;
    const folds = (system: string): boolean => this.#shelf.codeSystems(system).some(({ header }) => !header.caseSensitive);
    return new CompiledValueSet(canonical, includes, excludes, { folds, activeOnly: resource.compose.inactive === false });
  }

  #part(include: Include, path: readonly string[]): Part | string {
    const imports: CompiledValueSet[] = [];
    for (const canonical of include.valueSet ?? []) {
      const set = this.valueSet(canonical, path);
      if (typeof set === "string") return set;
      imports.push(set);
    }
    const { system: url } = include;
    if (url === undefined) return { test: () => undefined, imports };
    const system = pickVersion(this.#shelf.codeSystems(url), ({ header }) => header.version, include.version);
    if (include.concept) return { system: url, imports, ...listed(include.concept, system) };
    const filters: ConceptFilter[] = [];
    for (const { property, op, value } of include.filter ?? []) {
      if (!isOperator(op) || value === undefined) return unknownPart(url, imports, `the filter ${property} ${op} ${value ?? ""} on ${url} is not understood`);
      filters.push({ property, op, value });
    }
    const grammar = grammarSystems.get(url);
    if (!system && grammar && filters.length === 0) return { system: url, imports, test: (code) => (grammar.concepts([code]) as ReturnType<MemoryCodeSystem["concepts"]>)[0] && {} };
    if (!system) return unknownPart(url, imports, `the content of ${url}${include.version === undefined ? "" : `|${include.version}`} is not here`);
    return { system: url, imports, ...filtered(system, filters) };
  }
}

function unknownPart(system: string, imports: readonly CompiledValueSet[], text: string): Part {
  return { system, imports, test: () => text };
}

function listed(concepts: NonNullable<Include["concept"]>, system: MemoryCodeSystem | undefined): Pick<Part, "test" | "codes"> {
  const members = new Map<string, Member>();
  const whole = system?.header.content === "complete";
  for (const { code, display } of concepts) {
    const concept = system?.concept(code);
    if (whole && !concept) continue;
    const member: Member = {};
    if (concept) member.concept = concept;
    if (display !== undefined) member.shown = display;
    members.set(concept?.code ?? code, member);
  }
  const folds = system?.header.caseSensitive === false;
  return { test: (code) => members.get(code) ?? (folds ? members.get(system.concept(code)?.code ?? code) : undefined), codes: () => members.keys() };
}

function filtered(system: MemoryCodeSystem, filters: readonly ConceptFilter[]): Pick<Part, "test" | "codes"> {
  const { header } = system;
  const open = header.content === "complete" ? undefined : `of ${header.url} only a part is here (content: ${header.content})`;
  let passing: ReadonlySet<string> | undefined;
  if (filters.length > 0) {
    const page = system.select({ filters, count: Number.POSITIVE_INFINITY });
    if (!page.ok) return { test: () => page.failure.text };
    passing = new Set(page.value.concepts.map(({ code }) => code));
  }
  const test: Test = (code) => {
    const concept = system.concept(code);
    if (!concept) return open;
    return passing && !passing.has(concept.code) ? undefined : { concept };
  };
  return open === undefined ? { test, codes: () => passing ?? system.all().map(({ code }) => code) } : { test };
}

/** A value set that comes with its expansion only. */
function fromExpansion(canonical: string, { expansion }: ValueSet): CompiledValueSet {
  const bySystem = new Map<string, Map<string, Member>>();
  const open: Contains[] = [...(expansion?.contains ?? [])];
  for (let contains = open.pop(); contains; contains = open.pop()) {
    open.push(...(contains.contains ?? []));
    const { system, code, display, abstract } = contains;
    if (system === undefined || code === undefined || abstract) continue;
    let own = bySystem.get(system);
    if (!own) bySystem.set(system, own = new Map());
    own.set(code, display === undefined ? {} : { shown: display });
  }
  return new CompiledValueSet(canonical, [...bySystem].map(([system, members]) => ({ system, imports: [], test: (code) => members.get(code), codes: () => members.keys() })), [], { folds: () => false, activeOnly: false });
}
