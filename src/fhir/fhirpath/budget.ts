/**
 * What one evaluation may spend, so that no expression over any data runs without end or fills the memory: items
 * visited or gathered, and the length of a text or number that it builds.
 */
import { Decimal, roundDecimal } from "./decimal.ts";
import type { Context } from "./emit.ts";
import { EvaluationFault } from "./values.ts";

export const itemsMax = 10_000_000;
export const textLengthMax = 10_000_000;
const decimalsMax = 60;
const magnitudeMax = 1e60;

export function spend(context: Context, items: number): void {
  if ((context.spent += items) > itemsMax) throw new EvaluationFault(`the evaluation takes more than ${itemsMax} items`);
}

/** For a text that is yet to be built. */
export function boundedLength(length: number): void {
  if (length > textLengthMax) throw new EvaluationFault(`a text grows beyond ${textLengthMax} characters`);
}

export function boundedText(text: string): string {
  boundedLength(text.length);
  return text;
}

/** Sixty decimals are kept; sixty digits before the point are the most. */
export function boundedDecimal(value: Decimal): Decimal {
  if (Math.abs(value.n) > magnitudeMax) throw new EvaluationFault("a number grows beyond 60 digits");
  return value.scale > decimalsMax ? roundDecimal(value, decimalsMax) : value;
}
