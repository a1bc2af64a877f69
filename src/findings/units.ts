/**
 * Unit conversion for inputs: spellings that laboratories write and UCUM does not know are mapped first, then UCUM.
 * Source: https://ucum.org/ucum ; the eGFR spellings are those of https://loinc.org/98979-8 and of common exports.
 */
import { convert as ucumConvert } from "#fhir/ucum/convert.ts";
import { fail, ok, type Result } from "#platform/result.ts";

const spellings: Readonly<Record<string, string>> = {
  "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "bpm": "/min", "beats/min": "/min", "beats/minute": "/min", "{beats}/min": "/min", "breaths/min": "/min", "{breaths}/min": "/min", "1/min": "/min",
  "°C": "Cel", "C": "Cel", "degC": "Cel", "°F": "[degF]", "degF": "[degF]", "F": "[degF]",
  "kg/m²": "kg/m2", "kg/m^2": "kg/m2", "in": "[in_i]", "lb": "[lb_av]", "lbs": "[lb_av]",
  "µmol/L": "umol/L", "μmol/L": "umol/L", "umol/l": "umol/L", "mmol/l": "mmol/L", "mg/dl": "mg/dL",
  "mL/min/1.73m2": "mL/min/{1.73_m2}", "mL/min/1.73 m2": "mL/min/{1.73_m2}", "mL/min/1.73m²": "mL/min/{1.73_m2}", "mL/min/1.73 m²": "mL/min/{1.73_m2}",
  "mL/min/1.73.m2": "mL/min/{1.73_m2}", "mL/min/1.73_m2": "mL/min/{1.73_m2}", "mL/min/{1.73m2}": "mL/min/{1.73_m2}", "ml/min/1.73m2": "mL/min/{1.73_m2}", "mL/min/{1.73_m2}": "mL/min/{1.73_m2}",
};

/** Converts `value` from any known unit to UCUM `to`; `molarMass` in g/mol joins mass and amount concentrations. */
export function convertUnit(value: number, from: string, to: string, molarMass?: number): Result<number> {
  const unit = spellings[from] ?? from;
  const target = spellings[to] ?? to;
  if (!Number.isFinite(value)) return fail("value", `${value} is not a number`);
  if (unit === target) return ok(value);
  return ucumConvert(value, unit, target, molarMass === undefined ? {} : { molarMass });
}
