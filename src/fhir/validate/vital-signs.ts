/**
 * Observations with the LOINC codes of R4's vital signs are held to the profile of that code, claimed or not.
 * Source: https://hl7.org/fhir/R4/observation-vitalsigns.html#vitals-table
 */
import { structureDefinitionUrl } from "../canonical.ts";
import type { Container } from "./context.ts";
import { isObject, objects } from "./profile/run.ts";

const profiles: ReadonlyMap<string, string> = new Map(Object.entries({
  "85353-1": "vitalspanel", "9279-1": "resprate", "8867-4": "heartrate", "2708-6": "oxygensat", "8310-5": "bodytemp", "8302-2": "bodyheight",
  "9843-4": "headcircum", "29463-7": "bodyweight", "39156-5": "bmi", "85354-9": "bp",
}).map(([code, name]) => [code, structureDefinitionUrl + name]));

export function vitalSignsProfile(observation: Container): { url: string; code: string } | undefined {
  const { code } = observation;
  for (const { system, code: one } of isObject(code) ? objects(code.coding) : []) {
    const url = system === "http://loinc.org" && typeof one === "string" ? profiles.get(one) : undefined;
    if (url !== undefined) return { url, code: String(one) };
  }
  return undefined;
}
