/**
 * UCUM unit expressions, case-sensitive: `mg/dL`, `10*9/L`, `{beats}/min`, `mL/min/{1.73_m2}`.
 * Source: https://ucum.org/ucum §2 (grammar), §8 (annotations do not change the meaning).
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { arbitraryUnits, atoms, baseUnits, binaryPrefixes, prefixes, specials, type Special } from "./atoms.ts";

/** Exponents of base units; arbitrary units stand under their own code. Zero exponents are left out. */
export type Dimensions = ReadonlyMap<string, number>;

export type Unit = {
  code: string;
  /** The unit is mantissa × 10^exponent of its canonical unit: kept apart so that prefixes stay exact. */
  mantissa: number;
  exponent: number;
  dimensions: Dimensions;
  /** The canonical unit as a UCUM code: "g.m-3"; "1" when dimensionless. Equal for all comparable units. */
  canonical: string;
  /** Cel, [degF], [pH], decibels: value × mantissa × 10^exponent goes through this function first. */
  special?: Special;
};

type Factor = { mantissa: number; exponent: number; dimensions: Dimensions; special?: Special };

const lengthMax = 200, nestingMax = 16, exponentMax = 99, cacheMax = 4096;
const cache = new Map<string, Result<Unit>>();

/** Reads a UCUM code. Fails with the offset and the part that is not UCUM. */
export function parseUnit(code: string): Result<Unit> {
  const known = cache.get(code);
  if (known) return known;
  const result = read(code);
  if (cache.size >= cacheMax) cache.clear();
  cache.set(code, result);
  return result;
}

function read(code: string): Result<Unit> {
  if (code.length > lengthMax) return fail("too-long", `A UCUM unit has at most ${lengthMax} characters, found ${code.length}`);
  if (code === "") return fail("invalid", 'An empty text is no UCUM unit; "1" is the unit of plain numbers');
  const reader: Reader = { code, at: 0, depth: 0 };
  const factor = term(reader, true);
  if (typeof factor === "string") return fail("invalid", `"${code}" is no UCUM unit: ${factor}`);
  if (reader.at < code.length) return fail("invalid", `"${code}" is no UCUM unit: unexpected "${code[reader.at]}" at character ${reader.at + 1}`);
  for (const [base, power] of factor.dimensions)
    if (Math.abs(power) > exponentMax) return fail("invalid", `"${code}" is no UCUM unit: it amounts to ${base} to the power of ${power}, beyond ±${exponentMax}`);
  return ok({ code, ...factor, canonical: canonicalCode(factor.dimensions) });
}

type Reader = { code: string; at: number; depth: number };

