/**
 * Check digits of SNOMED CT identifiers (Verhoeff; SNOMED CT Technical Implementation Guide, "Check-digit Computation")
 * and LOINC codes (mod 10; LOINC Users' Guide, "Calculating mod 10 check digits"). A right check digit says a code was
 * written as its publisher wrote it, never that it exists or means what it is used for.
 */

const multiply = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
] as const;
const permute = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
  [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1], [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
] as const;

/** A SNOMED CT concept identifier: 6 to 18 digits, partition "0" or "1" with item "0", Verhoeff digit last. */
export function isSnomedConceptId(id: string): boolean {
  if (!/^[1-9]\d{2,14}[01]0\d$/.test(id)) return false;
  let check = 0;
  for (let place = 0; place < id.length; place++) check = multiply[check]![permute[place % 8]![Number(id[id.length - 1 - place])]!]!;
  return check === 0;
}

/** A LOINC code (8480-6) or answer code (LA6560-2). The letters of an answer code add 8 before an odd count of digits, 5 before an even one. */
export function isLoincCode(code: string): boolean {
  const [, letters, digits, check] = /^(LA)?(\d{1,6})-(\d)$/.exec(code) ?? [];
  if (digits === undefined) return false;
  let sum = letters === undefined ? 0 : digits.length % 2 === 1 ? 8 : 5;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 2 : 1);
    sum += Math.floor(digit / 10) + (digit % 10);
  }
  return (sum + Number(check)) % 10 === 0;
}
