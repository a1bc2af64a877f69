/**
 * Index extraction: every R4 search parameter of a resource's type, as typed rows.
 * One extractor per resource type, compiled at first use: parameters are split at `|` into branches, equal
 * branches are evaluated once for all parameters that share them (Observation.code serves `code` and `combo-code`).
 */
import type { Resource } from "../resource.ts";
import { codeSet, isResourceType, searchParametersOf, typeDefinition, type SearchParameter } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { compileAst, Node, type Evaluator, type Item } from "../fhirpath/compile.ts";
import { parse } from "../fhirpath/parser.ts";
import type { CustomParameter } from "./custom.ts";
import { extractDates } from "./date.ts";
import { extractNumbers } from "./number.ts";
import { extractQuantities } from "./quantity.ts";
import type { IndexedType, TokenTraits } from "./query-model.ts";
import { containedResources, extractReferences, localised, settled } from "./reference.ts";
import { elementReaders, unionBranches, type ElementReader } from "./elements.ts";
import { firstMembers } from "./first-members.ts";
import { extractPosition } from "./near.ts";
import type { ContainedRows, DateRow, ElementRows, IndexRows, NumberRow, QuantityRow, ReferenceRow, StringRow, TokenRow, TypedRows, UriRow } from "./rows.ts";
import { extractStrings } from "./string.ts";
import { extractTokens } from "./token.ts";
import { extractUris } from "./uri.ts";
import { extractWords } from "./words.ts";

export type { IndexRows } from "./rows.ts";

const extractors: Readonly<Record<IndexedType, (item: Item, params: readonly string[], rows: TypedRows) => void>> = {
  token: extractTokens, string: extractStrings, date: extractDates, number: extractNumbers,
  quantity: extractQuantities, reference: extractReferences, uri: extractUris,
};

/** Kept by every store as columns, or not about content. */
const withoutRows = new Set(["_id", "_lastUpdated"]);

/** Whether a parameter has rows: neither composite nor special, with an expression. */
export function isIndexed<P extends Pick<SearchParameter, "code" | "type" | "expression">>(parameter: P): parameter is P & { type: IndexedType; expression: string } {
  return parameter.expression !== undefined && Object.hasOwn(extractors, parameter.type) && !withoutRows.has(parameter.code);
}

/** One path and what it feeds: per search type the parameters that share it. */
export type Branch = { evaluator: Evaluator; ast: Ast; uses: readonly { type: IndexedType; params: readonly string[] }[] };

/**
 * Whose access a Binary has (https://hl7.org/fhir/R4/binary.html#security): R4 has no search parameter for it, and the name
 * is none that a query can say.
 */
export const securityContext = "(securityContext)";
const unsearched: Readonly<Record<string, readonly Pick<SearchParameter, "code" | "type" | "expression">[]>> = { Binary: [{ code: securityContext, type: "reference", expression: "Binary.securityContext" }] };

const byType = new Map<string, readonly Branch[]>();

export function branchesOf(type: string): readonly Branch[] {
  let known = byType.get(type);
  if (!known) byType.set(type, known = compileBranches(type, [...searchParametersOf(type), ...unsearched[type] ?? []]));
  return known;
}

const ofCustom = new WeakMap<readonly CustomParameter[], Map<string, readonly Branch[]>>();

function customBranches(type: string, custom: readonly CustomParameter[]): readonly Branch[] {
  let types = ofCustom.get(custom);
  if (!types) ofCustom.set(custom, types = new Map());
  let known = types.get(type);
  if (!known) types.set(type, known = compileBranches(type, custom));
  return known;
}

/** The same for equal expressions, wherever they stand. */
export function keyOf(ast: Ast): string {
  return JSON.stringify(ast, (name, value: unknown) => (name === "at" ? undefined : value));
}

