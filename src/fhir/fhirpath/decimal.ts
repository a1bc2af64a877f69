/**
 * Exact decimals for FHIRPath (System.Decimal): coefficient × 10^-scale. `scale` keeps stated precision,
 * so `1.50` prints and bounds as written while it equals `1.5`. Up to 15 digits `n` alone decides comparisons.
 */

/** Most digits kept after the point by a division. */
const divisionScale = 20;
const exactDigits = 15;

export class Decimal {
  readonly coefficient: bigint;
  readonly scale: number;
  readonly n: number;

  constructor(coefficient: bigint, scale: number, n?: number) {
    this.coefficient = coefficient;
    this.scale = scale;
    this.n = n ?? Number(decimalText(coefficient, scale));
  }

  toString(): string {
    return decimalText(this.coefficient, this.scale);
  }
}

const pattern = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads "1.50", "-3", "1e-7"; undefined when the text is no decimal. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, whole, part = "", exponent] = match;
  let coefficient = BigInt(whole! + part);
  let scale = part.length - (exponent ? Number(exponent) : 0);
  if (Math.abs(scale) > 400) return undefined;
  if (scale < 0) { coefficient *= 10n ** BigInt(-scale); scale = 0; }
  return new Decimal(sign === "-" ? -coefficient : coefficient, scale);
}

/** From a JSON number, by its shortest decimal form. */
export function decimalOf(n: number): Decimal {
  if (Number.isSafeInteger(n)) return new Decimal(BigInt(n), 0, n);
  return parseDecimal(String(n)) ?? new Decimal(0n, 0, 0);
}

function decimalText(coefficient: bigint, scale: number): string {
  if (scale === 0) return coefficient.toString();
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient).toString().padStart(scale + 1, "0");
  return `${negative ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function align(a: Decimal, b: Decimal): { a: bigint; b: bigint; scale: number } {
  const scale = Math.max(a.scale, b.scale);
  return { a: a.coefficient * 10n ** BigInt(scale - a.scale), b: b.coefficient * 10n ** BigInt(scale - b.scale), scale };
}

/** -1, 0 or 1. */
export function compareDecimal(a: Decimal, b: Decimal): number {
  if (a.scale <= exactDigits && b.scale <= exactDigits && Math.abs(a.n) < 1e6 && Math.abs(b.n) < 1e6 && a.scale + b.scale <= 16) {
    return a.n < b.n ? -1 : a.n > b.n ? 1 : 0;
  }
  const x = align(a, b);
  return x.a < x.b ? -1 : x.a > x.b ? 1 : 0;
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const x = align(a, b);
  return new Decimal(x.a + x.b, x.scale);
}

export function subtractDecimal(a: Decimal, b: Decimal): Decimal {
  const x = align(a, b);
  return new Decimal(x.a - x.b, x.scale);
}

export function multiplyDecimal(a: Decimal, b: Decimal): Decimal {
  return new Decimal(a.coefficient * b.coefficient, a.scale + b.scale);
}

/** Undefined on division by zero. Rounded half away from zero at 20 decimals, trailing zeros dropped. */
export function divideDecimal(a: Decimal, b: Decimal): Decimal | undefined {
  if (b.coefficient === 0n) return undefined;
  const x = align(a, b);
  return trimZeros(new Decimal(roundedQuotient(x.a * 10n ** BigInt(divisionScale), x.b), divisionScale));
}

/** Integer part of the quotient, truncated towards zero; undefined on division by zero. */
export function truncatedQuotient(a: Decimal, b: Decimal): bigint | undefined {
  if (b.coefficient === 0n) return undefined;
  const x = align(a, b);
  return x.a / x.b;
}

/** Remainder with the sign of `a`; undefined on division by zero. */
export function remainder(a: Decimal, b: Decimal): Decimal | undefined {
  if (b.coefficient === 0n) return undefined;
  const x = align(a, b);
  return new Decimal(x.a % x.b, x.scale);
}

/** To `scale` decimals, half away from zero. */
export function roundDecimal(a: Decimal, scale: number): Decimal {
  if (a.scale <= scale) return a;
  return new Decimal(roundedQuotient(a.coefficient, 10n ** BigInt(a.scale - scale)), scale);
}

/** Equal when both are rounded to the decimals of the less precise one. */
export function sameRounded(a: Decimal, b: Decimal): boolean {
  const scale = Math.min(a.scale, b.scale);
  return compareDecimal(roundDecimal(a, scale), roundDecimal(b, scale)) === 0;
}

export function trimZeros(a: Decimal): Decimal {
  let { coefficient, scale } = a;
  while (scale > 0 && coefficient % 10n === 0n) { coefficient /= 10n; scale -= 1; }
  return scale === a.scale ? a : new Decimal(coefficient, scale);
}

function roundedQuotient(a: bigint, b: bigint): bigint {
  const negative = (a < 0n) !== (b < 0n);
  const x = a < 0n ? -a : a;
  const y = b < 0n ? -b : b;
  const quotient = (2n * x + y) / (2n * y);
  return negative ? -quotient : quotient;
}
