/** UCUM: codes, conversion there and back, units as people write them. */
import assert from "node:assert/strict";
import { textOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/ucum/"],
  seeds: ["mg/dL", "10*9/L", "{beats}/min", "mL/min/{1.73_m2}", "Cel", "[degF]", "kg.m2/s2", "/(m.(s2/kg))", "m[H2O]", "KiBy", "K/uL", "beats per minute", "10*-3.mol/L", "[iU]/L", "%", "mmHg"],
  words: ["k", "m", "u", "da", "Ki", "10^", "10*", "99", "-99", "(", ")", ".", "/", "{x}", "[pH]", "B[V]", "[in_i'Hg]", "°"],
  lengthMax: 256,
  giants: () => ["m.".repeat(2_000_000), "(".repeat(3_000_000), "{".repeat(3_000_000), "[".repeat(3_000_000), "x ".repeat(1_000_000), `mg${" ".repeat(3_000_000)}dL`, "10*".repeat(1_000_000), "k".repeat(3_000_000), "(((((((m99)99)99)99", "/".repeat(100), "m.".repeat(98)],
  async open() {
    const { parseUnit } = await import("#fhir/ucum/parse.ts");
    const { canonical, comparable, convert } = await import("#fhir/ucum/convert.ts");
    const { unitFromText } = await import("#fhir/ucum/text.ts");
    return (input) => {
      const code = textOf(input);
      const guessed = unitFromText(code);
      if (guessed !== undefined) assert.ok(parseUnit(guessed).ok, guessed);
      const unit = parseUnit(code);
      if (!unit.ok) { assert.match(unit.failure.text, /UCUM unit/); return; }
      const base = unit.value.canonical;
      assert.ok(comparable(code, base), `${code} and ${base}`);
      const value = canonical(2, code);
      if (!value.ok) return;
      assert.ok(Number.isFinite(value.value.value));
      const back = convert(value.value.value, base, code);
      // A logarithm loses digits, and what underflows is gone.
      if (back.ok && !unit.value.special && value.value.value !== 0 && Math.abs(value.value.value) > 1e-290) assert.ok(Math.abs(back.value - 2) < 1e-9, `${code}: 2 became ${back.value}`);
    };
  },
};
