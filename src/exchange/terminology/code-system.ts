/**
 * A CodeSystem in FHIR form, of any size: one JSON resource, or NDJSON with a CodeSystem a line (parts of one system).
 * Concepts of the top level are cut out and read one by one.
 * https://hl7.org/fhir/R4/codesystem.html
 */
import { ok, type Result } from "#platform/result.ts";
import { propertyRoles, propertyText, stateOf, type PropertyRoles } from "#fhir/terminology/concept-status.ts";
import type { CodeSystem, CodeSystemConcept, ConceptProperty } from "#fhir/terminology/resources.ts";
import type { EditionRow, Release } from "#record/terminology/write.ts";
import { ReleaseFault } from "./fault.ts";
import { linesOf, pieces, type ReleaseFile } from "./files.ts";

const depthMax = 200;
/** Characters of one concept with all below it, and of the resource without its concepts. */
const pieceMax = 64 * 1024 * 1024;

export async function codeSystemRelease(file: ReleaseFile, given: { system?: string; version?: string }): Promise<Release> {
  const isLines = /\.ndjson$/i.test(file.name);
  let header: CodeSystem | undefined;
  if (isLines) for await (const one of resources(file)) { header ??= one; break; }
  else for await (const part of cut(file)) if (part.kind === "rest") header = parsed<CodeSystem>(part.text, file, "the resource");
  if (header?.resourceType !== "CodeSystem") throw new ReleaseFault(file.place, undefined, `the file holds a ${header?.resourceType ?? "thing without resourceType"}, not a CodeSystem`);
  const { url, version, name = "CodeSystem", title = name, language = "en", content = "complete", caseSensitive = true, property = [] } = header;
  const system = given.system ?? url, wanted = given.version ?? version;
  if (system === undefined || wanted === undefined) throw new ReleaseFault(file.place, undefined, `the CodeSystem has no ${system === undefined ? "url; say it: --system URL" : "version; say it: --version V"}`);
  if (content === "supplement" || content === "not-present") throw new ReleaseFault(file.place, undefined, `the CodeSystem's content is "${content}": it has no concepts of its own to load`);
  const roles = propertyRoles(property);
  return {
    system, version: wanted, form: "FHIR CodeSystem",
    header: { name, title, language, caseSensitive, hierarchy: true, properties: property.map(({ code, type, description }) => ({ code, ...(type ? { type } : {}), ...(description ? { description } : {}) })) },
    async *rows() {
      // Links may point ahead, so they wait until every concept is known.
      const links: EditionRow[] = [];
      for await (const concepts of isLines ? lineConcepts(file) : cutConcepts(file)) {
        const rows: EditionRow[] = [];
        for (const concept of concepts) conceptRows(concept, undefined, roles, rows, links, 0);
        yield ok(rows) satisfies Result<readonly EditionRow[]>;
      }
      yield ok(links);
    },
  };
}

function conceptRows(concept: CodeSystemConcept, parent: string | undefined, roles: PropertyRoles, rows: EditionRow[], links: EditionRow[], depth: number): void {
  const { code, display, definition, designation = [], property = [] } = concept;
  const { inactive, abstract } = stateOf(concept, roles);
  rows.push({ kind: "concept", code, inactive, abstract, ...(display === undefined ? {} : { display }), ...(definition === undefined ? {} : { definition }) });
  if (parent !== undefined) links.push({ kind: "parent", child: code, parent });
  for (const { value, language, use } of designation) rows.push({ kind: "designation", concept: code, term: value, ...(language === undefined ? {} : { language }), ...(use?.code === undefined ? {} : { type: use.code }) });
  for (const one of property) {
    const role = roles.get(one.code), value = propertyText(one);
    if (value === undefined) continue;
    if (role === "parent") links.push({ kind: "parent", child: code, parent: value });
    else if (role === "child") links.push({ kind: "parent", child: value, parent: code });
    else rows.push({ kind: "property", concept: code, property: one.code, type: typeOf(one), value: one.valueCoding ? `${one.valueCoding.system ?? ""}|${value}` : value });
  }
  if (depth < depthMax) for (const below of concept.concept ?? []) conceptRows(below, code, roles, rows, links, depth + 1);
}

