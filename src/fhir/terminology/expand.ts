/**
 * ValueSet expansion: the listed concepts with displays in the wanted languages, designations, properties, nesting and
 * paging. https://hl7.org/fhir/R4/valueset.html#expansion
 */
import { structureDefinitionUrl } from "../canonical.ts";
import { list, prepare, type Candidate, type PreparedSet } from "./compose.ts";
import { Designations, displayUse, isDisplay, type Term } from "./designations.ts";
import { TxFault } from "./issues.ts";
import { languagesText } from "./language.ts";
import { workingLanguages } from "./options.ts";
import type { CodeSystemProvider, Work } from "./provider.ts";
import { extensionText, standardsStatusExtension, type Canonical, type ConceptProperty, type Contains, type Designation, type Expansion, type ExpansionParameter, type Extension, type ValueSet } from "./resources.ts";
import { canonicalOf, systemCanonical, type Session } from "./session.ts";

/** Codes of an expansion that was not asked for by the page, and of any page. */
export const expansionMax = 1000;

const conceptProperties = "http://hl7.org/fhir/concept-properties#";
const systemExtensions = new Set(["coding-sctdescid", "rendering-style", "rendering-xhtml", "codesystem-alternate"].map((name) => structureDefinitionUrl + name));
const setExtensions = new Set(["valueset-supplement", "valueset-deprecated", "structuredefinition-standards-status", "valueset-concept-definition", "coding-sctdescid", "rendering-style", "rendering-xhtml"].map((name) => structureDefinitionUrl + name));
const designationExtensions = new Set(["coding-sctdescid", "rendering-style", "rendering-xhtml", "structuredefinition-standards-status", "codesystem-alternate"].map((name) => structureDefinitionUrl + name));
/** Extensions of a concept that an expansion shows as a property. */
const extensionProperties = [
  { code: "label", uri: "label", kind: "String", extensions: ["codesystem-label", "valueset-label"] },
  { code: "order", uri: "order", kind: "Decimal", extensions: ["codesystem-conceptOrder", "valueset-conceptOrder"] },
  { code: "weight", uri: "itemWeight", kind: "Decimal", extensions: ["itemWeight", "itemWeight"] },
] as const;

export type Stamp = { identifier: string; timestamp: string };

/** The value set with its expansion. Without offset and count all its codes, at most `max`. */
export function* expand(session: Session, set: ValueSet, stamp: Stamp, max = expansionMax): Work<ValueSet> {
  const { given } = session.options;
  const [offset, count] = [given.count("offset"), given.count("count")];
  const prepared = yield* prepare(session, set, (canonical) => new TxFault(422, {
    code: "not-found", type: "not-found", id: "VS_EXP_IMPORT_UNK", text: `The value set import ${canonical} could not be found, so the value set cannot be expanded`,
  }));
  const text = given.text("filter") || undefined;
  const report = new Report(session, set);
  const paged = count !== undefined;
  const limit = paged ? Math.max(max, expansionMax * 10) : max;
  const selectableOnly = given.flag("excludeNotForUI") === true;
  const nests = given.flag("excludeNested") !== true && mayNest(prepared, text) && (offset ?? 0) === 0;
  const { candidates, windowed, total } = yield* list(session, prepared, {
    limit, activeOnly: session.options.activeOnly, ...(text === undefined ? {} : { text }),
    ...(paged && !selectableOnly ? { window: { skip: offset ?? 0, count: Math.min(count, limit) } } : {}),
    onSystem: (system) => report.seeSystem(system), onValueSet: (one) => report.seeValueSet(one),
  });
  session.requireSupplements(422);
  const selectable = selectableOnly ? candidates.filter(({ concept }) => !concept.abstract) : candidates;
  const all = windowed ? total : selectable.length;
  const skip = offset ?? 0;
  const page = !windowed && (paged || skip > 0) ? selectable.slice(skip, skip + (count ?? selectable.length)) : selectable;
  const versions = versionsMixed(prepared);
  const shown = page.map((candidate) => ({ candidate, contains: report.contains(candidate, versions) }));
  const whole = page.length === all;
  const contains = nests && whole ? nest(shown) : shown.map((one) => one.contains);

  const expansion: Expansion = { ...stamp, ...(all === undefined ? {} : { total: all }) };
  if (offset !== undefined || paged) expansion.offset = skip;
  report.finish(expansion, prepared.canonical);
  if (contains.length > 0) expansion.contains = contains;
  return { ...described(set, given.flag("includeDefinition") === true), expansion };
}

/** Without its definition only what names the value set is left. */
function described(set: ValueSet, whole: boolean): ValueSet {
  const { expansion: _, text: __, ...kept } = set;
  if (whole) return kept;
  const { compose: _1, description: _2, contact: _3, copyright: _4, publisher: _5, extension: _6, purpose: _7, ...named } = kept;
  return named;
}

