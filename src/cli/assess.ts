/**
 * `salus assess FILE` prints what every applicable method finds in a Bundle, resource or NDJSON file (`-` is standard
 * input); `salus assess PATIENT` does so on the stored record, stores the Findings and says what changed.
 * JSON shape: docs/cli/assess.md.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { isId, parseReference, type Resource } from "#fhir/resource.ts";
import type { Finding } from "#findings/finding.ts";
import { span } from "#findings/time.ts";
import type { Values } from "#findings/method.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { runMethods } from "#care/run.ts";
import type { Command, CommandIo } from "./command.ts";
import { findingText } from "./print-findings.ts";

const fileBytesMost = 512 << 20;

export const command: Command = {
  name: "assess",
  summary: "run every applicable method on a person of the record, or on a file",
  usage: "salus assess PATIENT|FILE [--as-of DATE] [--input name=value…] [--data DIR] [--json]",
  async run(args, io) {
    let options;
    try {
      options = parseArgs({ args: [...args], allowPositionals: true, options: { "as-of": { type: "string" }, input: { type: "string", multiple: true }, data: { type: "string" }, json: { type: "boolean" } } });
    } catch (error) {
      return wrong(io, (error as Error).message);
    }
    const [target] = options.positionals;
    if (target === undefined || options.positionals.length > 1) return wrong(io, "Name one file or one patient.");
    const asOf = options.values["as-of"] ?? new Date().toISOString();
    if (!span(asOf)) return wrong(io, `--as-of ${asOf} is no date: write 2024-05-03 or 2024-05-03T10:00:00Z.`);
    const given: Record<string, string | number | boolean> = {};
    for (const pair of options.values.input ?? []) {
      const match = /^([A-Za-z][A-Za-z0-9]*)=(.+)$/.exec(pair);
      if (!match) return wrong(io, `--input ${pair} is not name=value.`);
      given[match[1]!] = match[2] === "true" ? true : match[2] === "false" ? false : /^-?\d+(\.\d+)?$/.test(match[2]!) && match[1] !== "spo2Scale" ? Number(match[2]) : match[2]!;
    }
    const json = options.values.json ?? false;
    return target === "-" || existsSync(target) ? assessFile(io, target, asOf, given, json) : assessStored(io, target, asOf, given, json, options.values.data);
  },
};

function wrong(io: CommandIo, text: string): number {
  io.stderr.write(`${text}\nUsage: ${command.usage}\n`);
  return 2;
}

async function assessStored(io: CommandIo, target: string, asOf: string, given: Values, json: boolean, folder: string | undefined): Promise<number> {
  const id = target.startsWith("Patient/") ? target.slice("Patient/".length) : target;
  if (!isId(id)) return wrong(io, `"${target}" is neither a file that exists nor the id of a patient.`);
  const { openNode, operator } = await import("#server/node.ts");
  const { assessPerson } = await import("#care/assess.ts");
  const node = await openNode(folder === undefined ? {} : { folder });
  try {
    const done = await assessPerson(node.record, operator, id, { asOf, given });
    if (!done.ok) {
      io.stderr.write(`${done.failure.text}${existsSync(target) ? "" : `. There is no file "${target}" either`}.\n`);
      return 1;
    }
    const { findings, ...counts } = done.value;
    if (json) io.stdout.write(`${JSON.stringify({ asOf, people: [{ subject: `Patient/${id}`, ...counts, findings }] })}\n`);
    else io.stdout.write(`${findings.map(findingText).join("\n")}\n${counts.stored} stored, ${counts.unchanged} unchanged, ${counts.cancelled} cancelled\n`);
    return counts.failed.length > 0 ? 1 : 0;
  } finally {
    await node.close();
  }
}

function assessFile(io: CommandIo, path: string, asOf: string, given: Values, json: boolean): number {
  const read = readResources(path);
  const people = read.ok ? byPerson(read.value) : read;
  if (!people.ok) {
    io.stderr.write(`${people.failure.text}\n`);
    return 1;
  }
  const results = people.value.map(({ subject, resources }) => {
    const { findings, failed } = runMethods({ subject, asOf, resources, given });
    return { subject, failed, findings };
  });
  if (json) io.stdout.write(`${JSON.stringify({ asOf, people: results })}\n`);
  else for (const { subject, findings } of results) io.stdout.write(`${subject}\n${findings.length === 0 ? "No method applies.\n" : findings.map((finding: Finding) => findingText(finding)).join("\n")}\n`);
  for (const { failed } of results) for (const { method, text } of failed) io.stderr.write(`${method}: ${text}\n`);
  return results.some(({ failed }) => failed.length > 0) ? 1 : 0;
}

function readResources(path: string): Result<Resource[]> {
  let text: string;
  try {
    if (path !== "-" && statSync(path).size > fileBytesMost) return fail("too-long", `${path} is larger than ${fileBytesMost >> 20} MiB; import it and assess the patient instead.`);
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    return fail("not-found", `${path} cannot be read: ${(error as Error).message}`);
  }
  const whole = parse(text, path);
  if (whole.ok) return whole;
  const lines = text.split("\n").map((line, i) => ({ line, number: i + 1 })).filter(({ line }) => line.trim() !== "");
  if (lines.length < 2 || !parse(lines[0]!.line, path).ok) return whole;
  const resources: Resource[] = [];
  for (const { line, number } of lines) {
    const one = parse(line, `${path} line ${number}`);
    if (!one.ok) return one;
    resources.push(...one.value);
  }
  return ok(resources);
}

/** A resource, or the resources of a Bundle with references by `fullUrl` turned into "Type/id". */
function parse(text: string, where: string): Result<Resource[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail("structure", `${where} is not JSON: ${(error as Error).message}`);
  }
  if (!isResource(value)) return fail("structure", `${where} holds no FHIR resource: resourceType is missing.`);
  if (value.resourceType !== "Bundle") return ok([value]);
  const entries = Array.isArray(value["entry"]) ? (value["entry"] as { fullUrl?: string; resource?: unknown }[]) : [];
  const names = new Map<string, string>();
  const resources: Resource[] = [];
  entries.forEach((entry, i) => {
    if (!isResource(entry?.resource)) return;
    const resource = entry.resource.id === undefined ? { ...entry.resource, id: `entry-${i}` } : entry.resource;
    if (typeof entry.fullUrl === "string") names.set(entry.fullUrl, `${resource.resourceType}/${resource.id}`);
    resources.push(resource);
  });
  for (const resource of resources) resolve(resource, names);
  return ok(resources);
}

