/** Who signs in to look at a demonstration population: its doctor and its patient, with the names to show. */
import { characters } from "./characters.ts";
import { people } from "./institutions.ts";
import { enText, zhText } from "./names.ts";
import { prefixOf } from "./population.ts";

export type DemoAccount = { role: "practitioner" | "patient"; /** "Practitioner/…" or "Patient/…" */ agent: string; display: { en: string; zh: string } };

/** The doctor is general practitioner of about six people in ten; the patient is the first person, who is one of them. */
export function demoAccounts(seed: number): { doctor: DemoAccount; patient: DemoAccount } {
  const prefix = prefixOf(seed), doctor = people.gp1.name, patient = characters[0]!.name;
  return {
    doctor: { role: "practitioner", agent: `Practitioner/${prefix}-dr-gp1`, display: { en: `Dr ${enText(doctor)}`, zh: `${zhText(doctor)}医生` } },
    patient: { role: "patient", agent: `Patient/${prefix}-0`, display: { en: enText(patient), zh: zhText(patient) } },
  };
}
