/**
 * Fast conditions on one element's JSON, three-valued (undefined: unknown): a path compared with a literal, exists(),
 * empty(), a Boolean element, and their `and`, `or`, `not()`. Anything else is left to #fhir/fhirpath.
 */
import { isSubtype } from "../definitions/load.ts";
import type { Ast, Literal } from "../fhirpath/ast.ts";
import { compileWalk, readPath, type Path, type Test } from "./walk.ts";

/** The steps of a path whose where() criteria are conditions of this file. */
export function pathOf(ast: Ast, type: string): Path | undefined {
  return readPath(ast, type, compileTest);
}

export function compileTest(ast: Ast, type: string): Test | undefined {
  switch (ast.kind) {
    case "binary": {
      if (ast.operator === "and" || ast.operator === "or") {
        const left = compileTest(ast.left, type);
        const right = compileTest(ast.right, type);
        return left && right && both(left, right, ast.operator === "or");
      }
      return comparison(ast, type);
    }
    case "call": {
      if (ast.name === "not" && ast.args.length === 0 && ast.on) {
        const test = compileTest(ast.on, type);
        return test && ((value) => { const known = test(value); return known === undefined ? undefined : !known; });
      }
      if ((ast.name === "exists" && ast.args.length <= 1) || (ast.name === "empty" && ast.args.length === 0)) return existence(ast, type);
      return boolean(ast, type);
    }
    case "member": case "type": return boolean(ast, type);
    default: return undefined;
  }
}

/** `decided` is what one side alone decides: true for or, false for and. */
function both(left: Test, right: Test, decided: boolean): Test {
  return (value) => {
    const a = left(value);
    if (a === decided) return decided;
    const b = right(value);
    if (b === decided) return decided;
    return a === undefined || b === undefined ? undefined : !decided;
  };
}

function existence({ name, on, args }: Extract<Ast, { kind: "call" }>, type: string): Test | undefined {
  if (!on) return undefined;
  const path = pathOf(on, type);
  if (!path) return undefined;
  const criterion = args[0] === undefined ? undefined : compileTest(args[0], path.type);
  if (args[0] !== undefined && criterion === undefined) return undefined;
  let found = false;
  const walk = compileWalk(path, (value) => found = criterion === undefined || criterion(value) === true);
  const wanted = name === "exists";
  return (value) => { found = false; walk(value); return found === wanted; };
}

/** An element of type boolean that can stand but once. */
function boolean(ast: Ast, type: string): Test | undefined {
  const path = pathOf(ast, type);
  if (!path || path.type !== "boolean" || path.many) return undefined;
  let found: boolean | undefined;
  const walk = compileWalk(path, (value) => { found = typeof value === "boolean" ? value : undefined; return true; });
  return (value) => { found = undefined; walk(value); return found; };
}

const flipped = { "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;
type Comparison = keyof typeof flipped;

function comparison({ operator, left, right }: Extract<Ast, { kind: "binary" }>, type: string): Test | undefined {
  if (!Object.hasOwn(flipped, operator)) return undefined;
  const compare = operator as Comparison;
  if (left.kind === "literal") return right.kind === "literal" ? undefined : against(pathOf(right, type), flipped[compare], left.literal);
  return right.kind === "literal" ? against(pathOf(left, type), compare, right.literal) : undefined;
}

const numbers = new Set(["integer", "positiveInt", "unsignedInt", "decimal"]);

function against(path: Path | undefined, operator: Comparison, literal: Literal): Test | undefined {
  if (!path) return undefined;
  const { type } = path;
  let wanted: string | number | boolean;
  if (literal.type === "string" && (type === "System.String" || isSubtype(type, "string") || isSubtype(type, "uri")) && (operator === "=" || operator === "!=")) wanted = literal.value;
  else if (literal.type === "boolean" && type === "boolean" && (operator === "=" || operator === "!=")) wanted = literal.value;
  // Up to 15 digits, doubles compare as the decimals they came from.
  else if (literal.type === "number" && numbers.has(type) && literal.text.length <= 15) wanted = Number(literal.text);
  else return undefined;
  // Order of several values is an error in FHIRPath; equality of several to one is false.
  if (path.many && operator !== "=" && operator !== "!=") return undefined;
  const kind = typeof wanted;
  let count = 0;
  let found: unknown;
  const walk = compileWalk(path, (value) => { found = value; return ++count > 1; });
  return (value) => {
    count = 0;
    found = undefined;
    walk(value);
    if (count === 0) return undefined;
    if (count > 1) return operator === "!=";
    if (typeof found !== kind) return undefined;
    switch (operator) {
      case "=": return found === wanted;
      case "!=": return found !== wanted;
      case "<": return (found as number) < (wanted as number);
      case "<=": return (found as number) <= (wanted as number);
      case ">": return (found as number) > (wanted as number);
      case ">=": return (found as number) >= (wanted as number);
    }
  };
}
