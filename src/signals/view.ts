/**
 * A signal thinned for a plot: least and greatest value per bucket, so that no spike is lost at any zoom.
 */
import type { Samples } from "./signal.ts";

export type Envelope = { /** Samples per bucket. */ bucket: number; least: Float32Array; greatest: Float32Array };

/** At most `buckets` buckets over samples [from, to); a bucket without any finite value holds NaN. */
export function envelope(samples: Samples, buckets: number, from = 0, to = samples.length): Envelope {
  const first = Math.max(0, Math.floor(from)), last = Math.min(samples.length, Math.floor(to));
  const bucket = Math.max(1, Math.ceil((last - first) / Math.max(1, Math.floor(buckets))));
  const count = Math.max(0, Math.ceil((last - first) / bucket));
  const least = new Float32Array(count), greatest = new Float32Array(count);
  for (let place = 0, index = first; place < count; place++) {
    const end = Math.min(last, index + bucket);
    let low = Infinity, high = -Infinity;
    for (; index < end; index++) {
      const value = samples[index]!;
      if (value - value !== 0) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    least[place] = low === Infinity ? NaN : low;
    greatest[place] = high === -Infinity ? NaN : high;
  }
  return { bucket, least, greatest };
}
