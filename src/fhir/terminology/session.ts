/** One run of an operation: finding systems and value sets under its version rules, and what was used on the way. */
import { joinCanonical, splitCanonical } from "../canonical.ts";
import { below, TxFault, type Issues, type TxIssue } from "./issues.ts";
import { seeValueSetLanguage, seeValueSetParameter, type Options } from "./options.ts";
import { ask, type CodeSystemProvider, type TerminologySource, type Work } from "./provider.ts";
import { extensionText, type Canonical, type ValueSet } from "./resources.ts";
import { isFor, supplementCanonical, withSupplements } from "./supplement.ts";
import { pickVersion, versionMatches } from "./version.ts";

const supplementExtension = "http://hl7.org/fhir/StructureDefinition/valueset-supplement";
const parameterExtensions: ReadonlySet<string> = new Set(["http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter", "http://hl7.org/fhir/tools/StructureDefinition/valueset-expansion-parameter"]);

export class Session {
  readonly source: TerminologySource;
  readonly options: Options;
  /** Version rules that took effect: "system-version" → "url|version". */
  readonly usedRules: { name: string; value: string }[] = [];
  /** Supplements that are wanted, and those among them that were found. */
  readonly wantedSupplements: Set<string>;
  readonly foundSupplements = new Set<string>();
  /** Canonicals of the supplements laid over each system. */
  readonly supplementsOn = new Map<CodeSystemProvider, readonly string[]>();
  readonly #systems = new Map<string, CodeSystemProvider | undefined>();

  constructor(source: TerminologySource, options: Options) {
    this.source = source;
    this.options = options;
    this.wantedSupplements = new Set(options.supplements);
  }

  /** The version that counts once the rules have spoken. */
  versionFor(url: string, version: string | undefined): string | undefined {
    const rules = this.options.rules.filter((rule) => rule.url === url);
    const pick = (mode: "force" | "default" | "check"): string | undefined => {
      const [first, ...more] = rules.filter((rule) => rule.mode === mode);
      if (!first) return undefined;
      const other = mode === "check" ? undefined : more.find((rule) => rule.version !== first.version);
      if (other) throw new TxFault(400, { code: "exception", type: "version-error", id: mode === "force" ? "SYSTEM_VERSION_MULTIPLE_OVERRIDE" : "SYSTEM_VERSION_MULTIPLE_DEFAULT", text: `${first.parameter} names two versions of ${url}: ${first.version} and ${other.version}` });
      const value = joinCanonical(url, first.version);
      if (!this.usedRules.some((used) => used.name === first.parameter && used.value === value)) this.usedRules.push({ name: first.parameter, value });
      return first.version;
    };
    return pick("force") ?? (version || undefined) ?? pick("default") ?? pick("check");
  }

  /** `rules` false: the version as it stands. Supplements that were asked for are laid over. */
  *codeSystem(url: string, version: string | undefined, { rules = true, check }: { rules?: boolean; check?: { issues: Issues; path: string } | "throw" } = {}): Work<CodeSystemProvider | undefined> {
    const wanted = rules ? this.versionFor(url, version) : version || undefined;
    const key = joinCanonical(url, wanted);
    let system = this.#systems.get(key);
    if (!this.#systems.has(key)) {
      const all = yield* ask(() => this.source.codeSystems(url));
      // A complete one counts before a newer one that is none; one without content is as good as none.
      const usable = all.filter(({ header }) => header.content === "complete" || header.content === "fragment" || header.content === "example");
      const found = pickVersion(usable.filter(({ header }) => header.content === "complete"), ({ header }) => header.version, wanted) ?? pickVersion(usable, ({ header }) => header.version, wanted);
      system = found && (yield* this.#supplemented(found));
      this.#systems.set(key, system);
    }
    if (system && check) this.#checkVersion(url, system.header.version, check);
    return system;
  }

  *#supplemented(system: CodeSystemProvider): Work<CodeSystemProvider> {
    if (this.wantedSupplements.size === 0) return system;
    const all = yield* ask(() => this.source.supplements(system.header.url));
    const chosen = all.filter((one) => isFor(one, system.header.version) && (this.wantedSupplements.has(one.url ?? "") || this.wantedSupplements.has(supplementCanonical(one))));
    for (const one of chosen) for (const name of [one.url ?? "", supplementCanonical(one)]) if (this.wantedSupplements.has(name)) this.foundSupplements.add(name);
    const dressed = withSupplements(system, chosen);
    this.supplementsOn.set(dressed, chosen.map(supplementCanonical));
    return dressed;
  }