const annotation = /\{[\x21-\x7a\x7c\x7e]*?\}/y;
const digits = /\d+/y;
const symbol = /10[*^]|(?:[A-Za-z_%'"]|\[[\x21-\x5a\x5c\x5e-\x7e]*\])+/y;
const power = /[+-]?\d+/y;

function take(pattern: RegExp, reader: Reader): string | undefined {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.code);
  if (!match) return undefined;
  reader.at = pattern.lastIndex;
  return match[0];
}

/** term = ["/"] component (("." | "/") component)*, from left to right. A text is the reason of failure. */
function term(reader: Reader, outer: boolean): Factor | string {
  let total: Factor = { mantissa: 1, exponent: 0, dimensions: new Map() };
  let divide = false, first = true;
  if (reader.code[reader.at] === "/") { reader.at++; divide = true; }
  for (;;) {
    const next = component(reader);
    if (typeof next === "string") return next;
    const alone = first && !divide && outer && reader.at === reader.code.length;
    if ((next.special && !alone) || total.special) return "a special unit such as Cel or [pH] stands alone, without multiplication or division";
    total = divide ? multiply(total, raise(next, -1)) : multiply(total, next);
    if (next.special) total.special = next.special;
    first = false;
    const operator = reader.code[reader.at];
    if (operator !== "." && operator !== "/") return total;
    reader.at++;
    divide = operator === "/";
  }
}

function component(reader: Reader): Factor | string {
  const { code } = reader;
  if (code[reader.at] === "(") {
    if (++reader.depth > nestingMax) return `more than ${nestingMax} nested brackets`;
    reader.at++;
    const inner = term(reader, false);
    if (typeof inner === "string") return inner;
    if (code[reader.at] !== ")") return `")" is missing at character ${reader.at + 1}`;
    reader.at++;
    reader.depth--;
    return inner;
  }
  if (take(annotation, reader) !== undefined) return { mantissa: 1, exponent: 0, dimensions: new Map() };
  const start = reader.at;
  const name = take(symbol, reader);
  if (name === undefined) {
    const number = take(digits, reader);
    if (number === undefined) return reader.at >= code.length ? "the text ends where a unit is expected" : `unexpected "${code[reader.at]}" at character ${reader.at + 1}`;
    if (number.length > 15) return "a number in a unit has at most 15 digits";
    take(annotation, reader);
    return { ...decimal(number), dimensions: new Map() };
  }
  const unit = simpleUnit(name);
  if (!unit) return `"${name}" at character ${start + 1} is not known here`;
  const exponent = take(power, reader);
  take(annotation, reader);
  if (exponent === undefined) return unit;
  const n = Number(exponent);
  if (Math.abs(n) > exponentMax) return `the exponent ${exponent} is beyond ±${exponentMax}`;
  if (unit.special) return "a special unit such as Cel or [pH] has no exponent";
  return raise(unit, n);
}

const simple = new Map<string, Factor>();

/** An atom, or a prefix and a metric atom; atoms win (`cd` is candela, `min` minute). */
function simpleUnit(name: string): Factor | undefined {
  const known = simple.get(name);
  if (known) return known;
  let factor = atom(name)?.factor;
  for (let length = 1; !factor && length <= 2; length++) {
    const prefix = name.slice(0, length);
    const shift = prefixes.get(prefix), times = binaryPrefixes.get(prefix);
    const rest = shift === undefined && times === undefined ? undefined : atom(name.slice(length));
    if (rest?.metric) factor = { ...rest.factor, mantissa: rest.factor.mantissa * (times ?? 1), exponent: rest.factor.exponent + (shift ?? 0) };
  }
  if (factor) simple.set(name, factor);
  return factor;
}

function atom(name: string): { factor: Factor; metric: boolean } | undefined {
  if ((baseUnits as readonly string[]).includes(name)) return { factor: { mantissa: 1, exponent: 0, dimensions: new Map([[name, 1]]) }, metric: true };
  if (arbitraryUnits.has(name)) return { factor: { mantissa: 1, exponent: 0, dimensions: new Map([[name, 1]]) }, metric: name === "[iU]" };
  const special = specials.get(name);
  if (special) {
    const proper = parseUnit(special.unit);
    if (!proper.ok) throw new Error(proper.failure.text);
    return { factor: { mantissa: 1, exponent: 0, dimensions: proper.value.dimensions, special }, metric: special.metric };
  }
  const defined = atoms.get(name);
  if (!defined) return undefined;
  const unit = parseUnit(defined.unit);
  if (!unit.ok) throw new Error(unit.failure.text);
  return { factor: multiply({ ...decimal(defined.value), dimensions: new Map() }, unit.value), metric: defined.metric };
}

/** "133.3220" → 133322 × 10^-3: an exact mantissa as far as a double holds it. */
function decimal(text: string): { mantissa: number; exponent: number } {
  const [digitsPart, exponentPart = "0"] = text.split("e");
  const [whole, fraction = ""] = digitsPart!.split(".");
  let mantissa = (whole! + fraction).replace(/^0+(?=\d)/, ""), exponent = Number(exponentPart) - fraction.length;
  while (mantissa.length > 1 && mantissa.endsWith("0")) { mantissa = mantissa.slice(0, -1); exponent++; }
  return { mantissa: Number(mantissa), exponent };
}

function multiply(a: Factor, b: Factor): Factor {
  const dimensions = new Map(a.dimensions);
  for (const [base, power] of b.dimensions) {
    const sum = (dimensions.get(base) ?? 0) + power;
    if (sum === 0) dimensions.delete(base); else dimensions.set(base, sum);
  }
  return { mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent, dimensions };
}

function raise(unit: Factor, power: number): Factor {
  const dimensions = new Map<string, number>();
  if (power !== 0) for (const [base, n] of unit.dimensions) dimensions.set(base, n * power);
  return { mantissa: unit.mantissa ** power, exponent: unit.exponent * power, dimensions };
}

function canonicalCode(dimensions: Dimensions): string {
  const rank = (base: string) => { const at = (baseUnits as readonly string[]).indexOf(base); return at < 0 ? baseUnits.length : at; };
  const parts = [...dimensions].sort(([a, m], [b, n]) => Math.sign(n) - Math.sign(m) || rank(a) - rank(b) || (a < b ? -1 : 1));
  return parts.map(([base, n]) => n === 1 ? base : `${base}${n}`).join(".") || "1";
}
