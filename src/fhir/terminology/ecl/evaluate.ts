/**
 * The concepts an expression constraint stands for, over a store in memory. The database answers the same by SQL
 * (record/terminology), and tests hold the two against each other.
 *
 * Where the specification leaves room: "*" and the members of a reference set are active and inactive concepts alike;
 * descriptions and members are active unless a filter asks for others; a group is numbered above 0; what cardinality
 * counts is relationships, for a reversed attribute its sources.
 * Source: ECL 2.2, chapter 6
 */
import { fail, ok, unreachable, type Result } from "#platform/result.ts";
import type { ActiveFilter, Attribute, Cardinality, Comparison, ConceptFilter, DescriptionFilter, Expression, HierarchyOperator, MemberFilter, ModuleFilter, Ordering, Refinement, SearchTerm, TimeFilter } from "./ast.ts";
import type { EclDescription, EclMember, EclRelationship, EclStore } from "./store.ts";
import { movedFrom } from "./snomed.ts";
import { compareDecimals, matchesPieces, matchesWords } from "./text.ts";

/** Failures: a concept that is not known here, or a constraint the store cannot answer. */
export function evaluateEcl(expression: Expression, store: EclStore): Result<Set<number>> {
  try {
    return ok(new Evaluation(store).concepts(expression));
  } catch (error) {
    if (error instanceof Refusal) return fail("not-supported", error.message);
    throw error;
  }
}

class Refusal extends Error {}

/** A set of concepts that may be all there are. */
type Chosen = { has(concept: number): boolean };
const everything: Chosen = { has: () => true };

class Evaluation {
  readonly #store: EclStore;
  constructor(store: EclStore) {
    this.#store = store;
  }

  concepts(expression: Expression): Set<number> {
    const store = this.#store;
    switch (expression.kind) {
      case "concept": {
        const found = store.concept(expression.id);
        return new Set(found === undefined ? [] : [found]);
      }
      case "alternate": {
        if (!store.alternate) throw new Refusal(`Alternate identifiers (${expression.scheme}#${expression.code}) are not held here; name the concept by its SNOMED CT identifier`);
        const found = store.alternate(expression.scheme, expression.code);
        return new Set(found === undefined ? [] : [found]);
      }
      case "any": return new Set(store.all());
      case "hierarchy": return this.#hierarchy(expression.operator, this.concepts(expression.of));
      case "members": return this.#members(expression);
      case "and": return expression.parts.map((part) => this.concepts(part)).reduce((a, b) => a.intersection(b));
      case "or": return expression.parts.map((part) => this.concepts(part)).reduce((a, b) => a.union(b));
      case "minus": return this.concepts(expression.left).difference(this.concepts(expression.right));
      case "refined": {
        const test = this.#refinement(expression.refinement);
        return filter(this.concepts(expression.focus), (concept) => test(store.relationshipsFrom(concept), concept));
      }
      case "dotted": {
        const attributes = this.#chosen(expression.attribute);
        const values = new Set<number>();
        for (const concept of this.concepts(expression.focus)) for (const { attribute, value } of store.relationshipsFrom(concept)) if (value.kind === "concept" && attributes.has(attribute)) values.add(value.concept);
        return values;
      }
      case "described": {
        const { descriptions } = store;
        if (!descriptions) throw new Refusal("This store holds no descriptions, so filters of descriptions cannot be answered");
        const test = this.#descriptionTest(expression.filters);
        return filter(this.concepts(expression.of), (concept) => descriptions.call(store, concept).some(test));
      }
      case "filtered": {
        const tests = expression.filters.map((one) => this.#conceptTest(one));
        return filter(this.concepts(expression.of), (concept) => tests.every((test) => test(concept)));
      }
      case "history": return this.#history(this.concepts(expression.of), this.concepts(expression.associations));
      default: return unreachable(expression);
    }
  }

  /** "*" without making the set of all concepts. */
  #chosen(expression: Expression): Chosen {
    return expression.kind === "any" ? everything : this.concepts(expression);
  }