  #checkVersion(url: string, version: string | undefined, report: { issues: Issues; path: string } | "throw"): void {
    for (const rule of this.options.rules) {
      if (rule.mode !== "check" || rule.url !== url || versionMatches(rule.version, version ?? "")) continue;
      const issue: TxIssue = { severity: "error", code: "exception", type: "version-error", id: "VALUESET_VERSION_CHECK", text: `The version '${version ?? ""}' is not allowed for system '${url}': required to be '${rule.version}' by a version-check parameter` };
      if (report === "throw") throw new TxFault(400, issue);
      report.issues.add({ ...issue, path: below(report.path, "version") });
    }
  }

  /** Versions of a system that are here, in order of text. */
  *versionsOf(url: string): Work<string[]> {
    const all = yield* ask(() => this.source.codeSystems(url));
    return [...new Set(all.flatMap(({ header }) => header.version ?? []))].sort();
  }

  /** A value set under the rules for its url. */
  *valueSet(canonical: string, within?: ValueSet): Work<ValueSet | undefined> {
    if (canonical.startsWith("#")) {
      const contained = (within?.contained as ValueSet[] | undefined)?.find((one) => one.resourceType === "ValueSet" && one.id === canonical.slice(1));
      // What is contained may refer to its siblings.
      return contained && { ...contained, contained: within!.contained };
    }
    const { url } = splitCanonical(canonical);
    const version = splitCanonical(this.pinned(canonical)).version;
    const all = yield* ask(() => this.source.valueSets(url));
    return pickVersion(all, (set) => set.version, version || undefined);
  }

  pinned(canonical: string): string {
    const { url, version } = splitCanonical(canonical);
    return joinCanonical(url, this.versionFor(url, version));
  }

  /** Takes what a value set says for itself: supplements, expansion parameters, its language. */
  see(set: ValueSet): void {
    for (const extension of set.extension ?? []) {
      const wanted = extension.url === supplementExtension ? (extension.valueCanonical ?? extension.valueUri) : undefined;
      if (wanted !== undefined) this.wantedSupplements.add(wanted);
    }
    for (const extension of set.compose?.extension ?? []) {
      if (!parameterExtensions.has(extension.url)) continue;
      const name = extensionText(extension, "name");
      const value = extensionText(extension, "value");
      if (name !== undefined && value !== undefined) seeValueSetParameter(this.options, name, value);
    }
    seeValueSetLanguage(this.options, set.language);
  }

  requireSupplements(status: number): void {
    const missing = [...this.wantedSupplements].filter((name) => !this.foundSupplements.has(name));
    if (missing.length === 0) return;
    throw new TxFault(status, { code: "not-found", type: "not-found", id: "VALUESET_SUPPLEMENT_MISSING", text: `Required supplement${missing.length > 1 ? "s" : ""} not found: ${missing.join(", ")}` });
  }
}

export function canonicalOf({ url, version }: Canonical): string {
  return joinCanonical(url ?? "", version);
}

export function systemCanonical({ header }: CodeSystemProvider): string {
  return joinCanonical(header.url, header.version);
}

/** "1.0.0 or 1.2.0"; "1, 2 and 3" */
export function versionsText(versions: readonly string[]): string {
  if (versions.length < 3) return versions.join(" or ");
  return `${versions.slice(0, -1).join(", ")} and ${versions.at(-1)}`;
}
