/**
 * FHIRPath operators over evaluated collections. Empty operands propagate except where three-valued logic decides.
 * Source: http://hl7.org/fhirpath/N1/index.html#operations
 */
import type { BinaryOperator } from "./ast.ts";
import { boundedDecimal, boundedText, spend } from "./budget.ts";
import { addDecimal, Decimal, decimalOf, divideDecimal, multiplyDecimal, remainder, subtractDecimal, truncatedQuotient } from "./decimal.ts";
import { compare, equalItems, equivalentItems, includes } from "./equality.ts";
import type { Eval } from "./emit.ts";
import { addDuration } from "./duration.ts";
import { Temporal } from "./temporal.ts";
import { inFinerUnit, ucumCode } from "./units.ts";
import { booleanItems, condition, empty, EvaluationFault, Quantity, single, system, type Item, type Items } from "./values.ts";

export function binary(operator: Exclude<BinaryOperator, "|">, left: Eval, right: Eval): Eval {
  switch (operator) {
    case "=": return (focus, context) => booleanItems(equalItems(left(focus, context), right(focus, context)));
    case "!=": return (focus, context) => booleanItems(not(equalItems(left(focus, context), right(focus, context))));
    case "~": return equivalence(left, right, (same) => same);
    case "!~": return equivalence(left, right, (same) => !same);
    case "<": return ordered(left, right, operator, (order) => order < 0);
    case "<=": return ordered(left, right, operator, (order) => order <= 0);
    case ">": return ordered(left, right, operator, (order) => order > 0);
    case ">=": return ordered(left, right, operator, (order) => order >= 0);
    case "in": return membership(left, right, operator);
    case "contains": return membership(right, left, operator);
    case "and": return (focus, context) => {
      const a = condition(left(focus, context), "and");
      if (a === false) return booleanItems(false);
      const b = condition(right(focus, context), "and");
      return booleanItems(b === false ? false : a === undefined || b === undefined ? undefined : true);
    };
    case "or": return (focus, context) => {
      const a = condition(left(focus, context), "or");
      if (a === true) return booleanItems(true);
      const b = condition(right(focus, context), "or");
      return booleanItems(b === true ? true : a === undefined || b === undefined ? undefined : false);
    };
    case "xor": return (focus, context) => {
      const a = condition(left(focus, context), "xor");
      const b = condition(right(focus, context), "xor");
      return booleanItems(a === undefined || b === undefined ? undefined : a !== b);
    };
    case "implies": return (focus, context) => {
      const a = condition(left(focus, context), "implies");
      if (a === false) return booleanItems(true);
      const b = condition(right(focus, context), "implies");
      return booleanItems(b === true ? true : a === undefined || b === undefined ? undefined : false);
    };
    case "&": return (focus, context) => [boundedText(text(left(focus, context)) + text(right(focus, context)))];
    case "+": case "-": case "*": case "/": case "div": case "mod":
      return (focus, context) => {
        const a = single(left(focus, context), operator);
        const b = single(right(focus, context), operator);
        if (a === undefined || b === undefined) return empty;
        const result = arithmetic(operator, a, b);
        return result === undefined ? empty : [result];
      };
  }
}

function equivalence(left: Eval, right: Eval, answer: (same: boolean) => boolean): Eval {
  return (focus, context) => {
    const a = left(focus, context);
    const b = right(focus, context);
    if (a.length === b.length) spend(context, a.length * b.length);
    return booleanItems(answer(equivalentItems(a, b)));
  };
}

const unitLengthMax = 200;

