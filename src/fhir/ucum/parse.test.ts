import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cpuSeconds } from "#platform/cpu-time.ts";
import { parseUnit } from "./parse.ts";
import { unitFromText } from "./text.ts";

const canonicalOf: [code: string, canonical: string, factor: number][] = [
  ["1", "1", 1], ["{score}", "1", 1], ["mg{dry}/dL", "g.m-3", 10], ["/min", "s-1", 1 / 60], ["L/(min.m2)", "m.s-1", 1e-3 / 60], ["kg/m2", "g.m-2", 1000], ["10*9/L", "m-3", 1e12], ["10^9/L", "m-3", 1e12],
  ["mm[Hg]", "g.m-1.s-2", 133322], ["cd", "cd", 1], ["min", "s", 60], ["Pa", "g.m-1.s-2", 1000], ["dar", "m2", 10], ["a/b.m", "s.m-1", 31557600 / 1e-28], ["m/s/s", "m.s-2", 1], ["2.m", "m", 2], ["100", "1", 100], ["m-2", "m-2", 1], ["m+2", "m2", 1], ["%{HbA1c}", "1", 0.01], ["m0", "1", 1],
];
for (const [code, canonical, factor] of canonicalOf)
  test(`${code} is ${factor} ${canonical}`, () => {
    const unit = parseUnit(code);
    assert.ok(unit.ok, unit.ok ? "" : unit.failure.text);
    assert.equal(unit.value.canonical, canonical);
    assert.ok(Math.abs(unit.value.mantissa * 10 ** unit.value.exponent / factor - 1) < 1e-14);
  });

const broken: [code: string, says: RegExp][] = [
  ["", /empty/], ["mg/", /text ends/], ["mg//dL", /unexpected "\/" at character 4/], ["(mg", /"\)" is missing/], ["mg)", /unexpected "\)"/], ["mmHg", /not known/], ["k[in_i]", /not known/], ["{a", /unexpected "\{"/],
  ["Cel/min", /stands alone/], ["/Cel", /stands alone/], ["2.Cel", /stands alone/], ["(Cel)", /stands alone/], ["Cel2", /no exponent/], ["2m", /unexpected "m"/], ["mg/dL ", /unexpected " "/], ["µg", /unexpected/], ["m100", /beyond/], ["1234567890123456", /15 digits/],
  ["m".padEnd(300, ".m"), /at most 200/], ["(".repeat(20) + "m" + ")".repeat(20), /nested brackets/], ["[toString]", /not known/], ["constructor", /not known/],
];
for (const [code, says] of broken)
  test(`refused: "${code.slice(0, 30)}"`, () => {
    const unit = parseUnit(code);
    assert.ok(!unit.ok);
    assert.match(unit.failure.text, says);
  });

test("a product beyond the exponents there are is refused: its canonical unit could not be read", () => {
  const unit = parseUnit("L40/m2");
  assert.ok(!unit.ok && /m to the power of 118/.test(unit.failure.text), JSON.stringify(unit));
  assert.ok(parseUnit("L33").ok);
});

test("a text of megabytes is no unit, at once", () => {
  const started = cpuSeconds();
  assert.equal(unitFromText(`mg${" ".repeat(3_000_000)}dL`), undefined);
  assert.ok(cpuSeconds() - started < 1);
});

test("property: any text gets an answer", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[mgLk/.(){}[\]0-9*-]{0,30}$/)), text => {
    parseUnit(text);
    const code = unitFromText(text);
    assert.ok(code === undefined || parseUnit(code).ok);
  }), { numRuns: 3000 });
});

const written: [text: string, code: string | undefined][] = [
  ["mmHg", "mm[Hg]"], ["mm Hg", "mm[Hg]"], ["bpm", "{beats}/min"], ["beats/minute", "{beats}/min"], ["kg/m²", "kg/m2"], ["kg/m^2", "kg/m2"], ["°C", "Cel"], ["deg F", "[degF]"], ["x10^9/L", "10*9/L"], ["x10(9)/L", "10*9/L"], ["10e3/uL", "10*3/uL"], ["K/uL", "10*3/uL"],
  ["mcg/mL", "ug/mL"], ["µg/dL", "ug/dL"], ["mL/min/1.73 m²", "mL/min/{1.73_m2}"], ["mL/min per 1.73 m2", "mL/min/{1.73_m2}"], ["IU/L", "[IU]/L"], ["mIU/L", "m[IU]/L"], ["mEq/L", "meq/L"], ["years", "a"], ["lbs", "[lb_av]"], ["inches", "[in_i]"], ["mg per day", "mg/d"], ["per minute", "/min"],
  ["MG/DL", "mg/dL"], ["MMOL/L", "mmol/L"], ["steps/day", "{steps}/d"], ["mm/hr", "mm/h"], ["cc", "mL"], ["cmH2O", "cm[H2O]"], ["mg/dL", "mg/dL"], ["mmol / L", "mmol/L"], ["%", "%"], ["{score}", "{score}"],
  ["F", undefined], ["C", undefined], ["foo", undefined], ["", undefined], ["   ", undefined],
];
for (const [text, code] of written) test(`written "${text}" is ${code}`, () => assert.equal(unitFromText(text), code));
