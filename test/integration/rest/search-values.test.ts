/** https://hl7.org/fhir/R4/search.html: prefixes, numbers, dates, quantities, strings, uris (3.1.1.4.5 to 3.1.1.4.9, 3.1.1.4.11). */
import assert from "node:assert/strict";
import { states, withServer } from "./states.ts";

const risk = (id: string, probabilityDecimal: number) => ({ resourceType: "RiskAssessment", id, status: "final", subject: { reference: "Patient/ann" }, prediction: [{ probabilityDecimal }] });
const dated = (id: string, onset: object) => ({ resourceType: "Procedure", id, status: "completed", subject: { reference: "Patient/ann" }, ...onset });
const measured = (id: string, value: number, unit: object) => ({ resourceType: "Observation", id, status: "final", code: { text: "m" }, valueQuantity: { value, ...unit } });
const ucum = (code: string) => ({ system: "http://unitsofmeasure.org", code, unit: code });
const named = (id: string, name: object) => ({ resourceType: "Practitioner", id, name: [name], ...(id === "eve" ? { address: [{ use: "home", line: ["1 Rue d'Été"], city: "Orléans", period: { start: "2020" } }] } : {}) });
const valueSet = (id: string, url: string, version?: string) => ({ resourceType: "ValueSet", id, status: "active", url, ...(version === undefined ? {} : { version }) });
const minute = (time: string): object => ({ performedDateTime: `2013-01-${time}:00Z` });

const { send, found } = withServer({}, [
  ...([["r995", 99.5], ["r100", 100], ["r1004", 100.4], ["r1005", 100.5], ["r100004", 100.004], ["r08", 0.8], ["r081", 0.81]] as const).map(([id, value]) => risk(id, value)),
  dated("d14a", minute("14T00:00")), dated("d14b", minute("14T10:00")), dated("d15", minute("15T00:00")), dated("day14", { performedDateTime: "2013-01-14" }), dated("month", { performedDateTime: "2000-04" }),
  dated("from-15-mar", { performedPeriod: { start: "2013-03-15" } }), dated("from-21-jan", { performedPeriod: { start: "2013-01-21" } }), dated("until-21-jan", { performedPeriod: { end: "2013-01-21" } }), dated("mar14", { performedDateTime: "2013-03-14" }), dated("jun2015", { performedDateTime: "2015-06-15" }), dated("zoned", { performedDateTime: "1999-12-31T23:30:00-05:00" }),
  { resourceType: "ServiceRequest", id: "timing", status: "active", intent: "order", subject: { reference: "Patient/ann" }, occurrenceTiming: { repeat: { boundsPeriod: { start: "2013-01-31", end: "2013-03-24" }, frequency: 1, period: 2, periodUnit: "d" } } },
  measured("q54", 5.4, ucum("mg")), measured("q544", 5.44, ucum("mg")), measured("q54g", 0.0054, ucum("g")), measured("q6", 6, ucum("mg")), measured("q54x", 5.4, { unit: "mg" }), measured("q54kg", 5.4, ucum("kg")),
  named("eve", { given: ["Eve"], family: "Carreno Quinones", use: "official" }), named("evelyn", { given: ["Évelyn"], family: "O'Neil" }), named("severine", { given: ["Severine"], family: "Smith-Jones" }), named("upper", { given: ["EVE"], family: "Quinn" }),
  valueSet("vs", "http://acme.org/fhir/ValueSet/123", "1.0"), valueSet("vs2", "http://acme.org/fhir/ValueSet/123", "2.0"), valueSet("vs5", "http://acme.org/fhir/ValueSet/123/_history/5"), valueSet("other", "http://acme.org/FHIR/ValueSet/123"), valueSet("urn", "urn:oid:1.2.3.4.5"),
]);

const ids = async (url: string): Promise<string[]> => (await found(`${url}&_count=100`)).map((one) => one.split("/")[1]!);
const risks = (value: string): Promise<string[]> => ids(`RiskAssessment?probability=${value}`);
const dates = (value: string): Promise<string[]> => ids(`Procedure?date=${value}`);
const amounts = (value: string): Promise<string[]> => ids(`Observation?value-quantity=${value}`);
const givens = (query: string): Promise<string[]> => ids(`Practitioner?${query}`);
/** Of the dates found, those named. */
const among = async (value: string, names: readonly string[]): Promise<string[]> => (await dates(value)).filter((id) => names.includes(id));
const three = ["from-15-mar", "from-21-jan", "until-21-jan"], few = ["d14a", "d14b", "d15", "day14"];

