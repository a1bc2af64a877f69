/**
 * Terminology in memory: resources by url over an optional base that is shared and never changed. It answers what
 * validation and FHIRPath ask (`TerminologyPort`) at once, and is the source that the operations draw from.
 */
import { grammarSystems } from "./grammar.ts";
import { MembershipCompiler, type Member } from "./membership.ts";
import type { CodingLike, Membership, TerminologyPort } from "./port.ts";
import type { CodeSystemProvider, Concept, TerminologySource } from "./provider.ts";
import type { CodeSystem, ConceptMap, TerminologyResource, ValueSet } from "./resources.ts";
import { entryOf, Shelf, type ShelfEntry } from "./shelf.ts";
import { pickVersion } from "./version.ts";

/** Codes named in a message. */
const namedMax = 12;

export class Terminology implements TerminologyPort, TerminologySource {
  readonly #shelf: Shelf;
  readonly #membership: MembershipCompiler;

  private constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.#membership = new MembershipCompiler(shelf);
  }

  /** CodeSystems, ValueSets and ConceptMaps; others, and those without a url, are left out. */
  static of(resources: Iterable<TerminologyResource>): Terminology {
    return new Terminology(new Shelf(entries(resources)));
  }

  /** Entries that are read when first asked for. */
  static lazy(shelf: Iterable<ShelfEntry>): Terminology {
    return new Terminology(new Shelf(shelf));
  }

  /** These resources over all that is here, which stays as it is. Of one url and version the new one counts. */
  with(resources: Iterable<TerminologyResource>): Terminology {
    return new Terminology(new Shelf(entries(resources), this.#shelf));
  }

  memberOf(valueSet: string, coding: CodingLike): Membership {
    const compiled = this.#membership.valueSet(valueSet);
    if (typeof compiled === "string") return { kind: "unknown", text: compiled };
    if (coding.code === undefined) return { kind: "not-member", text: `a coding without a code is in no value set; ${valueSet} wants one` };
    const found = compiled.find(coding.system, coding.code);
    if (found.kind === "yes") return memberOf(found.member, coding);
    if (found.kind === "unknown") return found;
    return { kind: "not-member", text: this.#notIn(valueSet, coding, compiled.systems, compiled.some(namedMax), compiled.size) };
  }

  inSystem(coding: CodingLike): Membership {
    const { system, version, code } = coding;
    if (system === undefined) return { kind: "unknown", text: "a coding without a system has no defined meaning" };
    if (code === undefined) return { kind: "not-member", text: `a coding of ${system} wants a code` };
    const here = this.codeSystems(system) as readonly CodeSystemProvider[];
    const known = pickVersion(here, ({ header }) => header.version, version) ?? (version === undefined ? undefined : pickVersion(here, ({ header }) => header.version, undefined));
    if (!known) return { kind: "unknown", text: `the code system ${system} is not known here` };
    const concept = (known.concepts([code]) as readonly (Concept | undefined)[])[0];
    if (concept) return memberOf({ concept }, coding);
    if (known.header.content !== "complete") return { kind: "unknown", text: `"${code}" is not among the codes of ${system} that are here (content: ${known.header.content})` };
    const page = known.header.grammar ? undefined : known.select({ filters: [], count: namedMax });
    const codes = page && !(page instanceof Promise) && page.ok ? page.value.concepts.map((one) => one.code) : [];
    return { kind: "not-member", text: `"${code}" is no code of ${system}${list(codes, known.header.size)}` };
  }

  subsumes(system: string, above: string, below: string): boolean | undefined {
    const known = pickVersion(this.codeSystems(system) as readonly CodeSystemProvider[], ({ header }) => header.version, undefined);
    if (!known) return undefined;
    const [upper, lower] = known.concepts([above, below]) as readonly (Concept | undefined)[];
    if (!upper || !lower) return undefined;
    return known.subsumes(above, below) as boolean;
  }

  codeSystems(url: string): readonly CodeSystemProvider[] {
    const here = this.#shelf.codeSystems(url);
    const grammar = grammarSystems.get(url);
    return grammar && !here.some(({ header }) => header.content === "complete") ? [grammar] : here;
  }

  /** Code systems that are here, by url and version. */
  systems(): { url: string; version?: string }[] {
    return this.#shelf.listed();
  }

  supplements(system: string): readonly CodeSystem[] {
    return this.#shelf.supplementsOf(system);
  }

  supplementByUrl(url: string): CodeSystem | undefined {
    return this.#shelf.supplementByUrl(url);
  }

  valueSets(url: string): readonly ValueSet[] {
    return this.#shelf.valueSets(url);
  }

  conceptMaps(query: { url: string } | { sourceSystem: string }): readonly ConceptMap[] {
    return "url" in query ? this.#shelf.conceptMaps(query.url) : this.#shelf.conceptMapsFrom(query.sourceSystem);
  }

  #notIn(valueSet: string, { system, code }: CodingLike, systems: readonly string[], some: readonly string[], size: number | undefined): string {
    if (system !== undefined && !systems.includes(system)) return `"${code}" of ${system} is not in ${valueSet}, which draws from ${systems.join(", ") || "no system"}`;
    return `"${code}"${system === undefined ? "" : ` of ${system}`} is not in ${valueSet}${list(some, size)}`;
  }
}

function* entries(resources: Iterable<TerminologyResource>): Iterable<ShelfEntry> {
  for (const resource of resources) {
    const entry = entryOf(resource);
    if (entry) yield entry;
  }
}

function list(codes: readonly string[], size: number | undefined): string {
  if (codes.length === 0) return "";
  const more = (size ?? codes.length) - codes.length;
  return `; it has ${codes.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function memberOf({ concept, shown }: Member, { display: given }: CodingLike): Membership {
  const display = shown ?? concept?.display;
  if (display === undefined) return { kind: "member" };
  if (given === undefined || given === display || given === concept?.display) return { kind: "member", display };
  const wanted = plain(given);
  const fits = [shown, concept?.display, ...(concept?.designation?.map(({ value }) => value) ?? [])].some((one) => one !== undefined && plain(one) === wanted);
  return fits ? { kind: "member", display } : { kind: "member", display, displayFault: `the display "${given}" is none of the concept's; it is "${display}"` };
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, " ").toLowerCase();
}
