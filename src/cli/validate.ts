/**
 * `salus validate FILE…`: resources against base R4, the profiles they claim and those named, with definitions from
 * packages on disk. FHIR JSON, NDJSON and XML. Exit 1 when anything has an error.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Issue, Result } from "#platform/result.ts";
import { parseDocument } from "#fhir/json/document.ts";
import { mustSupportOf } from "#fhir/profiles/must-support.ts";
import type { Resource } from "#fhir/resource.ts";
import { createValidator, type Question, type Settings, type Validator } from "#fhir/validate/validator.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import type { Command, CommandIo } from "./command.ts";
import { documents, textLengthMax } from "./documents.ts";
import { openPackages } from "./packages.ts";

const options = {
  profile: { type: "string", multiple: true }, package: { type: "string", multiple: true }, json: { type: "boolean" },
  "unknown-extensions": { type: "string" }, "wrong-displays": { type: "string" }, places: { type: "string" }, "must-support": { type: "boolean" }, quiet: { type: "boolean" },
} as const;

const severities: readonly Settings["unknownExtensions"][] = ["error", "warning", "ignore"];

export const command: Command = {
  name: "validate",
  summary: "FHIR files against R4 and profiles",
  usage: "salus validate FILE… [--profile URL]… [--package PATH]… [--unknown-extensions error|warning|ignore] [--wrong-displays error|warning] [--places exact|hl7] [--must-support] [--quiet] [--json]",
  async run(args, io) {
    let given;
    try {
      given = parseArgs({ args: [...args], allowPositionals: true, options });
    } catch (error) {
      return refuse(io, (error as Error).message);
    }
    const { values, positionals } = given;
    const unknownExtensions = values["unknown-extensions"] ?? "warning";
    if (!isSeverity(unknownExtensions)) return refuse(io, `--unknown-extensions takes ${severities.join(", ")}, found "${unknownExtensions}".`);
    const wrongDisplay = values["wrong-displays"] ?? "error";
    if (wrongDisplay !== "error" && wrongDisplay !== "warning") return refuse(io, `--wrong-displays takes error or warning, found "${wrongDisplay}".`);
    const places = values.places ?? "exact";
    if (places !== "exact" && places !== "hl7") return refuse(io, `--places takes exact or hl7, found "${places}".`);
    if (positionals.length === 0 && !values["must-support"]) return refuse(io, "Name a file to validate, or - for standard input.");
    const definitions = await openPackages(values.package ?? [], io);
    if (!definitions) return 1;
    const { registry, terminology, resources } = definitions;
    const validator = createValidator({ registry, terminology: terminology(), settings: { unknownExtensions, wrongDisplay, places } });
    const profiles = values.profile ?? [];
    for (const url of profiles) {
      const profile = validator.definitions.profile(url);
      if (!profile.ok) { io.stderr.write(`${profile.failure.text}\n`); return 1; }
      for (const fault of profile.value.faults) io.stderr.write(`${url}: ${fault}\n`);
      if (values["must-support"]) listMustSupport(url, validator, io);
    }
    const work = new Work(validator, profiles, { json: values.json === true, quiet: values.quiet === true }, byKey(resources), io);
    for (const path of positionals) await work.file(path);
    return work.finish();
  },
};

function refuse(io: CommandIo, text: string): number {
  io.stderr.write(`${text}\nUsage: ${command.usage}\n`);
  return 2;
}

function isSeverity(text: string): text is Settings["unknownExtensions"] {
  return (severities as readonly string[]).includes(text);
}

function byKey(resources: readonly Resource[]): Map<string, Resource> {
  return new Map(resources.flatMap((one) => one.id === undefined ? [] : [[`${one.resourceType}/${one.id}`, one] as const]));
}

function listMustSupport(url: string, { definitions }: Validator, io: CommandIo): void {
  const tree = definitions.registry.tree(url);
  if (tree.ok) io.stdout.write(`${url} must support:\n${mustSupportOf(tree.value).map((id) => `  ${id}\n`).join("")}`);
}

class Work {
  readonly #validator: Validator;
  readonly #profiles: readonly string[];
  readonly #format: { json: boolean; quiet: boolean };
  readonly #known: ReadonlyMap<string, Resource>;
  readonly #io: CommandIo;
  /** Code systems and value sets that could not be looked into, with how often. */
  readonly #unknown = new Map<string, number>();
  #resources = 0;
  #invalid = 0;
  #failed = 0;

  constructor(validator: Validator, profiles: readonly string[], format: { json: boolean; quiet: boolean }, known: ReadonlyMap<string, Resource>, io: CommandIo) {
    this.#validator = validator;
    this.#profiles = profiles;
    this.#format = format;
    this.#known = known;
    this.#io = io;
  }

  async file(path: string): Promise<void> {
    if (path !== "-" && !(await stat(path).catch(() => undefined))?.isFile()) return this.#fail(`${path} cannot be read; name a JSON, NDJSON or XML file, or - for standard input.`);
    const source = path === "-" ? this.#io.stdin : createReadStream(path);
    try {
      for await (const { text, line } of documents(source, path.endsWith(".ndjson"))) {
        const place = line === undefined ? path : `${path}:${line}`;
        const read = resourceOf(text);
        if (read.ok) await this.#validate(read.value, place);
        else await this.#tell(place, undefined, [{ severity: "fatal", code: read.failure.code, text: read.failure.text }], []);
      }
    } catch (error) {
      this.#fail(`${path} cannot be read: ${(error as Error).message}`);
    }
  }

  #fail(text: string): void {
    this.#failed += 1;
    this.#io.stderr.write(`${text}\n`);
  }

  async #validate(resource: Resource, place: string): Promise<void> {
    const { issues, questions } = this.#validator.validate(resource, { profiles: this.#profiles, resolve: (reference) => this.#known.get(reference) });
    await this.#tell(place, resource, issues, questions);
  }

  async #tell(place: string, resource: Resource | undefined, issues: readonly Issue[], questions: readonly Question[]): Promise<void> {
    const valid = !issues.some(({ severity }) => severity === "error" || severity === "fatal");
    this.#resources += 1;
    if (!valid) this.#invalid += 1;
    for (const { text } of questions) this.#unknown.set(text, (this.#unknown.get(text) ?? 0) + 1);
    const shown = this.#format.quiet ? issues.filter(({ severity }) => severity === "error" || severity === "fatal") : issues;
    const { resourceType, id } = resource ?? {};
    const text = this.#format.json
      ? `${JSON.stringify({ place, ...(resourceType === undefined ? {} : { resourceType }), ...(id === undefined ? {} : { id }), valid, issues: shown, notChecked: questions })}\n`
      : shown.map((issue) => `${place}: ${issue.severity}: ${issue.text}\n`).join("");
    if (text !== "" && !this.#io.stdout.write(text)) await new Promise<void>((resume) => this.#io.stdout.once("drain", resume));
  }

  finish(): number {
    const { stderr } = this.#io;
    if (!this.#format.json) for (const [text, count] of this.#unknown) stderr.write(`Not checked ${count}×: ${text}\n`);
    if (this.#resources > 0) stderr.write(`${this.#resources} ${this.#resources === 1 ? "resource" : "resources"}: ${this.#resources - this.#invalid} valid, ${this.#invalid} with errors\n`);
    return this.#invalid + this.#failed > 0 ? 1 : 0;
  }
}

function resourceOf(text: Buffer): Result<Resource> {
  const start = text.subarray(0, 256).toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "").trimStart();
  const json = start.startsWith("<") ? jsonFromXml(text, { sizeMax: textLengthMax }) : undefined;
  if (json && !json.ok) return json;
  const parsed = parseDocument(json ? json.value : text, { sizeMax: textLengthMax });
  return parsed.ok ? { ok: true, value: parsed.value.value } : parsed;
}
