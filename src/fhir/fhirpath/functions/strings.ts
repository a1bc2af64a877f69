/** http://hl7.org/fhirpath/N1/index.html#string-manipulation */
import { boundedLength, boundedText, spend } from "../budget.ts";
import { empty, EvaluationFault, Node, single, system, type Item, type Items } from "../values.ts";
import { RegexFault, regexOf, type Regex } from "../regex/regex.ts";
import type { FunctionDefinition, FunctionTable } from "./definition.ts";

function textOf(items: Items, name: string): string | undefined {
  const item = single(items, name);
  if (item === undefined || typeof item === "string") return item;
  const value = system(item);
  if (value === undefined) return undefined;
  if (typeof value !== "string") {
    // A date that reached here from FHIR is its text.
    if (item instanceof Node && typeof item.value === "string") return item.value;
    throw new EvaluationFault(`${name} takes a string`);
  }
  return value;
}

/** A function of a string and its arguments; any empty operand gives empty. */
export function onText(argumentsMin: number, argumentsMax: number, result: FunctionDefinition["result"], run: (text: string, args: readonly (string | number)[]) => Item | readonly Item[] | undefined): FunctionDefinition {
  return {
    min: argumentsMin, max: argumentsMax, result, input: ["string", "date", "time"],
    emit: ({ on, args, name }) => (focus, context) => {
      const text = textOf(on(focus, context), name);
      if (text === undefined) return empty;
      const values: (string | number)[] = [];
      for (const arg of args) {
        const item = single(arg(focus, context), name);
        const value = item === undefined ? undefined : system(item);
        if (value === undefined) return empty;
        if (typeof value !== "string" && typeof value !== "number") throw new EvaluationFault(`${name} takes strings and Integers`);
        values.push(value);
      }
      const found = run(text, values);
      if (found === undefined) return empty;
      if (!Array.isArray(found)) return [typeof found === "string" ? boundedText(found) : found as Item];
      spend(context, found.length);
      return found as Items;
    },
  };
}

/** Counted before it is built. */
function replaced(text: string, from: string, to: string): string {
  if (to.length > from.length) boundedLength(text.length + (text.split(from).length + 1) * (to.length - from.length));
  return text.replaceAll(from, () => to);
}

function matching<T>(source: string, run: (regex: Regex) => T): T {
  try {
    return run(regexOf(source));
  } catch (fault) {
    if (!(fault instanceof RegexFault)) throw fault;
    throw new EvaluationFault(`the regular expression "${source.slice(0, 80)}": ${fault.message}`);
  }
}

const boolean = "System.Boolean";
const string = "System.String";

export const strings: FunctionTable = {
  indexOf: onText(1, 1, "System.Integer", (text, [part]) => text.indexOf(String(part))),
  lastIndexOf: onText(1, 1, "System.Integer", (text, [part]) => text.lastIndexOf(String(part))),
  substring: onText(1, 2, string, (text, [from, length]) => {
    const start = Number(from);
    if (start < 0 || start >= text.length) return undefined;
    return length === undefined ? text.slice(start) : text.slice(start, start + Math.max(0, Number(length)));
  }),
  startsWith: onText(1, 1, boolean, (text, [part]) => text.startsWith(String(part))),
  endsWith: onText(1, 1, boolean, (text, [part]) => text.endsWith(String(part))),
  contains: onText(1, 1, boolean, (text, [part]) => text.includes(String(part))),
  upper: onText(0, 0, string, (text) => text.toUpperCase()),
  lower: onText(0, 0, string, (text) => text.toLowerCase()),
  trim: onText(0, 0, string, (text) => text.trim()),
  length: onText(0, 0, "System.Integer", (text) => text.length),
  toChars: onText(0, 0, string, (text) => [...text]),
  split: onText(1, 1, string, (text, [by]) => text.split(String(by))),
  replace: onText(2, 2, string, (text, [from, to]) => replaced(text, String(from), String(to))),
  matches: onText(1, 1, boolean, (text, [source]) => matching(String(source), (regex) => regex.test(text))),
  matchesFull: onText(1, 1, boolean, (text, [source]) => matching(String(source), (regex) => regex.test(text, true))),
  replaceMatches: onText(2, 2, string, (text, [source, to]) => source === "" ? text : matching(String(source), (regex) => regex.replace(text, String(to)))),
  join: {
    min: 0, max: 1, result: string,
    emit: ({ on, args }) => (focus, context) => {
      const items = on(focus, context);
      const separator = args[0] ? textOf(args[0](focus, context), "join()") ?? "" : "";
      const texts: string[] = [];
      let length = 0;
      for (const item of items) {
        const text = textOf([item], "join()");
        if (text === undefined) continue;
        texts.push(text);
        length += text.length + separator.length;
      }
      boundedLength(length);
      return items.length === 0 ? empty : [texts.join(separator)];
    },
  },
};
