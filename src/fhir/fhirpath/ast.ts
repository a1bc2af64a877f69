/** Syntax tree of FHIRPath. `at` is the offset of the node's first (or operator) token, for messages. */

export type BinaryOperator =
  | "*" | "/" | "div" | "mod" | "+" | "-" | "&" | "|"
  | "<" | "<=" | ">" | ">=" | "=" | "!=" | "~" | "!~"
  | "in" | "contains" | "and" | "or" | "xor" | "implies";

/** `System.Integer`, `FHIR.Patient`, `Quantity`. */
export type TypeName = { namespace?: string; name: string };

export type Literal =
  | { type: "empty" }
  | { type: "boolean"; value: boolean }
  | { type: "string"; value: string }
  | { type: "number"; text: string }
  | { type: "date" | "dateTime" | "time"; text: string }
  /** `unit` is UCUM, or a calendar word such as `year` when `calendar` is true. */
  | { type: "quantity"; text: string; unit: string; calendar: boolean };

export type Ast =
  | { kind: "literal"; literal: Literal; at: number }
  | { kind: "focus"; name: "$this" | "$index" | "$total"; at: number }
  | { kind: "external"; name: string; at: number }
  /** `name` applied to `on`; `on` undefined: to the focus (a type name may stand there). */
  | { kind: "member"; on: Ast | undefined; name: string; at: number }
  | { kind: "call"; on: Ast | undefined; name: string; args: readonly Ast[]; at: number }
  | { kind: "index"; on: Ast; index: Ast; at: number }
  | { kind: "polarity"; negative: boolean; operand: Ast; at: number }
  | { kind: "binary"; operator: BinaryOperator; left: Ast; right: Ast; at: number }
  | { kind: "type"; operator: "is" | "as"; operand: Ast; type: TypeName; at: number };
