/**
 * FHIR's functions about profiles and codes: conformsTo(), elementDefinition(), slice(), memberOf(), subsumes(), subsumedBy(), checkModifiers(),
 * htmlChecks(). What a profile or value set says comes through the environment's ports; what a port does not know is
 * an error, as the specification asks. Source: https://hl7.org/fhir/R4/fhirpath.html#functions
 */
import { withoutVersion } from "../../canonical.ts";
import { codeSet } from "../../definitions/load.ts";
import type { JsonObject } from "../../resource.ts";
import { xhtmlFault } from "../../validate/xhtml.ts";
import type { CodedValue } from "../compile.ts";
import type { Context } from "../emit.ts";
import { originOf } from "../path.ts";
import { booleanItems, empty, EvaluationFault, isPrimitive, isTrue, Node, single, system, type Item, type Items } from "../values.ts";
import type { FunctionDefinition, FunctionTable } from "./definition.ts";

function textArgument(items: Items, name: string): string | undefined {
  const item = single(items, name);
  const value = item === undefined ? undefined : system(item);
  if (value !== undefined && typeof value !== "string") throw new EvaluationFault(`${name} takes a string`);
  return value;
}

function coding(value: unknown): CodedValue | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { system: from, version, code } = value as Record<string, unknown>;
  return typeof code !== "string" ? undefined : { code, ...(typeof from === "string" ? { system: from } : {}), ...(typeof version === "string" ? { version } : {}) };
}

/** The codes an item states: one for a code, string, Coding or Quantity, all codings for a CodeableConcept. */
function codes(items: Items, name: string): CodedValue[] | undefined {
  const item = single(items, name);
  if (item === undefined) return undefined;
  const value = item instanceof Node ? item.value : item;
  if (typeof value === "string") return [{ code: value }];
  if (!(item instanceof Node)) throw new EvaluationFault(`${name} takes a code, Coding or CodeableConcept`);
  if (item.type !== "CodeableConcept") { const one = coding(value); return one ? [one] : []; }
  const list = (value as JsonObject | undefined)?.coding;
  return Array.isArray(list) ? list.flatMap((one) => coding(one) ?? []) : [];
}

/** Value sets of R4's required bindings are known without a port. */
function isMember(url: string, value: CodedValue, context: Context): boolean | undefined {
  const told = context.environment?.memberOf?.(url, value);
  if (told !== undefined) return told;
  const set = codeSet(withoutVersion(url));
  if (set === undefined) return undefined;
  return value.system === undefined ? set.codes.has(value.code) : set.bySystem.get(value.system)?.has(value.code) === true;
}

function subsumption(turned: boolean): FunctionDefinition {
  return {
    min: 1, max: 1, result: "System.Boolean",
    emit: ({ on, args, name }) => (focus, context) => {
      const own = codes(on(focus, context), name);
      const other = codes(args[0]!(focus, context), name);
      if (!own || !other) return empty;
      const [parents, children] = turned ? [other, own] : [own, other];
      let known = false;
      for (const parent of parents) for (const child of children) {
        if (parent.system !== child.system) { known = true; continue; }
        const answer = parent.code === child.code ? true : context.environment?.subsumes?.(parent, child);
        if (answer === true) return isTrue;
        known ||= answer === false;
      }
      if (!known && own.length > 0 && other.length > 0) throw new EvaluationFault(`${name}: the code system ${own[0]!.system ?? "of the codes"} is not known here`);
      return booleanItems(false);
    },
  };
}

function htmlOf(item: Item | undefined): string | undefined {
  const text = item instanceof Node && item.type !== "string" && item.type !== "markdown" ? undefined : item === undefined ? undefined : system(item);
  return typeof text === "string" ? `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` : undefined;
}