  #hierarchy(operator: HierarchyOperator, of: Set<number>): Set<number> {
    const up = (concept: number) => this.#store.parents(concept), down = (concept: number) => this.#store.children(concept);
    switch (operator) {
      case "descendantOf": return closure(of, down);
      case "descendantOrSelfOf": return closure(of, down).union(of);
      case "childOf": return new Set([...of].flatMap(down));
      case "childOrSelfOf": return new Set([...of].flatMap(down)).union(of);
      case "ancestorOf": return closure(of, up);
      case "ancestorOrSelfOf": return closure(of, up).union(of);
      case "parentOf": return new Set([...of].flatMap(up));
      case "parentOrSelfOf": return new Set([...of].flatMap(up)).union(of);
      case "top": return of.difference(closure(of, down));
      case "bottom": return of.difference(closure(of, up));
      default: return unreachable(operator);
    }
  }

  #members({ of, field, filters }: Expression & { kind: "members" }): Set<number> {
    const { refsets, members } = this.#store;
    if (!refsets || !members) throw new Refusal("This store holds no reference sets, so their members (^) cannot be answered");
    const wanted = of.kind === "any" ? new Set(refsets.call(this.#store)) : this.concepts(of);
    const test = this.#memberTest(filters);
    const found = new Set<number>();
    for (const refset of wanted) for (const member of members.call(this.#store, refset)) {
      const value = member.fields.get(field);
      const concept = value === undefined || !test(member) ? undefined : this.#store.concept(value);
      if (concept !== undefined) found.add(concept);
    }
    return found;
  }

  #history(of: Set<number>, associations: Set<number>): Set<number> {
    const { members } = this.#store;
    if (!members) throw new Refusal("This store holds no reference sets, so history supplements cannot be answered");
    const found = new Set(of);
    for (const refset of associations) {
      const isReversed = this.#store.idOf(refset) === movedFrom;
      for (const { active, fields } of members.call(this.#store, refset)) {
        const old = this.#store.concept(fields.get(isReversed ? "targetComponentId" : "referencedComponentId") ?? ""), now = this.#store.concept(fields.get(isReversed ? "referencedComponentId" : "targetComponentId") ?? "");
        if (active && old !== undefined && now !== undefined && of.has(now) && !this.#store.details(old).active) found.add(old);
      }
    }
    return found;
  }

  /** Tests one concept, or within a group its relationships alone. */
  #refinement(refinement: Refinement): (relationships: readonly EclRelationship[], concept: number) => boolean {
    switch (refinement.kind) {
      case "and": {
        const tests = refinement.parts.map((part) => this.#refinement(part));
        return (relationships, concept) => tests.every((test) => test(relationships, concept));
      }
      case "or": {
        const tests = refinement.parts.map((part) => this.#refinement(part));
        return (relationships, concept) => tests.some((test) => test(relationships, concept));
      }
      case "group": {
        const test = this.#refinement(refinement.of);
        if (hasReverse(refinement.of)) throw new Refusal("A reversed attribute within a group cannot be answered: groups are the source's, and the source is another concept");
        return (relationships, concept) => {
          const groups = Map.groupBy(relationships.filter(({ group }) => group > 0), ({ group }) => group);
          return within(refinement.cardinality, [...groups.values()].filter((grouped) => test(grouped, concept)).length);
        };
      }
      case "attribute": return this.#attribute(refinement);
      default: return unreachable(refinement);
    }
  }

  #attribute({ cardinality, reverse, name, comparison }: Attribute): (relationships: readonly EclRelationship[], concept: number) => boolean {
    const names = this.#chosen(name);
    if (reverse) {
      const { equal, of } = comparison as Comparison & { kind: "concepts" };
      const sources = this.#chosen(of);
      return (_, concept) => within(cardinality, new Set(this.#store.relationshipsTo(concept).filter(({ attribute, source }) => names.has(attribute) && sources.has(source) === equal).map(({ source }) => source)).size);
    }
    const test = this.#valueTest(comparison);
    return (relationships) => within(cardinality, relationships.filter(({ attribute, value }) => names.has(attribute) && test(value)).length);
  }

  #valueTest(comparison: Comparison): (value: EclRelationship["value"]) => boolean {
    switch (comparison.kind) {
      case "concepts": {
        const values = this.#chosen(comparison.of);
        return (value) => value.kind === "concept" && values.has(value.concept) === comparison.equal;
      }
      case "number": return (value) => value.kind === "number" && holds(comparison.operator, compareDecimals(value.digits, comparison.value));
      case "boolean": return (value) => value.kind === "boolean" && (value.value === comparison.value) === comparison.equal;
      case "text": return (value) => value.kind === "text" && comparison.terms.some((term) => matches(term, value.text)) === comparison.equal;
      default: return unreachable(comparison);
    }
  }

  #conceptTest(one: ConceptFilter): (concept: number) => boolean {
    if (one.kind !== "definitionStatus") {
      const test = this.#componentTest(one);
      return (concept) => test(this.#store.details(concept));
    }
    const statuses = this.#ids(one.statuses);
    return (concept) => statuses(this.#store.details(concept).definitionStatus) === one.equal;
  }

  #descriptionTest(filters: readonly DescriptionFilter[]): (description: EclDescription) => boolean {
    const tests = filters.map((one): ((description: EclDescription) => boolean) => {
      switch (one.kind) {
        case "term": return ({ term }) => one.terms.some((searched) => matches(searched, term)) === one.equal;
        case "language": return ({ language }) => one.codes.includes(language.toLowerCase()) === one.equal;
        case "id": return ({ id }) => one.ids.includes(id) === one.equal;
        case "type": {
          const types = this.#ids(one.types);
          return ({ type }) => types(type) === one.equal;
        }
        case "dialect": {
          const dialects = one.dialects.map(({ refsets, acceptability }) => ({ isRefset: this.#ids(refsets), acceptability }));
          return (description) => dialects.some(({ isRefset, acceptability }) => [...description.acceptability].some(([refset, is]) => isRefset(refset) && (acceptability?.includes(is) ?? true))) === one.equal;
        }
        default: return this.#componentTest(one);
      }
    });
    if (!filters.some(({ kind }) => kind === "active")) tests.push(({ active }) => active);
    return (description) => tests.every((test) => test(description));
  }

  #memberTest(filters: readonly MemberFilter[]): (member: EclMember) => boolean {
    const tests = filters.map((one): ((member: EclMember) => boolean) => {
      if (one.kind !== "field") return this.#componentTest(one);
      const test = this.#fieldTest(one.comparison);
      return ({ fields }) => {
        const value = fields.get(one.name);
        return value !== undefined && test(value);
      };
    });
    if (!filters.some(({ kind }) => kind === "active")) tests.push(({ active }) => active);
    return (member) => tests.every((test) => test(member));
  }

  #fieldTest(comparison: Extract<MemberFilter, { kind: "field" }>["comparison"]): (value: string) => boolean {
    switch (comparison.kind) {
      case "concepts": {
        const ids = this.#ids(comparison.of);
        return (value) => ids(value) === comparison.equal;
      }
      case "number": return (value) => /^[+-]?\d+(\.\d+)?$/.test(value) && holds(comparison.operator, compareDecimals(value, comparison.value));
      case "boolean": return (value) => (value === "1" || value === "true") === (comparison.value === comparison.equal);
      case "text": return (value) => comparison.terms.some((term) => matches(term, value)) === comparison.equal;
      case "time": return (value) => timeHolds(comparison, value);
      default: return unreachable(comparison);
    }
  }

  #componentTest(one: ModuleFilter | TimeFilter | ActiveFilter): (component: { active: boolean; module: string; effectiveTime: string }) => boolean {
    switch (one.kind) {
      case "active": return ({ active }) => active === one.value;
      case "module": {
        const modules = this.#ids(one.modules);
        return ({ module }) => modules(module) === one.equal;
      }
      case "effectiveTime": return ({ effectiveTime }) => timeHolds(one, effectiveTime);
      default: return unreachable(one);
    }
  }

  /** Is the component with this identifier in the set? Identifiers named outright need not be concepts of the store. */
  #ids(expression: Expression): (id: string) => boolean {
    if (expression.kind === "concept") return (id) => id === expression.id;
    if (expression.kind === "or") {
      const parts = expression.parts.map((part) => this.#ids(part));
      return (id) => parts.some((part) => part(id));
    }
    const concepts = this.concepts(expression);
    return (id) => {
      const concept = this.#store.concept(id);
      return concept !== undefined && concepts.has(concept);
    };
  }
}

function filter(set: Set<number>, test: (concept: number) => boolean): Set<number> {
  const found = new Set<number>();
  for (const concept of set) if (test(concept)) found.add(concept);
  return found;
}

/** All that is reached in one step or more; one of the start too where another of them leads to it. */
function closure(start: Iterable<number>, step: (concept: number) => readonly number[]): Set<number> {
  const found = new Set<number>();
  const waiting = [...start];
  for (let concept = waiting.pop(); concept !== undefined; concept = waiting.pop()) for (const next of step(concept)) if (!found.has(next)) {
    found.add(next);
    waiting.push(next);
  }
  return found;
}

export function hasReverse(refinement: Refinement): boolean {
  switch (refinement.kind) {
    case "and": case "or": return refinement.parts.some(hasReverse);
    case "group": return hasReverse(refinement.of);
    case "attribute": return refinement.reverse;
    default: return unreachable(refinement);
  }
}

function within({ min, max }: Cardinality, count: number): boolean {
  return count >= min && (max === undefined || count <= max);
}

function matches(term: SearchTerm, text: string): boolean {
  switch (term.kind) {
    case "match": return matchesWords(text, term.words);
    case "wild": return matchesPieces(text, term.pieces);
    case "exact": return text === term.text;
    default: return unreachable(term);
  }
}

function holds(operator: Ordering, sign: number): boolean {
  switch (operator) {
    case "=": return sign === 0;
    case "!=": return sign !== 0;
    case "<": return sign < 0;
    case "<=": return sign <= 0;
    case ">": return sign > 0;
    case ">=": return sign >= 0;
    default: return unreachable(operator);
  }
}

/** Several values: one of them for "=", none of them for "!=", and an order has to hold for one. */
function timeHolds({ operator, values }: { operator: Ordering; values: readonly string[] }, time: string): boolean {
  if (operator === "!=") return !values.includes(time);
  return values.some((value) => (operator === "=" ? time === value : time !== "" && value !== "" && holds(operator, time < value ? -1 : time > value ? 1 : 0)));
}
