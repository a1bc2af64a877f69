import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type postgres from "postgres";
import { testRecord, value, type TestRecord } from "#record/testing.ts";
import { DatabaseTerminology, terminologyPool } from "#record/terminology/open.ts";
import { loadEdition, type EditionRow } from "#record/terminology/write.ts";
import { openRelease, type ReleaseOptions } from "./release.ts";
import { rf2, rf2Files, writeFiles, zipOf, type Files } from "./testing.ts";

let root: string, count = 0;
before(() => { root = mkdtempSync(join(tmpdir(), "salus-terminology-")); });
after(() => rmSync(root, { recursive: true, force: true }));

function folder(files: Files, name = `release-${++count}`): string {
  return writeFiles(join(root, name), files);
}

async function read(path: string, options: ReleaseOptions = {}): Promise<{ rows: EditionRow[]; system: string; version: string; fault?: string }> {
  const release = await openRelease(path, options);
  if (!release.ok) return { rows: [], system: "", version: "", fault: release.failure.text };
  const rows: EditionRow[] = [];
  for await (const some of release.value.rows()) {
    if (!some.ok) return { rows, system: release.value.system, version: release.value.version, fault: some.failure.text };
    rows.push(...some.value);
  }
  return { rows, system: release.value.system, version: release.value.version };
}

function of<Kind extends EditionRow["kind"]>(rows: readonly EditionRow[], kind: Kind): Extract<EditionRow, { kind: Kind }>[] {
  return rows.filter((row): row is Extract<EditionRow, { kind: Kind }> => row.kind === kind);
}

function changed(files: Files, part: string, change: (text: string) => string | undefined): Files {
  return Object.fromEntries(Object.entries(files).flatMap(([name, text]) => {
    const now = name.includes(part) ? change(text) : text;
    return now === undefined ? [] : [[name, now]];
  }));
}

