/** One function of FHIRPath: its arguments, the type of its result, and its closure. */
import type { TypeName } from "../ast.ts";
import type { Eval, Test } from "../emit.ts";

/** The parts of a call, compiled. */
export type Call = {
  name: string;
  on: Eval;
  args: readonly Eval[];
  /** The argument of is(), as(), ofType(). */
  type?: TypeName;
  /** For sort(): which keys had a minus in front. */
  descending?: readonly boolean[];
  /** The first argument as a condition on one item. */
  test: () => Test;
};

export type FunctionDefinition = {
  /** Number of arguments. */
  min: number;
  max: number;
  /** value (default): evaluated once on the outer focus; lambda: on each item; type: a type name. */
  argument?: "value" | "lambda" | "type";
  /** True when the first argument must be a Boolean. */
  decides?: true;
  /** A minus in front of an argument turns its order instead of its sign: sort(-name). */
  signedKeys?: true;
  /** Positions that are plain values although the others are lambdas. */
  plainArguments?: readonly number[];
  /**
   * Result type: "same" as the input, that of the first "argument", of all later arguments ("branches"),
   * input and arguments "joined", "narrowed" to the type argument, "unknown", or a type's name.
   */
  result: "same" | "argument" | "branches" | "joined" | "narrowed" | "unknown" | `System.${string}` | "Extension";
  emit: (call: Call) => Eval;
};

export type FunctionTable = Readonly<Record<string, FunctionDefinition>>;
