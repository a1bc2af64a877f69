/** http://hl7.org/fhirpath/N1/index.html#conversion */
import { Decimal, decimalOf, parseDecimal } from "../decimal.ts";
import { parseDate, parseDateTime, parseTime, Temporal } from "../temporal.ts";
import { inUnit } from "../units.ts";
import type { Context } from "../emit.ts";
import { booleanItems, empty, EvaluationFault, Node, Quantity, single, system, TypeInfo, type Item, type Items, type System } from "../values.ts";
import type { Call, FunctionDefinition, FunctionTable } from "./definition.ts";

const words: Readonly<Record<string, boolean>> = { true: true, t: true, yes: true, y: true, "1": true, "1.0": true, false: false, f: false, no: false, n: false, "0": false, "0.0": false };

/** Integers of FHIRPath are 32-bit. */
const integerMax = 2 ** 31;

function toBoolean(value: System): System | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return Object.hasOwn(words, value.toLowerCase()) ? words[value.toLowerCase()] : undefined;
  const n = value instanceof Decimal ? value.n : value;
  return n === 1 ? true : n === 0 ? false : undefined;
}

function toInteger(value: System): System | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string" || !/^[+-]?\d{1,10}$/.test(value)) return undefined;
  const n = Number(value);
  return n >= -integerMax && n < integerMax ? n : undefined;
}

function toDecimal(value: System): System | undefined {
  if (value instanceof Decimal) return value;
  if (typeof value === "number") return decimalOf(value);
  if (typeof value === "boolean") return new Decimal(value ? 10n : 0n, 1);
  return typeof value === "string" && !/[eE]/.test(value) ? parseDecimal(value) : undefined;
}

export function toText(value: System): string {
  return String(value);
}

function toDate(value: System): System | undefined {
  if (typeof value === "string") return parseDate(value) ?? toDate(parseDateTime(value) ?? false);
  if (!(value instanceof Temporal) || value.kind === "time") return undefined;
  return value.kind === "date" ? value : parseDate(value.text.slice(0, 10).replace(/T.*$/, ""));
}

function toDateTime(value: System): System | undefined {
  if (typeof value === "string") return parseDateTime(value);
  if (!(value instanceof Temporal) || value.kind === "time") return undefined;
  return value.kind === "dateTime" ? value : parseDateTime(value.text);
}

function toTime(value: System): System | undefined {
  if (typeof value === "string") return parseTime(value);
  return value instanceof Temporal && value.kind === "time" ? value : undefined;
}

const quantityText = /^([+-]?\d+(?:\.\d+)?)\s*(?:'([^']+)'|(year|month|week|day|hour|minute|second|millisecond)s?)?$/;

function toQuantity(value: System, unit: string | undefined): System | undefined {
  const found = asQuantity(value);
  return found && unit !== undefined ? inUnit(found, unit) : found;
}

function asQuantity(value: System): Quantity | undefined {
  if (value instanceof Quantity) return value;
  if (typeof value === "number") return new Quantity(decimalOf(value), "1");
  if (value instanceof Decimal) return new Quantity(value, "1");
  if (typeof value === "boolean") return new Quantity(new Decimal(value ? 10n : 0n, 1), "1");
  if (typeof value !== "string") return undefined;
  const match = quantityText.exec(value);
  if (!match) return undefined;
  return new Quantity(parseDecimal(match[1]!)!, match[2] ?? match[3] ?? "1", match[3] !== undefined);
}

function primitive(item: Item): System | undefined {
  const value = system(item);
  return value instanceof Node || value instanceof TypeInfo ? undefined : value;
}

/** `unit` is the argument of toQuantity(): the unit to convert to. */
type Convert = (value: System, unit: string | undefined) => System | undefined;

/** Undefined: empty, as for an input that is not there. */
function converter({ on, args, name }: Call, convert: Convert): (focus: Items, context: Context) => { value: System | undefined } | undefined {
  return (focus, context) => {
    const item = single(on(focus, context), name);
    if (item === undefined) return undefined;
    const given = args[0] && single(args[0](focus, context), name);
    const unit = given === undefined ? undefined : system(given);
    if (unit !== undefined && typeof unit !== "string") throw new EvaluationFault(`${name} takes a unit as text`);
    if (args[0] && unit === undefined) return undefined;
    const value = primitive(item);
    return { value: value === undefined ? undefined : convert(value, unit) };
  };
}

function pair(type: string, convert: Convert): Record<string, FunctionDefinition> {
  const max = type === "Quantity" ? 1 : 0;
  return {
    [`to${type}`]: {
      min: 0, max, result: `System.${type}`,
      emit: (call) => {
        const run = converter(call, convert);
        return (focus, context) => { const found = run(focus, context)?.value; return found === undefined ? empty : [found]; };
      },
    },
    [`convertsTo${type}`]: {
      min: 0, max, result: "System.Boolean",
      emit: (call) => {
        const run = converter(call, convert);
        return (focus, context) => { const found = run(focus, context); return found === undefined ? empty : booleanItems(found.value !== undefined); };
      },
    },
  };
}

export const conversion: FunctionTable = {
  ...pair("Boolean", toBoolean), ...pair("Integer", toInteger), ...pair("Decimal", toDecimal), ...pair("String", toText),
  ...pair("Date", toDate), ...pair("DateTime", toDateTime), ...pair("Time", toTime), ...pair("Quantity", toQuantity),
};
