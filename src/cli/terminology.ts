/** `salus terminology`: loads large code systems, lists what is loaded, expands and looks up. */
import { parseArgs } from "node:util";
import { expandOperation } from "#fhir/terminology/operations/expand.ts";
import { lookupOperation } from "#fhir/terminology/operations/lookup.ts";
import type { Answer } from "#fhir/terminology/operations/answer.ts";
import type { Parameter } from "#fhir/terminology/parameters.ts";
import { layer } from "#fhir/terminology/layer.ts";
import { runAsync, type TerminologySource, type Work } from "#fhir/terminology/provider.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { ValueSet } from "#fhir/terminology/resources.ts";
import { parseEcl } from "#fhir/terminology/ecl/parse.ts";
import { implicitValueSet } from "#fhir/terminology/ecl/implicit.ts";
import { snomedSystem } from "#fhir/terminology/ecl/snomed.ts";
import { openRelease } from "#exchange/terminology/release.ts";
import { removeEdition, tidyEditions } from "#record/terminology/edition.ts";
import { DatabaseTerminology, terminologyPool } from "#record/terminology/open.ts";
import { loadEdition } from "#record/terminology/write.ts";
import { progressBar } from "#platform/progress.ts";
import { openNode } from "#server/node.ts";
import type postgres from "postgres";
import type { Command, CommandIo } from "./command.ts";

const usage = `npx salus terminology load PATH [--system URL] [--version V] [--json]
npx salus terminology list [--json]
npx salus terminology expand ECL|VALUESET-URL [--filter TEXT] [--offset N] [--count N] [--language TAG] [--json]
npx salus terminology lookup CODE [--system URL] [--version V] [--language TAG] [--json]
npx salus terminology remove --system URL --version V

  load            a release as its publisher gives it: a folder, a .zip or a file, told by its files
                  (SNOMED CT RF2, LOINC, RxNorm, ICD-10 ClaML, ICD-10-CM, FHIR CodeSystem JSON or NDJSON)
  expand          the concepts of an expression constraint of SNOMED CT ("<< 73211009"), or of a value set by its url
  lookup          one code: display, designations, properties (of SNOMED CT unless --system says otherwise)
  --version       which version, where the files do not say it; to look up, which of those that are loaded
  --count         concepts shown (default 20)
  --language      of displays, such as zh or en-GB
  --data DIR      folder of the node's files (default .salus; DATABASE_URL is honoured)

A load is seen only once it is complete; one that breaks off leaves nothing. The same version loaded again takes the
place of the one before. Who gives which release, and under what terms: docs/terminology-loading.md.`;

