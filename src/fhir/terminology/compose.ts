/**
 * The content of value sets: prepared once (imports found, cycles and broken filters refused), then listed, or asked
 * whether codes are in it. https://hl7.org/fhir/R4/valueset.html#compositions
 */
import { isOperator } from "./filter.ts";
import { TxFault } from "./issues.ts";
import { ask, type CodeSystemProvider, type Concept, type ConceptFilter, type ConceptPage, type ConceptQuery, type Work } from "./provider.ts";
import type { ComposeConcept, Contains, Include, ValueSet } from "./resources.ts";
import { canonicalOf, versionsText, type Session } from "./session.ts";
import { textTest } from "./text-filter.ts";

/** `contained`: in the value set that imports it, and so no value set that one could look up. */
export type PreparedSet = { set: ValueSet; canonical: string; contained?: true; includes: readonly PreparedInclude[]; excludes: readonly PreparedInclude[]; answered: Answered };
/** What one run has asked of a set: one that is imported on many ways (2^n for n of them in a row) is looked into once. */
type Answered = { listed?: Listed; among?: { system: CodeSystemProvider; codes: readonly string[]; inside: readonly boolean[] } };
export type PreparedInclude = { include: Include; imports: readonly PreparedSet[]; filters: readonly ConceptFilter[] };

/** A concept of a value set before it is shown. */
export type Candidate = { system: CodeSystemProvider; concept: Concept; set: ValueSet; compose?: ComposeConcept };

export type Listing = {
  /** More candidates than this end the operation as too costly. */
  limit: number;
  text?: string;
  activeOnly: boolean;
  /** Only this part is wanted, and only where it can be had without the rest. */
  window?: { skip: number; count: number };
  onSystem: (system: CodeSystemProvider) => void;
  onValueSet: (set: ValueSet) => void;
};

/** `windowed`: only the window that was asked for; then `total` is of all, where it is known. */
export type Listed = { candidates: Candidate[]; windowed: boolean; total?: number };

const depthMax = 50;
/** Codes asked of a source at once. */
const batchMax = 1000;

/** `unknownImport` says what an import that is not here means for the operation. */
export function* prepare(session: Session, set: ValueSet, unknownImport: (canonical: string) => TxFault): Work<PreparedSet> {
  const known = new Map<string, PreparedSet>();

  function* read(one: ValueSet, path: readonly string[]): Work<PreparedSet> {
    const canonical = canonicalOf(one) || "(unidentified)";
    session.see(one);
    if (one.compose?.lockedDate !== undefined) throw new TxFault(422, { code: "business-rule", text: `${canonical} has a lockedDate: content of a past day cannot be told here` });
    const includes = one.compose ? (one.compose.include ?? []) : fromExpansion(one.expansion?.contains ?? []);
    const prepared: PreparedSet = { set: one, canonical, includes: yield* readAll(includes, "include", one, [...path, canonical]), excludes: yield* readAll(one.compose?.exclude ?? [], "exclude", one, [...path, canonical]), answered: {} };
    return prepared;
  }

  function* readAll(includes: readonly Include[], role: "include" | "exclude", within: ValueSet, path: readonly string[]): Work<PreparedInclude[]> {
    const all: PreparedInclude[] = [];
    for (const [i, include] of includes.entries()) {
      const imports: PreparedSet[] = [];
      for (const canonical of include.valueSet ?? []) imports.push(yield* readImport(canonical, within, path, role));
      const system = include.system === undefined ? undefined : yield* session.codeSystem(include.system, include.version);
      all.push({ include, imports, filters: readFilters(include, system, `ValueSet.compose.${role}[${i}]`) });
    }
    return all;
  }

  function* readImport(canonical: string, within: ValueSet, path: readonly string[], role: "include" | "exclude"): Work<PreparedSet> {
    const found = yield* session.valueSet(canonical, within);
    if (!found) throw unknownImport(canonical.startsWith("#") ? canonical : session.pinned(canonical));
    const own = canonicalOf(found) || canonical;
    const key = canonical.startsWith("#") ? `${path.at(-1) ?? ""}${canonical}` : own;
    if (path.includes(own)) {
      throw new TxFault(422, {
        code: "processing", type: "vs-invalid", id: "VALUESET_CIRCULAR_REFERENCE",
        text: `The value set ${path[0]} leads back to ${own}, which it would ${role}: ${[...path, own].join(" → ")}`,
      });
    }
    if (path.length >= depthMax) throw new TxFault(422, { code: "too-costly", text: `Value sets are nested deeper than ${depthMax}: ${path[0]}` });
    let prepared = known.get(key);
    if (!prepared) {
      prepared = yield* read(found, path);
      if (canonical.startsWith("#")) prepared.contained = true;
      known.set(key, prepared);
    }
    return prepared;
  }

  return yield* read(set, []);
}

