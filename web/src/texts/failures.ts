/** What the screens say of a refusal or of a fault in the ledger: one wording for each code, in each language, or it does not compile. */
import type { Reason } from "#platform/reason.ts";
import type { FailureCode } from "#platform/result.ts";
import type { Fault } from "#record/ledger/verify-report.ts";

type Words<U extends { code: string }> = { [C in U["code"]]: (of: Extract<U, { code: C }>) => string };
export type FailureTexts = { reasons: Words<Reason>; codes: Record<FailureCode, string>; faults: Words<Fault>; /** before what only programs say, in English */ original: string };

/** undefined: a code that this build of the screens does not know. */
export function worded<U extends { code: string }>(words: Words<U>, one: U): string | undefined {
  const word = (words as unknown as Record<string, ((of: U) => string) | undefined>)[one.code];
  return word?.(one);
}
