/**
 * NEWS2: acute illness of people of 16 years and older, 0 to 20 points.
 * Source: Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017 (chart 1, thresholds
 * and triggers: chart 2). SpO2 scale 2 only where a clinician set a target of 88-92 %.
 * All six measurements are of one day: a value older than 24 hours is not used. Not in pregnancy.
 */
import { ageOf, calculator, known, type Reading } from "#findings/calculator.ts";
import type { Bilingual, Contribution, Urgency } from "#findings/finding.ts";
import type { InputSpec } from "#findings/method.ts";
import { loinc, snomed } from "./codes.ts";
import { ageYears, systolicMmHg } from "./inputs.ts";

type Quantity = InputSpec & { kind: "quantity" };
const vital = (name: string, en: string, zh: string, unit: string, codes: Quantity["codes"], low: number, high: number): Quantity =>
  ({ name, kind: "quantity", label: { en, zh }, required: true, unit, codes, range: { low, high }, maxAgeDays: 0 });

const breaths = vital("breathsPerMin", "Respiratory rate", "呼吸频率", "/min", [...loinc("9279-1"), ...snomed("86290005")], 0, 100);
const saturation = vital("spo2Percent", "Oxygen saturation", "血氧饱和度", "%", loinc("59408-5", "2708-6"), 20, 100);
const pulse = vital("pulsePerMin", "Pulse", "脉搏", "/min", [...loinc("8867-4", "8889-8"), ...snomed("364075005", "78564009")], 0, 350);
const temperature = vital("temperatureCelsius", "Temperature", "体温", "Cel", loinc("8310-5", "8331-1", "8328-7", "8332-9", "8333-7", "76011-6"), 20, 46);
const systolic: Quantity = { ...systolicMmHg, maxAgeDays: 0 };
const scale: InputSpec = { name: "spo2Scale", kind: "choice", label: { en: "SpO₂ scale", zh: "血氧评分标准" }, required: false, options: ["1", "2"] };
const oxygen: InputSpec = { name: "supplementalOxygen", kind: "boolean", label: { en: "Supplemental oxygen", zh: "吸氧" }, required: false };
const flow: Quantity = { ...vital("oxygenLPerMin", "Oxygen flow", "氧流量", "L/min", loinc("3151-8"), 0, 100), required: false };
const awake: InputSpec = {
  name: "consciousness", kind: "observed-code", label: { en: "Consciousness (ACVPU)", zh: "意识（ACVPU）" }, required: true, codes: [...loinc("80288-4", "67775-7", "11454-6"), ...snomed("365933000", "6942003")], maxAgeDays: 0,
  answers: {
    alert: [...snomed("248234008"), ...loinc("LA9340-6")],
    confusion: [...snomed("130987000", "40917007"), ...loinc("LA6560-2")], voice: [...snomed("300202002"), ...loinc("LA17108-4")],
    pain: [...snomed("450847001"), ...loinc("LA17107-6")], unresponsive: [...snomed("422768004"), ...loinc("LA9343-0")],
  },
};
const age = { ...ageYears, required: false };

/** Points by the first band whose upper end (included) is not passed. */
type Band = readonly [upTo: number, points: number];
const bands = {
  breaths: [[8, 3], [11, 1], [20, 0], [24, 2], [Infinity, 3]],
  saturation1: [[91, 3], [93, 2], [95, 1], [Infinity, 0]],
  saturation2Air: [[83, 3], [85, 2], [87, 1], [Infinity, 0]],
  saturation2Oxygen: [[83, 3], [85, 2], [87, 1], [92, 0], [94, 1], [96, 2], [Infinity, 3]],
  systolic: [[90, 3], [100, 2], [110, 1], [219, 0], [Infinity, 3]],
  pulse: [[40, 3], [50, 1], [90, 0], [110, 1], [130, 2], [Infinity, 3]],
  temperature: [[35.0, 3], [36.0, 1], [38.0, 0], [39.0, 1], [Infinity, 2]],
} as const satisfies Record<string, readonly Band[]>;

/** The chart is printed in whole numbers (temperature in tenths): values are rounded so before they are read off it. */
export function bandPoints(kind: keyof typeof bands, value: number): number {
  const read = kind === "temperature" ? Math.round(value * 10) / 10 : Math.round(value);
  return bands[kind].find(([upTo]) => read <= upTo)![1];
}

