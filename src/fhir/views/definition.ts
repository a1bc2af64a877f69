/**
 * ViewDefinition (SQL on FHIR v2) read from JSON: shape, names, constants. Every fault is an issue with the
 * FHIRPath of its place; expressions are compiled later (compile.ts).
 * Source: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html
 * Bounds: 10,000 selects and columns, 32 levels of selects; a view that contains itself meets the second.
 */
import { fail, ok, type Issue, type Result } from "#platform/result.ts";
import { isResourceType, resourceTypes } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { decimalOf } from "../fhirpath/decimal.ts";
import { nearNames } from "../fhirpath/near.ts";
import { parseDate, parseDateTime, parseTime } from "../fhirpath/temporal.ts";

export type ColumnDefinition = { at: string; name: string; path: string; type?: string; collection: boolean };

export type Iteration =
  | { kind: "forEach" | "forEachOrNull"; path: string; at: string }
  | { kind: "repeat"; paths: readonly { path: string; at: string }[]; at: string };

export type SelectDefinition = {
  at: string;
  iteration?: Iteration;
  columns: readonly ColumnDefinition[];
  selects: readonly SelectDefinition[];
  unionAll: readonly SelectDefinition[];
};

export type ViewDefinition = {
  name?: string;
  resource: string;
  /** `%name` as the literal it stands for. */
  constants: ReadonlyMap<string, Ast>;
  where: readonly { path: string; at: string }[];
  selects: readonly SelectDefinition[];
};

const selectDepthMax = 32;
const partsMax = 10_000;
const nameLengthMax = 255;
/** Constraint sql-name of ViewDefinition: what every database takes as a name unquoted. */
const sqlName = /^[A-Za-z][A-Za-z0-9_]*$/;

type Json = Record<string, unknown>;

class Reader {
  readonly issues: Issue[] = [];
  #parts = 0;
  #tooLarge = false;

  fault(at: string, text: string, code: Issue["code"] = "invalid"): void {
    if (this.issues.length < 100) this.issues.push({ severity: "error", code, text, expression: at });
  }

  /** Counts a select or column; false once there are too many. */
  part(at: string): boolean {
    this.#parts += 1;
    if (this.#parts > partsMax && !this.#tooLarge) {
      this.#tooLarge = true;
      this.fault(at, `more than ${partsMax} selects and columns; split the view`, "too-costly");
    }
    return !this.#tooLarge;
  }

  object(value: unknown, at: string): Json | undefined {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
    this.fault(at, `must be an object, not ${shape(value)}`, "structure");
    return undefined;
  }

  list(owner: Json, name: string, at: string): readonly unknown[] {
    const value = member(owner, name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.fault(`${at}.${name}`, `must be a list, not ${shape(value)}`, "structure");
    return [];
  }

  text(owner: Json, name: string, at: string): string | undefined {
    const value = member(owner, name);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.trim() !== "") return value;
    this.fault(`${at}.${name}`, `must be a text that is not empty, not ${shape(value)}`, "structure");
    return undefined;
  }

  known(owner: Json, names: readonly string[], at: string): void {
    for (const name of Object.keys(owner)) {
      if (names.includes(name) || name.startsWith("_") || common.includes(name)) continue;
      const near = nearNames(name, names);
      this.fault(at, `has no element "${name}"${near.length ? `; did you mean ${near.map((n) => `"${n}"`).join(" or ")}?` : `; it takes ${names.join(", ")}`}`, "structure");
    }
  }
}

const common = ["id", "extension", "modifierExtension", "resourceType"];

function member(owner: Json, name: string): unknown {
  const value = Object.hasOwn(owner, name) ? owner[name] : undefined;
  return value === null ? undefined : value;
}

function shape(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : typeof value === "string" ? "an empty text" : `a ${typeof value}`;
}

/** Failure `invalid` has one issue per fault. */
export function readViewDefinition(json: unknown): Result<ViewDefinition> {
  const reader = new Reader();
  const root = reader.object(json, "ViewDefinition");
  const view = root && readRoot(root, reader);
  if (view && reader.issues.length === 0) return ok(view);
  return refuse(reader.issues);
}

