/**
 * The parameters of an operation, read against its definition before any logic: from the query of a GET, from a
 * Parameters resource, from a form, or from a resource that is the body itself. What the definition does not know, what
 * has another type, stands too often or is missing is refused with the parameter's name.
 * Source: https://hl7.org/fhir/R4/operations.html#request
 */
import { isResourceType, typeDefinition } from "#fhir/definitions/load.ts";
import { parseDocument } from "#fhir/json/document.ts";
import { parseLiterals } from "#fhir/json/literals.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Parameter, Parameters } from "#fhir/terminology/parameters.ts";
import { fail, ok, type Issue, type Result } from "#platform/result.ts";
import type { InputParameter, OperationCall, OperationDefinition } from "./operation.ts";

/** `query`: what is not the operation's own, of one that searches. */
export type Given = { parameters: Parameters; query: string; cursor?: string };

const parametersMax = 20_000;
/** Words that choose presentation alone. */
const presentation = new Set(["_format", "_pretty"]);

/** Datatypes that are sent for one another without harm: a client's valueUri where valueCanonical is defined. */
const families: readonly ReadonlySet<string>[] = [
  new Set(["string", "uri", "url", "canonical", "code", "id", "oid", "uuid", "markdown"]),
  new Set(["integer", "positiveInt", "unsignedInt"]),
  new Set(["date", "dateTime", "instant"]),
];

export function readGiven(definition: OperationDefinition, rawQuery: string, body: { kind: "none" } | { kind: "form"; text: string } | { kind: "json"; text: string }): Result<Given> {
  const found: Parameter[] = [];
  const rest: string[] = [];
  let cursor: string | undefined;
  const query = body.kind === "form" && body.text !== "" ? [rawQuery, body.text].filter((part) => part !== "").join("&") : rawQuery;
  for (const part of query.split("&")) {
    if (part === "") continue;
    const [[name, text] = ["", ""]] = [...new URLSearchParams(part)];
    if (presentation.has(name) && !(definition.ownForm && name === "_format")) continue;
    if (definition.paged && name === "_cursor") { cursor = text; continue; }
    const known = definition.input.find((one) => one.name === name);
    if (!known) {
      if (definition.searches) { rest.push(part); continue; }
      return fail("not-supported", unknownText(definition, name));
    }
    const value = fromText(known, text);
    if (!value.ok) return value;
    found.push(value.value);
  }
  if (body.kind === "json") {
    const read = fromBody(definition, body.text);
    if (!read.ok) return read;
    found.push(...read.value);
  }
  const counted = countFault(definition, found);
  if (counted) return counted;
  return ok({ parameters: { resourceType: "Parameters", parameter: found }, query: rest.join("&"), ...(cursor === undefined ? {} : { cursor }) });
}

function unknownText({ code, input }: OperationDefinition, name: string): string {
  return `$${code} has no parameter "${name.slice(0, 64)}"${input.length ? `; it takes ${input.map((one) => one.name).join(", ")}` : "; it takes none"}`;
}

function capital(type: string): string {
  return type[0]!.toUpperCase() + type.slice(1);
}

function isPrimitive(type: string): boolean {
  return typeDefinition(type)?.kind === "primitive";
}

function fromText({ name, type, inQuery }: InputParameter, text: string): Result<Parameter> {
  if (inQuery) return ok({ name, valueReference: { reference: text } });
  if (!isPrimitive(type)) return fail("value", `${name} is a ${type}: send it with POST, in a Parameters resource`);
  const value = type === "boolean" ? (text === "true" ? true : text === "false" ? false : undefined)
    : families[1]!.has(type) ? (/^-?\d{1,10}$/.test(text) ? Number(text) : undefined) : type === "decimal" ? (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined) : text;
  const fault = value === undefined ? `${name} must be ${type}, found "${text.slice(0, 80)}"` : primitiveFault(name, type, value);
  return fault === undefined ? ok({ name, [`value${capital(type)}`]: value }) : fail("value", fault);
}

function primitiveFault(name: string, type: string, value: unknown): string | undefined {
  const wanted = type === "boolean" ? "boolean" : families[1]!.has(type) || type === "decimal" ? "number" : "string";
  const shown = typeof value === "string" ? `"${value.slice(0, 80)}"` : typeof value === "object" ? "a structure" : String(value);
  if (typeof value !== wanted || value === "") return `${name} must be ${type}, found ${shown}`;
  const { regex } = typeDefinition(type) ?? {};
  return regex && typeof value !== "boolean" && String(value).length <= 100_000 && !regex.test(String(value)) ? `${name} must be ${type}, found ${shown}` : undefined;
}

