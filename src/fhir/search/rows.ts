/**
 * Index rows: what one resource says under each search parameter, typed by search type.
 * Source: https://hl7.org/fhir/R4/search.html#table (which datatypes feed which search type).
 * `_id` and `_lastUpdated` have no rows: they are the id and commit time that every store has as columns.
 * Rows of one array are distinct.
 */
import type { Resource } from "../resource.ts";
import type { Words } from "./words.ts";

/**
 * token: code, Coding, CodeableConcept, Identifier, ContactPoint, boolean, id, uri, string.
 * `code` of an element of type string is in lower case: search there ignores case.
 * `text` is what `:text` searches (Coding.display, CodeableConcept.text, Identifier.type.text), already
 * normalised as strings are. A row without `code` and `system` serves `:text` alone.
 */
export type TokenRow = { param: string; system?: string; code?: string; text?: string };

/** string: string, markdown, and each part of HumanName and Address. `value` is normalised (`normalise`), `exact` as written. */
export type StringRow = { param: string; value: string; exact: string };

/**
 * date: date, dateTime, instant, Period, Timing. Epoch milliseconds, [low, high): 2020-01 is
 * [2020-01-01T00:00Z, 2020-02-01T00:00Z). Without a zone UTC is taken. Open ends are `openLow` / `openHigh`.
 */
export type DateRow = { param: string; low: number; high: number };

/** number: integer, decimal, Range. Exact values, [low, high] inclusive: equal for a single value; ±Infinity where open. */
export type NumberRow = { param: string; low: number; high: number };

/**
 * quantity: Quantity (Age, Count, Duration, …), Money (system urn:iso:std:iso:4217, code its currency), Range.
 * [low, high] inclusive as for numbers; a comparator opens one side ("<5" is [-Infinity, 5]).
 * Canonical members are in UCUM base units, present when the unit is UCUM and known.
 */
export type QuantityRow = {
  param: string; low: number; high: number; system?: string; code?: string; unit?: string;
  canonicalLow?: number; canonicalHigh?: number; canonicalUnit?: string;
};

/**
 * reference: Reference, canonical, uri. Relative references give `targetType` + `targetId` (and `version`);
 * absolute ones and canonicals give `url` (canonical: without |version, which goes to `version`);
 * `targetType` stands beside url when Reference.type or the url states it. Logical references give `identifierSystem`/`identifierValue`.
 * A reference to a contained resource ("#m1") gives its id as `contained` and its type; one to nothing there gives no row.
 */
export type ReferenceRow = {
  param: string; targetType?: string; targetId?: string; url?: string; version?: string; contained?: string;
  identifierSystem?: string; identifierValue?: string;
};

/** uri: uri, url, canonical, oid, uuid; compared exactly. */
export type UriRow = { param: string; value: string };

/** Location.position, degrees. */
export type PositionRow = { latitude: number; longitude: number };

/** What one element (Observation.component[0]) says to the components of composites; `path`, `number` and params as in elements.ts. */
export type ElementRows = { path: string; number: number; rows: TypedRows };

export type TypedRows = {
  tokens: TokenRow[];
  strings: StringRow[];
  dates: DateRow[];
  numbers: NumberRow[];
  quantities: QuantityRow[];
  references: ReferenceRow[];
  uris: UriRow[];
};

/** `contained`: of each contained resource its own rows; theirs is the same list, for they may refer to each other. */
export type IndexRows = TypedRows & { elements: ElementRows[]; positions: PositionRow[]; words: Words; contained: readonly ContainedRows[] };

/** `id`: within its container. */
export type ContainedRows = { type: string; id: string; resource: Resource; rows: IndexRows; /** When what holds it was changed. */ updated: string | undefined };

/** The instants of JavaScript's Date range: before and after every date. */
export const openLow = -8_640_000_000_000_000;
export const openHigh = 8_640_000_000_000_000;