/** Whole systems and those cut by one filter nest; lists, imports, what is left of an exclude and what a search finds stand flat. */
function mayNest({ includes, excludes }: PreparedSet, text: string | undefined): boolean {
  return excludes.length === 0 && includes.every(({ include, imports, filters }) => include.system !== undefined && !include.concept && imports.length === 0 && filters.length < 2 && (text === undefined || filters.length > 0));
}

/** One system in several versions: then each code says its own. */
function versionsMixed({ includes, excludes }: PreparedSet): boolean {
  const versions = new Map<string, string>();
  for (const { include: { system, version = "" } } of [...includes, ...excludes]) {
    if (system === undefined) continue;
    if ((versions.get(system) ?? version) !== version) return true;
    versions.set(system, version);
  }
  return false;
}

function nest(shown: readonly { candidate: Candidate; contains: Contains }[]): Contains[] {
  const byCode = new Map<string, Contains>();
  for (const { candidate: { system, concept }, contains } of shown) byCode.set(`${systemCanonical(system)}#${concept.code}`, contains);
  const roots: Contains[] = [];
  const depth = new Map<Contains, number>();
  for (const { candidate: { system, concept }, contains } of shown) {
    const parent = concept.parents.map((code) => byCode.get(`${systemCanonical(system)}#${code}`)).find((one) => one !== undefined && one !== contains && depth.has(one));
    const level = parent ? depth.get(parent)! + 1 : 0;
    depth.set(contains, level);
    if (parent) (parent.contains ??= []).push(contains);
    else roots.push(contains);
  }
  return roots;
}

/** What an expansion says of how it came about, and of its concepts' properties. */
class Report {
  readonly #session: Session;
  readonly #set: ValueSet;
  readonly #parameters: ExpansionParameter[] = [];
  readonly #properties = new Map<string, string | undefined>();
  readonly #extensions: Extension[] = [];

  constructor(session: Session, set: ValueSet) {
    this.#session = session;
    this.#set = set;
    const { given } = session.options;
    const add = (name: string, kind: string, value: unknown): void => this.#add(name, kind, value);
    if (given.text("filter")) add("filter", "String", given.text("filter"));
    for (const name of ["excludeNested", "activeOnly", "includeDesignations", "includeDefinition", "excludeNotForUI", "excludePostCoordinated"]) if (given.has(name)) add(name, "Boolean", given.flag(name));
    for (const name of ["offset", "count"]) if (given.count(name) !== undefined) add(name, "Integer", given.count(name));
    this.#warn(set);
  }