describe("SNOMED CT RF2", () => {
  it("reads a folder and a .zip alike", async () => {
    const whole = await read(folder(rf2Files()));
    assert.equal(whole.fault, undefined);
    assert.equal(whole.version, "http://snomed.info/sct/900000000000207008/version/20240101");
    assert.equal(of(whole.rows, "concept").length, 12);
    assert.equal(of(whole.rows, "parent").length, 10);
    assert.deepEqual(of(whole.rows, "relationship").map(({ value: said }) => said), [{ target: rf2.grass }, { number: "1.5" }]);
    assert.deepEqual(of(whole.rows, "member").map(({ component, inactive }) => [component, inactive]), [[rf2.duck, false], [rf2.grass, true], [rf2.oldDuck, false]]);
    assert.equal(of(whole.rows, "display").filter(({ concept }) => concept === rf2.duck).at(-1)!.display, "Duck");
    assert.deepEqual(of(whole.rows, "designation").find(({ id }) => id === "6002012")!.acceptable, [rf2.us]);
    const zip = join(root, "release.zip");
    writeFileSync(zip, zipOf(rf2Files()));
    const packed = await read(zip);
    const sorted = (rows: readonly EditionRow[]) => rows.map((row) => JSON.stringify(row)).sort();
    assert.deepEqual(sorted(packed.rows), sorted(whole.rows));
  });

  it("knows files by the names that editions give them", async () => {
    const named = Object.fromEntries(Object.entries(rf2Files()).map(([name, text]) => [name.replace(/Snapshot(-en)?_INT_20240101/, "MONOSnapshot$1_GB_20240101T120000Z"), text]));
    const dependency = (files: Files) => changed(files, "ModuleDependency", (text) => `${text}${["i", "20240101", 1, "999000041000000102", "900000000000534007", rf2.core, "20240101", "20240101"].join("\t")}\n`);
    const found = await read(folder(dependency(named)));
    assert.equal(found.fault, undefined);
    assert.equal(found.version, "http://snomed.info/sct/999000041000000102/version/20240101");
    assert.equal(found.rows.length, (await read(folder(rf2Files()))).rows.length);
  });

  const faults: readonly [string, Files, RegExp][] = [
    ["a cell cut off", changed(rf2Files(), "sct2_Relationship_Snapshot", (text) => text.slice(0, -30)), /sct2_Relationship_Snapshot_INT_20240101\.txt, line 14: \d columns, and the header has 10/],
    ["a wrong header", changed(rf2Files(), "sct2_Description_", (text) => text.replace("conceptId", "concept")), /sct2_Description_Snapshot-en_INT_20240101\.txt, line 1: the header reads .* expected/],
    ["a wrong check digit", changed(rf2Files(), "sct2_Concept_Snapshot", (text) => text.replace(rf2.animal, `${rf2.animal.slice(0, -1)}${(Number(rf2.animal.at(-1)) + 1) % 10}`)), /line 7: .* check digit/],
    ["no concepts", changed(rf2Files(), "sct2_Concept_Snapshot", () => undefined), /no sct2_Concept_Snapshot file/],
    ["no relationships", changed(rf2Files(), "sct2_Relationship_Snapshot", () => undefined), /no sct2_Relationship_Snapshot file/],
    ["no language reference set", changed(rf2Files(), "LanguageSnapshot", () => undefined), /LanguageSnapshot/],
    ["active that is neither", changed(rf2Files(), "SimpleSnapshot", (text) => text.replace("\t0\t", "\t2\t")), /line 3: .*active "2"/],
  ];
  for (const [name, files, said] of faults) it(`tells ${name}`, async () => assert.match((await read(folder(files))).fault ?? "", said));

  it("tells bytes that are no UTF-8", async () => {
    const path = folder(rf2Files());
    writeFileSync(join(path, "Snapshot/Refset/Content/der2_Refset_SimpleSnapshot_INT_20240101.txt"), Buffer.from([0x69, 0xff, 0xfe]));
    assert.match((await read(path)).fault ?? "", /SimpleSnapshot.*not UTF-8/);
  });

  it("tells a .zip that was cut off or damaged, wherever", async () => {
    const bytes = zipOf(rf2Files());
    const path = join(root, "damaged.zip");
    for (const end of [10, bytes.length >> 1, bytes.length - 5]) {
      writeFileSync(path, bytes.subarray(0, end));
      assert.match((await read(path)).fault ?? "", /damaged\.zip: .*cut off/);
    }
    const flipped = Buffer.from(bytes);
    const at = bytes.indexOf("sct2_Description") + 200;
    flipped[at] = flipped[at]! ^ 0x55;
    writeFileSync(path, flipped);
    assert.match((await read(path)).fault ?? "", /damaged\.zip\/.*sct2_Description.*(damaged|bytes|columns|UTF-8)/);
  });
});

