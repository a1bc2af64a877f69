/**
 * What is derived from a resource's content, as columns of the index tables. Used by the write path, and by
 * verify to derive the rows again; so equal content always gives equal rows.
 */
import type { Cell } from "#platform/database/arrays.ts";
import { searchParametersOf } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import { indexRows, type IndexRows } from "#fhir/search/index-rows.ts";
import { partsOf } from "#fhir/search/repeats.ts";
import { openLow, type ContainedRows, type QuantityRow, type ReferenceRow, type TypedRows } from "#fhir/search/rows.ts";
import { personParams } from "./about.ts";
import { codeKey, containedCode, containedElementParam, containedKey, containedParam, containedType, hash64, identifierKey, paramKey, placeOf, ridOf, systemKey, urlKey } from "./keys.ts";
import { careOf } from "./persons.ts";
import { vectorText } from "./search/words.ts";
import { keptReferences } from "./stored-params.ts";

type Kind = "bigint" | "int" | "float8" | "text" | "tsvector";
export type { Cell };

/** Columns in the order of the rows below. */
export const tables = {
  token: { ck: "bigint", rid: "bigint", at: "bigint", code: "bigint", system: "int", param: "int", plain: "text", text: "text" },
  reference: { ck: "bigint", rid: "bigint", at: "bigint", target: "bigint", param: "int", place: "bigint", tag: "bigint" },
  date: { ck: "bigint", rid: "bigint", low: "bigint", high: "bigint", param: "int" },
  string: { ck: "bigint", rid: "bigint", param: "int", value: "text", exact: "text" },
  number: { ck: "bigint", rid: "bigint", low: "float8", high: "float8", param: "int" },
  quantity: { ck: "bigint", rid: "bigint", low: "float8", high: "float8", code: "bigint", unit: "bigint", system: "int", param: "int", base: "bigint", base_low: "float8", base_high: "float8" },
  uri: { ck: "bigint", rid: "bigint", param: "int", value: "text" },
  element: { ck: "bigint", rid: "bigint", element: "int", param: "int", code: "bigint", system: "int", unit: "bigint", low: "float8", high: "float8", base: "bigint", base_low: "float8", base_high: "float8", target: "bigint", tag: "bigint", value: "text", exact: "text" },
  position: { ck: "bigint", rid: "bigint", latitude: "float8", longitude: "float8" },
  words: { ck: "bigint", rid: "bigint", param: "int", narrative: "tsvector", content: "tsvector" },
  compartment: { ck: "bigint", rid: "bigint", person: "bigint" },
  care: { ck: "bigint", rid: "bigint", practitioner: "bigint", person: "bigint" },
} as const satisfies Record<string, Record<string, Kind>>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as TableName[];
export type Rows = Record<TableName, Cell[][]>;