/** One failure for all issues: the first is told in full. */
export function refuse(issues: readonly Issue[]): { ok: false; failure: import("#platform/result.ts").Failure } {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return fail(first?.code ?? "invalid", `${first?.expression ?? "ViewDefinition"}: ${first?.text ?? "is no ViewDefinition"}${more}`, issues);
}

function readRoot(root: Json, reader: Reader): ViewDefinition {
  const at = "ViewDefinition";
  const type = member(root, "resourceType");
  if (type !== undefined && type !== at) reader.fault(`${at}.resourceType`, `is ${JSON.stringify(type)}; this is no ViewDefinition`, "structure");
  const resource = reader.text(root, "resource", at);
  if (resource === undefined) { if (reader.issues.length === 0) reader.fault(`${at}.resource`, "is missing: name the resource type whose resources make the rows", "required"); }
  else if (!isResourceType(resource)) {
    const near = nearNames(resource, resourceTypes());
    reader.fault(`${at}.resource`, `there is no resource type ${JSON.stringify(resource)} in R4${near.length ? `; did you mean ${near.join(" or ")}?` : ""}`, "value");
  }
  const selects = readSelects(root, "select", at, reader, 1);
  if (selects.length === 0) reader.fault(`${at}.select`, "is missing: a view needs at least one select", "required");
  const name = member(root, "name");
  return {
    ...(typeof name === "string" ? { name } : {}),
    resource: resource ?? "",
    constants: readConstants(root, at, reader),
    where: reader.list(root, "where", at).flatMap((item, i) => {
      const place = `${at}.where[${i}]`;
      const where = reader.object(item, place);
      if (!where) return [];
      reader.known(where, ["path", "description"], place);
      const path = reader.text(where, "path", place);
      if (path === undefined) { if (member(where, "path") === undefined) reader.fault(`${place}.path`, "is missing", "required"); return []; }
      return [{ path, at: `${place}.path` }];
    }),
    selects,
  };
}

const selectMembers = ["column", "select", "forEach", "forEachOrNull", "repeat", "unionAll"];

function readSelects(owner: Json, name: "select" | "unionAll", at: string, reader: Reader, depth: number): SelectDefinition[] {
  const found: SelectDefinition[] = [];
  for (const [i, item] of reader.list(owner, name, at).entries()) {
    const place = `${at}.${name}[${i}]`;
    if (depth > selectDepthMax) {
      reader.fault(place, `selects are nested more than ${selectDepthMax} deep`, "too-costly");
      return found;
    }
    if (!reader.part(place)) return found;
    const select = reader.object(item, place);
    if (!select) continue;
    reader.known(select, selectMembers, place);
    const iteration = readIteration(select, place, reader);
    found.push({
      at: place,
      ...(iteration ? { iteration } : {}),
      columns: readColumns(select, place, reader),
      selects: readSelects(select, "select", place, reader, depth + 1),
      unionAll: readSelects(select, "unionAll", place, reader, depth + 1),
    });
  }
  return found;
}

function readIteration(select: Json, at: string, reader: Reader): Iteration | undefined {
  const stated = (["forEach", "forEachOrNull", "repeat"] as const).filter((name) => member(select, name) !== undefined);
  if (stated.length > 1) reader.fault(at, `has ${stated.join(" and ")}; a select takes one of them, nest another select`);
  const [kind] = stated;
  if (kind === undefined) return undefined;
  if (kind !== "repeat") {
    const path = reader.text(select, kind, at);
    return path === undefined ? undefined : { kind, path, at: `${at}.${kind}` };
  }
  const paths = reader.list(select, kind, at).flatMap((path, i) => {
    const place = `${at}.repeat[${i}]`;
    if (typeof path === "string" && path.trim() !== "") return [{ path, at: place }];
    reader.fault(place, `must be a path, not ${shape(path)}`, "structure");
    return [];
  });
  if (paths.length === 0 && reader.issues.length === 0) reader.fault(`${at}.repeat`, "must have at least one path", "required");
  return { kind, paths, at: `${at}.repeat` };
}

