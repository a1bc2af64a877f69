/**
 * What is derived from a resource's content, as columns of the index tables. Used by the write path, and by
 * verify to derive the rows again; so equal content always gives equal rows.
 */
import { searchParametersOf } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import { indexRows, type IndexRows } from "#fhir/search/index-rows.ts";
import { openLow, type ReferenceRow } from "#fhir/search/rows.ts";
import { codeKey, hash64, identifierKey, paramKey, placeOf, ridOf, systemKey, urlKey } from "./keys.ts";
import { careOf } from "./persons.ts";

type Kind = "bigint" | "int" | "float8" | "text";
export type Cell = string | number | null;

/** Columns in the order of the rows below. */
export const tables = {
  token: { ck: "bigint", rid: "bigint", at: "bigint", code: "bigint", system: "int", param: "int", plain: "text", text: "text" },
  reference: { ck: "bigint", rid: "bigint", at: "bigint", target: "bigint", param: "int", place: "bigint", tag: "bigint" },
  date: { ck: "bigint", rid: "bigint", low: "bigint", high: "bigint", param: "int" },
  string: { ck: "bigint", rid: "bigint", param: "int", value: "text", exact: "text" },
  number: { ck: "bigint", rid: "bigint", low: "float8", high: "float8", param: "int" },
  quantity: { ck: "bigint", rid: "bigint", low: "float8", high: "float8", code: "bigint", unit: "bigint", system: "int", param: "int", base: "bigint", base_low: "float8", base_high: "float8" },
  uri: { ck: "bigint", rid: "bigint", param: "int", value: "text" },
  compartment: { ck: "bigint", rid: "bigint", person: "bigint" },
  care: { ck: "bigint", rid: "bigint", practitioner: "bigint", person: "bigint" },
} as const satisfies Record<string, Record<string, Kind>>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as TableName[];
export type Rows = Record<TableName, Cell[][]>;

export function emptyRows(): Rows {
  return { token: [], reference: [], date: [], string: [], number: [], quantity: [], uri: [], compartment: [], care: [] };
}

/** The date a type is usually sorted by; its low end stands in every token and reference row. */
const mainDateOrder = ["date", "onset-date", "authoredon", "authored-on", "effective-time", "effective", "created", "started", "authored", "occurrence", "identified", "recorded", "period", "start", "sent", "whenhandedover", "birthdate"];
const mainDates = new Map<string, string | undefined>();

export function mainDateOf(type: string): string | undefined {
  if (!mainDates.has(type)) {
    const dates = new Set(searchParametersOf(type).filter((parameter) => parameter.type === "date").map((parameter) => parameter.code));
    mainDates.set(type, mainDateOrder.find((param) => dates.has(param)));
  }
  return mainDates.get(type);
}

/** Text as index rows hold it and queries ask it: without the characters that separate columns or that PostgreSQL refuses. */
export function indexText(text: string): string {
  return /[\u0000\u001d\u001e]/.test(text) ? text.replace(/[\u0000\u001d\u001e]/g, "\ufffd") : text;
}

/** Adds a resource's rows. `persons`: rids of its persons, or "0" alone for shared ones. */
export function derive(into: Rows, resource: Resource, ck: number, rid: string, persons: readonly string[], index: IndexRows = indexRows(resource)): void {
  const type = resource.resourceType;
  const main = mainDateOf(type);
  let at = openLow;
  for (const row of index.dates) {
    into.date.push([ck, rid, row.low, row.high, paramKey(type, row.param)]);
    if (row.param === main && (at === openLow || row.low < at)) at = row.low;
  }
  for (const { param, code, system, text } of index.tokens)
    into.token.push([ck, rid, at, code === undefined ? 0 : codeKey(type, param, code), systemKey(system), paramKey(type, param), code === undefined ? null : indexText(code), text === undefined ? null : indexText(text)]);
  for (const row of index.references) deriveReference(into.reference, type, row, ck, rid, at);
  for (const { param, value, exact } of index.strings) into.string.push([ck, rid, paramKey(type, param), indexText(value), indexText(exact)]);
  for (const { param, low, high } of index.numbers) into.number.push([ck, rid, low, high, paramKey(type, param)]);
  for (const row of index.quantities)
    into.quantity.push([ck, rid, row.low, row.high, textKey(row.code), textKey(row.unit), systemKey(row.system), paramKey(type, row.param), textKey(row.canonicalUnit), row.canonicalLow ?? null, row.canonicalHigh ?? null]);
  for (const { param, value } of index.uris) into.uri.push([ck, rid, paramKey(type, param), indexText(value)]);
  for (const person of persons) into.compartment.push([ck, rid, person]);
  // Who subscribed stands in the place of a person, and cares for what is theirs (subscriptions/owner.ts).
  if (type === "Subscription") for (const owner of persons) into.care.push([ck, rid, owner, owner]);
  for (const practitioner of careOf(resource, index)) for (const person of persons) if (person !== "0") into.care.push([ck, rid, practitioner, person]);
}

/** Patients that rows of this bucket name though theirs is another; searches by person look there too. */
export function straysOf({ references }: IndexRows, ck: number): { person: string; ck: number }[] {
  return references.flatMap(({ targetType, targetId }) => targetType === "Patient" && targetId !== undefined && placeOf("Patient", targetId) !== ck ? [{ person: ridOf("Patient", targetId), ck }] : []);
}

/** 0 stands for none. */
export function textKey(text: string | undefined): string {
  return text === undefined ? "0" : hash64(`text ${text}`);
}

/** 0 stands for no version. */
export function versionKey(version: string | undefined): string {
  return version === undefined ? "0" : hash64(`version ${version}`);
}

function deriveReference(into: Cell[][], type: string, row: ReferenceRow, ck: number, rid: string, at: number): void {
  const param = paramKey(type, row.param);
  if (row.targetId !== undefined && row.targetType !== undefined)
    into.push([ck, rid, at, ridOf(row.targetType, row.targetId), param, placeOf(row.targetType, row.targetId) ?? null, "0"]);
  if (row.url !== undefined) into.push([ck, rid, at, urlKey(row.url), param, null, versionKey(row.version)]);
  if (row.identifierSystem !== undefined || row.identifierValue !== undefined) {
    const system = row.identifierSystem ?? "";
    const keys = new Set([identifierKey(system, undefined), identifierKey(system, row.identifierValue), ...(row.identifierValue === undefined ? [] : [identifierKey(undefined, row.identifierValue)])]);
    for (const key of keys) into.push([ck, rid, at, key, param, null, "0"]);
  }
}