states("search 3.1.1.4.5-1", async () => {
  assert.deepEqual(await risks("eq0.8"), await risks("0.8"));
  assert.deepEqual([await risks("0.8"), await among("eq2013-01-14", few), await among("eq2013-01-14T10:00:00Z", few)], [["r08", "r081"], ["d14a", "d14b", "day14"], ["d14b"]]);
});
states("search 3.1.1.4.5-2", async () => {
  assert.deepEqual([(await risks("ne0.8")).includes("r08"), (await risks("ne0.80")).includes("r081"), await among("ne2013-01-14", few)], [false, true, ["d15"]]);
});
states("search 3.1.1.4.5-3", async () => {
  assert.deepEqual([await risks("gt100"), await among("gt2013-01-14T10:00:00Z", few), await among("gt2013-03-14", three)], [["r100004", "r1004", "r1005"], ["d15", "day14"], ["from-15-mar", "from-21-jan"]]);
});
states("search 3.1.1.4.5-4", async () => {
  assert.deepEqual([await risks("lt100"), await among("lt2013-01-14T10:00:00Z", few), await among("lt2013-01-14", three)], [["r08", "r081", "r995"], ["d14a", "day14"], ["until-21-jan"]]);
});
states("search 3.1.1.4.5-5", async () => {
  assert.deepEqual([await risks("ge100.4"), await among("ge2013-01-14T10:00:00Z", few)], [["r1004", "r1005"], ["d14b", "d15", "day14"]]);
});
states("search 3.1.1.4.5-6", async () => {
  assert.deepEqual([await risks("le0.8"), await among("le2013-01-14T10:00:00Z", few)], [["r08"], ["d14a", "d14b", "day14"]]);
});
states("search 3.1.1.4.5-7", async () => {
  assert.deepEqual([await risks("sa100.4"), await among("sa2013-01-14", few), await among("sa2013-03-14", three)], [["r1005"], ["d15"], ["from-15-mar"]]);
});
states("search 3.1.1.4.5-8", async () => {
  assert.deepEqual([await risks("eb0.81"), await among("eb2013-01-15", few), await among("eb2013-03-14", three)], [["r08"], ["d14a", "d14b", "day14"], ["until-21-jan"]]);
});
states("search 3.1.1.4.5-9", async () => {
  assert.deepEqual([await risks("ap0.85"), await risks("ap0.5")], [["r08", "r081"], []]);
});

states("search 3.1.1.4.6-1", async () => assert.deepEqual(await risks("100"), ["r100", "r100004", "r1004", "r995"]));
states("search 3.1.1.4.6-2", async () => assert.deepEqual(await risks("100.00"), ["r100", "r100004"]));
states("search 3.1.1.4.6-4", async () => assert.deepEqual([await risks("gt100"), await risks("ge100.5"), await risks("lt99.5")], [["r100004", "r1004", "r1005"], ["r1005"], ["r08", "r081"]]));
states("search 3.1.1.4.6-5", async () => assert.deepEqual([await risks("gt8e-1"), await risks("1.00e2")], [await risks("gt0.8"), await risks("100")]));

states("search 3.1.1.4.7-1", async () => {
  for (const value of ["2013", "2013-01", "2013-01-14", "2013-01-14T10:00", "2013-01-14T10:00:00", "2013-01-14T10:00:00.5Z", "2013-01-14T10:00:00%2B02:00"]) assert.equal((await send("GET", `Procedure?date=${value}`)).statusCode, 200, value);
  for (const value of ["01-14", "-14", "2013-01-14T10", "2013-1-14", "2013-01T10:00", "2013-02-30", "13-01-14", "2013-01-14T25:00"]) assert.equal((await send("GET", `Procedure?date=${value}`)).statusCode, 400, value);
});
states("search 3.1.1.4.7-3", async () => {
  assert.deepEqual(await among("2013-01-14T10%3A00", few), ["d14b"]);
  assert.deepEqual(await among("2013-01-14T10:00Z", few), ["d14b"]);
});
states("search 3.1.1.4.7-4", async () => {
  // The table of the page, row by row.
  assert.deepEqual(await among("eq2013-01-14", ["d14a", "d14b", "d15"]), ["d14a", "d14b"]);
  assert.deepEqual(await among("ne2013-01-14", ["d14a", "d14b", "d15"]), ["d15"]);
  assert.deepEqual(await among("lt2013-01-14T10:00", ["day14"]), ["day14"]);
  assert.deepEqual(await among("gt2013-01-14T10:00", ["day14"]), ["day14"]);
  assert.deepEqual(await among("ge2013-03-14", ["from-21-jan"]), ["from-21-jan"]);
  assert.deepEqual(await among("le2013-03-14", ["from-21-jan"]), ["from-21-jan"]);
  assert.deepEqual(await among("sa2013-03-14", three), ["from-15-mar"]);
  assert.deepEqual(await among("eb2013-03-14", three), ["until-21-jan"]);
  assert.ok((await among("ap2013-03-14", ["mar14"])).includes("mar14"));
});
states("search 3.1.1.4.7-5", async () => {
  assert.deepEqual([await dates("2000"), await dates("2000-04"), await dates("2000-04-10"), await among("ge2000-04-10&date=lt2001", ["month", "zoned"]), await dates("sa2000-03&date=eb2000-05")], [["month", "zoned"], ["month"], [], ["month"], ["month"]]);
});
states("search 3.1.1.4.7-6", async () => {
  assert.deepEqual([await dates("2000-01-01T04:30:00Z"), await dates("2000-01-01T05:30:00%2B01:00"), await dates("eq1999-12-31T23:30:00-05:00")], [["zoned"], ["zoned"], ["zoned"]]);
});
states("search 3.1.1.4.7-7", async () => {
  assert.deepEqual([await among("ge2050", three), await among("le1900", three), await among("eb2013-02", three)], [["from-15-mar", "from-21-jan"], ["until-21-jan"], ["until-21-jan"]]);
});
states("search 3.1.1.4.7-8", async () => {
  assert.deepEqual(await found("ServiceRequest?occurrence=ge2013-02-01&occurrence=le2013-02-01"), ["ServiceRequest/timing"]);
  assert.deepEqual(await found("ServiceRequest?occurrence=ge2013-04"), []);
});

