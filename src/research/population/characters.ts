/**
 * People at fixed places of every population, so that a demonstration has a story to tell. They live through the same
 * engine as everybody else; only their causes are decided beforehand.
 */
import type { Forced } from "./life.ts";
import type { PersonName } from "./names.ts";

export type Character = { name: PersonName; forced: Forced };

export const characters: readonly Character[] = [
  // A woman of 72: hypertension for years, kidneys at stage 3a, and atrial fibrillation that her watch saw three weeks ago. Nobody has started an anticoagulant.
  {
    name: { zhFamily: "王", zhGiven: "秀兰", enFamily: "Wang", enGiven: "Xiulan", mother: "zh" },
    forced: {
      sex: "female", ageYears: 72.4, bmi: 0.5, pressure: 0.75, diabetes: -0.6, smoker: false, egfrNow: 52, adherence: 0.62, diligent: true, alive: true, wearable: true, demoDoctor: true, anticoagulated: false, noEvents: true,
      onsetDaysAgo: { hypertension: 5200, atrialFibrillation: 22, diabetes: null, copd: null, depression: null, asthma: null, hypothyroidism: null, anaemia: null, osteoarthritis: 3400 },
    },
  },
  // A man of 64: long-standing diabetes with albuminuria, smoker with COPD, wears a watch.
  {
    name: { zhFamily: "李", zhGiven: "建国", enFamily: "Li", enGiven: "Jianguo", mother: "zh" },
    forced: {
      sex: "male", ageYears: 64.1, bmi: 1.1, pressure: 0.9, diabetes: 1.7, smoker: true, egfrNow: 63, albuminuria: 1.6, adherence: 0.5, diligent: true, alive: true, wearable: true, demoDoctor: true, noEvents: true,
      onsetDaysAgo: { hypertension: 6400, diabetes: 4700, copd: 1900, atrialFibrillation: null, depression: null, asthma: null, hypothyroidism: null, osteoarthritis: null },
    },
  },
];