describe("LOINC", () => {
  const columns = "LOINC_NUM,COMPONENT,PROPERTY,TIME_ASPCT,SYSTEM,SCALE_TYP,METHOD_TYP,CLASS,VersionLastChanged,DefinitionDescription,STATUS,CONSUMER_NAME,CLASSTYPE,SHORTNAME,LONG_COMMON_NAME,DisplayName";
  const files: Files = {
    "LoincTable/Loinc.csv": `"${columns.replaceAll(",", '","')}"\r\n"8480-6","Intravascular systolic","Pres","Pt","Arterial system","Qn","","BP.ATOM","2.73","Says ""systolic"",\nover two lines","ACTIVE","","2","BP sys","Systolic blood pressure","Sys BP"\r\n"2345-7","Glucose","MCnc","Pt","Ser/Plas","Qn","","CHEM","2.73","","DEPRECATED","","1","Glucose","Glucose [Mass/volume]",""\r\n`,
    "AccessoryFiles/AnswerFile/AnswerList.csv": "AnswerListId,AnswerListName,AnswerStringId,SequenceNumber,DisplayText\nLL150-5,Yes,LA6560-2,1,Confused\nLL999-9,Elsewhere,,,\n",
    "AccessoryFiles/AnswerFile/LoincAnswerListLink.csv": "LoincNumber,LongCommonName,AnswerListId\n8480-6,Systolic,LL150-5\n",
    "AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv": "PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT\n,1,,LP29693-6,Laboratory\nLP29693-6,1,LP29693-6,2345-7,Glucose\n",
    "AccessoryFiles/LinguisticVariants/zhCN5LinguisticVariant.csv": "LOINC_NUM,COMPONENT,PROPERTY,TIME_ASPCT,SYSTEM,SCALE_TYP,METHOD_TYP,CLASS,SHORTNAME,LONG_COMMON_NAME,RELATEDNAMES2,LinguisticVariantDisplayName\n2345-7,葡萄糖,质量浓度,时间点,血清,定量型,,,,,,\n",
  };
  it("reads terms, answers, parts and variants", async () => {
    const { rows, version, fault } = await read(folder(files, "Loinc_2.77"));
    assert.equal(fault, undefined);
    assert.equal(version, "2.77");
    assert.deepEqual(of(rows, "concept").map(({ code, display, inactive }) => [code, display, inactive ?? false]), [["8480-6", "Systolic blood pressure", false], ["2345-7", "Glucose [Mass/volume]", true], ["LA6560-2", "Confused", false], ["LP29693-6", "Laboratory", false]]);
    assert.equal(of(rows, "concept")[0]!.definition, 'Says "systolic",\nover two lines');
    assert.deepEqual(of(rows, "parent"), [{ kind: "parent", child: "2345-7", parent: "LP29693-6" }]);
    assert.deepEqual(of(rows, "property").filter(({ type }) => type === "code").map(({ concept, property, value: said }) => [concept, property, said]), [["LA6560-2", "LIST", "LL150-5"], ["8480-6", "answer-list", "LL150-5"]]);
    assert.deepEqual(of(rows, "designation").filter(({ language }) => language === "zh-CN"), [{ kind: "designation", concept: "2345-7", term: "葡萄糖:质量浓度:时间点:血清:定量型", language: "zh-CN" }]);
  });
  it("tells what is wrong, and where", async () => {
    const faultOf = async (part: string, change: (text: string) => string) => (await read(folder(changed(files, part, change)), { version: "2.77" })).fault ?? "";
    assert.match((await read(folder(files))).fault ?? "", /--version 2\.80/);
    assert.match(await faultOf("Loinc.csv", (text) => text.replace("8480-6", "8480-5")), /Loinc\.csv, line 2: .*check digit/);
    assert.match(await faultOf("Loinc.csv", (text) => text.replace("LONG_COMMON_NAME", "NAME")), /no column LONG_COMMON_NAME/);
    assert.match(await faultOf("Loinc.csv", (text) => text.slice(0, -40)), /Loinc\.csv, line 4: (a quoted cell is never closed|\d+ columns)/);
    assert.match(await faultOf("Loinc.csv", (text) => text.replace('"BP sys"', '"BP" sys')), /line 3: text after the end/);
  });
});