function fromBody(definition: OperationDefinition, text: string): Result<Parameter[]> {
  const document = parseDocument(text);
  if (!document.ok) return document;
  const resource = document.value.value;
  if (resource.resourceType !== "Parameters") return bodyAsParameter(definition, resource);
  const { parameter = [] } = resource as { parameter?: unknown };
  if (!Array.isArray(parameter)) return fail("structure", "Parameters.parameter must be a list");
  if (parameter.length > parametersMax) return fail("too-costly", `${parameter.length} parameters; at most ${parametersMax} are taken`);
  const issues: Issue[] = [];
  const found: Parameter[] = [];
  for (const [i, one] of (parameter as unknown[]).entries()) {
    const fault = parameterFault(definition, one);
    if (fault === undefined) found.push(one as Parameter);
    else issues.push({ severity: "error", code: fault.code, text: fault.text, expression: `Parameters.parameter[${i}]` });
  }
  return issues.length ? fail(issues[0]!.code, issues[0]!.text, issues) : ok(found);
}

/** R4 allows the resource itself as the body where the operation takes one resource. */
function bodyAsParameter({ code, input }: OperationDefinition, resource: Resource): Result<Parameter[]> {
  const takers = input.filter(({ type, max = 1 }) => max === 1 && (type === "Resource" || isResourceType(type)));
  const [taker] = takers;
  if (takers.length === 1 && (taker!.type === "Resource" || taker!.type === resource.resourceType)) return ok([{ name: taker!.name, resource }]);
  return fail("structure", `$${code} takes a Parameters resource; the body is a ${String(resource.resourceType).slice(0, 64)}`);
}

/** The text of a resource that was sent, its numbers as they were written: in the parameter of this name, else the body itself. */
export function sentResource({ body, given }: Pick<OperationCall, "body" | "given">, name: string): string | undefined {
  const found = given.resource(name);
  if (!found || !body) return undefined;
  const literal = parseLiterals(body.text);
  if (!literal.ok) return JSON.stringify(found);
  const sent = literal.value as { resourceType?: string; parameter?: { name?: string; resource?: unknown }[] };
  return JSON.stringify(sent.resourceType === "Parameters" && found.resourceType !== "Parameters" ? sent.parameter?.find((one) => one.name === name)?.resource : sent);
}

type Fault = { code: "structure" | "not-supported" | "value"; text: string };

function parameterFault(definition: OperationDefinition, one: unknown): Fault | undefined {
  if (typeof one !== "object" || one === null || Array.isArray(one)) return { code: "structure", text: "A parameter is an object with a name and a value" };
  const { name } = one as { name?: unknown };
  if (typeof name !== "string") return { code: "structure", text: "A parameter needs a name" };
  const known = definition.input.find((input) => input.name === name);
  if (!known) return { code: "not-supported", text: unknownText(definition, name) };
  const members = Object.keys(one).filter((member) => member.startsWith("value") || member === "resource" || member === "part");
  if (members.length !== 1) return { code: "structure", text: `${name} needs one value, found ${members.length === 0 ? "none" : members.join(", ")}` };
  return valueFault(known, members[0]!, (one as Record<string, unknown>)[members[0]!]);
}

function valueFault({ name, type }: InputParameter, member: string, value: unknown): Fault | undefined {
  const wrong: Fault = { code: "value", text: `${name} must be ${type === "part" ? "given in parts" : isResourceType(type) || type === "Resource" ? `a ${type} resource` : type}, found ${member}` };
  if (type === "part") return member === "part" && Array.isArray(value) ? undefined : wrong;
  if (type === "Resource" || isResourceType(type)) {
    const resourceType = typeof value === "object" && value !== null ? (value as Resource).resourceType : undefined;
    if (member !== "resource" || typeof resourceType !== "string") return wrong;
    return type === "Resource" || type === resourceType ? undefined : { code: "value", text: `${name} must be a ${type}, found a ${resourceType.slice(0, 64)}` };
  }
  const sent = member.slice("value".length);
  // Terminology clients write flags as text.
  if (type === "boolean" && (value === "true" || value === "false")) return undefined;
  const family = families.find((one) => one.has(type));
  if (sent !== capital(type) && !(family && [...family].some((sister) => capital(sister) === sent))) return wrong;
  if (!isPrimitive(type)) return typeof value === "object" && value !== null && !Array.isArray(value) ? undefined : wrong;
  const fault = primitiveFault(name, type, value);
  return fault === undefined ? undefined : { code: "value", text: fault };
}

function countFault({ code, input }: OperationDefinition, found: readonly Parameter[]): ReturnType<typeof fail> | undefined {
  for (const { name, min = 0, max = 1 } of input) {
    const times = found.filter((one) => one.name === name).length;
    if (times < min) return fail("required", `$${code} needs the parameter ${name}`);
    if (times > max) return fail("value", `$${code} takes ${name} ${max === 1 ? "once" : `${max} times`}, found it ${times} times`);
  }
  return undefined;
}
