/** What goes between the process's own thread and those that write for it: plain data, which is copied. */
import type { Result } from "#platform/result.ts";
import type { BundleOptions, Caller, ImportOutcome } from "../record.ts";

/** Of a Bundle's options those that are no functions: a thread answers no entry that reads. */
export type WritingOptions = Pick<BundleOptions, "source" | "returns" | "base" | "bases">;

export type Task =
  | { kind: "transaction"; caller: Caller; text: string; options: WritingOptions }
  /** `text`: all of them, one after the other; see import/stream.ts. Before it writes the thread tells the keys, and is told to go on. */
  | { kind: "batch"; caller: Caller; text: string; lengths: readonly number[]; places: readonly string[]; names: ReadonlyMap<string, string> };
type Answers = {
  /** "declined": the Bundle holds what a thread does not do; nothing was written. */
  transaction: Result<string> | "declined";
  batch: ImportOutcome[];
};
export type AnswerTo<T extends Task> = Answers[T["kind"]];
export type Answer = AnswerTo<Task>;

export type ToThread = { kind: "task"; number: number; task: Task } | { kind: "go"; number: number } | { kind: "close" };
/** `definitions`: a transaction was written, with or without SearchParameters. `fault`: of what nobody expects, such as a lost database. */
export type FromThread =
  | { kind: "ready" }
  | { kind: "written"; definitions: boolean }
  | { kind: "keys"; number: number; keys: readonly string[] }
  | { kind: "answer"; number: number; answer: Answer }
  | { kind: "fault"; number: number; message: string };
