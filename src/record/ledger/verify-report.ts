/** What a verification of the record says, while it runs and at its end: types only, for the screens too. */

/** What is wrong, as a code with its parameters: the screens word it (web/src/texts/faults-*.ts). */
export type Fault =
  | { code: "checkpoint-unreadable" } | { code: "checkpoint-ahead"; said: number; found: number } | { code: "checkpoint-empty" } | { code: "checkpoint-rewritten"; size: number }
  | { code: "leaves-missing"; said: number; found: number } | { code: "leaf-missing"; index: number } | { code: "leaf-changed"; index: number } | { code: "leaf-emptied"; index: number } | { code: "purge-differs" } | { code: "tile-missing"; index: number } | { code: "root-differs" }
  | { code: "version-unlogged" } | { code: "version-changed" } | { code: "version-kind" } | { code: "version-not-json" } | { code: "versions-missing"; version: number; found: number } | { code: "version-removed" }
  | { code: "index-orphans"; table: string; count: number } | { code: "index-key" } | { code: "index-persons" } | { code: "index-differs"; table: string; missing: number; extra: number };

/** `text`: the same in English, for the command line and programs. */
export type VerifyFault = {
  what: "leaf" | "tree" | "checkpoint" | "version" | "index"; fault: Fault;
  reference?: string; version?: string; table?: string;
  text: string;
};
export type VerifyReport = { ok: boolean; versionsChecked: number; leavesChecked: number; indexRowsChecked: number; faults: VerifyFault[]; ms: number };
export type VerifyProgress = { step: "leaves" | "versions" | "index"; done: number; total: number };
