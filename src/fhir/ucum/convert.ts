/**
 * Conversion between UCUM units, and the canonical form that makes quantities of unlike units comparable.
 * Results carry 15 significant digits, so that no artefact of binary fractions is seen.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { parseUnit, type Dimensions, type Unit } from "./parse.ts";

export type ConvertOptions = {
  /** g/mol: lets mass and amount of substance convert into each other. */
  molarMass?: number;
};

/**
 * `value` of unit `from` in unit `to`, both UCUM codes. Fails when a unit is not UCUM, when they measure different
 * things, when mass meets amount without a molar mass, and when the value has no counterpart (logarithm of a negative).
 */
export function convert(value: number, from: string, to: string, { molarMass }: ConvertOptions = {}): Result<number> {
  if (!Number.isFinite(value)) return fail("value", `${value} is no value that can be converted`);
  if (from === to) return ok(value);
  const source = parseUnit(from);
  if (!source.ok) return source;
  const target = parseUnit(to);
  if (!target.ok) return target;
  const a = source.value, b = target.value;
  if (a.canonical === b.canonical) return finite(a.special || b.special ? fromProper(toProper(value, a), b) : scaled(value, a, b), value, from, to);
  const grams = massForAmount(a.dimensions, b.dimensions);
  if (grams === undefined || a.special || b.special)
    return fail("value", `${from} cannot be converted to ${to}: the one measures ${a.canonical}, the other ${b.canonical}`);
  if (molarMass === undefined) return fail("required", `${from} to ${to} needs the molar mass of the substance in g/mol`);
  if (!(molarMass > 0 && Number.isFinite(molarMass))) return fail("value", `${molarMass} is no molar mass in g/mol`);
  return finite(scaled(value / molarMass ** grams, a, b), value, from, to);
}

/** Value in base units with the canonical unit's code, for comparing and indexing: 5 mg/dL → 50 g.m-3. */
export function canonical(value: number, unit: string): Result<{ value: number; unit: string }> {
  const parsed = parseUnit(unit);
  if (!parsed.ok) return parsed;
  const proper = rounded(toProper(value, parsed.value));
  return Number.isFinite(proper) ? ok({ value: proper, unit: parsed.value.canonical }) : fail("value", `${value} ${unit} is beyond what can be compared`);
}

/** True when both are UCUM and measure the same thing, so that `convert` answers without a molar mass. */
export function comparable(a: string, b: string): boolean {
  const one = parseUnit(a), other = parseUnit(b);
  return one.ok && other.ok && one.value.canonical === other.value.canonical;
}

function scaled(value: number, a: Unit, b: Unit): number {
  return rounded(shifted(value * a.mantissa / b.mantissa, a.exponent - b.exponent));
}

function toProper(value: number, unit: Unit): number {
  const plain = shifted(value * unit.mantissa, unit.exponent);
  if (!unit.special) return plain;
  const proper = parseUnit(unit.special.unit);
  if (!proper.ok) throw new Error(proper.failure.text);
  return shifted(unit.special.toProper(plain) * proper.value.mantissa, proper.value.exponent);
}

function fromProper(value: number, unit: Unit): number {
  if (!unit.special) return rounded(shifted(value / unit.mantissa, -unit.exponent));
  const proper = parseUnit(unit.special.unit);
  if (!proper.ok) throw new Error(proper.failure.text);
  const plain = unit.special.fromProper(shifted(value / proper.value.mantissa, -proper.value.exponent));
  return rounded(shifted(plain / unit.mantissa, -unit.exponent));
}

/** value × 10^exponent with one rounding: dividing by 10^n is exact where multiplying by 10^-n is not. */
function shifted(value: number, exponent: number): number {
  return exponent >= 0 ? value * 10 ** exponent : value / 10 ** -exponent;
}

function rounded(value: number): number {
  // Whole numbers of 15 digits are rounded as they are.
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value;
  return Number.isFinite(value) ? Number(value.toPrecision(15)) : value;
}

function finite(result: number, value: number, from: string, to: string): Result<number> {
  return Number.isFinite(result) ? ok(result) : fail("value", `${value} ${from} has no counterpart in ${to}`);
}

/** How often g must turn into mol to go from one to the other; undefined when that is not the difference. */
function massForAmount(a: Dimensions, b: Dimensions): number | undefined {
  const difference = (base: string) => (a.get(base) ?? 0) - (b.get(base) ?? 0);
  for (const base of new Set([...a.keys(), ...b.keys()]))
    if (base !== "g" && base !== "mol" && difference(base) !== 0) return undefined;
  const grams = difference("g");
  return grams !== 0 && grams === -difference("mol") ? grams : undefined;
}