describe("RxNorm", () => {
  const conso = (code: string, type: string, term: string, source = "RXNORM", suppress = "N") => `${code}|ENG||||||1${code}||${code}||${source}|${type}|${code}|${term}||${suppress}||`;
  const rel = (first: string, second: string, named: string) => `${first}||CUI|RO|${second}||CUI|${named}|1||RXNORM|RXNORM||||4096|`;
  const files: Files = {
    "rrf/RXNCONSO.RRF": [conso("5640", "IN", "ibuprofen"), conso("310965", "SCD", "ibuprofen 200 MG Oral Tablet"), conso("310965", "PSN", "ibuprofen 200 mg tablet"), conso("310965", "FN", "elsewhere", "SNOMEDCT_US"), conso("999", "IN", "old", "RXNORM", "O"), ""].join("\n"),
    "rrf/RXNREL.RRF": [rel("5640", "310965", "has_ingredient"), rel("5640", "310965", "isa"), ""].join("\n"),
    "rrf/RXNSAT.RRF": "310965||||||AT1||RXN_AVAILABLE_STRENGTH|RXNORM|200 MG|N||\n",
    "prescribe/rrf/RXNCONSO.RRF": "not read",
  };
  it("reads names, relations, attributes", async () => {
    const { rows, version, fault } = await read(folder(files, "RxNorm_full_01022024"));
    assert.equal(fault, undefined);
    assert.equal(version, "20240102");
    assert.deepEqual(of(rows, "concept").map(({ code, inactive }) => [code, inactive]), [["5640", false], ["310965", false], ["999", true]]);
    assert.deepEqual(of(rows, "designation").map(({ term }) => term), ["ibuprofen 200 mg tablet"]);
    assert.deepEqual(of(rows, "parent"), [{ kind: "parent", child: "310965", parent: "5640" }]);
    assert.deepEqual(of(rows, "property").filter(({ type }) => type === "string").map(({ property, value: said }) => [property, said]), [["has_ingredient", "CUI:5640"], ["RXN_AVAILABLE_STRENGTH", "200 MG"]]);
  });
  it("tells a row cut off and a file missing", async () => {
    assert.match((await read(folder(changed(files, "rrf/RXNREL", (text) => text.slice(0, -8))), { version: "1" })).fault ?? "", /RXNREL\.RRF, line 2: \d+ columns/);
    assert.match((await read(folder(changed(files, "rrf/RXNSAT", () => undefined)), { version: "1" })).fault ?? "", /no RXNSAT\.RRF/);
  });
});