/** Each filter with what it needs; a system that is not here is told later, by what the operation makes of it. */
function readFilters({ filter, system: url }: Include, system: CodeSystemProvider | undefined, place: string): ConceptFilter[] {
  const filters: ConceptFilter[] = [];
  for (const [i, { property, op, value }] of (filter ?? []).entries()) {
    const path = `${place}.filter[${i}]`;
    if (value === undefined || value === "") {
      if (!system) continue;
      throw new TxFault(400, { code: "invalid", type: "vs-invalid", id: "UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE", path, text: `The system ${url ?? ""} filter with property = ${property}, op = ${op} has no value` });
    }
    const known = isOperator(op) ? { property, op, value } : undefined;
    const fault = known ? system?.filterFault(known) : `"${op}" is no filter operation`;
    if (!known || fault !== undefined) throw new TxFault(400, { code: "not-supported", type: "vs-invalid", id: "FILTER_NOT_UNDERSTOOD", path, text: `The filter "${property} ${op} ${value}" was not understood in the context of ${url ?? ""}: ${fault ?? ""}` });
    filters.push(known);
  }
  return filters;
}

/** A value set that comes with its expansion only. */
function fromExpansion(contains: readonly Contains[]): Include[] {
  const includes = new Map<string, Include & { concept: ComposeConcept[] }>();
  const open = [...contains].reverse();
  for (let one = open.pop(); one; one = open.pop()) {
    open.push(...[...(one.contains ?? [])].reverse());
    if (one.system === undefined || one.code === undefined || one.abstract) continue;
    const key = `${one.system}|${one.version ?? ""}`;
    const include = includes.get(key) ?? { system: one.system, ...(one.version === undefined ? {} : { version: one.version }), concept: [] };
    include.concept.push({ code: one.code, ...(one.display === undefined ? {} : { display: one.display }), ...(one.designation ? { designation: one.designation } : {}) });
    includes.set(key, include);
  }
  return [...includes.values()];
}

/** compose.inactive = false: inactive concepts are no part of it. */
export function leavesOutInactive({ compose }: ValueSet): boolean {
  return compose?.inactive === false;
}

/** Every concept of the value set, each once, in its order. All listings of a run ask for the same but for the window. */
export function* list(session: Session, prepared: PreparedSet, listing: Listing): Work<Listed> {
  if (listing.window) return yield* listAnew(session, prepared, listing);
  return prepared.answered.listed ??= yield* listAnew(session, prepared, listing);
}

function* listAnew(session: Session, prepared: PreparedSet, listing: Listing): Work<Listed> {
  const [only] = prepared.includes;
  const simple = prepared.includes.length === 1 && prepared.excludes.length === 0 && only!.imports.length === 0 && !only!.include.concept;
  const window = simple ? listing.window : undefined;
  const seen = new Set<string>();
  const candidates: Candidate[] = [];
  let total: number | undefined;
  for (const one of prepared.includes) {
    const found = yield* listInclude(session, prepared, one, listing, window);
    total = found.total;
    const kept = yield* withoutExcluded(session, prepared, found.candidates);
    for (const candidate of kept) {
      const { header } = candidate.system;
      const key = `${header.url}|${header.version ?? ""}#${candidate.concept.code}`;
      if (seen.has(key)) continue;
      seen.add(key);
      candidates.push(candidate);
    }
    if (candidates.length > listing.limit) throw tooCostly(prepared.canonical, listing.limit);
  }
  // Every exclude names its system as used, even where nothing was left to exclude.
  for (const { include } of prepared.excludes) if (include.system !== undefined) listing.onSystem(yield* systemOf(session, include));
  return { candidates, windowed: window !== undefined, ...(total === undefined ? {} : { total }) };
}