function readColumns(select: Json, at: string, reader: Reader): ColumnDefinition[] {
  return reader.list(select, "column", at).flatMap((item, i) => {
    const place = `${at}.column[${i}]`;
    if (!reader.part(place)) return [];
    const column = reader.object(item, place);
    if (!column) return [];
    reader.known(column, ["name", "path", "type", "collection", "description", "tag", "tags"], place);
    const name = reader.text(column, "name", place);
    const path = reader.text(column, "path", place);
    const type = reader.text(column, "type", place);
    for (const required of ["name", "path"]) if (member(column, required) === undefined) reader.fault(`${place}.${required}`, "is missing", "required");
    if (name !== undefined) checkName(name, `${place}.name`, reader);
    const collection = member(column, "collection");
    if (collection !== undefined && typeof collection !== "boolean") reader.fault(`${place}.collection`, `must be true or false, not ${shape(collection)}`, "structure");
    if (name === undefined || path === undefined) return [];
    return [{ at: place, name, path, collection: collection === true, ...(type === undefined ? {} : { type }) }];
  });
}

function checkName(name: string, at: string, reader: Reader): void {
  if (!sqlName.test(name) || name.length > nameLengthMax)
    reader.fault(at, `${JSON.stringify(name.slice(0, 60))} is no column name: begin with a letter, go on with letters, digits and _ (at most ${nameLengthMax})`, "value");
}

const textTypes = ["Base64Binary", "Canonical", "Code", "Id", "Markdown", "Oid", "String", "Uri", "Url", "Uuid"];
const integerTypes = ["Integer", "Integer64", "PositiveInt", "UnsignedInt"];

/** The literal of one `value[x]`; a text says why there is none. */
function literal(type: string, value: unknown): Ast | string {
  const text = (kind: "date" | "dateTime" | "time", parses: (text: string) => unknown): Ast | string =>
    typeof value === "string" && parses(value) !== undefined ? { kind: "literal", literal: { type: kind, text: value }, at: 0 } : `is no ${kind}`;
  const number = (whole: boolean): Ast | string => {
    if (typeof value !== "number" || (whole && !Number.isSafeInteger(value))) return `is no ${whole ? "integer" : "number"}`;
    const digits = decimalOf(Math.abs(value)).toString();
    const ast: Ast = { kind: "literal", literal: { type: "number", text: whole || digits.includes(".") ? digits : `${digits}.0` }, at: 0 };
    return value < 0 ? { kind: "polarity", negative: true, operand: ast, at: 0 } : ast;
  };
  if (textTypes.includes(type)) return typeof value === "string" ? { kind: "literal", literal: { type: "string", value }, at: 0 } : "is no text";
  if (integerTypes.includes(type)) return number(true);
  switch (type) {
    case "Boolean": return typeof value === "boolean" ? { kind: "literal", literal: { type: "boolean", value }, at: 0 } : "is neither true nor false";
    case "Decimal": return number(false);
    case "Date": return text("date", parseDate);
    case "DateTime": case "Instant": return text("dateTime", parseDateTime);
    case "Time": return text("time", parseTime);
    default: return "is of a type that constants do not have";
  }
}

function readConstants(root: Json, at: string, reader: Reader): Map<string, Ast> {
  const constants = new Map<string, Ast>();
  for (const [i, item] of reader.list(root, "constant", at).entries()) {
    const place = `${at}.constant[${i}]`;
    const constant = reader.object(item, place);
    if (!constant) continue;
    const name = reader.text(constant, "name", place);
    if (name === undefined) {
      if (member(constant, "name") === undefined) reader.fault(`${place}.name`, "is missing", "required");
      continue;
    }
    checkName(name, `${place}.name`, reader);
    if (constants.has(name)) reader.fault(`${place}.name`, `%${name} is defined twice`, "duplicate");
    const values = Object.keys(constant).filter((key) => /^value[A-Z]/.test(key) && member(constant, key) !== undefined);
    if (values.length !== 1) {
      reader.fault(place, values.length === 0 ? `%${name} has no value: give one such as valueString or valueInteger` : `%${name} has ${values.join(" and ")}; give one`, "required");
      continue;
    }
    const found = literal(values[0]!.slice(5), constant[values[0]!]);
    if (typeof found === "string") reader.fault(`${place}.${values[0]}`, found, "value");
    else constants.set(name, found);
  }
  return constants;
}