  seeSystem(system: CodeSystemProvider): void {
    const { header } = system;
    const canonical = systemCanonical(system);
    this.#add("used-codesystem", "Uri", canonical);
    for (const supplement of this.#session.supplementsOn.get(system) ?? []) this.#add("used-supplement", "Uri", supplement);
    this.#warnOf(canonical, header);
    if (header.content === "complete") return;
    this.#add(`used-${header.content}`, "Uri", canonical);
    this.#open(`This extension is based on a fragment of the code system ${header.url}`);
  }

  seeValueSet(set: ValueSet): void {
    if (set.url === undefined) return;
    this.#add("used-valueset", "Uri", canonicalOf(set));
    this.#warn(set);
  }

  /** Parameters that were known only at the end. */
  finish(expansion: Expansion, canonical: string): void {
    const { options, usedRules } = this.#session;
    const languages = options.displayLanguages ?? options.httpLanguages;
    if (languages) this.#add("displayLanguage", "Code", languagesText(languages.filter(({ implied }) => !implied), true));
    for (const designation of options.designations) this.#add("designation", "String", designation);
    for (const { name, value } of usedRules) if (value !== canonical) this.#add(name, "Uri", value);
    expansion.parameter = this.#parameters;
    if (this.#extensions.length > 0) expansion.extension = this.#extensions;
    if (this.#properties.size > 0) expansion.property = [...this.#properties].map(([code, uri]) => (uri === undefined ? { code } : { code, uri }));
  }

  contains({ system, concept, set, compose }: Candidate, versions: boolean): Contains {
    const { options } = this.#session;
    const { header } = system;
    const contains: Contains = { system: header.url, code: concept.code };
    if (versions && header.version !== undefined) contains.version = header.version;
    if (concept.abstract) contains.abstract = true;
    if (concept.inactive) contains.inactive = true;
    const extension = [...(concept.extension ?? []).filter(({ url }) => systemExtensions.has(url)), ...(compose?.extension ?? []).filter(({ url }) => setExtensions.has(url))];
    if (extension.length > 0) contains.extension = extension;

    const terms = new Designations().addConcept(concept, header.language);
    if (compose) terms.addCompose(compose, set.language);
    const shown = terms.preferred(workingLanguages(options));
    if (shown) contains.display = shown.value;
    const designation = this.#designations(terms, shown);
    if (designation.length > 0) contains.designation = designation;
    const property = this.#propertiesOf(system, { concept, compose });
    if (property.length > 0) contains.property = property;
    return contains;
  }

  #designations({ terms }: Designations, shown: Term | undefined): Designation[] {
    const { given, designations } = this.#session.options;
    if (given.flag("includeDesignations") !== true && (designations.length === 0 || given.has("includeDesignations"))) return [];
    return terms.filter((one) => one !== shown && !(isDisplay(one) && one.value === shown?.value && one.language === shown.language) && isAsked(one, designations)).map(designationOf);
  }

  #propertiesOf({ header }: CodeSystemProvider, { concept, compose }: Pick<Candidate, "concept"> & { compose: Candidate["compose"] }): ConceptProperty[] {
    const found: ConceptProperty[] = [];
    const add = (code: string, uri: string | undefined, value: Omit<ConceptProperty, "code">): void => {
      if (!this.#properties.has(code)) this.#properties.set(code, uri);
      const known = found.findIndex((one) => one.code === code);
      if (known >= 0) found[known] = { code, ...value };
      else found.push({ code, ...value });
    };
    if (concept.status !== undefined && concept.status !== "active") add("status", `${conceptProperties}status`, { valueCode: concept.status });
    for (const { code, uri, kind, extensions: [ofSystem, ofSet] } of extensionProperties)
      for (const [holder, name] of [[concept, ofSystem], [compose, ofSet]] as const) {
        const extension = holder?.extension?.find(({ url }) => url === structureDefinitionUrl + name);
        const value = kind === "String" ? extension?.valueString : (extension?.valueDecimal ?? extension?.valueInteger);
        if (value !== undefined) add(code, conceptProperties + uri, { [`value${kind}`]: value });
      }
    for (const wanted of this.#session.options.properties) {
      if (wanted === "definition" && concept.definition !== undefined) add("definition", `${conceptProperties}definition`, { valueString: concept.definition });
      for (const { code, ...value } of concept.property ?? []) if (code === wanted || wanted === "*") add(code, header.properties.find((one) => one.code === code)?.uri, value);
    }
    return found;
  }

  #warn(set: Canonical): void {
    const standardsStatus = extensionText(set, standardsStatusExtension);
    this.#warnOf(canonicalOf(set), { ...set, ...(standardsStatus === undefined ? {} : { standardsStatus }) });
  }

  #warnOf(canonical: string, of: { status?: string; standardsStatus?: string; experimental?: boolean }): void {
    const warning = statusWarning(of, this.#set);
    if (warning !== undefined) this.#add(`warning-${warning}`, "Uri", canonical);
  }

  #open(reason: string): void {
    if (this.#extensions.some(({ valueString }) => valueString === reason)) return;
    if (this.#extensions.length === 0) this.#extensions.push({ url: `${structureDefinitionUrl}valueset-unclosed`, valueBoolean: true });
    this.#extensions.push({ url: `${structureDefinitionUrl}valueset-unclosed-reason`, valueString: reason });
  }

  #add(name: string, kind: string, value: unknown): void {
    const member = `value${kind}`;
    if (!this.#parameters.some((one) => one.name === name && one[member] === value)) this.#parameters.push({ name, [member]: value });
  }
}

/** Why a user of `source` should know of the state of something it uses. */
export function statusWarning(of: { status?: string; standardsStatus?: string; experimental?: boolean }, source: Canonical): "deprecated" | "withdrawn" | "retired" | "experimental" | "draft" | undefined {
  if (of.standardsStatus === "deprecated" || of.standardsStatus === "withdrawn") return of.standardsStatus;
  if (of.status === "retired") return "retired";
  if (of.experimental === true && source.experimental !== true) return "experimental";
  const isDraft = of.status === "draft" || of.standardsStatus === "draft";
  return isDraft && source.status !== "draft" && extensionText(source, standardsStatusExtension) !== "draft" ? "draft" : undefined;
}

function isAsked({ use, language }: Term, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((one) => one === `${use?.system}|${use?.code}` || (language !== undefined && one === `urn:ietf:bcp:47|${language}`));
}

function designationOf({ value, language, use, source }: Term): Designation {
  const extension = source?.extension?.filter(({ url }) => designationExtensions.has(url)) ?? [];
  return {
    ...(extension.length > 0 ? { extension } : {}), ...(language === undefined ? {} : { language }), ...(use === undefined ? {} : { use: use === displayUse ? { ...displayUse } : use }), value,
  };
}
