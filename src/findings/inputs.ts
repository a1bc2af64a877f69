/**
 * Plain inputs as people and programs write them: `ageYears=67`, `age=67`, `totalCholesterol=200 mg/dL`,
 * `{"systolicMmHg": 140, "currentSmoker": false}`. A name may leave out its unit; a value may bring its own, which is
 * then converted to the method's.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { checkGiven, type Value } from "./facts.ts";
import type { InputSpec, Method, Values } from "./method.ts";
import { convertUnit } from "./units.ts";

const unitSuffix = /(MlPerMinPer173M2|MmolPerL|UmolPerL|MgPerDl|KgPerM2|LPerMin|PerMin|MmHg|Percent|Celsius|Years|Kg|Cm)$/;

/** Every input of a method, those it derives others from included. */
export function namedInputs(method: Method): InputSpec[] {
  const all = method.inputs.flatMap((spec) => [spec, ...(spec.kind === "quantity" && spec.derive ? spec.derive.inputs : [])]);
  return all.filter((spec, i) => all.findIndex((other) => other.name === spec.name) === i);
}

export const stem = (name: string): string => name.replace(unitSuffix, "");

/** Codes: "value" with the input's name and what it takes. A wrong name lists the right ones. */
export function readInputs(method: Method, raw: Readonly<Record<string, unknown>>): Result<Values> {
  const specs = namedInputs(method);
  const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, "");
  const values: Record<string, Value> = {};
  for (const [name, given] of Object.entries(raw)) {
    const spec = specs.find((one) => one.name === name) ?? specs.find((one) => plain(one.name) === plain(name) || plain(stem(one.name)) === plain(name));
    if (!spec) return fail("value", `${method.id} has no input "${name}". It takes ${specs.map((one) => one.name).join(", ")}.`);
    if (Object.hasOwn(values, spec.name)) return fail("duplicate", `${spec.name} is given twice.`);
    const read = readValue(spec, given);
    if (!read.ok) return read;
    const checked = checkGiven(spec, read.value);
    if ("en" in checked) return fail("value", `${checked.en}.`);
    values[spec.name] = checked.value;
  }
  return ok(values);
}

function readValue(spec: InputSpec, given: unknown): Result<Value> {
  if (spec.kind === "quantity" || spec.kind === "age") {
    if (typeof given === "number") return ok(given);
    const parts = typeof given === "string" ? /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*)?$/.exec(given) : null;
    const object = given !== null && typeof given === "object" ? (given as { value?: unknown; unit?: unknown }) : undefined;
    const value = parts ? Number(parts[1]) : typeof object?.value === "number" ? object.value : undefined;
    if (value === undefined) return fail("value", `${spec.name} must be a number, not ${JSON.stringify(given)}.`);
    const unit = parts ? parts[2]?.trim() : typeof object?.unit === "string" ? object.unit : undefined;
    if (unit === undefined || unit === "") return ok(value);
    if (spec.kind === "age") return /^(a|y|yr|yrs|years?)$/i.test(unit) ? ok(value) : fail("value", `${spec.name} is in years, not "${unit}".`);
    const converted = convertUnit(value, unit, spec.unit, spec.molarMass);
    return converted.ok ? converted : fail("value", `${spec.name}: ${converted.failure.text}.`);
  }
  if (typeof given === "boolean" || typeof given === "number") return ok(spec.kind === "observed-code" || spec.kind === "choice" ? String(given) : typeof given === "number" && (given === 0 || given === 1) ? given === 1 : given);
  if (typeof given !== "string") return fail("value", `${spec.name} must be a plain value, not ${JSON.stringify(given)}.`);
  const word = given.trim().toLowerCase();
  const boolean = spec.kind === "condition" || spec.kind === "medication" || spec.kind === "boolean" || (spec.kind === "observed-code" && Object.hasOwn(spec.answers, "true"));
  if (boolean) {
    if (["true", "yes", "y", "1", "present"].includes(word)) return ok(spec.kind === "observed-code" ? "true" : true);
    if (["false", "no", "n", "0", "absent"].includes(word)) return ok(spec.kind === "observed-code" ? "false" : false);
  }
  if (spec.kind === "sex") return ok(word === "f" ? "female" : word === "m" ? "male" : word);
  return ok(word.replace(/\s+/g, "-"));
}