function compileBranches(type: string, parameters: readonly Pick<SearchParameter, "code" | "type" | "expression">[]): readonly Branch[] {
  const found = new Map<string, { evaluator: Evaluator; ast: Ast; uses: Map<IndexedType, string[]> }>();
  for (const parameter of parameters) {
    if (!isIndexed(parameter)) continue;
    const parsed = parse(parameter.expression);
    if (!parsed.ok) continue;
    for (const ast of unionBranches(parsed.value)) {
      const key = keyOf(ast);
      let branch = found.get(key);
      if (!branch) {
        const compiled = compileAst(ast, parameter.expression, { type });
        // A branch of another resource type (Person.name for Patient) finds nothing here.
        if (!compiled.ok || compiled.value.nothing) continue;
        found.set(key, branch = { evaluator: compiled.value, ast, uses: new Map() });
      }
      const params = branch.uses.get(parameter.type) ?? [];
      if (!params.includes(parameter.code)) params.push(parameter.code);
      branch.uses.set(parameter.type, params);
    }
  }
  return [...found.values()].map(({ evaluator, ast, uses }) => ({ evaluator, ast, uses: [...uses].map(([t, params]) => ({ type: t, params })) }));
}

/** `custom`: of this type, beside R4's own. */
export function tokenTraits(type: string, param: string, custom?: readonly CustomParameter[]): TokenTraits {
  const branches = [...branchesOf(type), ...custom ? customBranches(type, custom) : []].filter(({ uses }) => uses.some((use) => use.type === "token" && use.params.includes(param)));
  const all = (wanted: string) => branches.length > 0 && branches.every(({ evaluator }) => evaluator.types?.every((t) => t === wanted) === true);
  const mimeTypes = all("code") && branches.every(({ ast }) => bindingOf(type, ast)?.startsWith("http://hl7.org/fhir/ValueSet/mimetypes"));
  return { foldsCase: all("string"), implied: all("code") ? impliedSystems(type, branches) : all("boolean") ? ofBooleans : undefined, ...(mimeTypes ? { mimeTypes } : {}) };
}

/** https://hl7.org/fhir/R4/search.html#token: the system that booleans imply. */
const ofBooleans: TokenTraits["implied"] = new Map([["http://hl7.org/fhir/special-values", new Set(["true", "false"])]]);

/** Whether a reference parameter of the type reads canonical urls. `custom` as above. */
export function readsCanonicals(type: string, param: string, custom?: readonly CustomParameter[]): boolean {
  return [...branchesOf(type), ...custom ? customBranches(type, custom) : []].some(({ evaluator, uses }) => evaluator.types?.includes("canonical") === true && uses.some((use) => use.type === "reference" && use.params.includes(param)));
}

function impliedSystems(type: string, branches: readonly Branch[]): TokenTraits["implied"] {
  const systems = new Map<string, ReadonlySet<string>>();
  for (const { ast } of branches) {
    const binding = bindingOf(type, ast);
    for (const [system, codes] of (binding === undefined ? undefined : codeSet(binding)?.bySystem) ?? [])
      systems.set(system, new Set([...(systems.get(system) ?? []), ...codes]));
  }
  return systems;
}

/** Required binding of the element at the end of a straight path from the type. */
function bindingOf(type: string, ast: Ast): string | undefined {
  const names: string[] = [];
  let at: Ast | undefined = ast;
  for (; at?.kind === "member"; at = at.on) names.unshift(at.name);
  if (at !== undefined || names.shift() === undefined) return undefined;
  let holder = type;
  for (const [i, name] of names.entries()) {
    const element = typeDefinition(holder)?.byName.get(name);
    if (i === names.length - 1) return element?.binding;
    holder = element?.types[0] ?? "";
  }
  return undefined;
}

export type IndexOptions = {
  /** Base urls of this node ("https://salus.example/fhir/R4"): absolute references under them are local ones. */
  bases?: readonly string[];
};

/** All rows of one resource; none for a type that R4 does not know. Pure; never throws on data. */
export function indexRows(resource: Resource, { bases }: IndexOptions = {}): IndexRows {
  const rows = ownRows(resource, bases);
  if (!isResourceType(resource.resourceType)) return rows;
  rows.words = extractWords(resource);
  if (resource.contained === undefined) return rows;
  const contained: ContainedRows[] = rows.contained = [];
  for (const one of containedResources(resource.contained)) contained.push({ type: one.resourceType, id: one.id, updated: resource.meta?.lastUpdated, resource: one, rows: { ...ownRows(one, bases, resource), contained } });
  return rows;
}

