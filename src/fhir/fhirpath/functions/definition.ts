/** One function of FHIRPath: its arguments, the type of its result, and its closure. */
import type { TypeName } from "../ast.ts";
import type { Eval, Projection, Test } from "../emit.ts";

/** The parts of a call, compiled. */
export type Call = {
  /** As messages call it: "substring()". */
  name: string;
  on: Eval;
  args: readonly Eval[];
  /** The argument of is(), as(), ofType(). */
  type?: TypeName;
  /** For sort(): which keys had a minus in front. */
  descending?: readonly boolean[];
  /** The place of the variable that defineVariable() sets. */
  slot?: number;
  /** The first argument as a condition on one item. */
  test: () => Test;
  /** The first argument as what it finds on one item. */
  project: () => Projection;
};

/** Kinds of values that can stand for each other in operators; `object` is any element with members. */
export type Family = "boolean" | "string" | "number" | "date" | "time" | "quantity" | "object";

export type FunctionDefinition = {
  /** Number of arguments. */
  min: number;
  max: number;
  /** value (default): evaluated once on the outer focus; lambda: on each item; type: a type name. */
  argument?: "value" | "lambda" | "type";
  /** Families of the input that can give anything; strict mode refuses others. Undefined: any. */
  input?: readonly Family[];
  /** True when the first argument must be a Boolean. */
  decides?: true;
  /** True when the first argument names a variable for what follows. */
  defines?: true;
  /** A minus in front of an argument turns its order instead of its sign: sort(-name). */
  signedKeys?: true;
  /** True when it asks where elements were found: originOf(). */
  origins?: true;
  /** Positions that are plain values although the others are lambdas. */
  plainArguments?: readonly number[];
  /**
   * Result type: "same" as the input, that of the first "argument", of all later arguments ("branches") or of all
   * ("branches-all"), input and arguments "joined", "narrowed" to the type argument, the input's with Integers as
   * Decimals ("boundary"), "unknown", or a type's name.
   */
  result: "same" | "argument" | "branches" | "branches-all" | "boundary" | "joined" | "narrowed" | "unknown" | `System.${string}` | "Extension" | "ElementDefinition";
  emit: (call: Call) => Eval;
};

export type FunctionTable = Readonly<Record<string, FunctionDefinition>>;