const options = {
  system: { type: "string" }, version: { type: "string" }, filter: { type: "string" }, offset: { type: "string", default: "0" }, count: { type: "string", default: "20" },
  language: { type: "string" }, data: { type: "string" }, json: { type: "boolean", default: false },
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>["values"];

export const command: Command = {
  name: "terminology",
  summary: "Load SNOMED CT, LOINC, RxNorm, ICD; expand and look up",
  usage,
  async run(args, io) {
    let parsed;
    try {
      parsed = parseArgs({ args: [...args], allowPositionals: true, options });
    } catch (error) {
      return wrong(io, error instanceof Error ? error.message : String(error));
    }
    const { values, positionals: [what, of, ...rest] } = parsed;
    if (rest.length > 0) return wrong(io, `"${rest[0]}" is one word too many; quote an expression`);
    if (!/^\d{1,7}$/.test(values.offset) || !/^\d{1,5}$/.test(values.count)) return wrong(io, "--offset and --count are whole numbers");
    switch (what) {
      case "load": return of === undefined ? wrong(io, "name the folder, .zip or file of a release") : await within(values, (db) => load(db, of, values, io));
      case "list": return of !== undefined ? wrong(io, `list takes no "${of}"`) : await within(values, (db) => list(db, values, io));
      case "expand": return of === undefined ? wrong(io, "give an expression constraint or the url of a value set") : await expand(of, values, io);
      case "lookup": return of === undefined ? wrong(io, "give a code") : await within(values, (db) => lookup(db, of, values, io));
      case "remove": {
        const { system, version } = values;
        return of !== undefined || system === undefined || version === undefined ? wrong(io, "say which: --system URL --version V, as list shows them") : await within(values, (db) => remove(db, system, version, io));
      }
      default: return wrong(io, what === undefined ? "say what to do" : `terminology has no "${what}"`);
    }
  },
};

function wrong(io: CommandIo, text: string): number {
  io.stderr.write(`${text}\n\n${usage}\n`);
  return 2;
}

async function within(values: Values, work: (db: postgres.Sql) => Promise<number>): Promise<number> {
  const node = await openNode(values.data === undefined ? {} : { folder: values.data });
  const db = terminologyPool(node.databaseUrl, 2);
  try {
    return await work(db);
  } finally {
    await db.end({ timeout: 5 });
    await node.close();
  }
}

async function load(db: postgres.Sql, path: string, { system, version, json }: Values, io: CommandIo): Promise<number> {
  const bar = progressBar(process.stderr, "load");
  const started = Date.now();
  let read = 0;
  const release = await openRelease(path, { ...(system === undefined ? {} : { system }), ...(version === undefined ? {} : { version }), onBytes: (done) => { read = done; } });
  if (!release.ok) return failed(io, release.failure.text);
  const loaded = await loadEdition(db, release.value, { now: new Date(), progress: ({ concepts, designations }) => bar.update(read, release.value.bytes, `${concepts.toLocaleString("en")} concepts, ${designations.toLocaleString("en")} names`) });
  bar.end();
  if (!loaded.ok) return failed(io, `${loaded.failure.text}\nNothing of it was loaded.`);
  const { counts, replaced } = loaded.value;
  const seconds = (Date.now() - started) / 1000;
  const { system: url, version: given, form } = release.value;
  if (json) io.stdout.write(`${JSON.stringify({ system: url, version: given, form, ...counts, replaced, seconds })}\n`);
  else io.stdout.write(`${form}, ${url}|${given}, ${replaced ? "in place of the same version before" : "loaded"} in ${seconds.toFixed(1)} s:\n${Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => `  ${name.padEnd(14)}${count.toLocaleString("en").padStart(12)}\n`).join("")}`);
  if (counts.dangling > 0) io.stderr.write(`${counts.dangling.toLocaleString("en")} rows name a code that the release does not have; they were left out.\n`);
  return 0;
}

async function list(db: postgres.Sql, { json }: Values, io: CommandIo): Promise<number> {
  const editions = await new DatabaseTerminology(db).editions();
  if (json) io.stdout.write(`${JSON.stringify(editions.map(({ system, version, form, counts, loadedAt }) => ({ system, version, form, counts, loadedAt })))}\n`);
  else if (editions.length === 0) io.stdout.write("Nothing is loaded.\n");
  else io.stdout.write(editions.map(({ system, version, form, counts, loadedAt }) => `${form}  ${system}|${version}  ${counts.concepts.toLocaleString("en")} concepts, loaded ${loadedAt.toISOString().slice(0, 10)}\n`).join(""));
  return 0;
}

async function expand(of: string, values: Values, io: CommandIo): Promise<number> {
  const isUrl = /^(https?:\/\/|urn:)/.test(of);
  if (!isUrl) {
    const expression = parseEcl(of);
    if (!expression.ok) return failed(io, expression.failure.text, 2);
  } else {
    const implicit = implicitValueSet(of);
    if (implicit && !implicit.ok) return failed(io, implicit.failure.text, 2);
  }
  const url = isUrl ? of : `${snomedSystem}?fhir_vs=ecl/${encodeURIComponent(of)}`;
  return await within(values, async (db) => {
    const parameters: Parameter[] = [{ name: "url", valueUri: url }, { name: "offset", valueInteger: Number(values.offset) }, { name: "count", valueInteger: Number(values.count) }, { name: "excludeNested", valueBoolean: true }, ...(values.filter === undefined ? [] : [{ name: "filter", valueString: values.filter }])];
    const answer = await asked(db, (source) => expandOperation({ source, parameters: { resourceType: "Parameters", parameter: [...parameters, ...language(values)] }, stamp: { identifier: `urn:uuid:${crypto.randomUUID()}`, timestamp: new Date().toISOString() } }));
    if (answer.status !== 200) return failed(io, outcomeText(answer));
    const { expansion } = answer.body as ValueSet;
    if (values.json) io.stdout.write(`${JSON.stringify(answer.body)}\n`);
    else {
      const contains = expansion?.contains ?? [];
      const lines = contains.map(({ code, display, inactive }) => `${code}  ${display ?? ""}${inactive ? "  (inactive)" : ""}\n`);
      io.stdout.write(`${lines.join("")}${contains.length.toLocaleString("en")} of ${(expansion?.total ?? contains.length).toLocaleString("en")} concepts\n`);
    }
    return 0;
  });
}

async function lookup(db: postgres.Sql, code: string, values: Values, io: CommandIo): Promise<number> {
  const { system: url = snomedSystem, version, json } = values;
  const answer = await asked(db, (source) => lookupOperation({ source, parameters: { resourceType: "Parameters", parameter: [{ name: "system", valueUri: url }, { name: "code", valueCode: code }, ...(version === undefined ? [] : [{ name: "version", valueString: version }]), ...language(values)] } }));
  if (answer.status !== 200) {
    const [system] = await new DatabaseTerminology(db).systems(url);
    return failed(io, system?.codeFault(code) ?? outcomeText(answer));
  }
  if (json) io.stdout.write(`${JSON.stringify(answer.body)}\n`);
  else io.stdout.write((answer.body as unknown as { parameter: Parameter[] }).parameter.map(({ name, part, ...value }) => `${name.padEnd(14)}${part === undefined ? shown(value) : part.map(({ name: _, ...one }) => shown(one)).join("  ")}\n`).join(""));
  return 0;
}

async function remove(db: postgres.Sql, system: string, version: string, io: CommandIo): Promise<number> {
  if (!(await removeEdition(db, system, version))) return failed(io, `${system}|${version} is not loaded; list shows what is`);
  await tidyEditions(db);
  io.stdout.write(`${system}|${version} is gone.\n`);
  return 0;
}

/** R4's own value sets and code systems over what is loaded. */
async function asked(db: postgres.Sql, work: (source: TerminologySource) => Work<Answer>): Promise<Answer> {
  return await runAsync(work(layer(new DatabaseTerminology(db), r4Terminology())));
}

function language({ language: tag }: Values): Parameter[] {
  return tag === undefined ? [] : [{ name: "displayLanguage", valueCode: tag }];
}

function shown(value: object): string {
  return Object.values(value).map((one) => (typeof one === "object" && one !== null && "code" in one ? String(("display" in one && one.display) || one.code) : String(one))).join(" ");
}

function outcomeText({ body }: Answer): string {
  const { issue = [] } = body as { issue?: { diagnostics?: string; details?: { text?: string } }[] };
  return issue.map(({ details, diagnostics }) => details?.text ?? diagnostics ?? "").join("\n");
}

function failed(io: CommandIo, text: string, code = 1): number {
  io.stderr.write(`${text}\n`);
  return code;
}