/** RCP 2017 chart 2: the response an aggregate score calls for. */
export function newsResponse(total: number, singleThree: boolean): { urgency: Urgency; text: Bilingual } {
  if (total >= 7) return { urgency: "emergency", text: { en: "high risk, emergency assessment by a critical-care team", zh: "高危，需由重症团队紧急评估" } };
  if (total >= 5) return { urgency: "urgent", text: { en: "medium risk, urgent assessment by a clinician", zh: "中危，需由临床医生尽快评估" } };
  if (singleThree) return { urgency: "urgent", text: { en: "low-medium risk, one parameter scores 3: urgent review on the ward", zh: "低中危，单项得3分：需尽快床旁评估" } };
  return { urgency: "routine", text: { en: "low risk", zh: "低危" } };
}

export const news2 = calculator({
  id: "news2", version: "1.0.0", stage: "diagnosis",
  title: { en: "NEWS2", zh: "NEWS2 早期预警评分" },
  population: { en: "People of 16 years and older with acute illness; not in pregnancy", zh: "16岁及以上急性病患者；不适用于妊娠" },
  inputs: [breaths, saturation, scale, oxygen, flow, systolic, pulse, awake, temperature, age],
  sources: [{ citation: "Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017", url: "https://www.rcp.ac.uk/improving-care/resources/national-early-warning-score-news-2/" }],
  applicable: (facts) => (ageOf(facts, ageYears) ?? 16) >= 16 && [breaths, saturation, systolic, pulse, temperature].filter((spec) => known(facts, spec)).length >= 3,
  parts: [{
    form: "measure", needs: ["breathsPerMin", "spo2Percent", "systolicMmHg", "pulsePerMin", "consciousness", "temperatureCelsius"],
    code: { system: "https://salus.health/fhir/CodeSystem/method", code: "news2", label: { en: "NEWS2 total score", zh: "NEWS2 总分" } },
    compute(inputs) {
      if (inputs.has("ageYears") && inputs.number("ageYears") < 16)
        return { abstain: [{ kind: "outside-validity", input: "ageYears", label: age.label, text: { en: `Age ${inputs.number("ageYears")} is under 16`, zh: `年龄${inputs.number("ageYears")}岁，不足16岁` } }] };
      const onOxygen = supplemental(inputs);
      if (onOxygen === undefined)
        return { abstain: [{ kind: "missing", input: oxygen.name, label: oxygen.label, text: { en: "Whether oxygen is given is not known", zh: "是否吸氧不详" } }] };
      const two = inputs.has("spo2Scale") && inputs.choice("spo2Scale") === "2";
      const alert = inputs.choice("consciousness") === "alert";
      const read = (spec: Quantity, kind: keyof typeof bands, unit: string): Contribution => {
        const value = inputs.number(spec.name);
        return { factor: spec.name, label: spec.label, observed: `${Math.round(value * 10) / 10} ${unit}`, effect: bandPoints(kind, value), effectUnit: "points" };
      };
      const contributions: Contribution[] = [
        read(breaths, "breaths", "/min"),
        { ...read(saturation, two ? (onOxygen ? "saturation2Oxygen" : "saturation2Air") : "saturation1", "%"), rule: `scale ${two ? 2 : 1}` },
        { factor: oxygen.name, label: oxygen.label, observed: onOxygen ? "oxygen" : "air", effect: onOxygen ? 2 : 0, effectUnit: "points" },
        read(systolic, "systolic", "mmHg"), read(pulse, "pulse", "/min"),
        { factor: awake.name, label: awake.label, observed: inputs.choice("consciousness"), effect: alert ? 0 : 3, effectUnit: "points" },
        read(temperature, "temperature", "°C"),
      ];
      const total = contributions.reduce((sum, one) => sum + one.effect!, 0);
      const response = newsResponse(total, contributions.some((one) => one.effect === 3));
      return {
        value: { kind: "quantity", value: total, unit: "points", code: "{score}" }, urgency: response.urgency, contributions,
        statement: { en: `NEWS2 ${total}: ${response.text.en}.`, zh: `NEWS2 ${total}分：${response.text.zh}。` },
      };
    },
  }],
});

function supplemental(inputs: Reading): boolean | undefined {
  if (inputs.has(oxygen.name)) return inputs.flag(oxygen.name);
  return inputs.has(flow.name) ? inputs.number(flow.name) > 0 : undefined;
}