describe("ICD-10", () => {
  const claml = `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ClaML SYSTEM "ClaML.dtd">\n<ClaML version="2.0.0"><Title name="ICD-10-WHO" version="2019" date="2019-01-01">ICD-10</Title>
    <Class code="I" kind="chapter"><SubClass code="A00-A09"/><Rubric kind="preferred"><Label xml:lang="en">Certain infections</Label></Rubric></Class>
    <Class code="A00-A09" kind="block"><SuperClass code="I"/><Rubric kind="preferred"><Label xml:lang="en">Intestinal</Label></Rubric></Class>
    <Class code="A00" kind="category"><SuperClass code="A00-A09"/><Rubric kind="preferred"><Label xml:lang="en">Cholera <Reference>A00</Reference></Label></Rubric><Rubric kind="exclusion"><Label xml:lang="en">carrier</Label></Rubric></Class></ClaML>`;
  it("reads ClaML", async () => {
    const { rows, system, version, fault } = await read(folder({ "icd10.xml": claml }));
    assert.equal(fault, undefined);
    assert.deepEqual([system, version], ["http://hl7.org/fhir/sid/icd-10", "2019"]);
    assert.deepEqual(of(rows, "concept").map(({ code, display, abstract }) => [code, display, abstract]), [["I", "Certain infections", true], ["A00-A09", "Intestinal", true], ["A00", "Cholera A00", false]]);
    assert.deepEqual(of(rows, "parent").map(({ child, parent }) => [child, parent]), [["A00-A09", "I"], ["A00", "A00-A09"]]);
    assert.deepEqual(of(rows, "property").filter(({ property }) => property === "exclusion").map(({ value: said }) => said), ["carrier"]);
    assert.match((await read(folder({ "icd10.xml": claml.slice(0, -60) }))).fault ?? "", /icd10\.xml: XML line 6/);
    assert.match((await read(folder({ "icd10.xml": claml.replace("[", "").replace('"ClaML.dtd"', '"ClaML.dtd" [<!ENTITY a "b">]') }))).fault ?? "", /icd10\.xml: XML/);
    assert.match((await read(folder({ "icd10.xml": claml.replace('SuperClass code="I"', 'SuperClass code="II"') }))).fault ?? "", /A00-A09 is below II/);
  });

  const line = (number: number, code: string, flag: number, short: string, long: string) => `${String(number).padStart(5, "0")} ${code.padEnd(7)} ${flag} ${short.padEnd(60)} ${long}`;
  const order = [line(1, "S72", 0, "Fracture of femur", "Fracture of femur"), line(2, "S720", 0, "Fx head", "Fracture of head of femur"), line(3, "S720XXA", 1, "Fx head, init", "Fracture of head of femur, initial encounter"), ""].join("\r\n");
  const tabular = `<ICD10CM.tabular><version>2024</version><chapter><name>19</name><desc>Injury</desc><section id="S70-S79"><desc>Hip</desc><diag><name>S72</name><desc>Fracture of femur</desc>
    <sevenChrDef><extension char="A">initial encounter</extension></sevenChrDef><diag><name>S72.0</name><desc>Fracture of head</desc><inclusionTerm><note>Hip fracture</note></inclusionTerm></diag></diag></section></chapter></ICD10CM.tabular>`;
  it("reads ICD-10-CM from the order file, the tabular list, or both", async () => {
    const codes = async (files: Files) => {
      const { rows, fault, version } = await read(folder(files));
      assert.equal(fault, undefined);
      assert.equal(version, "2024");
      return [of(rows, "concept").map(({ code, display }) => `${code} ${display}`), of(rows, "parent").map(({ child, parent }) => `${child} < ${parent}`).sort(), of(rows, "designation").map(({ term }) => term)];
    };
    const orderName = "icd10cm-order-2024.txt", tabularName = "icd10cm-tabular-2024.xml";
    assert.deepEqual(await codes({ [orderName]: order }), [["S72 Fracture of femur", "S72.0 Fracture of head of femur", "S72.0XXA Fracture of head of femur, initial encounter"], ["S72.0 < S72", "S72.0XXA < S72.0"], ["Fx head", "Fx head, init"]]);
    assert.deepEqual(await codes({ [tabularName]: tabular }), [["chapter-19 Injury", "S70-S79 Hip", "S72 Fracture of femur", "S72.0 Fracture of head", "S72.0XXA Fracture of head, initial encounter"], ["S70-S79 < chapter-19", "S72 < S70-S79", "S72.0 < S72", "S72.0XXA < S72.0"], ["Hip fracture"]]);
    assert.deepEqual((await codes({ [orderName]: order, [tabularName]: tabular })).slice(0, 2), [["chapter-19 Injury", "S70-S79 Hip", "S72 Fracture of femur", "S72.0 Fracture of head of femur", "S72.0XXA Fracture of head of femur, initial encounter"], ["S70-S79 < chapter-19", "S72 < S70-S79", "S72.0 < S72", "S72.0XXA < S72.0"]]);
    assert.match((await read(folder({ [orderName]: `${order}00004 S7` }))).fault ?? "", /icd10cm-order-2024\.txt, line 4: .* no row of the order file/);
  });
});

