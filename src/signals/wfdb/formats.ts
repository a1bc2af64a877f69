/**
 * WFDB signal formats as rows of one table; any other is refused in the header.
 * Source: signal(5), https://physionet.org/physiotools/wag/signal-5.htm
 * `unit` samples stand in `bytes` bytes; `invalid` is the value that stands for "no sample".
 */
export type FormatNumber = 16 | 61 | 80 | 212;

export type Format = {
  unit: number;
  bytes: number;
  invalid: number;
  /** Decodes `count` samples (a whole number of units, or the file's last) from `bytes` into `out`. */
  decode(bytes: Uint8Array, out: Int16Array, count: number): void;
};

export const formats: Record<FormatNumber, Format> = {
  16: {
    unit: 1, bytes: 2, invalid: -32768,
    decode(bytes, out, count) {
      for (let index = 0, at = 0; index < count; index++, at += 2) out[index] = bytes[at]! | (bytes[at + 1]! << 8);
    },
  },
  61: {
    unit: 1, bytes: 2, invalid: -32768,
    decode(bytes, out, count) {
      for (let index = 0, at = 0; index < count; index++, at += 2) out[index] = (bytes[at]! << 8) | bytes[at + 1]!;
    },
  },
  80: {
    unit: 1, bytes: 1, invalid: -128,
    decode(bytes, out, count) {
      for (let index = 0; index < count; index++) out[index] = bytes[index]! - 128;
    },
  },
  212: {
    unit: 2, bytes: 3, invalid: -2048,
    decode(bytes, out, count) {
      let at = 0, index = 0;
      for (; index + 1 < count; index += 2, at += 3) {
        const middle = bytes[at + 1]!;
        // Twelve bits, two's complement: shifted to the top of 16 and back, to spread the sign.
        out[index] = ((bytes[at]! | (middle << 8)) << 20) >> 20;
        out[index + 1] = ((bytes[at + 2]! | ((middle & 0xf0) << 4)) << 20) >> 20;
      }
      if (index < count) out[index] = ((bytes[at]! | (bytes[at + 1]! << 8)) << 20) >> 20;
    },
  },
};

/** Bytes that `samples` samples take from the beginning of a unit; a file may end inside a unit after its last sample. */
export function bytesFor(format: FormatNumber, samples: number): number {
  const { unit, bytes } = formats[format];
  const whole = Math.floor(samples / unit);
  return whole * bytes + (samples % unit === 0 ? 0 : bytes - 1);
}
