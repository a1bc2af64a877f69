/** Is a coding's display one of the concept's in the wanted languages? Says what is wrong with it. */
import { termsText, type Designations } from "./designations.ts";
import type { TxIssue } from "./issues.ts";
import { languagesText } from "./language.ts";
import { workingLanguages, type Options } from "./options.ts";

/** Undefined: nothing to say. `path`: of the display. */
export function displayIssue(terms: Designations, { system, code, display }: { system: string; code: string; display: string }, options: Options, path: string): TxIssue | undefined {
  const wanted = workingLanguages(options);
  const check = terms.check(display, wanted);
  if (check === "found") return undefined;
  const issue = (severity: TxIssue["severity"], id: string, text: string, type = "invalid-display"): TxIssue => ({ severity, code: "invalid", type, id, path, text });
  if (check === "outdated") {
    const current = terms.current();
    const correct = current.length === 1 ? `The correct display is one of "${current[0]}".` : `The correct display is one of ${current.map((one) => `"${one}"`).join(",")}.`;
    return issue("warning", "INACTIVE_DISPLAY_FOUND", `'${display}' is no longer considered a correct display for code '${code}' (status = ${terms.status(display) ?? ""}). ${correct}`, "display-comment");
  }
  const fault = options.lenientDisplay ? "warning" : "error";
  const languages = wanted ? languagesText(wanted, false) : "--";
  const valid = terms.displays(wanted);
  if (valid.length > 0) {
    const id = check === "white-space" ? "Display_Name_WS_for__should_be_one_of__instead_of" : "Display_Name_for__should_be_one_of__instead_of";
    const choices = valid.length === 1 ? `Valid display is ${termsText(valid)}` : `Valid display is one of ${valid.length} choices: ${termsText(valid)}`;
    const spaces = check === "white-space" ? " (white space differs)" : "";
    return issue(fault, id, `Wrong Display Name '${display}' for ${system}#${code}${spaces}. ${choices} (for the language(s) '${languages}')`);
  }
  const other = terms.preferred(undefined)?.value;
  if (other === undefined) return issue("warning", "NO_VALID_DISPLAY_AT_ALL", `Cannot validate the display '${display}' of ${system}#${code}: no displays are known`);
  return terms.check(display, undefined) === "found"
    ? issue("information", "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK", `There are no valid display names found for the code ${system}#${code} for language(s) '${languages}'. The display is '${display}' which is a valid display for the default language`)
    : issue(fault, "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR", `Wrong Display Name '${display}' for ${system}#${code}. There are no valid display names found for language(s) '${languages}'. Default display is '${other}'`);
}