/** `holder`: of a contained resource. */
function ownRows(resource: Resource, bases: readonly string[] | undefined, holder?: Resource): IndexRows {
  const type = resource.resourceType;
  if (!isResourceType(type)) return emptyIndex();
  const rows = rowsOf(resource, branchesOf(type), bases, holder);
  const { elements, position } = readersOf(type);
  if (position) for (const item of position.items(resource)) extractPosition(item, rows);
  addElements(resource, elements, rows.elements);
  return rows;
}

const noWords: IndexRows["words"] = { narrative: [], content: [] };
const nothingContained: IndexRows["contained"] = [];

function emptyIndex(): IndexRows {
  return { tokens: [], strings: [], dates: [], numbers: [], quantities: [], references: [], uris: [], elements: [], positions: [], words: noWords, contained: nothingContained };
}

/** The rows of other parameters than R4's own. */
export function customRows(resource: Resource, custom: readonly CustomParameter[]): IndexRows {
  const rows = rowsOf(resource, customBranches(resource.resourceType, custom), undefined);
  for (const parameter of custom) {
    if (parameter.type !== "composite") continue;
    // Numbered on their own, so that one parameter's rows do not hang on the others there are.
    const own: ElementRows[] = [];
    addElements(resource, customReaders(resource.resourceType, parameter), own);
    rows.elements.push(...own);
  }
  return rows;
}

const readersOfCustom = new WeakMap<CustomParameter, Map<string, readonly ElementReader[]>>();

function customReaders(type: string, parameter: CustomParameter): readonly ElementReader[] {
  let byType = readersOfCustom.get(parameter);
  if (!byType) readersOfCustom.set(parameter, byType = new Map());
  let known = byType.get(type);
  if (!known) byType.set(type, known = elementReaders(type, [parameter]));
  return known;
}

/** Of the branches of one type: which begin at a member, and which may find something in any resource. */
type Starts = { byMember: ReadonlyMap<string, readonly number[]>; always: readonly number[] };

const startsOfBranches = new WeakMap<readonly Branch[], Starts>();

function startsOf(type: string, branches: readonly Branch[]): Starts {
  let known = startsOfBranches.get(branches);
  if (!known) startsOfBranches.set(branches, known = findStarts(type, branches));
  return known;
}

function findStarts(type: string, branches: readonly Branch[]): Starts {
  const byMember = new Map<string, number[]>(), always: number[] = [];
  for (const [i, { ast }] of branches.entries()) {
    const members = firstMembers(type, ast);
    if (!members) always.push(i);
    for (const name of members ?? []) {
      const starting = byMember.get(name);
      if (starting) starting.push(i); else byMember.set(name, [i]);
    }
  }
  return { byMember, always };
}

/** By the place of a branch, 1 where it is asked. Left empty after each resource. */
let asked = new Uint8Array(64);

function rowsOf(resource: Resource, branches: readonly Branch[], bases: readonly string[] | undefined, holder?: Resource): IndexRows {
  const rows = emptyIndex(), environment = holder && { resource, rootResource: holder };
  const { byMember, always } = startsOf(resource.resourceType, branches);
  if (asked.length < branches.length) asked = new Uint8Array(branches.length * 2);
  for (let i = 0; i < always.length; i++) asked[always[i]!] = 1;
  for (const name in resource) {
    const starting = byMember.get(name);
    if (starting !== undefined) for (let i = 0; i < starting.length; i++) asked[starting[i]!] = 1;
  }
  for (let i = 0; i < branches.length; i++) {
    if (asked[i] === 0) continue;
    asked[i] = 0;
    const { evaluator, uses } = branches[i]!;
    const items = evaluator.items(resource, environment);
    if (items.length === 0) continue;
    for (let u = 0; u < uses.length; u++) {
      const { type: searchType, params } = uses[u]!;
      const extract = extractors[searchType];
      for (let k = 0; k < items.length; k++) extract(items[k]!, params, rows);
    }
  }
  tidy(rows, bases, (holder ?? resource).contained);
  return rows;
}