function boundedUnit(unit: string): string {
  if (unit.length > unitLengthMax) throw new EvaluationFault(`a unit grows beyond ${unitLengthMax} characters`);
  return unit;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function text(items: Items): string {
  const item = single(items, "&");
  if (item === undefined) return "";
  const value = system(item);
  if (typeof value !== "string") throw new EvaluationFault("& joins strings; use toString()");
  return value;
}

function ordered(left: Eval, right: Eval, operator: string, test: (order: number) => boolean): Eval {
  return (focus, context) => {
    const a = single(left(focus, context), operator);
    const b = single(right(focus, context), operator);
    if (a === undefined || b === undefined) return empty;
    const order = compare(a, b);
    return order === undefined ? empty : booleanItems(test(order));
  };
}

function membership(item: Eval, list: Eval, operator: string): Eval {
  return (focus, context) => {
    const wanted = single(item(focus, context), operator);
    return wanted === undefined ? empty : booleanItems(includes(list(focus, context), wanted));
  };
}

export function negate(items: Items): Items {
  const item = single(items, "-");
  if (item === undefined) return empty;
  const value = system(item);
  if (typeof value === "number") return [-value];
  if (value instanceof Decimal) return [new Decimal(-value.coefficient, value.scale)];
  if (value instanceof Quantity) return [new Quantity(new Decimal(-value.value.coefficient, value.value.scale), value.unit, value.calendar)];
  throw new EvaluationFault("- takes a number or quantity");
}

function decimal(value: unknown): Decimal | undefined {
  return value instanceof Decimal ? value : typeof value === "number" ? decimalOf(value) : undefined;
}

function arithmetic(operator: "+" | "-" | "*" | "/" | "div" | "mod", left: Item, right: Item): Item | undefined {
  const a = system(left);
  const b = system(right);
  if (a === undefined || b === undefined) return undefined;
  if (operator === "+" && typeof a === "string" && typeof b === "string") return boundedText(a + b);
  if ((operator === "+" || operator === "-") && a instanceof Temporal && b instanceof Quantity) return addDuration(a, b, operator === "-");
  if (a instanceof Quantity || b instanceof Quantity) return quantityArithmetic(operator, a, b);
  if (typeof a === "number" && typeof b === "number" && operator !== "/") {
    if ((operator === "div" || operator === "mod") && b === 0) return undefined;
    const n = operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : operator === "div" ? Math.trunc(a / b) : a % b;
    // Overflow gives empty: http://hl7.org/fhirpath/N1/index.html#math-2
    return n !== (n | 0) ? undefined : n === 0 ? 0 : n;
  }
  const x = decimal(a);
  const y = decimal(b);
  if (!x || !y) throw new EvaluationFault(`${operator} does not apply to these operands`);
  switch (operator) {
    case "+": return boundedDecimal(addDecimal(x, y));
    case "-": return boundedDecimal(subtractDecimal(x, y));
    case "*": return boundedDecimal(multiplyDecimal(x, y));
    case "/": return divideDecimal(x, y);
    case "mod": return remainder(x, y);
    case "div": { const quotient = truncatedQuotient(x, y); return quotient === undefined ? undefined : Number(quotient); }
  }
}

/** Sums in the finer of two comparable units (3 'm' + 3 'cm' = 303 'cm'); products and quotients in the UCUM unit they give. */
function quantityArithmetic(operator: string, a: unknown, b: unknown): Item | undefined {
  const x = a instanceof Quantity ? a : decimal(a) && new Quantity(decimal(a)!, "1");
  const y = b instanceof Quantity ? b : decimal(b) && new Quantity(decimal(b)!, "1");
  if (!x || !y) throw new EvaluationFault(`${operator} does not apply to these operands`);
  if (operator === "+" || operator === "-") {
    const [left, right] = (x.unit === y.unit && x.calendar === y.calendar ? [x, y] : inFinerUnit(x, y)) ?? [];
    if (!left || !right) return undefined;
    return new Quantity(boundedDecimal(operator === "+" ? addDecimal(left.value, right.value) : subtractDecimal(left.value, right.value)), left.unit, left.calendar);
  }
  const [u, v] = [ucumCode(x), ucumCode(y)];
  if (operator === "*") return new Quantity(boundedDecimal(multiplyDecimal(x.value, y.value)), boundedUnit(u === "1" ? v : v === "1" ? u : `${u}.${v}`));
  if (operator !== "/") throw new EvaluationFault(`${operator} does not apply to quantities`);
  const value = divideDecimal(x.value, y.value);
  return value && new Quantity(value, boundedUnit(u === v ? "1" : v === "1" ? u : `${u}/${/[./]/.test(v) ? `(${v})` : v}`));
}