export function tooCostly(canonical: string, limit: number): TxFault {
  return new TxFault(422, { code: "too-costly", id: "VALUESET_TOO_COSTLY", text: `The value set '${canonical}' expansion has too many codes to display (>${limit}); ask for a page with count and offset, or narrow it with filter` });
}

function* listInclude(session: Session, { set, canonical }: PreparedSet, { include, imports, filters }: PreparedInclude, listing: Listing, window: Listing["window"]): Work<Listed> {
  const inactiveOut = listing.activeOnly || leavesOutInactive(set);
  if (include.system === undefined) {
    const [first, ...others] = imports;
    if (!first) return { candidates: [], windowed: false };
    seeImports(imports, listing);
    const { window: _, ...whole } = listing;
    const { candidates } = yield* list(session, first, whole);
    return { candidates: (yield* inAll(session, others, candidates)).filter(({ concept }) => !(inactiveOut && concept.inactive)), windowed: false };
  }
  const system = yield* systemOf(session, include);
  listing.onSystem(system);
  seeImports(imports, listing);
  const candidates: Candidate[] = [];
  let total: number | undefined;
  if (include.concept) {
    const word = listing.text === undefined ? undefined : textTest(listing.text);
    for (let from = 0; from < include.concept.length; from += batchMax) {
      const batch = include.concept.slice(from, from + batchMax);
      const found = yield* ask(() => system.concepts(batch.map(({ code }) => code)));
      for (const [i, concept] of found.entries()) {
        if (!concept || (inactiveOut && concept.inactive)) continue;
        const compose = batch[i]!;
        if (word && !word({ ...concept, designation: [...(concept.designation ?? []), ...(compose.designation ?? []), ...(compose.display === undefined ? [] : [{ value: compose.display }])] })) continue;
        candidates.push({ system, concept, set, compose });
      }
    }
  } else {
    const query = { filters, activeOnly: inactiveOut, ...(listing.text === undefined ? {} : { text: listing.text }) };
    const page = yield* ask(() => system.select({ ...query, ...(window ?? { count: listing.limit + 1 }) }));
    if (!page.ok) throw new TxFault(422, { code: page.failure.code, text: page.failure.text });
    if (!window && page.value.more) {
      const [first] = imports;
      if (!first) throw tooCostly(canonical, listing.limit);
      // A large system cut by a value set: what the value set lists is looked at instead.
      const { window: _, ...whole } = listing;
      const { candidates: imported } = yield* list(session, first, whole);
      const own = imported.filter((one) => one.system.header.url === include.system);
      const kept = yield* inAll(session, [{ set, canonical, includes: [{ include, imports, filters }], excludes: [], answered: {} }], own);
      return { candidates: kept.filter(({ concept }) => !(inactiveOut && concept.inactive)), windowed: false };
    }
    if (window) total = yield* totalOf(system, query, page.value, window.skip);
    for (const concept of page.value.concepts) candidates.push({ system, concept, set });
  }
  const kept = yield* inAll(session, imports, candidates);
  return { candidates: kept, windowed: window !== undefined, ...(total === undefined ? {} : { total }) };
}

/** A search as one types does without the count of all hits where it would cost a scan of its own. */
function* totalOf(system: CodeSystemProvider, query: Omit<ConceptQuery, "count">, { total, more, concepts }: ConceptPage, skip: number): Work<number | undefined> {
  if (total !== undefined) return total;
  if (!more && (concepts.length > 0 || skip === 0)) return skip + concepts.length;
  if (!system.count || query.text !== undefined) return undefined;
  const counted = yield* ask(() => system.count!(query));
  return counted.ok ? counted.value : undefined;
}

function seeImports(imports: readonly PreparedSet[], { onValueSet }: Listing): void {
  for (const { set, contained } of imports) if (!contained) onValueSet(set);
}

/** The system an include draws from; an expansion cannot do without it. */
function* systemOf(session: Session, { system: url, version }: Include): Work<CodeSystemProvider> {
  const system = yield* session.codeSystem(url!, version, { check: "throw" });
  if (system) return system;
  const wanted = session.versionFor(url!, version);
  if (wanted === undefined) throw new TxFault(422, { code: "not-found", type: "not-found", id: "UNKNOWN_CODESYSTEM_EXP", text: `A definition for CodeSystem '${url}' could not be found, so the value set cannot be expanded` });
  const versions = yield* session.versionsOf(url!);
  throw versions.length === 0
    ? new TxFault(422, { code: "not-found", type: "not-found", id: "UNKNOWN_CODESYSTEM_VERSION_EXP_NONE", text: `A definition for CodeSystem '${url}' version '${wanted}' could not be found, so the value set cannot be expanded. No versions of this code system are known` })
    : new TxFault(422, { code: "not-found", type: "not-found", id: "UNKNOWN_CODESYSTEM_VERSION_EXP", text: `A definition for CodeSystem '${url}' version '${wanted}' could not be found, so the value set cannot be expanded. Valid versions: ${versionsText(versions)}` });
}

