/**
 * A code system in memory: concepts in depth-first order, with every hierarchy that the resource states (nesting, and
 * the properties parent, child and subsumedBy). Cycles are walked once.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { propertyRoles, propertyText, stateOf, type PropertyRoles } from "./concept-status.ts";
import { entryTest, filterFault, isHierarchical, type EntryTest, type Hierarchy } from "./filter.ts";
import type { CodeSystemProvider, Concept, ConceptFilter, ConceptPage, ConceptQuery, SystemHeader } from "./provider.ts";
import { extensionText, standardsStatusExtension, type CodeSystem, type CodeSystemConcept } from "./resources.ts";
import { textTest } from "./text-filter.ts";

/** Deeper nesting is left out: no published system comes near. */
const depthMax = 200;

export class MemoryCodeSystem implements CodeSystemProvider {
  readonly header: SystemHeader;
  readonly #entries: Concept[] = [];
  readonly #index = new Map<string, number>();
  readonly #children: (number[] | undefined)[] = [];
  readonly #roles: PropertyRoles;
  readonly #hierarchy: Hierarchy;
  #folded: Map<string, number> | undefined;

  constructor(resource: CodeSystem) {
    this.#roles = propertyRoles(resource.property ?? []);
    this.#read(resource.concept ?? [], undefined, 0);
    this.#readLinks();
    this.header = headerOf(resource, this.#entries.length, this.#children.length > 0);
    this.#hierarchy = {
      indexOf: (code) => this.indexOf(code),
      children: (index) => this.#children[index] ?? none,
      descendants: (index) => this.#walk(index, (at) => this.#children[at] ?? none),
      ancestors: (index) => this.#walk(index, (at) => this.#entries[at]!.parents.flatMap((code) => this.#index.get(code) ?? [])),
    };
  }

  get size(): number {
    return this.#entries.length;
  }

  indexOf(code: string): number | undefined {
    const index = this.#index.get(code);
    if (index !== undefined || this.header?.caseSensitive !== false) return index;
    this.#folded ??= new Map([...this.#index].map(([own, at]) => [own.toLowerCase(), at]));
    return this.#folded.get(code.toLowerCase());
  }

  concept(code: string): Concept | undefined {
    const index = this.indexOf(code);
    return index === undefined ? undefined : this.#entries[index];
  }

  all(): readonly Concept[] {
    return this.#entries;
  }

  concepts(codes: readonly string[]): readonly (Concept | undefined)[] {
    return codes.map((code) => this.concept(code));
  }