function isResource(value: unknown): value is Resource {
  return value !== null && typeof value === "object" && typeof (value as { resourceType?: unknown }).resourceType === "string";
}

function resolve(node: unknown, names: ReadonlyMap<string, string>): void {
  if (node === null || typeof node !== "object") return;
  for (const [key, member] of Object.entries(node)) {
    if (key === "reference" && typeof member === "string") {
      const name = names.get(member);
      if (name !== undefined) (node as Record<string, unknown>)[key] = name;
    } else resolve(member, names);
  }
}

/** Each Patient with the resources about them; shared ones (Medication) go to everybody. */
function byPerson(resources: readonly Resource[]): Result<{ subject: string; resources: Resource[] }[]> {
  const patients = resources.filter((resource) => resource.resourceType === "Patient");
  if (patients.length === 0) return fail("required", "The file holds no Patient: nobody can be assessed.");
  return ok(patients.map((patient) => {
    const subject = `Patient/${patient.id}`;
    return { subject, resources: resources.filter((resource) => resource === patient || (resource.resourceType !== "Patient" && isAbout(resource, subject))) };
  }));
}

function isAbout(resource: Resource, subject: string): boolean {
  const reference = ((resource["subject"] ?? resource["patient"]) as { reference?: string } | undefined)?.reference;
  if (reference === undefined) return resource.resourceType === "Medication";
  const key = parseReference(reference);
  return key !== undefined && `${key.type}/${key.id}` === subject;
}
