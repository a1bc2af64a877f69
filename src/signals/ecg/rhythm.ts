/**
 * Rhythm from RR intervals: irregularity as in atrial fibrillation, pauses, rate. From intervals alone P waves are not
 * seen: "af-like" is a reason to look at the strip, never a diagnosis.
 *
 * Irregularity per segment of up to 128 beats, premature beats with their compensatory pauses taken out first:
 * - normalised RMSSD (RMSSD / mean RR) above 0.1, Shannon entropy of the RR histogram above 0.7 and turning points as
 *   many as in a random series (ratio 0.54 to 0.77 at 128 beats): all three, Dash S, Chon KH, Lu S, Raeder EA,
 *   Ann Biomed Eng 2009;37:1701-1709, doi:10.1007/s10439-009-9740-z.
 * - Segments under 128 beats: the normalised RMSSD must exceed 0.115, and few turning points exclude nothing (McManus DD
 *   et al., Heart Rhythm 2013;10:315-319, doi:10.1016/j.hrthm.2012.12.001, 64 beats without them); too many still do
 *   (bigeminy), beyond the 99 % interval of a random series (Kendall's moments, as cited by Dash).
 * - Coefficient of sample entropy above -1.4, made for a dozen beats and more: Lake DE, Moorman JR, Am J Physiol Heart
 *   Circ Physiol 2011;300:H319-H325, doi:10.1152/ajpheart.00561.2010.
 * Abstains under 20 usable intervals.
 */

export const leastIntervals = 20, segmentBeats = 128;
export const pauseSeconds = 3;

export type Irregularity = { intervals: number; meanSeconds: number; rmssdSeconds: number; normalizedRmssd: number; entropy: number; turningPointRatio: number; /** Coefficient of sample entropy. */ cosen: number; ectopicPairs: number; afLike: boolean };

/** Measures of one run of RR intervals in seconds; undefined under 20 intervals. */
export function irregularity(intervals: ArrayLike<number>): Irregularity | undefined {
  if (intervals.length < leastIntervals) return undefined;
  const { kept, pairs } = withoutEctopy(intervals);
  if (kept.length < leastIntervals / 2) return undefined;
  let sum = 0, squares = 0, turns = 0;
  for (let index = 0; index < kept.length; index++) {
    sum += kept[index]!;
    if (index > 0) squares += (kept[index]! - kept[index - 1]!) ** 2;
    if (index > 0 && index + 1 < kept.length) {
      const left = kept[index]! - kept[index - 1]!, right = kept[index]! - kept[index + 1]!;
      if (left * right > 0) turns++;
    }
  }
  const count = kept.length, meanSeconds = sum / count, rmssdSeconds = Math.sqrt(squares / (count - 1));
  const normalizedRmssd = rmssdSeconds / meanSeconds, entropy = shannon(kept), turningPointRatio = turns / (count - 2);
  const expected = 2 / 3, deviation = Math.sqrt((16 * count - 29) / 90) / (count - 2);
  const low = intervals.length >= segmentBeats ? 0.54 : 0, high = Math.max(0.77, expected + 2.58 * deviation);
  const least = intervals.length >= segmentBeats ? 0.1 : 0.115;
  const cosen = coefficientOfSampleEntropy(kept, meanSeconds);
  const afLike = normalizedRmssd > least && entropy > 0.7 && cosen > -1.4 && turningPointRatio > low && turningPointRatio < high;
  return { intervals: count, meanSeconds, rmssdSeconds, normalizedRmssd, entropy, turningPointRatio, cosen, ectopicPairs: pairs, afLike };
}

/** Leaves out the short and the long interval of a premature beat: RR under 0.8 of the last, then over 1.3 of it (Dash 2009). */
function withoutEctopy(intervals: ArrayLike<number>): { kept: number[]; pairs: number } {
  const kept: number[] = [];
  let pairs = 0;
  for (let index = 0; index < intervals.length; index++) {
    const before = kept.at(-1), now = intervals[index]!, next = intervals[index + 1], after = intervals[index + 2];
    if (before !== undefined && next !== undefined && after !== undefined && now / before <= 0.8 && next / now >= 1.3 && after / next <= 0.9) { pairs++; index++; continue; }
    kept.push(now);
  }
  // Where every third beat is premature, prematurity is the rhythm: nothing is taken out.
  return 3 * pairs > intervals.length ? { kept: Array.from(intervals), pairs } : { kept, pairs };
}

/** Shannon entropy of a 16-bin histogram between the extremes, outliers (1/16 at each end) left out, in units of ln 16. */
function shannon(values: number[]): number {
  const sorted = values.toSorted((left, right) => left - right), cut = Math.floor(sorted.length / 16);
  const inner = sorted.slice(cut, sorted.length - cut), least = inner[0]!, width = (inner.at(-1)! - least) / 16;
  if (!(width > 0)) return 0;
  const bins = new Float64Array(16);
  for (const value of inner) { const bin = Math.min(15, Math.floor((value - least) / width)); bins[bin] = bins[bin]! + 1; }
  let entropy = 0;
  for (const bin of bins) if (bin > 0) entropy -= (bin / inner.length) * Math.log(bin / inner.length);
  return entropy / Math.log(16);
}

/** SampEn(m = 1) with the tolerance r raised from 30 ms until five matches of length two exist, + ln 2r - ln mean (Lake 2011). */
function coefficientOfSampleEntropy(values: number[], mean: number): number {
  for (let tolerance = 0.03; tolerance < 4; tolerance *= 1.25) {
    let one = 0, two = 0;
    for (let left = 0; left + 1 < values.length; left++)
      for (let right = left + 1; right + 1 < values.length; right++) {
        if (Math.abs(values[left]! - values[right]!) > tolerance) continue;
        one++;
        if (Math.abs(values[left + 1]! - values[right + 1]!) <= tolerance) two++;
      }
    if (two >= 5) return -Math.log(two / one) + Math.log(2 * tolerance) - Math.log(mean);
  }
  return 0;
}
