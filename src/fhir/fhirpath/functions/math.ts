/** http://hl7.org/fhirpath/N1/index.html#math */
import { Decimal, decimalOf, roundDecimal } from "../decimal.ts";
import { empty, EvaluationFault, Quantity, single, system, type Item } from "../values.ts";
import type { FunctionDefinition, FunctionTable } from "./definition.ts";

/** A function of one number (and arguments that are numbers); quantities where `quantity` says how. */
function onNumber(
  argumentsMin: number, argumentsMax: number, result: FunctionDefinition["result"],
  run: (value: number | Decimal, args: readonly number[]) => Item | undefined,
  quantity?: (value: Quantity) => Item,
): FunctionDefinition {
  return {
    min: argumentsMin, max: argumentsMax, result, input: quantity ? ["number", "quantity"] : ["number"],
    emit: ({ on, args, name }) => (focus, context) => {
      const item = single(on(focus, context), name);
      const value = item === undefined ? undefined : system(item);
      if (value === undefined) return empty;
      const numbers: number[] = [];
      for (const arg of args) {
        const given = single(arg(focus, context), name);
        const n = given === undefined ? undefined : system(given);
        if (n === undefined) return empty;
        if (typeof n !== "number" && !(n instanceof Decimal)) throw new EvaluationFault(`${name} takes numbers`);
        numbers.push(typeof n === "number" ? n : n.n);
      }
      if (value instanceof Quantity && quantity) return [quantity(value)];
      if (typeof value !== "number" && !(value instanceof Decimal)) throw new EvaluationFault(`${name} takes a number`);
      const found = run(value, numbers);
      return found === undefined ? empty : [found];
    },
  };
}

const asNumber = (value: number | Decimal): number => typeof value === "number" ? value : value.n;
const real = (n: number): Decimal | undefined => Number.isFinite(n) ? decimalOf(n) : undefined;
const absolute = (value: Decimal): Decimal => value.coefficient < 0n ? new Decimal(-value.coefficient, value.scale) : value;

export const math: FunctionTable = {
  abs: onNumber(0, 0, "same", (value) => typeof value === "number" ? Math.abs(value) : absolute(value), (q) => new Quantity(absolute(q.value), q.unit, q.calendar)),
  ceiling: onNumber(0, 0, "System.Integer", (value) => Math.ceil(asNumber(value)) || 0),
  floor: onNumber(0, 0, "System.Integer", (value) => Math.floor(asNumber(value)) || 0),
  truncate: onNumber(0, 0, "System.Integer", (value) => Math.trunc(asNumber(value)) || 0),
  round: onNumber(0, 1, "System.Decimal", (value, [digits = 0]) => {
    if (!Number.isInteger(digits) || digits < 0) throw new EvaluationFault("round() takes a number of decimals from 0");
    return roundDecimal(typeof value === "number" ? decimalOf(value) : value, digits);
  }),
  exp: onNumber(0, 0, "System.Decimal", (value) => real(Math.exp(asNumber(value)))),
  ln: onNumber(0, 0, "System.Decimal", (value) => real(Math.log(asNumber(value)))),
  log: onNumber(1, 1, "System.Decimal", (value, [base]) => {
    if (base! <= 0) return undefined;
    const exact = base === 2 ? Math.log2(asNumber(value)) : base === 10 ? Math.log10(asNumber(value)) : Math.log(asNumber(value)) / Math.log(base!);
    return real(exact);
  }),
  power: onNumber(1, 1, "same", (value, [exponent]) => {
    const n = asNumber(value) ** exponent!;
    return typeof value === "number" && Number.isSafeInteger(n) ? n : real(n);
  }),
  sqrt: onNumber(0, 0, "System.Decimal", (value) => real(Math.sqrt(asNumber(value)))),
};