states("search 3.1.1.4.8-1", async () => {
  for (const value of ["eve", "EVE", "Eve"]) assert.deepEqual(await givens(`given=${value}`), ["eve", "evelyn", "upper"], value);
  assert.deepEqual([await givens("given=évelyn"), await givens("family=oneil"), await givens("given=rine")], [["evelyn"], ["evelyn"], []]);
});
states("search 3.1.1.4.8-2", async () => assert.deepEqual(await givens("given:contains=eve"), ["eve", "evelyn", "severine", "upper"]));
states("search 3.1.1.4.8-3", async () => assert.deepEqual([await givens("given:exact=Eve"), await givens("given:exact=Evelyn"), await givens("given:exact=Ev")], [["eve"], [], []]));
states("search 3.1.1.4.8-4", async () => {
  assert.deepEqual([await givens("name=severine"), await givens("name=smith"), await givens("address=orleans"), await givens("address-city=Orl%C3%A9ans")], [["severine"], ["severine"], ["eve"], ["eve"]]);
  for (const query of ["name=official", "address=home", "address=2020"]) assert.deepEqual(await givens(query), [], query);
});
states("search 3.1.1.4.8-5", async () => {
  for (const [name, id] of [["carreno", "eve"], ["quinones", "eve"], ["jones", "severine"]] as const) assert.deepEqual(await givens(`family=${name}`), [id], name);
});

states("search 3.1.1.4.9-1", async () => {
  assert.deepEqual([await ids("ValueSet?url=http://acme.org/fhir/ValueSet/123"), await ids("ValueSet?url=http://acme.org/fhir/ValueSet/12"), await ids("ValueSet?url=urn:oid:1.2.3.4.5")], [["vs", "vs2"], [], ["urn"]]);
});
states("search 3.1.1.4.9-2", async () => {
  assert.deepEqual(await ids("ValueSet?url:below=http://acme.org/fhir/"), ["vs", "vs2", "vs5"]);
  assert.deepEqual(await ids("ValueSet?url:below=http://acme.org/fhir/ValueSet/123"), ["vs", "vs2", "vs5"]);
  assert.equal((await send("GET", "ValueSet?url:below=urn:oid:1.2")).statusCode, 400);
});
states("search 3.1.1.4.9-3", async () => assert.deepEqual(await ids("ValueSet?url:above=http://acme.org/fhir/ValueSet/123/_history/5"), ["vs", "vs2", "vs5"]));
states("search 3.1.1.4.9-4", async () => assert.deepEqual([await ids("ValueSet?url=http://acme.org/fhir/ValueSet/123|2.0"), await ids("ValueSet?url=http://acme.org/fhir/ValueSet/123|3.0")], [["vs2"], []]));

states("search 3.1.1.4.11-1", async () => {
  assert.deepEqual(await amounts("5.4|http://unitsofmeasure.org|mg"), ["q54", "q544", "q54g"]);
  assert.deepEqual(await amounts("5.40e-3|http://unitsofmeasure.org|g"), ["q54", "q54g"]);
});
states("search 3.1.1.4.11-2", async () => assert.deepEqual(await amounts("5.4||mg"), ["q54", "q544", "q54x"]));
states("search 3.1.1.4.11-3", async () => assert.deepEqual(await amounts("5.4"), ["q54", "q544", "q54kg", "q54x"]));
states("search 3.1.1.4.11-4", async () => {
  assert.deepEqual([await amounts("le5.4|http://unitsofmeasure.org|mg"), await amounts("gt5.4|http://unitsofmeasure.org|mg"), await amounts("5.40|http://unitsofmeasure.org|mg")], [["q54", "q54g"], ["q544", "q54kg", "q6"], ["q54", "q54g"]]);
  assert.deepEqual(await amounts("ap5.6|http://unitsofmeasure.org|mg"), ["q54", "q544", "q54g", "q6"]);
});
states("search 3.1.1.4.11-5", async () => assert.deepEqual([await amounts("5400|http://unitsofmeasure.org|ug"), await amounts("5.4|http://unitsofmeasure.org|kg")], [["q54", "q54g"], ["q54kg"]]));
