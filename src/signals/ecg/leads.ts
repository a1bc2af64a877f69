/**
 * ECG leads by their MDC code (ISO/IEEE 11073-10101 and -10102: MDC_ECG_ELEC_POTL_*, 131328 + the SCP-ECG lead number).
 * A lead outside the table, such as the modified MLII of Holter recorders, is coded 131328 (unspecified) with its name as text.
 */
import type { CodeableConcept } from "#fhir/resource.ts";

export const mdcSystem = "urn:iso:std:iso:11073:10101";
/** The same nomenclature as HL7 v3 named it; R4's own ECG example uses it. */
const mdcOid = "urn:oid:2.16.840.1.113883.6.24";

const codes: Readonly<Record<string, number>> = {
  I: 131329, II: 131330, V1: 131331, V2: 131332, V3: 131333, V4: 131334, V5: 131335, V6: 131336,
  III: 131389, aVR: 131390, aVL: 131391, aVF: 131392,
};
const unspecified = 131328;
const names = new Map(Object.entries(codes).map(([name, code]) => [String(code), name]));
const byUpper = new Map(Object.keys(codes).map((name) => [name.toUpperCase(), name]));

export function leadCode(lead: string): CodeableConcept {
  const name = byUpper.get(lead.trim().toUpperCase());
  const coding = name === undefined
    ? { system: mdcSystem, code: String(unspecified), display: "MDC_ECG_ELEC_POTL" }
    : { system: mdcSystem, code: String(codes[name]), display: `MDC_ECG_ELEC_POTL_${name.toUpperCase()}` };
  return { coding: [coding], text: name ?? lead };
}

/** Name of the lead a component code stands for; undefined when it is no ECG lead. */
export function leadName(code: CodeableConcept | undefined): string | undefined {
  for (const coding of code?.coding ?? []) {
    if (coding.system !== mdcSystem && coding.system !== mdcOid) continue;
    const name = names.get(coding.code ?? "");
    if (name !== undefined) return name;
    if (coding.code === String(unspecified)) return code?.text ?? "ECG";
  }
  return undefined;
}

/** The order in which leads are preferred for finding beats: the limb leads in which R stands tallest first. */
const preference = ["II", "MLII", "I", "V5", "V4", "V6", "V3", "aVF", "V2", "III", "aVL", "V1", "aVR"];
export function rankLead(name: string | undefined): number {
  const rank = preference.indexOf(name ?? "");
  return rank < 0 ? preference.length : rank;
}
