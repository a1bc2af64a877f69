/** Expected values: UCUM's own tables (https://ucum.org/ucum), SI definitions, and conversions printed by the sources named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { arbitraryUnits, atoms, baseUnits, prefixes, specials } from "./atoms.ts";
import { canonical, comparable, convert } from "./convert.ts";
import { parseUnit } from "./parse.ts";

const conversions: [value: number, from: string, to: string, expected: number, molarMass?: number][] = [
  // UCUM tables 5, 11, 15, 16, 20
  [1, "[in_i]", "cm", 2.54], [1, "[lb_av]", "g", 453.59237], [1, "m[Hg]", "kPa", 133.322], [1, "a", "d", 365.25], [1, "mo", "d", 30.4375], [1, "[gal_us]", "mL", 3785.411784],
  [1, "[foz_br]", "mL", 28.4130625], [1, "cm[H2O]", "Pa", 98.0665], [1, "[stone_av]", "kg", 6.35029318], [1, "[MET]", "mL/min/kg", 3.5], [1, "[LPF]", "[HPF]", 100],
  // exact powers of ten
  [5, "mmol/L", "umol/L", 5000], [0.1, "g/dL", "g/L", 1], [1.1, "mg/dL", "ug/mL", 11], [4.5, "10*9/L", "10*3/uL", 4.5], [0.07, "kg", "mg", 70000], [3, "%", "1", 0.03], [1, "mL", "cm3", 1],
  // temperatures
  [98.6, "[degF]", "Cel", 37], [-40, "Cel", "[degF]", -40], [0, "Cel", "K", 273.15], [32, "[degF]", "Cel", 0], [37, "Cel", "[degF]", 98.6], [80, "[degRe]", "Cel", 100],
  // logarithms
  [7, "[pH]", "nmol/L", 100], [20, "dB", "1", 100], [0, "dB[SPL]", "uPa", 20], [60, "dB[SPL]", "mPa", 20],
  // units of activity and amount
  [60, "U/L", "ukat/L", 1], [140, "meq/L", "mmol/L", 140], [1, "m[IU]/L", "u[IU]/mL", 1], [60, "{beats}/min", "Hz", 1], [90, "mL/min/{1.73_m2}", "mL/s", 1.5],
  [2, "KiBy", "By", 2048], [100, "%[slope]", "deg", 45], [3, "[hp'_X]", "10*-3", 1], [1, "[acr_us]", "m2", 4046.87260987425], [1, "[ly]", "m", 9.4607304725808e15],
  // molar mass, g/mol: glucose 180.156, creatinine 113.12, cholesterol 386.65
  [18.0156, "mg/dL", "mmol/L", 1, 180.156], [1, "mmol/L", "mg/dL", 18.0156, 180.156], [1, "mg/dL", "umol/L", 88.4016973125884, 113.12], [5.2, "mmol/L", "mg/dL", 201.058, 386.65], [1, "mg/mmol", "mg/g", 8.84016973125884, 113.12],
];
for (const [value, from, to, expected, molarMass] of conversions)
  test(`${value} ${from} = ${expected} ${to}`, () => {
    const result = convert(value, from, to, { molarMass });
    assert.ok(result.ok, result.ok ? "" : result.failure.text);
    assert.equal(result.value, expected);
  });

const refused: [value: number, from: string, to: string, says: RegExp, molarMass?: number][] = [
  [1, "mg", "mL", /the one measures g, the other m3/], [1, "mmol", "1", /measures mol/], [1, "[IU]", "mg", /measures \[iU\]/], [1, "U", "[IU]", /mol\.s-1/], [1, "[CFU]", "[PFU]", /CFU/],
  [1, "mg/dL", "mmol/L", /needs the molar mass/], [1, "mg/dL", "mmol/L", /no molar mass/, -1], [1, "mg/dL", "mmol/kg", /cannot be converted/, 100], [1, "Cel", "g", /cannot be converted/],
  [0, "mol/L", "[pH]", /no counterpart/], [-1, "1", "dB", /no counterpart/], [Number.NaN, "g", "kg", /no value/], [1, "mmHg", "kPa", /"mmHg" at character 1 is not known/], [1, "g", "", /empty text/],
];
for (const [value, from, to, says, molarMass] of refused)
  test(`refused: ${value} ${from} to ${to}`, () => {
    const result = convert(value, from, to, { molarMass });
    assert.ok(!result.ok);
    assert.match(result.failure.text, says);
  });

test("canonical form: comparable quantities share unit and value", () => {
  assert.deepEqual(canonical(5, "mg/dL"), { ok: true, value: { value: 50, unit: "g.m-3" } });
  assert.deepEqual(canonical(0.05, "g/L"), { ok: true, value: { value: 50, unit: "g.m-3" } });
  assert.deepEqual(canonical(37, "Cel"), { ok: true, value: { value: 310.15, unit: "K" } });
  assert.deepEqual(canonical(72, "/min"), canonical(1.2, "Hz"));
  assert.equal(canonical(1, "x").ok, false);
  assert.ok(comparable("mm[Hg]", "kPa") && !comparable("mg", "mL") && !comparable("foo", "foo"));
});

const metricUnits = [...baseUnits, ...[...atoms].filter(([, atom]) => atom.metric).map(([code]) => code)];
const unitCode = fc.oneof(fc.constantFrom(...baseUnits, ...atoms.keys(), ...arbitraryUnits),
  fc.tuple(fc.constantFrom(...prefixes.keys()), fc.constantFrom(...metricUnits)).map(([prefix, unit]) => prefix + unit));
const expression = fc.array(fc.tuple(fc.constantFrom(".", "/"), unitCode, fc.constantFrom("", "2", "-1")), { minLength: 1, maxLength: 3 })
  .map(parts => parts.map(([operator, code, exponent], i) => (i === 0 ? "" : operator) + code + exponent).join(""));

test("property: every atom, prefixed or not, is read, and its canonical unit is its own canonical unit", () => {
  fc.assert(fc.property(expression, code => {
    const unit = parseUnit(code);
    assert.ok(unit.ok, unit.ok ? "" : unit.failure.text);
    const again = parseUnit(unit.value.canonical);
    assert.ok(again.ok);
    assert.equal(again.value.canonical, unit.value.canonical);
    assert.equal(again.value.mantissa * 10 ** again.value.exponent, 1);
  }), { numRuns: 2000 });
});

test("property: there and back again", () => {
  const value = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
  fc.assert(fc.property(value, expression, fc.constantFrom(...prefixes.keys()), (x, code, prefix) => {
    const unit = parseUnit(code);
    assert.ok(unit.ok);
    const base = canonical(x, code);
    fc.pre(base.ok && Math.abs(base.value.value) < 1e280 && Math.abs(base.value.value) > 1e-280);
    const back = convert(base.value.value, unit.value.canonical, code);
    assert.ok(back.ok);
    assert.ok(Math.abs(back.value / x - 1) < 1e-12, `${x} ${code} came back as ${back.value}`);
    const grams = convert(x, "g", `${prefix}g`);
    assert.ok(grams.ok && Math.abs(grams.value / (x / 10 ** prefixes.get(prefix)!) - 1) < 1e-12);
  }), { numRuns: 1000 });
});

test("property: special units return, too", () => {
  fc.assert(fc.property(fc.constantFrom(...specials.keys()), fc.double({ min: 0.5, max: 12, noNaN: true }), (code, x) => {
    const unit = parseUnit(code);
    assert.ok(unit.ok);
    const there = convert(x, code, unit.value.canonical);
    assert.ok(there.ok);
    const back = convert(there.value, unit.value.canonical, code);
    assert.ok(back.ok && Math.abs(back.value - x) < 1e-9, `${code}: ${x} came back as ${back.ok ? back.value : back.failure.text}`);
  }), { numRuns: 1000 });
});
