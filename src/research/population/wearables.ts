/**
 * Daily values of a watch and a home cuff over the last months: resting heart rate, steps, sleep, home blood pressure.
 * They follow the person: pulse rises with fever and atrial fibrillation, pressure falls with treatment, steps fall
 * with age, weekend, illness. Days on which nothing was worn are missing.
 */
import type { Condition, Device, Observation } from "@medplum/fhirtypes";
import type { Chart } from "./chart.ts";
import { age, fibrillating, pulseNow, systolicNow, type Case } from "./state.ts";
import { concept, translation } from "./terms.ts";
import type { Random } from "./random.ts";
import { isoTime, weekday } from "./time.ts";

function device(chart: Chart, kind: "watch" | "cuff", en: string, zh: string, model: string): { reference: string; display: string } {
  const id = `${chart.person}-device-${kind}`;
  const resource: Device & { deviceName: unknown[] } = {
    resourceType: "Device", id, status: "active", manufacturer: "Example Devices", deviceName: [{ name: en, type: "user-friendly-name", _name: translation(zh) }], modelNumber: model,
    type: concept({ en, zh }), patient: chart.subject,
  };
  chart.add(resource);
  return { reference: `Device/${id}`, display: en };
}

export function wear(c: Case, r: Random, from: number, to: number): { watch: { reference: string; display: string } } {
  const { chart } = c;
  const watch = device(chart, "watch", "Wearable watch", "智能手表", "EW-2");
  const cuff = c.known.hypertension || r.chance(0.25) ? device(chart, "cuff", "Home blood pressure monitor", "家用血压计", "EB-1") : undefined;
  const ill: { from: number; to: number }[] = chart.resources
    .filter((x): x is Condition => x.resourceType === "Condition" && x.abatementDateTime !== undefined && x.category?.[0]?.coding?.[0]?.code === "encounter-diagnosis")
    .map((x) => ({ from: Date.parse(x.onsetDateTime!) / 86_400_000, to: Date.parse(x.abatementDateTime!) / 86_400_000 }));
  const a = age(c, to);
  const stepsHabit = Math.exp(r.normal(Math.log(8200 - Math.max(0, a - 45) * 95), 0.28)) * (c.known.copd ? 0.75 : 1) * (c.known.heartFailure ? 0.6 : 1);
  const sleepHabit = r.normal(a > 65 ? 6.5 : 7, 0.5), wearing = r.between(0.88, 0.98);
  const base: Pick<Observation, "resourceType" | "status" | "subject" | "performer" | "category"> = { resourceType: "Observation", status: "final", subject: chart.subject, performer: [chart.subject], category: chart.categories.activity };
  let drift = 0;
  for (let day = from; day <= to; day++) {
    drift = 0.9 * drift + r.normal(0, 0.8);
    const worn = r.chance(wearing), cuffed = r.chance(0.72);
    const sick = ill.some((x) => day >= x.from && day <= x.to), rest = weekday(day) === 0 || weekday(day) === 6;
    const palpitating = fibrillating(c, day);
    const noise = { rate: r.normal(0, 1.3), steps: r.normal(0, 0.24), sleep: r.normal(0, 0.6), systolic: r.normal(0, 5), diastolic: r.normal(0, 3.5), minute: r.int(45) };
    if (worn) {
      const rate = pulseNow(c, day) - 6 + drift + noise.rate + (sick ? 7 : 0) + (palpitating ? r.between(0, 7) : 0);
      chart.add<Observation>({ ...base, id: chart.nextId("w"), code: chart.measureConcepts.restingHeartRate, effectiveDateTime: isoTime(day, 405 + noise.minute), device: watch, valueQuantity: chart.quantity("restingHeartRate", rate) });
      const steps = stepsHabit * Math.exp(noise.steps) * (rest ? 0.82 : 1) * (sick ? 0.45 : 1) * (palpitating ? 0.72 : 1);
      chart.add<Observation>({ ...base, id: chart.nextId("w"), code: chart.measureConcepts.steps, effectivePeriod: { start: isoTime(day, 0), end: isoTime(day, 1439) }, device: watch, valueQuantity: chart.quantity("steps", steps) });
      const hours = Math.min(11, Math.max(2.5, sleepHabit + noise.sleep + (rest ? 0.5 : 0) - (c.known.depression ? 0.4 : 0)));
      const wake = 390 + noise.minute;
      chart.add<Observation>({ ...base, id: chart.nextId("w"), code: chart.measureConcepts.sleep, effectivePeriod: { start: isoTime(day - 1, 1440 + wake - hours * 60), end: isoTime(day, wake) }, device: watch, valueQuantity: chart.quantity("sleep", hours) });
    }
    if (cuff && cuffed) {
      // At home about 4 mmHg below the clinic.
      const systolic = Math.round(systolicNow(c, day) - 4 + drift + noise.systolic + (palpitating ? noise.rate * 2 : 0));
      const diastolic = Math.round(Math.min(systolic - 18, c.life.diastolic(day, systolic) + noise.diastolic - 1));
      chart.add<Observation>({ ...base, category: chart.categories["vital-signs"], id: chart.nextId("w"), code: chart.pressureConcept, effectiveDateTime: isoTime(day, 440 + noise.minute), device: cuff, ...chart.pressureComponents(systolic, diastolic, true) });
    }
  }
  return { watch };
}

