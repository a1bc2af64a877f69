/**
 * Rhythm and heart rate of an ECG recording, from one lead. Per recording two Findings: rhythm (LOINC 8884-9) and heart
 * rate (LOINC 8867-4). Reads intervals, not P waves or ischaemia: it says when a person should look, and why.
 *
 * Urgency: pause over 3 s → urgent (ACC/AHA/HRS 2018, doi:10.1161/CIR.0000000000000628); rate ≤ 40 or ≥ 131 → urgent
 * (a red single score of NEWS2, RCP 2017); AF-like → soon, over 110/min urgent (lenient rate control, ESC 2024,
 * doi:10.1093/eurheartj/ehae176); otherwise irregular, or rate under 50 or over 100 → soon.
 */
import type { Contribution, Evidence, Finding, Limit, Urgency } from "#findings/finding.ts";
import type { Facts, Method } from "#findings/method.ts";
import { analyzeEcg, type EcgAnalysis } from "../ecg/analyze.ts";
import { ecgStudy, isEcg } from "../ecg/observation.ts";
import { leastIntervals } from "../ecg/rhythm.ts";
import { timeAt, type Signal } from "../signal.ts";
import { recordings, type Recording } from "./recordings.ts";
import { rhythmLabels, rhythmStatement } from "./ecg-wording.ts";

const method = { id: "ecg-rhythm", version: "1.0.0", title: { en: "ECG rhythm", zh: "心电节律" } };
const rhythmSystem = "urn:salus:ecg-rhythm";
const leastUsable = 0.5, shortSeconds = 30;

export const ecgRhythm: Method = {
  ...method,
  stage: "diagnosis",
  population: { en: "Anyone with an ECG of at least one lead; not validated under one year of age.", zh: "任何有至少一导联心电记录者；未在一岁以下验证。" },
  inputs: [{ name: "ecg", label: { en: "ECG recording", zh: "心电记录" }, required: true, kind: "observed-code", codes: [ecgStudy], answers: {} }],
  sources: [
    { citation: "Pan J, Tompkins WJ. A real-time QRS detection algorithm. IEEE Trans Biomed Eng 1985;32:230-236", doi: "10.1109/TBME.1985.325532" },
    { citation: "Dash S, et al. Automatic real time detection of atrial fibrillation. Ann Biomed Eng 2009;37:1701-1709", doi: "10.1007/s10439-009-9740-z" },
    { citation: "Lake DE, Moorman JR. Accurate estimation of entropy in very short physiological time series. Am J Physiol Heart Circ Physiol 2011;300:H319-H325", doi: "10.1152/ajpheart.00561.2010" },
    { citation: "2018 ACC/AHA/HRS guideline on bradycardia and cardiac conduction delay", doi: "10.1161/CIR.0000000000000628" },
    { citation: "2024 ESC guidelines for the management of atrial fibrillation", doi: "10.1093/eurheartj/ehae176" },
    { citation: "Royal College of Physicians. National Early Warning Score (NEWS) 2. London, 2017" },
  ],
  applicable: (facts) => facts.resources.some(isEcg),
  run: (facts) => recordings(facts).flatMap((recording) => read(facts, recording)),
};

