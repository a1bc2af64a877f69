/**
 * Why a request from the screens was refused: stable codes with their parameters, which the web words in the reader's
 * language (web/src/texts/reasons-*.ts, exhaustive by this type). The English `text` of a Failure says the same to
 * programs. A Failure without a reason is worded by its FailureCode.
 */
export type Reason =
  | { code: "sign-in-wrong" } | { code: "link-gone" }
  | { code: "username-form" } | { code: "username-taken"; username: string } | { code: "name-required" }
  | { code: "agent-form"; role: "patient" | "practitioner" | "administrator"; agent: string } | { code: "agent-unknown"; agent: string }
  | { code: "password-short"; min: number } | { code: "password-long"; max: number } | { code: "password-pattern" } | { code: "password-common" }
  | { code: "password-wrong" } | { code: "password-raced" }
  | { code: "account-unknown" } | { code: "account-own" } | { code: "account-none" } | { code: "administrator-only" } | { code: "practitioner-only" } | { code: "read-only" }
  | { code: "unknown"; what: string } | { code: "resource-deleted"; reference: string; when: string }
  | { code: "draft-closed"; status: string } | { code: "draft-changed"; version: number } | { code: "draft-sentences"; max: number } | { code: "sentence-long"; max: number }
  | { code: "rejection-reason" } | { code: "rejection-long"; max: number }
  | { code: "proof-pending" } | { code: "ledger-contradiction"; size: number } | { code: "reference-form" }
  | { code: "signal-unreadable"; reference: string } | { code: "method-unknown"; method: string } | { code: "input-value"; input: string };

export type ReasonCode = Reason["code"];