/** Those that are in every one of the sets. */
function* inAll(session: Session, sets: readonly PreparedSet[], candidates: Candidate[]): Work<Candidate[]> {
  let kept = candidates;
  for (const set of sets) {
    const next: Candidate[] = [];
    for (const group of bySystem(kept)) {
      const inside = yield* among(session, set, group[0]!.system, group.map(({ concept }) => concept.code));
      next.push(...group.filter((_, i) => inside[i]));
    }
    kept = next;
  }
  return kept;
}

function* withoutExcluded(session: Session, { set, canonical, excludes }: PreparedSet, candidates: Candidate[]): Work<Candidate[]> {
  let kept = candidates;
  for (const one of excludes) {
    const next: Candidate[] = [];
    for (const group of bySystem(kept)) {
      const out = yield* amongInclude(session, { set, canonical, includes: [], excludes: [], answered: {} }, one, group[0]!.system, group.map(({ concept }) => concept.code));
      next.push(...group.filter((_, i) => !out[i]));
    }
    kept = next;
  }
  return kept;
}

/** In runs of one system, of bounded length. */
function bySystem(candidates: readonly Candidate[]): Candidate[][] {
  const groups: Candidate[][] = [];
  for (const candidate of candidates) {
    const last = groups.at(-1);
    if (last && last[0]!.system === candidate.system && last.length < batchMax) last.push(candidate);
    else groups.push([candidate]);
  }
  return groups;
}

/** Which codes of the system's version are in the value set. */
export function* among(session: Session, prepared: PreparedSet, system: CodeSystemProvider, codes: readonly string[]): Work<readonly boolean[]> {
  const last = prepared.answered.among;
  if (last?.system === system && last.codes === codes) return last.inside;
  const inside = yield* amongAnew(session, prepared, system, codes);
  prepared.answered.among = { system, codes, inside };
  return inside;
}

function* amongAnew(session: Session, prepared: PreparedSet, system: CodeSystemProvider, codes: readonly string[]): Work<boolean[]> {
  const inside = codes.map(() => false);
  for (const one of prepared.includes) {
    const found = yield* amongInclude(session, prepared, one, system, codes);
    for (const [i, yes] of found.entries()) if (yes) inside[i] = true;
  }
  for (const one of prepared.excludes) {
    const found = yield* amongInclude(session, prepared, one, system, codes);
    for (const [i, yes] of found.entries()) if (yes) inside[i] = false;
  }
  return inside;
}

function* amongInclude(session: Session, { set }: PreparedSet, { include, imports, filters }: PreparedInclude, asked: CodeSystemProvider, codes: readonly string[]): Work<boolean[]> {
  const none = codes.map(() => false);
  if (include.system !== undefined && include.system !== asked.header.url) return none;
  let inside = codes.map(() => include.system !== undefined || imports.length > 0);
  if (include.system !== undefined) {
    const system = yield* systemOf(session, include);
    const concepts = yield* ask(() => system.concepts(codes));
    const listed = include.concept && new Set(include.concept.map(({ code }) => code));
    const passed = filters.length === 0 ? undefined : yield* ask(() => system.matches(filters, codes));
    inside = concepts.map((concept, i) => concept !== undefined && !(leavesOutInactive(set) && concept.inactive) && (!listed || listed.has(concept.code) || listed.has(codes[i]!)) && (!passed || passed[i]!));
  }
  for (const one of imports) {
    const found = yield* among(session, one, asked, codes);
    inside = inside.map((yes, i) => yes && found[i]!);
  }
  if (include.system === undefined && leavesOutInactive(set) && inside.includes(true)) {
    const concepts = yield* ask(() => asked.concepts(codes));
    inside = inside.map((yes, i) => yes && concepts[i]?.inactive !== true);
  }
  return inside;
}