function read(facts: Facts, recording: Recording): Finding[] {
  const reference = `Observation/${recording.observation.id ?? "unidentified"}`;
  const { best, signal, path } = pick(recording);
  const limits: Limit[] = [], evidence = evidenceOf(recording, reference, path, best, signal);
  const common = { method, subject: facts.subject, stage: "diagnosis" as const, evidence, limits };
  if (!best || !signal) {
    const why = recording.failure ?? "no lead";
    limits.push({ kind: "missing", input: "ecg", label: ecgLabel, text: { en: `The samples cannot be read: ${why}`, zh: `无法读取采样数据：${why}` } });
    return [abstained(common, reference, { en: "The ECG cannot be read.", zh: "无法读取该心电记录。" })];
  }
  const effective = timeAt(signal, signal.samples.length - 1);
  limits.push(...limitsOf(best));
  if (best.heartRate === undefined || best.usableSeconds < leastUsable * Math.min(10, best.seconds))
    return [abstained({ ...common, ...(effective ? { effective } : {}) }, reference, { en: `ECG of ${duration(best.seconds, "en")} cannot be judged: too little of it is usable.`, zh: `${duration(best.seconds, "zh")}心电记录可用部分太少，无法判读。` })];
  const urgency = urgencyOf(best);
  const shared = { ...common, outcome: "computed" as const, contributions: contributionsOf(best), ...(effective ? { effective } : {}) };
  const rate: Finding = {
    ...shared, code: { system: "http://loinc.org", code: "8867-4", display: "Heart rate", label: { en: "Heart rate (ECG)", zh: "心率（心电）" } }, part: `heart-rate:${reference}`,
    value: { kind: "quantity", value: Math.round(best.heartRate), unit: "/min", code: "/min" }, urgency: rateUrgency(best.heartRate),
    statement: { en: `Mean heart rate ${Math.round(best.heartRate)}/min over ${duration(best.usableSeconds, "en")} of ECG.`, zh: `${duration(best.usableSeconds, "zh")}心电平均心率 ${Math.round(best.heartRate)} 次/分。` },
    contributions: shared.contributions.filter(({ factor }) => factor === "heart-rate" || factor === "beats"),
  };
  const undetermined = best.rhythm === "undetermined" && best.pauses.length === 0;
  const rhythm: Finding = {
    ...shared, outcome: undetermined ? "abstained" : "computed", code: rhythmCode, part: `rhythm:${reference}`, urgency: undetermined ? rateUrgency(best.heartRate) : urgency,
    statement: rhythmStatement(best),
  };
  if (!undetermined) rhythm.value = { kind: "coded", coding: { system: rhythmSystem, code: best.rhythm, display: rhythmLabels[best.rhythm].en }, label: rhythmLabels[best.rhythm] };
  return [rhythm, rate];
}

const ecgLabel = { en: "ECG recording", zh: "心电记录" };
export const rhythmCode = { system: "http://loinc.org", code: "8884-9", display: "Heart rate rhythm", label: { en: "Heart rhythm (ECG)", zh: "心律（心电）" } };

function abstained(common: Pick<Finding, "method" | "subject" | "stage" | "evidence" | "limits" | "effective">, reference: string, statement: Finding["statement"]): Finding {
  return { ...common, outcome: "abstained", code: rhythmCode, part: `rhythm:${reference}`, urgency: "routine", statement, contributions: [] };
}

/** The preferred lead, unless another has clearly more usable signal. */
function pick(recording: Recording): { best?: EcgAnalysis; signal?: Signal; path?: string } {
  let chosen: { best: EcgAnalysis; signal: Signal; path: string } | undefined;
  for (const { signal, path } of recording.leads) {
    if (signal.rateHz < 60 || signal.rateHz > 20_000) continue;
    const best = analyzeEcg(signal);
    if (!chosen || best.usableSeconds > 1.2 * chosen.best.usableSeconds) chosen = { best, signal, path };
    if (chosen.best.usableSeconds > 0.9 * chosen.best.seconds) break;
  }
  return chosen ?? {};
}

function rateUrgency(rate: number): Urgency {
  return rate <= 40 || rate >= 131 ? "urgent" : rate < 50 || rate > 100 ? "soon" : "routine";
}

function urgencyOf(analysis: EcgAnalysis): Urgency {
  const rate = rateUrgency(analysis.heartRate!);
  if (rate === "urgent" || analysis.pauses.length > 0 || (analysis.rhythm === "af-like" && analysis.heartRate! > 110)) return "urgent";
  return rate === "soon" || analysis.rhythm === "af-like" || analysis.rhythm === "irregular" ? "soon" : "routine";
}

