/** UCUM quantities in base units, for comparing unlike units of one kind. */
import { canonical } from "../ucum/convert.ts";

/** [low, high] of a UCUM unit in base units, ±Infinity kept; undefined when the unit or a value is none. */
export function canonicalRange(low: number, high: number, code: string): { low: number; high: number; unit: string } | undefined {
  const from = Number.isFinite(low) ? canonical(low, code) : undefined;
  const to = low === high ? from : Number.isFinite(high) ? canonical(high, code) : undefined;
  if (from?.ok === false || to?.ok === false) return undefined;
  const unit = from?.value.unit ?? to?.value.unit;
  return unit === undefined ? undefined : { low: from?.value.value ?? -Infinity, high: to?.value.value ?? Infinity, unit };
}
