/**
 * A path of a view, parsed: constants put in as literals, so that they are typed like them; `%rowIndex` left as a
 * variable; any other unknown `%name` refused here, since a view's variables are all known.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { parse } from "../fhirpath/parser.ts";

export type Expression = {
  ast: Ast;
  text: string;
  /** Reads `%rowIndex`. */
  rowIndex: boolean;
  /** Depends on the digits a decimal is written with (1.0 or 1), which JSON.parse loses. */
  digits: boolean;
};

const given = new Set(["context", "resource", "rootResource", "ucum", "sct", "loinc"]);
const digitFunctions = new Set(["lowBoundary", "highBoundary", "precision"]);

class UnknownVariable extends Error {}

export function readExpression(text: string, constants: ReadonlyMap<string, Ast>): Result<Expression> {
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  const expression: Expression = { ast: parsed.value, text, rowIndex: false, digits: false };
  const defined = new Set<string>();

  function put(ast: Ast): Ast {
    switch (ast.kind) {
      case "external": {
        const constant = constants.get(ast.name);
        if (constant) return constant;
        if (ast.name === "rowIndex") expression.rowIndex = true;
        else if (!given.has(ast.name) && !defined.has(ast.name) && !ast.name.startsWith("vs-") && !ast.name.startsWith("ext-"))
          throw new UnknownVariable(`%${ast.name} is not defined; ${constants.size ? `the view's constants are ${[...constants.keys()].map((name) => `%${name}`).join(", ")}` : "the view has no constants"}`);
        return ast;
      }
      case "member": return ast.on ? { ...ast, on: put(ast.on) } : ast;
      case "call": {
        const on = ast.on && put(ast.on);
        if (digitFunctions.has(ast.name)) expression.digits = true;
        const [first] = ast.args;
        if (ast.name === "defineVariable" && first?.kind === "literal" && first.literal.type === "string") defined.add(first.literal.value);
        // The guide writes the type both ways: getReferenceKey(Patient) and getReferenceKey('Patient').
        const args: readonly Ast[] = ast.name === "getReferenceKey" && first?.kind === "literal" && first.literal.type === "string"
          ? [{ kind: "member", on: undefined, name: first.literal.value, at: first.at }]
          : ast.args.map(put);
        const call: Ast = { ...ast, on, args };
        // The suite of SQL on FHIR wants join() of nothing to be '', where FHIRPath says {}; `& ''` makes it so.
        return ast.name === "join" ? { kind: "binary", operator: "&", left: call, right: { kind: "literal", literal: { type: "string", value: "" }, at: ast.at }, at: ast.at } : call;
      }
      case "index": return { ...ast, on: put(ast.on), index: put(ast.index) };
      case "polarity": case "type": return { ...ast, operand: put(ast.operand) };
      case "binary": return { ...ast, left: put(ast.left), right: put(ast.right) };
      case "literal": case "focus": return ast;
    }
  }

  try {
    expression.ast = put(parsed.value);
    return ok(expression);
  } catch (error) {
    if (error instanceof UnknownVariable) return fail("invalid", error.message);
    throw error;
  }
}