function contributionsOf(analysis: EcgAnalysis): Contribution[] {
  const contributions: Contribution[] = [
    { factor: "heart-rate", label: { en: "Heart rate", zh: "心率" }, observed: `${analysis.heartRate!.toFixed(0)}/min`, rule: "50–100/min", effect: Number(analysis.heartRate!.toFixed(1)), effectUnit: "bpm" },
    { factor: "beats", label: { en: "Beats found", zh: "检出心搏数" }, observed: String(analysis.beats.length) },
  ];
  const longest = analysis.pauses.reduce((most, { seconds }) => Math.max(most, seconds), 0);
  if (longest > 0) contributions.push({ factor: "pause", label: { en: "Longest pause", zh: "最长停搏" }, observed: `${longest.toFixed(1)} s, ${analysis.pauses.length} in all`, rule: "> 3 s", effect: Number(longest.toFixed(2)), effectUnit: "s" });
  const measures = analysis.measures;
  if (!measures) return contributions;
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  contributions.push(
    { factor: "rmssd", label: { en: "Beat-to-beat change (RMSSD / mean RR)", zh: "逐搏变化（RMSSD/平均RR）" }, observed: percent(measures.normalizedRmssd), rule: measures.intervals >= 128 ? "> 10 %" : "> 11.5 %" },
    { factor: "entropy", label: { en: "Spread of RR intervals (Shannon entropy)", zh: "RR间期分散度（香农熵）" }, observed: measures.entropy.toFixed(2), rule: "> 0.70" },
    { factor: "sample-entropy", label: { en: "Disorder (coefficient of sample entropy)", zh: "无序度（样本熵系数）" }, observed: measures.cosen.toFixed(2), rule: "> −1.40" },
    { factor: "turning-points", label: { en: "Turning points", zh: "转折点比例" }, observed: measures.turningPointRatio.toFixed(2), rule: "0.54–0.77" },
  );
  if (measures.ectopicPairs > 0) contributions.push({ factor: "premature-beats", label: { en: "Premature beats left out", zh: "剔除的早搏" }, observed: String(measures.ectopicPairs) });
  return contributions;
}

function limitsOf(analysis: EcgAnalysis): Limit[] {
  const limits: Limit[] = [];
  const unusable = analysis.seconds - analysis.usableSeconds;
  const say = (kind: "quality" | "outside-validity", en: string, zh: string): void => { limits.push({ kind, input: "ecg", label: ecgLabel, text: { en, zh } }); };
  if (analysis.seconds < shortSeconds) say("outside-validity", `The strip lasts ${Math.round(analysis.seconds)} s; atrial fibrillation is named from 30 s on.`, `记录仅 ${Math.round(analysis.seconds)} 秒；房颤判定需 30 秒以上。`);
  if (unusable > 0.05 * analysis.seconds) {
    const parts = (["noisy", "saturated", "flat", "absent"] as const).filter((name) => analysis.quality[name] > 0);
    const zh = { noisy: "噪声", saturated: "饱和", flat: "平直", absent: "缺失", good: "良好" };
    say("quality", `${duration(unusable, "en")} of ${duration(analysis.seconds, "en")} left out (${parts.join(", ")}).`, `${duration(analysis.seconds, "zh")}中有${duration(unusable, "zh")}未采用（${parts.map((name) => zh[name]).join("、")}）。`);
  }
  if (analysis.rhythm === "undetermined") say("quality", `Fewer than ${leastIntervals} usable RR intervals in a row; rhythm is not judged.`, `连续可用 RR 间期不足 ${leastIntervals} 个，未判定节律。`);
  return limits;
}

function evidenceOf(recording: Recording, reference: string, path: string | undefined, best: EcgAnalysis | undefined, signal: Signal | undefined): Evidence[] {
  const cite = (resource: Recording["observation"], where: string, value: string): Evidence => {
    const evidence: Evidence = { kind: "resource", reference: `Observation/${resource.id ?? "unidentified"}`, path: where, value, label: ecgLabel };
    if (resource.meta?.versionId !== undefined) evidence.version = resource.meta.versionId;
    if (signal?.start !== undefined) evidence.at = signal.start;
    return evidence;
  };
  const value = signal && best ? `${signal.lead ?? "ECG"}, ${signal.rateHz} Hz, ${duration(best.seconds, "en")}` : "";
  if (recording.sources.length === 1) return [cite(recording.sources[0]!, path ?? "Observation", value)];
  return [cite(recording.observation, "Observation.hasMember", `${value}, ${recording.sources.length} segments of ${reference}`)];
}

function duration(seconds: number, language: "en" | "zh"): string {
  const [amount, en, zh] = seconds < 120 ? [seconds.toFixed(0), "s", "秒"] : seconds < 7200 ? [(seconds / 60).toFixed(0), "min", "分钟"] : [(seconds / 3600).toFixed(1), "h", "小时"];
  return language === "en" ? `${amount} ${en}` : `${amount} ${zh}`;
}
