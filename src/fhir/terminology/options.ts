/** The parameters that steer every terminology operation. Names are those of the operations of R4, R5 and the tx ecosystem. */
import { splitCanonical } from "../canonical.ts";
import { TxFault } from "./issues.ts";
import { parseLanguages, type WantedLanguage } from "./language.ts";
import { ParameterReader, type Parameters } from "./parameters.ts";

/** Which version of a system or value set counts: a default, a rule to check, or one that overrides all. */
export type VersionRule = { url: string; version: string; mode: "default" | "check" | "force"; parameter: string };

export type Options = {
  readonly given: ParameterReader;
  readonly rules: readonly VersionRule[];
  /** displayLanguage as given, else as the value set asks for it. */
  displayLanguages?: WantedLanguage[];
  /** Accept-Language, else the language of the value set. */
  httpLanguages?: WantedLanguage[];
  readonly supplements: readonly string[];
  readonly designations: string[];
  readonly properties: readonly string[];
  readonly activeOnly: boolean;
  readonly lenientDisplay: boolean;
  readonly membershipOnly: boolean;
  /** A parameter that the value set itself sets counts only where the caller set none. */
  readonly validating: boolean;
};

const versionParameters: Readonly<Record<string, VersionRule["mode"]>> = {
  "system-version": "default", "check-system-version": "check", "force-system-version": "force",
  "default-valueset-version": "default", "check-valueset-version": "check", "force-valueset-version": "force",
};

/** `language`: the Accept-Language header. */
export function readOptions(parameters: Parameters, { language, validating }: { language?: string; validating: boolean }): Options {
  const given = new ParameterReader(parameters);
  const options: Options = {
    given, rules: readRules(given), supplements: given.texts("useSupplement"), designations: given.texts("designation"), properties: given.texts("property"),
    activeOnly: given.flag("activeOnly") ?? false, lenientDisplay: given.flag("lenient-display-validation") ?? false, membershipOnly: given.flag("valueset-membership-only") ?? false, validating,
  };
  if (language !== undefined) setLanguages(options, "httpLanguages", language);
  const wanted = given.text("displayLanguage");
  if (wanted !== undefined) setLanguages(options, "displayLanguages", wanted);
  return options;
}

function readRules(given: ParameterReader): VersionRule[] {
  const rules: VersionRule[] = [];
  for (const [parameter, mode] of Object.entries(versionParameters))
    for (const text of given.texts(parameter)) {
      const { url, version } = splitCanonical(text);
      if (version === undefined || version === "") throw new TxFault(400, { code: "invalid", text: `${parameter} is url|version, as in http://loinc.org|2.74; found "${text}"` });
      rules.push({ url, version, mode, parameter });
    }
  return rules;
}

/** An expansion shows other languages where the wanted ones are missing, unless they are refused ("*; q=0"). */
function setLanguages(options: Options, member: "displayLanguages" | "httpLanguages", text: string): void {
  const wanted = parseLanguages(text);
  if (!wanted) throw new TxFault(400, { code: "processing", type: "invalid-display", id: "INVALID_DISPLAY_NAME", text: `Invalid displayLanguage: '${text}'` });
  if (!options.validating && !wanted.some(({ tag }) => tag === "*")) wanted.push({ tag: "*", quality: 0.001, implied: true });
  options[member] = wanted;
}

/** What a value set says for itself: expansion parameters of its compose, and its language. */
export function seeValueSetParameter(options: Options, name: string, value: string): void {
  if (name === "displayLanguage" && !options.displayLanguages) setLanguages(options, "displayLanguages", value);
  else if (name === "designation" && !options.designations.includes(value)) options.designations.push(value);
}

export function seeValueSetLanguage(options: Options, language: string | undefined): void {
  if (language !== undefined && !options.httpLanguages) setLanguages(options, "httpLanguages", language);
}

export function workingLanguages({ displayLanguages, httpLanguages }: Options): readonly WantedLanguage[] | undefined {
  return displayLanguages ?? httpLanguages;
}