function typeOf(property: ConceptProperty): string {
  const member = Object.keys(property).find((name) => name.startsWith("value")) ?? "valueString";
  return member === "valueCoding" ? "Coding" : member.charAt(5).toLowerCase() + member.slice(6);
}

async function* resources(file: ReleaseFile): AsyncGenerator<CodeSystem> {
  for await (const { lines, first } of linesOf(file)) for (const [i, line] of lines.entries()) if (line.trim() !== "") yield parsed<CodeSystem>(line, file, undefined, first + i);
}

async function* lineConcepts(file: ReleaseFile): AsyncGenerator<readonly CodeSystemConcept[]> {
  let url: string | undefined, version: string | undefined, isFirst = true;
  for await (const one of resources(file)) {
    if (isFirst) ({ url, version } = one);
    isFirst = false;
    if (one.resourceType !== "CodeSystem" || one.url !== url || one.version !== version) throw new ReleaseFault(file.place, undefined, `the lines are of several systems (${url}|${version} and ${one.resourceType} ${one.url}|${one.version}); load each from a file of its own`);
    yield one.concept ?? [];
  }
}

async function* cutConcepts(file: ReleaseFile): AsyncGenerator<readonly CodeSystemConcept[]> {
  let index = 0, batch: CodeSystemConcept[] = [];
  for await (const part of cut(file)) {
    if (part.kind === "rest") continue;
    batch.push(parsed<CodeSystemConcept>(part.text, file, `concept[${index++}]`));
    if (batch.length >= 200) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

function parsed<T extends object>(text: string, file: ReleaseFile, what: string | undefined, line?: number): T {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null) return value as T;
  } catch (error) {
    throw new ReleaseFault(file.place, line, `${what === undefined ? "" : `${what}: `}${error instanceof Error ? error.message : String(error)}`);
  }
  throw new ReleaseFault(file.place, line, `${what ?? "the line"} is no JSON object`);
}

type Part = { kind: "concept" | "rest"; text: string };

/** Objects of the top level's "concept" array one by one, then all the rest as one resource with that array empty. */
async function* cut(file: ReleaseFile): AsyncGenerator<Part> {
  let depth = 0, isText = false, isEscaped = false, member = "", isMember = false, inConcepts = false, isEnded = false;
  let rest = "", concept: string | undefined;
  for await (const piece of pieces(file)) {
    let from = 0;
    const keep = (to: number): void => {
      if (concept !== undefined) concept += piece.slice(from, to);
      else if (!inConcepts) rest += piece.slice(from, to);
      from = to;
      if ((concept ?? rest).length > pieceMax) throw new ReleaseFault(file.place, undefined, `${concept === undefined ? "the resource without its concepts" : "one concept"} has more than ${pieceMax} characters`);
    };
    for (let i = 0; i < piece.length; i++) {
      const c = piece.charCodeAt(i);
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (c === 92) isEscaped = true;
        else if (c === 34) isText = isMember = false;
        if (isText && isMember) member += piece[i]!;
        continue;
      }
      switch (c) {
        case 34:
          isText = true;
          isMember = depth === 1;
          if (isMember) member = "";
          break;
        case 91: case 123:
          if (inConcepts && depth === 2 && c === 123) {
            keep(i);
            concept = "";
          }
          depth += 1;
          if (depth === 2 && c === 91 && member === "concept") {
            keep(i + 1);
            inConcepts = true;
          }
          break;
        case 93: case 125:
          depth -= 1;
          if (concept !== undefined && depth === 2) {
            keep(i + 1);
            yield { kind: "concept", text: concept };
            concept = undefined;
          } else if (inConcepts && depth === 1) {
            inConcepts = false;
            from = i;
          }
          if (depth === 0) isEnded = true;
          break;
        case 44:
          if (depth === 1) member = "";
          break;
        default:
      }
    }
    keep(piece.length);
  }
  if (!isEnded) throw new ReleaseFault(file.place, undefined, "the JSON is cut off: an object is never closed");
  yield { kind: "rest", text: rest.replace(/^\ufeff/, "") };
}
