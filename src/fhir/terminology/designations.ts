/**
 * The displays and designations of one concept, from its code system, supplements and the value set: which to show in
 * the wanted languages, and whether a given display is one of them.
 */
import type { Coding } from "../resource.ts";
import { fits, type LanguageFit, type WantedLanguage } from "./language.ts";
import type { Concept } from "./provider.ts";
import { extensionText, standardsStatusExtension, type ComposeConcept, type Designation } from "./resources.ts";

/** The use that marks a display: http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra */
export const displayUse: Coding = { system: "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra", code: "preferredForLanguage" };

const displayUses: ReadonlySet<string> = new Set([
  `${displayUse.system}#${displayUse.code}`, "http://terminology.hl7.org/CodeSystem/designation-usage#display", "http://snomed.info/sct#900000000000548007",
]);
/** Standards statuses under which a designation is no longer to be used. */
const outdated: ReadonlySet<string> = new Set(["withdrawn", "deprecated", "inactive", "retired"]);
const orders: readonly LanguageFit[] = ["same", "region", "language"];

export type Term = { value: string; language?: string; use?: Coding; status?: string; source?: Designation };

export type DisplayCheck = "found" | "outdated" | "white-space" | "none";

export class Designations {
  readonly terms: Term[] = [];
  /** Language of terms that state none. */
  #base: string | undefined;

  addConcept(concept: Concept, language: string | undefined): this {
    this.#base ??= language;
    if (concept.display !== undefined) this.terms.push(term(concept.display, language, displayUse));
    for (const designation of concept.designation ?? []) this.#add(designation);
    return this;
  }

  /** What the value set itself says of the concept; its display comes first. */
  addCompose({ display, designation }: ComposeConcept, language: string | undefined): this {
    if (display !== undefined) this.terms.unshift(term(display.trim(), language, displayUse));
    for (const one of designation ?? []) this.#add(one);
    return this;
  }

  #add(designation: Designation): void {
    if (typeof designation.value !== "string") return;
    const own = term(designation.value, designation.language, designation.use);
    const status = extensionText(designation, standardsStatusExtension);
    if (status !== undefined) own.status = status;
    own.source = designation;
    this.terms.push(own);
  }

  /** The term to show; undefined where none is in a wanted language. */
  preferred(wanted: readonly WantedLanguage[] | undefined): Term | undefined {
    if (!wanted) return this.terms.find((one) => isDisplay(one) && isCurrent(one)) ?? this.terms.find(isDisplay) ?? this.terms[0];
    for (const { tag, quality } of wanted) {
      if (quality <= 0) continue;
      for (const fit of orders) {
        const inLanguage = this.terms.filter((one) => this.#isIn(one, tag, fit));
        const found = inLanguage.find((one) => isDisplay(one) && isCurrent(one)) ?? inLanguage.find(isDisplay) ?? inLanguage[0];
        if (found) return found;
      }
    }
    return this.terms.find((one) => one.language === undefined && this.#base === undefined && isDisplay(one));
  }

  check(display: string, wanted: readonly WantedLanguage[] | undefined): DisplayCheck {
    const terms = this.terms.filter((one) => this.#isWanted(one, wanted));
    const same = terms.filter(({ value }) => value.toLowerCase() === display.toLowerCase());
    if (same.some(isCurrent)) return "found";
    if (same.length > 0) return "outdated";
    return terms.some(({ value }) => evened(value) === evened(display)) ? "white-space" : "none";
  }

  /** Displays in the wanted languages: in the narrowest fit that has any. */
  displays(wanted: readonly WantedLanguage[] | undefined): Term[] {
    for (const fit of orders) {
      const found = this.terms.filter((one, i) => isDisplay(one) && this.terms.findIndex(({ value, language }) => value === one.value && language === one.language) === i && (!wanted || one.language === undefined || wanted.some(({ tag, quality }) => quality > 0 && this.#isIn(one, tag, fit))));
      if (found.length > 0) return found;
    }
    return [];
  }

  /** Without regard to language: displays that are still in use. */
  current(): string[] {
    return [...new Set(this.terms.filter((one) => isDisplay(one) && isCurrent(one)).map(({ value }) => value))];
  }

  status(display: string): string | undefined {
    return this.terms.find(({ value }) => value === display)?.status;
  }

  #isWanted(one: Term, wanted: readonly WantedLanguage[] | undefined): boolean {
    return !wanted || one.language === undefined || wanted.some(({ tag, quality }) => quality > 0 && this.#isIn(one, tag, "language"));
  }

  #isIn(one: Term, tag: string, fit: LanguageFit): boolean {
    const language = one.language ?? this.#base;
    return tag === "*" || (language !== undefined && fits(tag, language, fit));
  }
}

export function isDisplay({ use }: Term): boolean {
  return use === undefined || displayUses.has(`${use.system}#${use.code}`);
}

function isCurrent({ status }: Term): boolean {
  return status === undefined || !outdated.has(status);
}

function term(value: string, language: string | undefined, use: Coding | undefined): Term {
  const one: Term = { value };
  if (language !== undefined) one.language = language;
  if (use !== undefined) one.use = use;
  return one;
}

function evened(text: string): string {
  return text.trim().replace(/\s+/g, " ").toLowerCase();
}

/** "'Display 1' (en) or 'Anzeige 1' (de)" */
export function termsText(terms: readonly Term[]): string {
  const shown = terms.map(({ value, language }) => (language === undefined ? `'${value}'` : `'${value}' (${language})`));
  return shown.length < 2 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}
