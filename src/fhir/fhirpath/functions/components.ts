/** Parts of dates and times: https://hl7.org/fhirpath/#datetime-component-functions. A part that is not stated gives empty. */
import { parseDate, parseTime, Temporal } from "../temporal.ts";
import { Decimal } from "../decimal.ts";
import { empty, EvaluationFault, Node, single, system, type Item } from "../values.ts";
import type { FunctionDefinition, FunctionTable } from "./definition.ts";

type Kind = Temporal["kind"];

function part(kinds: readonly Kind[], result: FunctionDefinition["result"], read: (value: Temporal) => Item | undefined): FunctionDefinition {
  return {
    min: 0, max: 0, result, input: kinds.includes("time") ? ["date", "time"] : ["date"],
    emit: ({ on, name }) => (focus, context) => {
      const item = single(on(focus, context), name);
      const value = item === undefined ? undefined : system(item);
      if (value === undefined || (item instanceof Node && typeof value === "string")) return empty;
      if (!(value instanceof Temporal) || !kinds.includes(value.kind)) throw new EvaluationFault(`${name} takes a ${kinds.join(" or ")}`);
      const found = read(value);
      return found === undefined ? empty : [found];
    },
  };
}

const dated: readonly Kind[] = ["date", "dateTime"];
const timed: readonly Kind[] = ["dateTime", "time"];
const integer = "System.Integer";

function milliseconds({ parts: [, , , , , second] }: Temporal): number | undefined {
  return second === undefined ? undefined : Math.floor((second - Math.floor(second)) * 1000 + 1e-6);
}

function clock({ kind, text }: Temporal): string | undefined {
  if (kind === "time") return text;
  const after = text.split("T")[1]?.replace(/(?:Z|[+-]\d\d:\d\d)$/, "");
  return after === "" ? undefined : after;
}

export const components: FunctionTable = {
  yearOf: part(dated, integer, ({ parts }) => parts[0]),
  monthOf: part(dated, integer, ({ parts }) => parts[1]),
  dayOf: part(dated, integer, ({ parts }) => parts[2]),
  hourOf: part(timed, integer, ({ parts }) => parts[3]),
  minuteOf: part(timed, integer, ({ parts }) => parts[4]),
  secondOf: part(timed, integer, ({ parts }) => (parts[5] === undefined ? undefined : Math.floor(parts[5]))),
  millisecondOf: part(timed, integer, milliseconds),
  timezoneOffsetOf: part(["dateTime"], "System.Decimal", ({ offsetMinutes }) =>
    offsetMinutes === undefined ? undefined : offsetMinutes % 6 === 0 ? new Decimal(BigInt(offsetMinutes / 6), 1) : new Decimal(BigInt(Math.round(offsetMinutes / 0.6)), 2)),
  dateOf: part(dated, "System.Date", ({ text }) => parseDate(text.split("T")[0]!)),
  timeOf: part(timed, "System.Time", (value) => { const text = clock(value); return text === undefined ? undefined : parseTime(text); }),
};
