/** Words for a rhythm, in the two languages of the screens. */
import type { Bilingual } from "#findings/finding.ts";
import type { EcgAnalysis, RhythmClass } from "../ecg/analyze.ts";

export const rhythmLabels: Readonly<Record<RhythmClass, Bilingual>> = {
  "regular": { en: "Regular", zh: "节律规整" },
  "irregular": { en: "Irregular, not as in atrial fibrillation", zh: "节律不齐，不似房颤" },
  "af-like": { en: "Irregular as in atrial fibrillation", zh: "绝对不齐，疑似房颤" },
  "undetermined": { en: "Not determined", zh: "未能判定" },
};

export const rateLabels: Readonly<Record<EcgAnalysis["rate"], Bilingual>> = {
  bradycardia: { en: "slow", zh: "偏慢" }, normal: { en: "normal rate", zh: "心率正常" }, tachycardia: { en: "fast", zh: "偏快" },
  undetermined: { en: "rate unknown", zh: "心率不明" },
};

/** The sentence a colleague would say. */
export function rhythmStatement(analysis: EcgAnalysis): Bilingual {
  const rate = Math.round(analysis.heartRate ?? 0), en: string[] = [], zh: string[] = [];
  switch (analysis.rhythm) {
    case "regular": en.push(`Regular rhythm at ${rate}/min`); zh.push(`节律规整，${rate} 次/分`); break;
    case "irregular": en.push(`Irregular rhythm at ${rate}/min, more like premature beats or sinus arrhythmia than atrial fibrillation`); zh.push(`节律不齐，${rate} 次/分，更像早搏或窦性心律不齐而非房颤`); break;
    case "af-like": en.push(`Irregularly irregular rhythm at ${rate}/min, as in atrial fibrillation; confirm on the strip`); zh.push(`绝对不齐，${rate} 次/分，疑似房颤，请看图确认`); break;
    case "undetermined":
      en.push(`Rhythm not determined${rate > 0 ? `; rate ${rate}/min` : "; no heart rate"}`);
      zh.push(`节律未能判定${rate > 0 ? `；心率 ${rate} 次/分` : "；无心率"}`);
      break;
  }
  if (analysis.rate === "bradycardia") { en.push("bradycardia"); zh.push("心动过缓"); }
  if (analysis.rate === "tachycardia") { en.push("tachycardia"); zh.push("心动过速"); }
  const pauses = analysis.pauses.length;
  if (pauses > 0) {
    const longest = Math.max(...analysis.pauses.map(({ seconds }) => seconds)).toFixed(1);
    en.push(pauses === 1 ? `one pause of ${longest} s` : `${pauses} pauses, the longest ${longest} s`);
    zh.push(`停搏 ${pauses} 次，最长 ${longest} 秒`);
  }
  return { en: `${en.join("; ")}.`, zh: `${zh.join("；")}。` };
}
