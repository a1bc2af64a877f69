/**
 * What strict mode refuses beyond what the model forbids: operands that can never fit, types that can never be,
 * order asked of what has none, variables nobody declared. Each message names the place, what is expected and what stands there.
 */
import { isSubtype, typeDefinition } from "../definitions/load.ts";
import type { BinaryOperator, TypeName } from "./ast.ts";
import type { Family, FunctionDefinition } from "./functions/definition.ts";
import type { Plan, Static } from "./plan.ts";
import { isPrimitive } from "./values.ts";

/** A fault of the text; `at` is its offset. */
export class SemanticFault extends Error {
  readonly at: number;
  constructor(at: number, text: string) {
    super(text);
    this.at = at;
  }
}

const systemFamilies: Readonly<Record<string, Family>> = {
  "System.Boolean": "boolean", "System.String": "string", "System.Integer": "number", "System.Decimal": "number",
  "System.Date": "date", "System.DateTime": "date", "System.Time": "time", "System.Quantity": "quantity",
};
const fhirFamilies: Readonly<Record<string, Family>> = {
  boolean: "boolean", integer: "number", unsignedInt: "number", positiveInt: "number", decimal: "number",
  date: "date", dateTime: "date", instant: "date", time: "time",
};

/** Undefined: anything. */
function familyOf(type: string): Family | undefined {
  if (Object.hasOwn(systemFamilies, type)) return systemFamilies[type];
  if (Object.hasOwn(fhirFamilies, type)) return fhirFamilies[type];
  if (isPrimitive(type)) return "string";
  if (type === "Quantity" || isSubtype(type, "Quantity")) return "quantity";
  return type === "Any" || type === "Resource" || type === "DomainResource" || type === "Element" || typeDefinition(type) === undefined ? undefined : "object";
}

/** Families the items can have; undefined where anything can come, or nothing does. */
function families(types: Static): ReadonlySet<Family> | undefined {
  if (types === undefined || types.length === 0) return undefined;
  const found = new Set<Family>();
  for (const type of types) {
    const family = familyOf(type);
    if (family === undefined) return undefined;
    found.add(family);
  }
  return found;
}

export function named(types: Static): string {
  if (types === undefined || types.length === 0) return "nothing";
  return types.length > 4 ? `${types.slice(0, 4).join(" | ")} | …` : types.join(" | ");
}

/** Whether one family may stand where another is: a number is a quantity without unit, text may spell a date. */
function fits(wanted: Family, found: Family): boolean {
  return wanted === found || (wanted === "quantity" && found === "number") || (wanted === "number" && found === "quantity");
}

export function checkInput(definition: FunctionDefinition, name: string, on: Plan, at: number): void {
  const { input } = definition;
  const found = families(on.types);
  if (!input || !found || [...found].some((family) => input.some((wanted) => wanted === family || (wanted === "quantity" && family === "number")))) return;
  throw new SemanticFault(at, `${name}() expects ${input.join(" or ")}, found ${named(on.types)}`);
}

const ordering = new Set<string>(["first", "last", "tail", "skip", "take"]);

export function checkOrdered(name: string, on: Plan, at: number): void {
  if (ordering.has(name) && !hasOrder(on)) throw new SemanticFault(at, `${name}() expects a collection with an order, found the outcome of children(), descendants() or a union; sort() gives it one`);
}

export function checkIndexed(on: Plan, at: number): void {
  if (!hasOrder(on)) throw new SemanticFault(at, "[…] expects a collection with an order, found the outcome of children(), descendants() or a union; sort() gives it one");
}

/** children(), descendants() and unions state no order, nor does what is drawn from them. */
function hasOrder(plan: Plan): boolean {
  switch (plan.kind) {
    case "path": return hasOrder(plan.from);
    case "indexer": return true;
    case "binary": return plan.operator !== "|";
    case "call":
      if (["children", "descendants", "union", "combine"].includes(plan.name)) return false;
      return plan.name === "sort" || (plan.definition.result !== "same" && plan.definition.result !== "narrowed" && plan.definition.result !== "argument") || hasOrder(plan.on);
    default: return true;
  }
}

export function checkRoot(type: string, focus: Static, at: number): void {
  if (focus === undefined || focus.some((t) => t === "Any" || isSubtype(t, type) || isSubtype(type, t))) return;
  throw new SemanticFault(at, `expected ${named(focus)} or an element of it, found ${type}, which the context never is`);
}

/** `is`, `as`, ofType(): a type that none of the possible ones is, or can become. */
export function checkNarrowing({ namespace, name }: TypeName, types: Static, at: number): void {
  if (types === undefined || types.length === 0) return;
  const possible = types.some((type) => {
    if (type === "Any") return true;
    if (type.startsWith("System.")) return namespace !== "FHIR" && (type === `System.${name}` || name === "Any");
    if (namespace === "System") return false;
    return type === name || isSubtype(type, name) || isSubtype(name, type) || (type.includes(".") && typeDefinition(type)?.base === name);
  });
  if (!possible) throw new SemanticFault(at, `expected ${types.length === 1 ? "" : "one of "}${named(types)}, found ${namespace ? `${namespace}.` : ""}${name}, which it never is`);
}

export function checkOperands(operator: BinaryOperator, left: Plan, right: Plan, at: number): void {
  const a = families(left.types);
  const b = families(right.types);
  const refuse = (expected: string): never => {
    throw new SemanticFault(at, `${operator} expects ${expected}, found ${named(left.types)} and ${named(right.types)}`);
  };
  switch (operator) {
    case "=": case "!=": case "~": case "!~": case "in": case "contains":
      if (a && b && ![...a].some((x) => [...b].some((y) => fits(x, y) || (x === "object" && y === "object")))) refuse("operands that can be equal");
      return;
    case "<": case "<=": case ">": case ">=":
      if ((a && [...a].every((x) => x === "boolean" || x === "object")) || (b && [...b].every((x) => x === "boolean" || x === "object"))
        || (a && b && ![...a].some((x) => [...b].some((y) => fits(x, y))))) refuse("two numbers, texts, dates, times or quantities");
      return;
    case "&":
      if ((a && !a.has("string")) || (b && !b.has("string"))) refuse("strings");
      return;
    case "+": case "-":
      if (a && b && ![...a].some((x) => [...b].some((y) => (x === "string" && y === "string" && operator === "+") || (x === "number" && y === "number")
        || (y === "quantity" && (x === "quantity" || x === "date" || x === "time" || x === "number")) || (x === "quantity" && y === "number"))))
        refuse(operator === "+" ? "two numbers, two texts, two quantities, or a date or time and a duration" : "two numbers, two quantities, or a date or time and a duration");
      return;
    case "*": case "/": case "div": case "mod": {
      const numeric = (found: ReadonlySet<Family> | undefined) => !found || found.has("number") || (found.has("quantity") && (operator === "*" || operator === "/"));
      if (!numeric(a) || !numeric(b)) refuse("numbers");
      return;
    }
    default:
  }
}

/** A minus in front of what cannot be negative. */
export function checkSign(operand: Plan, at: number): void {
  const found = families(operand.types);
  if (found && !found.has("number") && !found.has("quantity")) throw new SemanticFault(at, `a sign needs a number or quantity, not ${named(operand.types)}`);
}
