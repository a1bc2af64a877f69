/**
 * What is known of the people: prevalence, means and event rates by age and sex, with their sources.
 * Conditions follow a liability-threshold model (Falconer DS. Ann Hum Genet 1965;29:51-76): a person has a condition
 * from the age at which the threshold Φ⁻¹(1 − prevalence(age, sex)) falls below their standard-normal liability, so
 * that prevalence by age holds by construction while risk factors shift the liability.
 */
export type Sex = "male" | "female";

/** Points (x, y) with x ascending; linear between, constant beyond. */
export type Curve = readonly (readonly [number, number])[];

export function at(curve: Curve, x: number): number {
  const first = curve[0]!, last = curve[curve.length - 1]!;
  if (x <= first[0]) return first[1];
  if (x >= last[0]) return last[1];
  for (let i = 1; i < curve.length; i++) {
    const [x1, y1] = curve[i]!;
    if (x > x1) continue;
    const [x0, y0] = curve[i - 1]!;
    return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
  }
  return last[1];
}

/** Φ⁻¹, Acklam's rational approximation, relative error < 1.2e-9 for p in (0, 1). */
export function normalQuantile(p: number): number {
  const tail = (q: number): number =>
    (((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783) /
    ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5, r = q * q;
  return ((((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.383577518672690e2) * r - 3.066479806614716e1) * r + 2.506628277459239) * q) /
    (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r - 1.328068155288572e1) * r + 1);
}

/**
 * Age structure of people registered with the institutions (not of the nation: people who use hospitals are older).
 * [from, to) in years, share.
 */
export const ageBands: readonly { from: number; to: number; share: number }[] = [
  { from: 0, to: 6, share: 0.07 }, { from: 6, to: 18, share: 0.08 }, { from: 18, to: 30, share: 0.09 },
  { from: 30, to: 45, share: 0.18 }, { from: 45, to: 55, share: 0.16 }, { from: 55, to: 65, share: 0.16 },
  { from: 65, to: 75, share: 0.15 }, { from: 75, to: 85, share: 0.08 }, { from: 85, to: 97, share: 0.03 },
];

/** Hypertension (≥ 140/90 or treated), China 2012–2015: Wang Z et al. Circulation 2018;137:2344-2356, doi:10.1161/CIRCULATIONAHA.117.032380 */
export const hypertensionPrevalence: Curve = [[15, 0.02], [21, 0.040], [30, 0.061], [40, 0.150], [50, 0.296], [60, 0.446], [70, 0.557], [80, 0.602], [95, 0.61]];

/** Diabetes: Yang W et al. N Engl J Med 2010;362:1090-1101, doi:10.1056/NEJMoa0908292 (3.2 %, 11.5 %, 20.4 % at 20–39, 40–59, ≥ 60; men 10.6, women 8.8 %). Type 1 is not modelled. */
export const diabetesPrevalence: Record<Sex, Curve> = {
  male: [[15, 0.002], [30, 0.034], [50, 0.126], [70, 0.208], [90, 0.22]],
  female: [[15, 0.002], [30, 0.027], [50, 0.104], [70, 0.205], [90, 0.22]],
};

/** Atrial fibrillation, 2014–2016: Du X et al. Heart 2021;107:535-541, doi:10.1136/heartjnl-2020-317915 (men 0.8 % at 45–54 to 5.4 % at ≥ 75; women 0.6 to 4.9 %). */
export const atrialFibrillationPrevalence: Record<Sex, Curve> = {
  male: [[25, 0.0005], [50, 0.008], [60, 0.014], [70, 0.027], [80, 0.054], [95, 0.075]],
  female: [[25, 0.0003], [50, 0.006], [60, 0.012], [70, 0.024], [80, 0.049], [95, 0.07]],
};

/** COPD by spirometry: Wang C et al. Lancet 2018;391:1706-1717, doi:10.1016/S0140-6736(18)30841-9 (13.7 % at ≥ 40; men twice women, by smoking). Here for never-smokers; see `copdSmokingRatio`. */
export const copdPrevalenceNeverSmoker: Record<Sex, Curve> = {
  male: [[30, 0.006], [45, 0.028], [55, 0.055], [65, 0.11], [75, 0.17], [90, 0.2]],
  female: [[30, 0.005], [45, 0.024], [55, 0.045], [65, 0.09], [75, 0.145], [90, 0.17]],
};
/** Prevalence ratio of people with ≥ 10 years of smoking against never-smokers; same source (odds ratio about 2 at ≥ 20 pack-years). */
export const copdSmokingRatio = 2;

/** Lifetime depressive disorder 6.8 % (women 8.0, men 5.7), 12 months 3.6 %: Lu J et al. Lancet Psychiatry 2021;8:981-990, doi:10.1016/S2215-0366(21)00251-0 */
export const depressionByAge: Record<Sex, Curve> = {
  male: [[12, 0.002], [20, 0.014], [35, 0.035], [50, 0.056], [65, 0.07], [85, 0.08]],
  female: [[12, 0.003], [20, 0.02], [35, 0.05], [50, 0.08], [65, 0.098], [85, 0.11]],
};

/** Asthma: Huang K et al. Lancet 2019;394:407-418, doi:10.1016/S0140-6736(19)31147-X (4.2 % of adults; children about 3 %). */
export const asthmaPrevalence: Curve = [[2, 0.005], [6, 0.025], [14, 0.03], [40, 0.034], [70, 0.05]];
/** Overt hypothyroidism, about 1 % (women four times men): Li Y et al. Thyroid 2020;30:568-579, doi:10.1089/thy.2019.0067 */
export const hypothyroidismPrevalence: Record<Sex, Curve> = {
  male: [[18, 0.001], [50, 0.005], [80, 0.012]],
  female: [[18, 0.006], [50, 0.018], [80, 0.03]],
};
/** Symptomatic knee osteoarthritis 8.1 % at ≥ 45, women 10.3, men 5.7: Tang X et al. Arthritis Rheumatol 2016;68:648-653, doi:10.1002/art.39465 */
export const osteoarthritisPrevalence: Record<Sex, Curve> = {
  male: [[40, 0.004], [50, 0.03], [65, 0.075], [80, 0.11]],
  female: [[40, 0.008], [50, 0.055], [65, 0.135], [80, 0.18]],
};

/** Ever daily smokers: men 57 %, women 3 % (Global Adult Tobacco Survey China 2018: current 50.5 and 2.1 %). */
export const everSmoked: Record<Sex, number> = { male: 0.57, female: 0.03 };

/** Mean adult body mass index; log-normal with sd 0.13 around it. Wang L et al. Lancet 2021;398:53-63, doi:10.1016/S0140-6736(21)00798-4 (mean 24.4 in 2018). Below 18: WHO growth reference medians, rounded. */
export const bmiMedian: Record<Sex, Curve> = {
  male: [[0, 13.4], [0.5, 17.2], [1, 16.8], [2, 16], [4, 15.4], [6, 15.4], [8, 15.9], [10, 16.7], [12, 17.7], [14, 19.1], [16, 20.6], [18, 21.6], [30, 24.2], [45, 25], [60, 24.6], [75, 23.7], [92, 22.6]],
  female: [[0, 13.3], [0.5, 16.8], [1, 16.4], [2, 15.7], [4, 15.3], [6, 15.3], [8, 15.8], [10, 16.8], [12, 18.1], [14, 19.6], [16, 20.6], [18, 20.9], [30, 22.3], [45, 23.9], [60, 24.7], [75, 24.2], [92, 22.9]],
};
export const bmiLogSd = 0.13;

/** Height in cm as a share of adult height (WHO medians); adults: mean and sd of China 2020. */
export const heightShare: Record<Sex, Curve> = {
  male: [[0, 0.284], [0.5, 0.385], [1, 0.431], [2, 0.498], [3, 0.544], [4, 0.585], [5, 0.623], [6, 0.659], [8, 0.723], [10, 0.781], [12, 0.844], [14, 0.925], [16, 0.979], [18, 1]],
  female: [[0, 0.301], [0.5, 0.403], [1, 0.453], [2, 0.525], [3, 0.582], [4, 0.629], [5, 0.67], [6, 0.706], [8, 0.775], [10, 0.85], [12, 0.927], [14, 0.978], [16, 0.997], [18, 1]],
};
export const adultHeightCm: Record<Sex, { mean: number; sd: number }> = { male: { mean: 170, sd: 6 }, female: { mean: 158.5, sd: 5.5 } };

/** Systolic pressure: sd by age; the mean follows from `hypertensionPrevalence` so that the share at ≥ 140 mmHg is right. Children: Chinese reference means. */
export const systolicSd: Curve = [[0, 7], [10, 9], [18, 11], [30, 13], [50, 16], [70, 18.5], [90, 19.5]];
export const systolicChildMean: Curve = [[0, 74], [1, 87], [5, 96], [10, 104], [15, 112], [18, 117]];
export const diastolicMean: Curve = [[0, 45], [1, 52], [5, 59], [10, 65], [18, 71], [30, 76], [45, 81], [60, 80], [75, 75], [92, 71]];

/**
 * First events per person-year before risk factors. Stroke: Wang W et al. Circulation 2017;135:759-771,
 * doi:10.1161/CIRCULATIONAHA.116.025250 (247 per 100,000 at ≥ 20). Myocardial infarction and heart failure: rates of
 * that order by age; heart failure prevalence 0.57, 3.86, 7.55 % at 25–64, 65–79, ≥ 80: Wang H et al. Circ Heart Fail
 * 2021;14:e008406, doi:10.1161/CIRCHEARTFAILURE.121.008406
 * The ratios of events.ts average to about two in this population; events.ts scales for it.
 */
export const strokeRate: Curve = [[35, 0.0001], [45, 0.0005], [55, 0.0014], [65, 0.003], [75, 0.0055], [85, 0.008]];
export const infarctionRate: Record<Sex, Curve> = {
  male: [[35, 0.0001], [45, 0.0004], [55, 0.0011], [65, 0.002], [75, 0.0036], [85, 0.005]],
  female: [[45, 0.0001], [55, 0.0003], [65, 0.0009], [75, 0.0022], [85, 0.004]],
};
export const heartFailureRate: Curve = [[40, 0.0001], [55, 0.0006], [65, 0.0015], [75, 0.004], [85, 0.009]];

/** Death per year at an age: Gompertz fit to the WHO life table of China 2019 (60 years: men 1.0 %, women 0.55 %). */
export function deathRate(sex: Sex, age: number): number {
  if (age < 1) return 0.004;
  return Math.max(0.0002, (sex === "male" ? 0.01 : 0.0055) * Math.exp(0.092 * (age - 60)));
}

/** Age at which the liability first reaches the threshold, searched by quarter years; undefined if not before `until`. */
export function onsetAge(liability: number, prevalence: (age: number) => number, until: number): number | undefined {
  for (let age = 0.25; age <= until; age += 0.25) {
    if (liability >= normalQuantile(1 - Math.min(0.98, Math.max(1e-6, prevalence(age))))) return age;
  }
  return undefined;
}

/** Threshold in standard deviations at which a share `p` of people lies above. */
export function threshold(p: number): number {
  return normalQuantile(1 - Math.min(0.98, Math.max(1e-6, p)));
}
