/**
 * `salus fhirpath EXPR FILE`: evaluates an expression on a resource, or on each line of NDJSON; `-` is standard input.
 * Results as text, one a line, or with --json as JSON lines {type, value, path?, resource?}.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Decimal } from "#fhir/fhirpath/decimal.ts";
import { compile, Node, type Environment, type Evaluator, type Item } from "#fhir/fhirpath/compile.ts";
import { evaluateWithPlaces, type Placed } from "#fhir/fhirpath/places.ts";
import { isPrimitive, Quantity, systemTypeName, TypeInfo } from "#fhir/fhirpath/values.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import { parseDocument } from "#fhir/json/document.ts";
import { terminologyPorts } from "#fhir/terminology/fhirpath-ports.ts";
import { profilePorts } from "#fhir/validate/fhirpath-ports.ts";
import { createValidator } from "#fhir/validate/validator.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Command, CommandIo } from "./command.ts";
import { documents, textLengthMax } from "./documents.ts";
import { openPackages, type Definitions } from "./packages.ts";

export const command: Command = {
  name: "fhirpath",
  summary: "an expression on a FHIR JSON or NDJSON file",
  usage: "salus fhirpath EXPR FILE|- [--package PATH]… [--json] [--strict]",
  async run(args, io) {
    let options;
    try {
      options = parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: "boolean" }, strict: { type: "boolean" }, package: { type: "string", multiple: true } } });
    } catch (error) {
      io.stderr.write(`${(error as Error).message}\nAn expression that begins with - goes after --.\nUsage: ${command.usage}\n`);
      return 2;
    }
    const [expression, file, ...more] = options.positionals;
    if (expression === undefined || file === undefined || more.length > 0) {
      io.stderr.write(`Give one expression in quotes and one file, or - for standard input.\nUsage: ${command.usage}\n`);
      return 2;
    }
    const general = compile(expression);
    if (!general.ok) {
      io.stderr.write(`${general.failure.text}\n`);
      return 2;
    }
    if (file !== "-" && !(await stat(file).catch(() => undefined))?.isFile()) {
      io.stderr.write(`${file} cannot be read; name a JSON or NDJSON file, or - for standard input.\n`);
      return 1;
    }
    const definitions = await openPackages(options.values.package ?? [], io);
    return definitions ? evaluateAll(expression, file, { json: options.values.json === true, strict: options.values.strict === true }, definitions, io) : 1;
  },
};

async function evaluateAll(expression: string, file: string, { json, strict }: { json: boolean; strict: boolean }, { registry, terminology }: Definitions, io: CommandIo): Promise<number> {
  const byType = new Map<string, Evaluator | string>();
  const source = file === "-" ? io.stdin : createReadStream(file);
  const environment: Environment = {
    ...profilePorts(createValidator({ registry })), ...terminologyPorts(terminology),
    trace: (name, items) => { io.stderr.write(`${name}: ${items.map((item) => shown(item)).join(", ")}\n`); },
  };
  let failed = 0;
  const complain = (place: string, text: string): void => {
    failed += 1;
    io.stderr.write(`${place}${text}\n`);
  };
  const evaluate = async (resource: Resource, line: number | undefined): Promise<void> => {
    const place = line === undefined ? "" : `line ${line}: `;
    const type = resource.resourceType;
    let evaluator = byType.get(type);
    if (evaluator === undefined) {
      const compiled = isResourceType(type) ? compile(expression, { type, strict, variables: [] }) : undefined;
      byType.set(type, evaluator = compiled === undefined ? `there is no resource type "${type}" in R4` : compiled.ok ? compiled.value : compiled.failure.text);
    }
    if (typeof evaluator === "string") return complain(place, evaluator);
    const result = evaluateWithPlaces(evaluator, resource, environment);
    if (!result.ok) return complain(place, result.failure.text);
    const of = line === undefined ? undefined : `${type}/${resource.id ?? ""}`;
    for (const { item, path } of result.value) {
      const free = io.stdout.write(json ? `${lineOf({ item, path }, of)}\n` : `${shown(item)}\n`);
      if (!free) await new Promise<void>((resume) => io.stdout.once("drain", resume));
    }
  };
  try {
    for await (const { text, line } of documents(source, file.endsWith(".ndjson"))) {
      const parsed = parseDocument(text, { sizeMax: textLengthMax });
      if (parsed.ok) await evaluate(parsed.value.value, line);
      else complain(line === undefined ? "" : `line ${line}: `, parsed.failure.text);
    }
  } catch (error) {
    complain("", `${file} cannot be read: ${(error as Error).message}`);
  }
  return failed === 0 ? 0 : 1;
}

function shown(item: Item): string {
  if (item instanceof TypeInfo) return `${item.namespace}.${item.name}`;
  if (!(item instanceof Node)) return String(item);
  return typeof item.value === "object" ? JSON.stringify(item.value) : String(item.value ?? JSON.stringify(item.twin));
}

function lineOf({ item, path }: Placed, resource: string | undefined): string {
  const [type, value] = typed(item);
  const rest = `${path === undefined ? "" : `,"path":${JSON.stringify(path)}`}${resource === undefined ? "" : `,"resource":${JSON.stringify(resource)}`}`;
  return `{"type":${JSON.stringify(type)},"value":${value}${rest}}`;
}

/** Type name and value as JSON; decimals keep their digits. A primitive with extensions only has the value null. */
function typed(item: Item): [type: string, value: string] {
  if (item instanceof Node) return [isPrimitive(item.type) || isResourceType(item.type) || !item.type.includes(".") ? item.type : "BackboneElement", JSON.stringify(item.value ?? null)];
  if (item instanceof TypeInfo) return ["TypeInfo", JSON.stringify({ namespace: item.namespace, name: item.name })];
  const type = `System.${systemTypeName(item)}`;
  if (item instanceof Decimal) return [type, String(item)];
  if (item instanceof Quantity) return [type, `{"value":${item.value},"unit":${JSON.stringify(item.unit)}}`];
  return [type, typeof item === "object" ? JSON.stringify(item.text) : JSON.stringify(item)];
}