function noRows(): TypedRows {
  return { tokens: [], strings: [], dates: [], numbers: [], quantities: [], references: [], uris: [] };
}

const readersByType = new Map<string, { elements: readonly ElementReader[]; position: Evaluator | undefined }>();

function readersOf(type: string): { elements: readonly ElementReader[]; position: Evaluator | undefined } {
  let found = readersByType.get(type);
  if (!found) {
    const special = searchParametersOf(type).find(({ code, type: searchType }) => searchType === "special" && code === "near");
    const parsed = special?.expression === undefined ? undefined : parse(special.expression);
    const compiled = parsed?.ok ? compileAst(parsed.value, special!.expression!, { type }) : undefined;
    readersByType.set(type, found = { elements: elementReaders(type), position: compiled?.ok ? compiled.value : undefined });
  }
  return found;
}

/** An element that fills fewer than two components can satisfy no composite. */
function addElements(resource: Resource, readers: readonly ElementReader[], into: ElementRows[]): void {
  for (const { path, evaluator, parts } of readers)
    for (const element of evaluator.items(resource)) {
      if (!(element instanceof Node)) continue;
      const own = noRows();
      let filled = 0;
      for (const part of parts) {
        const items = part.evaluator.items(element, { resource });
        if (items.length) filled++;
        for (const item of items) extractors[part.type](item, [part.key], own);
      }
      if (filled < 2) continue;
      tidy(own, undefined, undefined);
      into.push({ path, number: into.length, rows: own });
    }
}

function tidy(rows: TypedRows, bases: readonly string[] | undefined, contained: unknown): void {
  rows.references = settled(rows.references, contained);
  if (bases?.length) rows.references = rows.references.map((row) => localised(row, bases));
  rows.tokens = distinct(rows.tokens, sameToken);
  rows.strings = distinct(rows.strings, sameString);
  rows.dates = distinct(rows.dates, sameBounds);
  rows.numbers = distinct(rows.numbers, sameBounds);
  rows.quantities = distinct(rows.quantities, sameQuantity);
  rows.references = distinct(rows.references, sameReference);
  rows.uris = distinct(rows.uris, sameUri);
}

const sameToken = (a: TokenRow, b: TokenRow): boolean => a.code === b.code && a.system === b.system && a.text === b.text;
const sameString = (a: StringRow, b: StringRow): boolean => a.exact === b.exact && a.value === b.value;
const sameBounds = (a: DateRow | NumberRow, b: DateRow | NumberRow): boolean => a.low === b.low && a.high === b.high;
const sameQuantity = (a: QuantityRow, b: QuantityRow): boolean => sameBounds(a, b) && a.code === b.code && a.system === b.system && a.unit === b.unit;
const sameReference = (a: ReferenceRow, b: ReferenceRow): boolean => a.targetId === b.targetId && a.targetType === b.targetType && a.url === b.url && a.contained === b.contained && a.version === b.version && a.identifierValue === b.identifierValue && a.identifierSystem === b.identifierSystem;
const sameUri = (a: UriRow, b: UriRow): boolean => a.value === b.value;

/** Few rows are compared pairwise; many through their JSON. */
const pairwiseMax = 64;

function distinct<T extends { param: string }>(rows: T[], same: (a: T, b: T) => boolean): T[] {
  if (rows.length < 2) return rows;
  if (rows.length > pairwiseMax) {
    const seen = new Set<string>();
    return rows.filter((row) => {
      const key = JSON.stringify(row);
      return !seen.has(key) && seen.add(key);
    });
  }
  let kept: T[] | undefined;
  for (let i = 1; i < rows.length; i++) {
    const row = rows[i]!;
    const before = kept ?? rows;
    const end = kept ? kept.length : i;
    let repeated = false;
    for (let k = 0; k < end && !repeated; k++) repeated = before[k]!.param === row.param && same(before[k]!, row);
    if (repeated) kept ??= rows.slice(0, i);
    else kept?.push(row);
  }
  return kept ?? rows;
}
