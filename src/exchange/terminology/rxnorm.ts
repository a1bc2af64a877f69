/**
 * An RxNorm release (RRF) as rows of an edition: RxNorm's own names, relations and attributes.
 * Source: RxNorm Technical Documentation, https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html; FHIR's view: https://terminology.hl7.org/RxNorm.html
 */
import { ok } from "#platform/result.ts";
import type { EditionRow, Release } from "#record/terminology/write.ts";
import { ReleaseFault } from "./fault.ts";
import { fileName, linesOf, type ReleaseFile } from "./files.ts";

/** Columns, each ended by "|". */
const columns = { "RXNCONSO.RRF": 18, "RXNREL.RRF": 16, "RXNSAT.RRF": 13 } as const;
/** Names beside the one a concept goes by. */
const otherNames = new Set(["SY", "TMSY", "PSN", "ET"]);

export function isRxNormRelease(files: readonly ReleaseFile[]): boolean {
  return files.some((file) => fileName(file) === "RXNCONSO.RRF");
}

export function rxNormRelease(all: readonly ReleaseFile[], path: string, given: { version?: string }): Release {
  // The prescribable subset comes in a folder of its own beside the whole.
  const files = all.filter(({ name }) => !/(^|\/)prescribe\//i.test(name));
  const named = (name: keyof typeof columns): ReleaseFile => {
    const found = files.find((file) => fileName(file) === name);
    if (!found) throw new ReleaseFault("The release", undefined, `there is no ${name} beside RXNCONSO.RRF; unpack the whole release`);
    return found;
  };
  const [names, relations, attributes] = [named("RXNCONSO.RRF"), named("RXNREL.RRF"), named("RXNSAT.RRF")];
  const [, month, day, year] = /RxNorm_(?:full|weekly)_(?:prescribe_)?(\d{2})(\d{2})(\d{4})/i.exec([path, ...all.map(({ name }) => name)].join("\n")) ?? [];
  const version = given.version ?? (year === undefined ? undefined : `${year}${month}${day}`);
  if (version === undefined) throw new ReleaseFault(names.place, undefined, "neither the folder's name nor the files say which RxNorm this is; say it: --version YYYYMMDD");
  const properties = new Map<string, string>([["TTY", "code"]]);
  return {
    system: "http://www.nlm.nih.gov/research/umls/rxnorm", version, form: "RxNorm",
    header: {
      name: "RxNorm", title: "RxNorm", language: "en", caseSensitive: true, hierarchy: true,
      // Filled while reading: relations and attributes are the release's own.
      get properties() { return [...properties].map(([code, type]) => ({ code, type })); },
    },
    async *rows() {
      for await (const rows of rrf(names)) yield ok(rows.flatMap(([code, , , , , , , , , , , source, type, , term, , suppress]): EditionRow[] =>
        source !== "RXNORM" || otherNames.has(type!) ? [] : [{ kind: "concept", code: code!, display: term!, inactive: suppress === "O" }, { kind: "property", concept: code!, property: "TTY", type: "code", value: type! }]));
      for await (const rows of rrf(names)) yield ok(rows.flatMap(([code, language, , , , , , , , , , source, type, , term, , suppress]): EditionRow[] =>
        source !== "RXNORM" || !otherNames.has(type!) || suppress === "O" ? [] : [{ kind: "designation", concept: code!, term: term!, type: type!, language: language === "ENG" ? "en" : language! }]));
      for await (const rows of rrf(relations)) yield ok(rows.flatMap(([first, , firstKind, relation, second, , secondKind, named, , , source, , , , suppress]): EditionRow[] => {
        // The relation is what the second one has to the first.
        if (source !== "RXNORM" || firstKind !== "CUI" || secondKind !== "CUI" || suppress === "O") return [];
        const property = named === "" ? relation! : named!;
        if (property === "isa") return [{ kind: "parent", child: second!, parent: first! }];
        if (property === "inverse_isa") return [];
        properties.set(property, "string");
        return [{ kind: "property", concept: second!, property, type: "string", value: `CUI:${first}` }];
      }));
      for await (const rows of rrf(attributes)) yield ok(rows.flatMap(([concept, , , , , , , , property, source, value, suppress]): EditionRow[] => {
        if (source !== "RXNORM" || value === "" || suppress === "O") return [];
        properties.set(property!, "string");
        return [{ kind: "property", concept: concept!, property: property!, type: "string", value: value! }];
      }));
    },
  };
}

async function* rrf(file: ReleaseFile): AsyncGenerator<string[][]> {
  const wanted = columns[fileName(file) as keyof typeof columns];
  for await (const { lines, first } of linesOf(file)) yield lines.map((line, i) => {
    const cells = line.split("|");
    // What follows the last "|" is no cell.
    if (cells.length !== wanted + 1 || cells.at(-1) !== "") throw new ReleaseFault(file.place, first + i, `${cells.length - 1} columns ended by "|", and ${fileName(file)} has ${wanted}; the file was cut off or is another one`);
    return cells;
  });
}