export function emptyRows(): Rows {
  return { token: [], reference: [], date: [], string: [], number: [], quantity: [], uri: [], element: [], position: [], words: [], compartment: [], care: [] };
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
  for (const { param, code, system, text } of index.tokens) if (!partsOf(type, param))
    into.token.push([ck, rid, at, code === undefined ? 0 : codeKey(type, param, code), systemKey(system), paramKey(type, param), code === undefined ? null : indexText(code), text === undefined ? null : indexText(text)]);
  for (const row of keptReferences(type, index.references)) for (const { target, place, tag } of referenceKeys(row, rid)) into.reference.push([ck, rid, at, target, paramKey(type, row.param), place, tag]);
  for (const { param, value, exact } of index.strings) into.string.push([ck, rid, paramKey(type, param), indexText(value), indexText(exact)]);
  for (const { param, low, high } of index.numbers) into.number.push([ck, rid, low, high, paramKey(type, param)]);
  for (const row of index.quantities) {
    if (partsOf(type, row.param)) continue;
    const { low, high, code, unit, system, base, base_low, base_high } = quantityCells(row);
    into.quantity.push([ck, rid, low, high, code, unit, system, paramKey(type, row.param), base, base_low, base_high]);
  }
  for (const { param, value } of index.uris) into.uri.push([ck, rid, paramKey(type, param), indexText(value)]);
  for (const { number, rows } of index.elements) deriveElement(into.element, type, rows, { ck, rid, element: number });
  for (const { latitude, longitude } of index.positions) into.position.push([ck, rid, latitude, longitude]);
  if (index.contained.length) deriveContained(into, type, index.contained, { ck, rid, at });
  const narrative = vectorText(index.words.narrative), content = vectorText(index.words.content);
  if (content !== null) into.words.push([ck, rid, paramKey(type, "_content"), narrative, content]);
  if (!personParams(type)) for (const person of persons) into.compartment.push([ck, rid, person]);
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

/** Of rows that lead to contained resources: what has no version needs none. */
export const containedTag = "1";

/** 0 stands for no version. */
export function versionKey(version: string | undefined): string {
  return version === undefined ? "0" : hash64(`version ${version}`);
}

/** `rid`: of the resource that has the row, or holds the contained one that has it. */
function referenceKeys(row: ReferenceRow, rid: string): { target: string; place: number | null; tag: string }[] {
  const found: { target: string; place: number | null; tag: string }[] = [];
  if (row.targetId !== undefined && row.targetType !== undefined) found.push({ target: ridOf(row.targetType, row.targetId), place: placeOf(row.targetType, row.targetId) ?? null, tag: "0" });
  if (row.contained !== undefined) found.push({ target: containedKey(rid, row.contained), place: null, tag: containedTag });
  if (row.url !== undefined) found.push({ target: urlKey(row.url), place: null, tag: versionKey(row.version) });
  if (row.identifierSystem !== undefined || row.identifierValue !== undefined) {
    const system = row.identifierSystem ?? "";
    const keys = new Set([identifierKey(system, undefined), identifierKey(system, row.identifierValue), ...(row.identifierValue === undefined ? [] : [identifierKey(undefined, row.identifierValue)])]);
    for (const key of keys) found.push({ target: key, place: null, tag: "0" });
  }
  return found;
}

function quantityCells({ low, high, code, unit, system, canonicalUnit, canonicalLow, canonicalHigh }: QuantityRow) {
  return { low, high, code: textKey(code), unit: textKey(unit), system: systemKey(system), base: textKey(canonicalUnit), base_low: canonicalLow ?? null, base_high: canonicalHigh ?? null };
}

type ElementKey = { ck: number; rid: string; element: number };
type ElementCells = Partial<Record<keyof (typeof tables)["element"], Cell>>;

/** Where the values of a contained resource's position and of a token's text stand. */
export const positionParam = "near";

/**
 * Contained resources: each is an element, numbered downwards from -1, with the rows of all its parameters and one that
 * names it; elements of its composites are numbered among them. That there is one, and its codes, stand among the tokens
 * of what holds it: there a search begins.
 */
function deriveContained(into: Rows, holder: string, contained: readonly ContainedRows[], { ck, rid, at }: { ck: number; rid: string; at: number }): void {
  let element = 0;
  const begun = new Set<string>();
  const begin = (code: string, param: number): void => {
    if (!begun.has(code)) into.token.push([ck, rid, at, code, 0, param, null, null]);
    begun.add(code);
  };
  for (const { type, id, rows } of contained) {
    const own = containedType(type), target = containedKey(rid, id), key = { ck, rid, element: --element };
    begin(containedCode(type, holder), containedParam(type));
    for (const { param, code } of rows.tokens) if (code !== undefined) begin(codeKey(own, param, code), paramKey(own, param));
    into.element.push(elementRow(key, containedParam(type), { target, value: id }));
    deriveElement(into.element, own, rows, key, true);
    for (const { latitude, longitude } of rows.positions) into.element.push(elementRow(key, paramKey(own, positionParam), { low: latitude, high: longitude }));
    for (const { rows: parts } of rows.elements) {
      const part = { ck, rid, element: --element };
      into.element.push(elementRow(part, containedElementParam(type), { target }));
      deriveElement(into.element, own, parts, part);
    }
  }
}

function elementRow({ ck, rid, element }: ElementKey, param: number, cells: ElementCells): Cell[] {
  const row: Partial<Record<string, Cell>> = { ck, rid, element, param, ...cells };
  return elementColumns.map((column) => row[column] ?? null);
}

/** Rows of one element: columns as in the table of the part's type, the others null. `withTexts`: what `:text` searches stands as `value`. */
function deriveElement(into: Cell[][], type: string, rows: TypedRows, key: ElementKey, withTexts = false): void {
  const add = (param: string, cells: ElementCells): void => void into.push(elementRow(key, paramKey(type, param), cells));
  // A part of text alone matches no code, but it is there (`:missing`).
  for (const { param, code, system, text } of rows.tokens)
    add(param, { code: code === undefined ? 0 : codeKey(type, param, code), system: systemKey(system), ...(withTexts && text !== undefined ? { value: indexText(text) } : {}) });
  for (const row of rows.references) for (const { target, tag } of referenceKeys(row, key.rid)) add(row.param, { target, tag });
  for (const { param, low, high } of rows.dates) add(param, { low, high });
  for (const { param, low, high } of rows.numbers) add(param, { low, high });
  for (const row of rows.quantities) add(row.param, quantityCells(row));
  for (const { param, value, exact } of rows.strings) add(param, { value: indexText(value), exact: indexText(exact) });
  for (const { param, value } of rows.uris) add(param, { value: indexText(value) });
}

const elementColumns = Object.keys(tables.element);