describe("FHIR CodeSystem", () => {
  const resource = {
    resourceType: "CodeSystem", url: "http://example.org/cs", version: "1", name: "Example", content: "complete", property: [{ code: "size", type: "integer" }, { code: "parent", type: "code" }],
    concept: [{ code: "a", display: 'A "quoted" ]}', concept: [{ code: "b", property: [{ code: "size", valueInteger: 3 }] }] }, { code: "c", property: [{ code: "parent", valueCode: "b" }] }], count: 3,
  };
  it("reads JSON of any layout, and NDJSON", async () => {
    const expected = [["concept", "a"], ["concept", "b"], ["property", "b"], ["concept", "c"], ["parent", "b"], ["parent", "c"]];
    const brief = ({ rows, fault }: Awaited<ReturnType<typeof read>>) => (fault === undefined ? rows.map((row) => [row.kind, row.kind === "concept" ? row.code : row.kind === "parent" ? row.child : row.kind === "property" ? row.concept : ""]) : fault);
    assert.deepEqual(brief(await read(folder({ "cs.json": JSON.stringify(resource) }))), expected);
    assert.deepEqual(brief(await read(folder({ "cs.json": JSON.stringify(resource, undefined, 2) }))), expected);
    const { concept, ...rest } = resource;
    assert.deepEqual(brief(await read(folder({ "cs.ndjson": concept.map((one) => JSON.stringify({ ...rest, concept: [one] })).join("\n") }))), expected);
  });
  it("tells what is wrong", async () => {
    const faultOf = async (text: string, name = "cs.json") => (await read(folder({ [name]: text }))).fault ?? "";
    const text = JSON.stringify(resource);
    assert.match(await faultOf(text.slice(0, -20)), /cs\.json: the JSON is cut off/);
    assert.match(await faultOf(text.replace('"code":"c"', '"code":c')), /concept\[1\]|Unexpected/);
    assert.match(await faultOf(text.replace('"version":"1",', "")), /--version/);
    assert.match(await faultOf(text.replace('"complete"', '"supplement"')), /supplement/);
    assert.match(await faultOf(`${text}\n${text.replace("example.org/cs", "example.org/other")}`, "cs.ndjson"), /several systems/);
    assert.match(await faultOf("{}"), /no known release/);
    assert.match((await read(join(root, "nowhere"))).fault ?? "", /no such file/);
  });
});

describe("loaded into the database", () => {
  let node: TestRecord, db: postgres.Sql;
  before(async () => {
    node = await testRecord();
    db = terminologyPool(node.url);
  });
  after(async () => {
    await db.end();
    await node.close();
  });

  it("answers expression constraints over a release", async () => {
    const path = join(root, "load.zip");
    writeFileSync(path, zipOf(rf2Files()));
    const { counts } = value(await loadEdition(db, value(await openRelease(path)), { now: new Date() }));
    assert.deepEqual({ ...counts, closure: 0 }, { concepts: 12, designations: 16, relationships: 2, members: 3, properties: 0, parents: 10, closure: 0, dangling: 0 });
    const [system] = await new DatabaseTerminology(db).systems("http://snomed.info/sct");
    const codes = async (ecl: string) => value(await system!.select({ filters: [{ property: "constraint", op: "=", value: ecl }], count: 100 })).concepts.map(({ code }) => code);
    assert.deepEqual(await codes(`< ${rf2.animal}`), [rf2.duck]);
    assert.deepEqual(await codes(`* : ${rf2.eats} = ${rf2.grass}, ${rf2.weight} >= #1`), [rf2.duck]);
    assert.deepEqual(await codes(`^ ${rf2.pets}`), [rf2.duck]);
    assert.deepEqual(await codes(`<< ${rf2.animal} {{ + HISTORY-MIN }}`), [rf2.animal, rf2.duck, rf2.oldDuck]);
    assert.deepEqual(await codes('* {{ term = "quack", dialect = en-us (accept) }}'), [rf2.duck]);
    assert.equal((await system!.concepts([rf2.duck]))[0]!.display, "Duck");
  });

  it("a release whose hierarchy leads back to itself leaves nothing", async () => {
    const files = changed(rf2Files(), "sct2_Relationship_Snapshot", (text) => `${text}${["9999023", "20240101", 1, rf2.core, rf2.animal, rf2.duck, 0, rf2.isA, "900000000000011006", "900000000000451002"].join("\t")}\n`);
    const found = await loadEdition(db, value(await openRelease(folder(files), { version: "http://snomed.info/sct/900000000000207008/version/20250101" })), { now: new Date() });
    assert.ok(!found.ok);
    assert.match(found.failure.text, new RegExp(`leads back to itself: .*${rf2.duck}`));
    assert.equal((await new DatabaseTerminology(db).editions()).length, 1);
  });

});