export const profiles: FunctionTable = {
  conformsTo: {
    min: 1, max: 1, result: "System.Boolean",
    emit: ({ on, args }) => (focus, context) => {
      const item = single(on(focus, context), "conformsTo()");
      const url = textArgument(args[0]!(focus, context), "conformsTo()");
      if (item === undefined || url === undefined) return empty;
      if (!(item instanceof Node)) throw new EvaluationFault("conformsTo() takes a resource or element");
      const port = context.environment?.conformsTo;
      if (!port) throw new EvaluationFault("conformsTo() needs a validator, and none was given");
      const answer = port(item, url);
      if (answer === undefined) throw new EvaluationFault(`conformsTo(): the profile ${url} is not known here`);
      return booleanItems(answer);
    },
  },
  elementDefinition: {
    min: 0, max: 0, result: "ElementDefinition", origins: true,
    emit: ({ on }) => (focus, context) => {
      const items = on(focus, context);
      const port = context.environment?.elementDefinition;
      if (!port) throw new EvaluationFault("elementDefinition() needs definitions, and none were given");
      return items.flatMap((item) => {
        if (!(item instanceof Node)) return []; // what was computed is no element
        const path = originOf(item)?.element ?? item.type;
        const found = port(path);
        if (found === undefined) throw new EvaluationFault(`elementDefinition(): ${path} is not defined here`);
        return [new Node(found, "ElementDefinition")];
      });
    },
  },
  slice: {
    min: 2, max: 2, result: "same", origins: true,
    emit: ({ on, args }) => (focus, context) => {
      const items = on(focus, context);
      const url = textArgument(args[0]!(focus, context), "slice()");
      const name = textArgument(args[1]!(focus, context), "slice()");
      if (items.length === 0 || url === undefined || name === undefined) return empty;
      const port = context.environment?.slice;
      if (!port) throw new EvaluationFault("slice() needs profiles, and none were given");
      return items.filter((item) => {
        if (!(item instanceof Node)) return false;
        const answer = port(item, url, name, originOf(item)?.element);
        if (answer === undefined) throw new EvaluationFault(`slice(): the profile ${url} is not known here, or has no slice ${name}`);
        return answer;
      });
    },
  },
  memberOf: {
    min: 1, max: 1, result: "System.Boolean",
    emit: ({ on, args }) => (focus, context) => {
      const values = codes(on(focus, context), "memberOf()");
      const url = textArgument(args[0]!(focus, context), "memberOf()");
      if (!values || url === undefined) return empty;
      let unknown = false;
      for (const value of values) {
        const answer = isMember(url, value, context);
        if (answer === true) return isTrue;
        unknown ||= answer === undefined;
      }
      if (unknown) throw new EvaluationFault(`memberOf(): the value set ${url} is not known here`);
      return booleanItems(false);
    },
  },
  subsumes: subsumption(false),
  subsumedBy: subsumption(true),
  checkModifiers: {
    min: 0, max: Infinity, result: "same",
    emit: ({ on, args }) => (focus, context) => {
      const items = on(focus, context);
      const known = new Set(args.map((arg) => textArgument(arg(focus, context), "checkModifiers()")));
      for (const item of items) {
        const list = item instanceof Node && !isPrimitive(item.type) ? (item.value as JsonObject).modifierExtension : undefined;
        for (const extension of Array.isArray(list) ? list : []) {
          const url = (extension as JsonObject | null)?.url;
          if (typeof url !== "string" || !known.has(url)) throw new EvaluationFault(`checkModifiers(): the modifier extension ${String(url)} is not among those understood`);
        }
      }
      return items;
    },
  },
  htmlChecks: {
    min: 0, max: 0, result: "System.Boolean",
    emit: ({ on }) => (focus, context) => {
      const item = single(on(focus, context), "htmlChecks()");
      // Nothing for any other kind of element; of a string, what a later version says: it is the content of a div.
      const markup = item instanceof Node && item.type === "xhtml" ? item.value : htmlOf(item);
      return markup === undefined ? empty : booleanItems(xhtmlFault(markup) === undefined);
    },
  },
};
