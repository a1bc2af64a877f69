/**
 * A LOINC release as rows of an edition: terms, answers and the lists they are in, the component hierarchy with its
 * parts, and linguistic variants.
 * Source: LOINC Users' Guide and ReadMe of the release, https://loinc.org/kb/users-guide/; FHIR's view: https://terminology.hl7.org/LOINC.html
 */
import { isLoincCode } from "#knowledge/terminology/check-digit.ts";
import { loincSystem } from "#fhir/terminology/ecl/implicit.ts";
import { ok } from "#platform/result.ts";
import type { EditionRow, Release } from "#record/terminology/write.ts";
import { ReleaseFault } from "./fault.ts";
import { fileName, type ReleaseFile } from "./files.ts";
import { commaRows } from "./table.ts";

/** Columns of Loinc.csv that become properties of the same name. */
const axes = ["COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP"] as const;
const properties = [...axes, "CLASS", "CLASSTYPE", "STATUS", "ORDER_OBS", "EXAMPLE_UCUM_UNITS", "VersionLastChanged", "VersionFirstReleased", "PanelType"] as const;
const variant = /^([a-z]{2})([A-Z]{2})\d+LinguisticVariant\.csv$/;

export function isLoincRelease(files: readonly ReleaseFile[]): boolean {
  return files.some((file) => fileName(file) === "Loinc.csv");
}

export function loincRelease(files: readonly ReleaseFile[], path: string, given: { version?: string }): Release {
  const named = (name: string) => files.find((file) => fileName(file) === name);
  const terms = named("Loinc.csv")!;
  const version = given.version ?? /loinc[-_ ]?v?(\d+\.\d+)/i.exec([path, ...files.map(({ name }) => name)].join("\n"))?.[1];
  if (version === undefined) throw new ReleaseFault(terms.place, undefined, "neither the folder's name nor the files say which LOINC this is; say it: --version 2.80");
  return {
    system: loincSystem, version, form: "LOINC",
    header: {
      name: "LOINC", title: "Logical Observation Identifiers Names and Codes", language: "en", caseSensitive: false, hierarchy: true,
      properties: [...properties.map((code) => ({ code, type: "string" })), { code: "LIST", type: "code" }, { code: "answer-list", type: "code" }],
      copyright: "This material contains content from LOINC (http://loinc.org), which is copyright Regenstrief Institute, Inc. and the LOINC Committee, available at no cost under the license at http://loinc.org/license",
    },
    async *rows() {
      for await (const { rows, lines } of commaRows(terms, ["LOINC_NUM", "LONG_COMMON_NAME", "SHORTNAME", ...axes, "CLASS", "STATUS"], ["DisplayName", "CONSUMER_NAME", "DefinitionDescription", "CLASSTYPE", "ORDER_OBS", "EXAMPLE_UCUM_UNITS", "VersionLastChanged", "VersionFirstReleased", "PanelType"]))
        yield ok(rows.flatMap((row, i) => termRows(row, terms, lines[i]!)));
      const answers = named("AnswerList.csv");
      if (answers) for await (const { rows } of commaRows(answers, ["AnswerListId", "AnswerStringId", "DisplayText"])) yield ok(rows.flatMap(([list, code, display]) => answerRows(list!, code!, display!)));
      const links = named("LoincAnswerListLink.csv");
      if (links) for await (const { rows } of commaRows(links, ["LoincNumber", "AnswerListId"])) yield ok(rows.map(([concept, value]): EditionRow => ({ kind: "property", concept: concept!, property: "answer-list", type: "code", value: value! })));
      const hierarchy = named("ComponentHierarchyBySystem.csv") ?? named("MultiAxialHierarchy.csv");
      // The same part stands under several systems; a parent comes before what is below it.
      if (hierarchy) for await (const { rows } of commaRows(hierarchy, ["IMMEDIATE_PARENT", "CODE", "CODE_TEXT"])) yield ok(rows.flatMap(([parent, code, text]): EditionRow[] => [
        ...(/^LP/.test(code!) ? [{ kind: "concept", code: code!, display: text! } as const] : []), ...(parent === "" ? [] : [{ kind: "parent", child: code!, parent: parent! } as const])]));
      for (const file of files.filter((one) => variant.test(fileName(one)))) {
        const [, language, region] = variant.exec(fileName(file))!;
        for await (const { rows } of commaRows(file, ["LOINC_NUM", ...axes, "LONG_COMMON_NAME"], ["SHORTNAME", "LinguisticVariantDisplayName"])) yield ok(rows.flatMap((row) => variantRows(row, `${language}-${region}`)));
      }
    },
  };
}

function termRows([code, display, short, ...rest]: readonly string[], file: ReleaseFile, line: number): EditionRow[] {
  if (!isLoincCode(code!)) throw new ReleaseFault(file.place, line, `"${code!.slice(0, 30)}" is no LOINC code (its check digit is wrong); the file was damaged`);
  const [component, property, time, system, scale, method, kind, status, displayName, consumer, definition, classType, order, units, changed, first, panel] = rest as (string | undefined)[];
  const values: Readonly<Record<(typeof properties)[number], string | undefined>> = {
    COMPONENT: component, PROPERTY: property, TIME_ASPCT: time, SYSTEM: system, SCALE_TYP: scale, METHOD_TYP: method, CLASS: kind, CLASSTYPE: classType, STATUS: status,
    ORDER_OBS: order, EXAMPLE_UCUM_UNITS: units, VersionLastChanged: changed, VersionFirstReleased: first, PanelType: panel,
  };
  return [
    { kind: "concept", code: code!, display: display === "" ? [component, property, time, system, scale, method].filter(Boolean).join(":") : display!, inactive: status === "DEPRECATED", ...(definition ? { definition } : {}) },
    ...[["SHORTNAME", short], ["DisplayName", displayName], ["CONSUMER_NAME", consumer]].flatMap(([type, term]): EditionRow[] => (term ? [{ kind: "designation", concept: code!, term, language: "en", type: type! }] : [])),
    ...properties.flatMap((name): EditionRow[] => (values[name] ? [{ kind: "property", concept: code!, property: name, type: "string", value: values[name] }] : [])),
  ];
}

/** Lists without answers, and lists kept elsewhere, have no code here. */
function answerRows(list: string, code: string, display: string): EditionRow[] {
  return code === "" ? [] : [{ kind: "concept", code, display }, { kind: "property", concept: code, property: "LIST", type: "code", value: list }];
}

/** Variants translate the six parts, and of some terms the name. */
function variantRows([code, ...rest]: readonly string[], language: string): EditionRow[] {
  const parts = rest.slice(0, 6), [long, short, display] = rest.slice(6);
  const name = display || long || parts.filter((part) => part !== "").join(":");
  return [[name, undefined], [short === name ? "" : short, "SHORTNAME"]].flatMap(([term, type]): EditionRow[] => (term ? [{ kind: "designation", concept: code!, term, language, ...(type ? { type } : {}) }] : []));
}