  filterFault(filter: ConceptFilter): string | undefined {
    return filterFault(filter, this.header, this.#roles);
  }

  select({ filters, text, activeOnly, skip = 0, after, count }: ConceptQuery): Result<ConceptPage> {
    const tests = this.#tests(filters);
    if (!tests.ok) return tests;
    if (filters.length === 0 && text === undefined && !activeOnly && after === undefined) {
      const concepts = this.#entries.slice(skip, skip + count);
      return ok({ concepts, more: skip + concepts.length < this.#entries.length, total: this.#entries.length });
    }
    const passes = allOf(tests.value);
    const word = text === undefined ? undefined : textTest(text);
    const concepts: Concept[] = [];
    const start = after === undefined ? 0 : (this.indexOf(after) ?? -1) + 1;
    let passed = 0;
    for (let index = start; index < this.#entries.length; index++) {
      const concept = this.#entries[index]!;
      if (activeOnly && concept.inactive) continue;
      if (!passes(concept, index)) continue;
      if (word && !word(concept)) continue;
      passed += 1;
      if (passed > skip && concepts.length < count) concepts.push(concept);
    }
    return ok({ concepts, more: passed > skip + concepts.length, ...(after === undefined ? { total: passed } : {}) });
  }

  matches(filters: readonly ConceptFilter[], codes: readonly string[]): readonly boolean[] {
    const tests = this.#tests(filters);
    const passes = tests.ok ? allOf(tests.value) : () => false;
    return codes.map((code) => {
      const index = this.indexOf(code);
      return index !== undefined && passes(this.#entries[index]!, index);
    });
  }

  subsumes(above: string, below: string): boolean {
    const upper = this.indexOf(above);
    const lower = this.indexOf(below);
    if (upper === undefined || lower === undefined) return false;
    return upper === lower || this.#hierarchy.ancestors(lower).has(upper);
  }

  children(code: string): readonly string[] {
    const index = this.indexOf(code);
    return index === undefined ? [] : (this.#children[index] ?? none).map((child) => this.#entries[child]!.code);
  }

  #tests(filters: readonly ConceptFilter[]): Result<EntryTest[]> {
    for (const filter of filters) {
      const fault = this.filterFault(filter);
      if (fault !== undefined) return fail("not-supported", fault);
    }
    // Places in the hierarchy are told by number alone, so they are asked first.
    const sorted = [...filters].sort((a, b) => Number(isHierarchical(b.op)) - Number(isHierarchical(a.op)));
    return ok(sorted.map((filter) => entryTest(filter, this.#roles, this.#hierarchy)));
  }

  #read(concepts: readonly CodeSystemConcept[], parent: number | undefined, depth: number): void {
    for (const source of concepts) {
      // A code said twice keeps its first meaning.
      const known = this.#index.get(source.code);
      const index = known ?? this.#entries.length;
      if (known === undefined) {
        const { concept: _, ...own } = source;
        this.#index.set(source.code, index);
        this.#entries.push({ ...own, parents: [], ...stateOf(source, this.#roles) });
      }
      if (parent !== undefined) this.#link(parent, index);
      if (source.concept && depth < depthMax) this.#read(source.concept, index, depth + 1);
    }
  }

  /** Parents and children stated as properties. */
  #readLinks(): void {
    for (const [index, concept] of this.#entries.entries())
      for (const property of concept.property ?? []) {
        const role = this.#roles.get(property.code);
        if (role !== "parent" && role !== "child") continue;
        const other = this.#index.get(propertyText(property) ?? "");
        if (other === undefined || other === index) continue;
        if (role === "parent") this.#link(other, index);
        else this.#link(index, other);
      }
  }

  #link(parent: number, child: number): void {
    const children = (this.#children[parent] ??= []);
    const parents = this.#entries[child]!.parents as string[];
    const code = this.#entries[parent]!.code;
    if (parents.includes(code)) return;
    children.push(child);
    parents.push(code);
  }

  #walk(from: number, next: (index: number) => readonly number[]): ReadonlySet<number> {
    const seen = new Set<number>();
    const open = [...next(from)];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...next(at));
    }
    return seen;
  }
}

const none: readonly number[] = [];

function allOf(tests: readonly EntryTest[]): EntryTest {
  const [first, second] = tests;
  if (!first) return () => true;
  if (!second) return first;
  return (concept, index) => {
    for (const test of tests) if (!test(concept, index)) return false;
    return true;
  };
}

function headerOf(resource: CodeSystem, size: number, hierarchy: boolean): SystemHeader {
  const header: SystemHeader = {
    url: resource.url ?? "", content: resource.content ?? "complete", caseSensitive: resource.caseSensitive !== false, size, hierarchy, properties: resource.property ?? [],
  };
  if (resource.version !== undefined) header.version = resource.version;
  if (resource.name !== undefined) header.name = resource.name;
  if (resource.title !== undefined) header.title = resource.title;
  if (resource.language !== undefined) header.language = resource.language;
  if (resource.status !== undefined) header.status = resource.status;
  if (resource.experimental !== undefined) header.experimental = resource.experimental;
  if (resource.versionNeeded !== undefined) header.versionNeeded = resource.versionNeeded;
  if (resource.valueSet !== undefined) header.valueSet = resource.valueSet;
  const standards = extensionText(resource, standardsStatusExtension);
  if (standards !== undefined) header.standardsStatus = standards;
  return header;
}
