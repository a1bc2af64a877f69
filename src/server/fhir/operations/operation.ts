/**
 * An operation: its definition, and the function that carries it out once its parameters are read. One file an
 * operation in this folder, listed in list.ts; routes, parsing and the CapabilityStatement follow from the definition.
 * Source: https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/operationdefinition.html
 */
import type { Readable } from "node:stream";
import type { Resource } from "#fhir/resource.ts";
import type { ParameterReader, Parameters } from "#fhir/terminology/parameters.ts";
import { ok, type Result } from "#platform/result.ts";
import type { Caller } from "#record/record.ts";
import type { ServerDeps } from "../../deps.ts";
import { acceptance } from "../async.ts";

/** "version": on one version of a resource, which R4 allows for meta alone. */
export type Level = "system" | "type" | "instance" | "version";

export type InputParameter = {
  name: string;
  /** A datatype, a resource type, "Resource" for any, or "part" for a parameter of parts. */
  type: string;
  /** Times it must stand there. Default 0. */
  min?: number;
  /** Times it may. Default 1. */
  max?: number;
  /** A Reference that may stand in a query too, as its text. */
  inQuery?: true;
};

export type OperationDefinition = {
  /** Canonical url of the OperationDefinition. */
  url: string;
  code: string;
  /** Types it is offered on; "any" for all. */
  resource: readonly string[] | "any";
  levels: readonly Level[];
  /** Offered with POST alone. */
  affectsState: boolean;
  input: readonly InputParameter[];
  /** Query parameters that are not its own are search parameters, handed on as `query`. */
  searches?: true;
  /** Answers in pages: takes `_cursor` from its own links. */
  paged?: true;
  /** Takes NDJSON as its body too, as it comes. */
  takesLines?: true;
  /** Sees itself to being answered later (Prefer: respond-async). */
  asynchronous?: true;
  /** Its body is not Parameters: it reads `body` itself. */
  ownBody?: true;
  /** Answers in forms of its own: `_format` is a parameter of it, and Accept is its to read. */
  ownForm?: true;
  /** What the CapabilityStatement tells beside it. */
  documentation?: string;
};

export type OperationCall = {
  deps: ServerDeps;
  caller: Caller;
  definition: OperationDefinition;
  level: Level;
  /** "" on the system. */
  type: string;
  /** "" where it is not on an instance. */
  id: string;
  version?: number;
  /** What was asked, read against the definition. */
  given: ParameterReader;
  parameters: Parameters;
  /** Search parameters beside them, as sent. */
  query: string;
  cursor?: string;
  /** `_format` of the address, for the links of its pages. */
  format: readonly string[];
  /** What was sent, if anything: FHIR as JSON text. */
  body?: { contentType: string; text: string };
  /** Of an operation that takes them. */
  lines?: AsyncIterable<Buffer>;
  /** Absolute base of this node, and the address that was asked, without its query. */
  base: string;
  here: string;
  /** The Accept-Language header. */
  language?: string;
  /** The headers Prefer and Accept; "" where there is none. */
  prefer: string;
  accept: string;
  /** Aborted when the client has gone, or has the whole answer. */
  gone(): AbortSignal;
};

/** `contentType` where it is not FHIR JSON. A stream that ends with an error breaks the connection off. */
export type OperationAnswer = { status: number; text: string; contentType?: string; headers?: Readonly<Record<string, string>> } | StreamedAnswer;
export type StreamedAnswer = { status: number; stream: Readable; contentType: string; headers?: Readonly<Record<string, string>> };

export type Operation = { definition: OperationDefinition; run(call: OperationCall): Promise<Result<OperationAnswer>> };

export function answer(resource: Resource, status = 200): Result<OperationAnswer> {
  return ok({ status, text: JSON.stringify(resource) });
}

/** Of an asynchronous one: where its job is asked about (../async.ts). */
export function accepted(base: string, job: string): Result<OperationAnswer> {
  const { text, headers } = acceptance(base, job);
  return ok({ status: 202, text, headers });
}

/** Canonical url of an operation that HL7 defines. */
export function hl7(name: string): string {
  return `http://hl7.org/fhir/OperationDefinition/${name}`;
}
