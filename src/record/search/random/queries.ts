/**
 * Random queries over the world of resources.ts: any condition of a type, alone, through chains and `_has` of any depth,
 * and in expressions of `_filter`.
 */
import fc from "fast-check";
import { codes, identifiers, loinc, moments, names, pick, snomed, ucum, urls } from "./resources.ts";

/** A condition: name with modifier, and its value as R4 writes it, not yet percent-encoded. */
export type Condition = readonly [key: string, value: string];

const enc = encodeURIComponent;
const escaped = (text: string) => text.replace(/[\\,|$]/g, (sign) => `\\${sign}`);
const alternatives = (value: fc.Arbitrary<string>) => fc.array(value, { minLength: 1, maxLength: 3, size: "-1" }).map((values) => values.join(","));
const prefix = pick("", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap");

const token = fc.oneof(pick(...codes).map(escaped), fc.tuple(pick(loinc, snomed, ""), pick(...codes)).map(([system, code]) => `${system}|${escaped(code)}`), pick(`${loinc}|`, `${snomed}|`, "nothing"));
const coded = fc.tuple(pick(loinc), pick(...codes)).map(([system, code]) => `${system}|${escaped(code)}`);
const words = fc.tuple(pick(...names), fc.nat(4)).map(([name, length]) => escaped(length === 0 ? name : [...name].slice(0, length).join("")));
const date = fc.tuple(prefix, pick(...moments, "2020-02-29T12:00Z", "2020-02-29T12:00", "2021", "2020-02-29T12:00:00.500Z", "2020-03-01T00:00:00Z", "2020-02-29T15:30:00Z")).map(([p, at]) => p + at);
const numbers = fc.tuple(prefix, pick("1", "1.5", "100", "0.1", "2.0", "1e2", "-3", "0.10", "1000", "0.001", "37.5", "100.0", "1e3")).map(([p, number]) => p + number);
const quantity = fc.tuple(numbers, pick("", "||mg", `|${ucum}|g`, `|${ucum}|mg`, `|${ucum}|kg`, `|${ucum}|Cel`, `|${ucum}|K`, `|${ucum}|[degF]`, `|${ucum}|mo`, `|${ucum}|wk`, `|${ucum}|`, "|s|mg", "||kilo", `|${ucum}|nonsense`)).map(([number, unit]) => number + unit);
const uri = pick(...urls, "http://a.example/q/1/2", "http://a.example", "http://a.example/q#frag");
const identifier = fc.oneof(pick(...identifiers).map(({ system, value = "" }) => system ? `${system}|${escaped(value)}` : escaped(value)), pick("7", "|7", "s|", "t|", "s|8", "|X y")).filter((one) => one !== "");
const patientId = pick("Patient/p0", "p0", "p1", "Patient/p1", "Patient/p2", "https://other.example/Patient/p0", "Patient/gone");

type Kind = "token" | "code" | "string" | "date" | "number" | "quantity" | "uri" | "identifier";
const ofKind: Readonly<Record<Kind, (name: string) => fc.Arbitrary<Condition>>> = {
  token: (name) => fc.oneof(
    { weight: 4, arbitrary: fc.tuple(pick(name, name, `${name}:not`), alternatives(token)) }, { weight: 1, arbitrary: fc.tuple(pick(`${name}:in`, `${name}:not-in`), pick("http://vs.example/under", "ValueSet/mixed", "http://vs.example/under,http://vs.example/mixed")) },
    { weight: 1, arbitrary: fc.tuple(pick(`${name}:above`, `${name}:below`), alternatives(coded)) }, { weight: 1, arbitrary: fc.tuple(fc.constant(`${name}:text`), alternatives(pick("sys", "Été", "收", "blood", "zz", "BLOOD PRESS"))) }),
  code: (name) => fc.tuple(pick(name, `${name}:not`), alternatives(pick("final", "amended", "active", "draft", "AMB", "|IMP", "c|IMP", "male", "female", "true", "false", "current", "stopped", "order", "finished", "completed", "home"))),
  string: (name) => fc.tuple(pick(name, `${name}:exact`, `${name}:contains`), alternatives(words)),
  date: (name) => fc.tuple(fc.constant(name), alternatives(date)), number: (name) => fc.tuple(fc.constant(name), alternatives(numbers)), quantity: (name) => fc.tuple(fc.constant(name), alternatives(quantity)),
  uri: (name) => fc.tuple(pick(name, `${name}:above`, `${name}:below`), alternatives(uri)),
  identifier: (name) => fc.oneof({ weight: 3, arbitrary: fc.tuple(pick(name, `${name}:not`), alternatives(identifier)) }, { weight: 1, arbitrary: fc.tuple(fc.constant(`${name}:of-type`), alternatives(pick("ty|MR|8", "|MR|7", "MR|7", "ty|SS|7", "x|MR|7").map((one) => one.split("|").length === 3 ? one : `|${one}`))) },
    { weight: 1, arbitrary: fc.tuple(fc.constant(`${name}:text`), pick("rec", "other")) }),
};

/** What can be asked of a type: names by kind; reference parameters with what they may lead to; composites of other values. */
type Asked = Partial<Record<Kind, readonly string[]>> & { references?: Readonly<Record<string, readonly string[]>>; composites?: readonly (readonly [name: string, ...parts: fc.Arbitrary<string>[]])[]; others?: readonly Condition[] };

const hierarchy = (name: string, ...ids: string[]): Condition[] => ids.flatMap((id) => [[`${name}:below`, id], [`${name}:above`, id]] as Condition[]);
const asked: Readonly<Record<string, Asked>> = {
  Observation: {
    token: ["code", "category", "combo-code", "component-code", "method", "value-concept", "combo-value-concept", "component-value-concept", "data-absent-reason", "combo-data-absent-reason", "own-interpretation"], code: ["status"], string: ["value-string", "own-note"], date: ["date", "value-date", "own-issued"], quantity: ["value-quantity", "combo-value-quantity", "component-value-quantity", "own-low"], identifier: ["identifier"],
    references: { subject: ["Patient", "Group"], patient: ["Patient"], encounter: ["Encounter"], "has-member": ["Observation"], "derived-from": ["Observation"], performer: ["Practitioner", "Organization", "Patient"], "own-author": ["Patient", "Practitioner", "Organization"] },
    composites: [["code-value-quantity", token, quantity], ["component-code-value-quantity", token, quantity], ["combo-code-value-quantity", token, quantity], ["code-value-concept", token, token], ["component-code-value-concept", token, token], ["combo-code-value-concept", token, token], ["code-value-date", token, date], ["code-value-string", token, words], ["own-range", token, quantity]],
    others: [["_text", "blood"], ["_content", "press*"], ["_text", "high -blood"], ["_content", "NOT blood"], ["_list", "l3"], ["_list", "$current-problems"], ["performer", "Practitioner/d1"], ["performer", "o1"]],
  },
  Patient: {
    string: ["name", "family", "given", "address", "address-city", "address-country", "address-postalcode"], code: ["gender", "active", "deceased", "address-use"], date: ["birthdate", "death-date"], identifier: ["identifier"], token: ["language"], number: ["own-birth"], uri: ["own-system"],
    references: { "general-practitioner": ["Practitioner", "Organization"], organization: ["Organization"], link: ["Patient"] },
    others: [["telecom", "+43 1 5"], ["phone", "+43 1 5"], ["email", "a@b.example"], ["email:not", "a@b.example"], ["telecom", "phone|+43 1 5"], ...hierarchy("organization", "Organization/o1", "o3"), ...hierarchy("general-practitioner", "Organization/o1"), ["phonetic", "ann"]],
  },
  Encounter: { code: ["status", "class"], token: ["type"], date: ["date"], quantity: ["length"], references: { subject: ["Patient", "Group"], patient: ["Patient"], "part-of": ["Encounter"], "service-provider": ["Organization"], location: ["Location"], diagnosis: ["Condition"], participant: ["Practitioner"], practitioner: ["Practitioner"] }, others: [...hierarchy("part-of", "Encounter/e0", "e3"), ["participant", "PractitionerRole/r1"], ["location.near", "31.2|121.4|60"], ...hierarchy("location", "Location/l1")] },
  Condition: { token: ["code", "clinical-status", "body-site"], date: ["onset-date", "abatement-date", "recorded-date"], quantity: ["onset-age", "abatement-age"], string: ["onset-info"], references: { subject: ["Patient", "Group"], patient: ["Patient"], encounter: ["Encounter"] }, others: [["_list", "$current-problems"]] },
  RiskAssessment: { number: ["probability"], references: { subject: ["Patient", "Group"], patient: ["Patient"] } },
  Organization: { string: ["name", "address", "address-city"], token: ["type"], code: ["active"], identifier: ["identifier"], references: { partof: ["Organization"] }, others: hierarchy("partof", "Organization/o0", "o1", "o4") },
  Location: { string: ["name", "address"], references: { partof: ["Location"], organization: ["Organization"] }, others: [["near", "31.2|121.4|60"], ["near", "0|180|20100|km"], ["near", "48|11,-90|0|30|[mi_i]"], ["near:missing", "true"], ...hierarchy("partof", "Location/l0", "l5")] },
  Questionnaire: { string: ["title"], code: ["status"], token: ["version", "context", "context-type"], date: ["effective"], uri: ["url", "own-definition"], identifier: ["identifier"], quantity: ["context-quantity"], composites: [["context-type-quantity", token, quantity], ["context-type-value", token, token]], others: [["url", "http://a.example/q|1"], ["version", "2.0-draft"], ["version:not", "1"]] },
  QuestionnaireResponse: { code: ["status"], date: ["authored"], references: { questionnaire: ["Questionnaire"], subject: ["Patient"], patient: ["Patient"] }, others: [["questionnaire", "http://a.example/q|1"], ["questionnaire:below", "http://a.example/q"], ["questionnaire", "Questionnaire/q1"], ["questionnaire", "http://a.example/qq"]] },
  Group: { code: ["actual", "exclude"], token: ["characteristic", "value"], references: { member: ["Patient"] }, composites: [["characteristic-value", token, pick("true", "false", "8480-6")]] },
  List: { code: ["status"], token: ["code"], references: { item: ["Observation", "Condition"], subject: ["Patient"], patient: ["Patient"] } },
  Medication: { token: ["code", "ingredient-code"], code: ["status"], identifier: ["identifier"], date: ["expiration-date"], references: { manufacturer: ["Organization"], ingredient: ["Medication"] }, others: [["lot-number", "Ann"], ["lot-number:not", "ann"]] },
  MedicationRequest: { token: ["code"], code: ["status", "intent"], date: ["authoredon", "date"], references: { medication: ["Medication"], subject: ["Patient", "Group"], patient: ["Patient"], requester: ["Practitioner", "Organization"], encounter: ["Encounter"] } },
  DocumentReference: { token: ["type", "security-label"], code: ["status"], references: { relatesto: ["DocumentReference"], subject: ["Patient"], patient: ["Patient"] }, composites: [["relationship", pick("DocumentReference/d1", "d3"), pick("replaces", "appends")]], others: [["contenttype", "text/xml"], ["contenttype:below", "text/xml"], ["contenttype:not", "text/xml"], ["relation", "replaces"]] },
  Practitioner: { string: ["name", "family"], code: ["gender"] },
};

/** Every resource has these. */
const ofAll = (letter: string): fc.Arbitrary<Condition> => fc.oneof(
  fc.tuple(pick("_id", "_id:not"), pick("0", "1", "2,3", "99").map((ids) => ids.split(",").map((id) => `${letter}${id}`).join(","))), fc.tuple(pick("_tag", "_tag:not", "_security"), alternatives(fc.oneof(token, pick("R")))), fc.tuple(pick("_profile", "_profile:below"), pick("http://a.example/p")),
  fc.tuple(pick("_source", "_source:below", "_source:above"), uri), fc.tuple(fc.constant("_lastUpdated"), fc.tuple(pick("ge", "lt", "gt", "ne"), pick("2020", "2020-02-29T12:00:00Z")).map(([p, at]) => p + at)));

function conditionOf(type: string): fc.Arbitrary<Condition> {
  const { references = {}, composites = [], others = [], ...byKind } = asked[type]!;
  const simple = Object.entries(byKind).flatMap(([kind, params]) => params.map((name) => ofKind[kind as Kind](name)));
  const refersTo = Object.entries(references).map(([name, targets]) => targets.includes("Patient") ? fc.oneof(fc.tuple(fc.constant(name), alternatives(patientId)), fc.tuple(fc.constant(`${name}:identifier`), alternatives(identifier)), fc.tuple(fc.constant(`${name}:Patient`), pick("p0", "p1")))
    : fc.tuple(pick(name, `${name}:${targets[0]!}`), pick("0", "1", "2", "5").map((id) => `${targets[0]![0]!.toLowerCase()}${id}`)));
  const all = [...Object.values(byKind).flat(), ...Object.keys(references), ...composites.map(([name]) => name)];
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...simple) }, { weight: 2, arbitrary: refersTo.length ? fc.oneof(...refersTo) : fc.oneof(...simple) }, { weight: 1, arbitrary: fc.tuple(pick(...all).map((name) => `${name}:missing`), pick("true", "false")) }, { weight: 1, arbitrary: ofAll(type[0]!.toLowerCase()) },
    ...composites.length ? [{ weight: 2, arbitrary: fc.oneof(...composites.map(([name, ...parts]) => fc.tuple(fc.constant(name), alternatives(fc.tuple(...parts).map((values) => values.join("$")))))) }] : [], ...others.length ? [{ weight: 2, arbitrary: pick(...others) }] : []);
}

const conditions = new Map(Object.keys(asked).map((type) => [type, conditionOf(type)]));
const links = Object.entries(asked).flatMap(([source, { references = {} }]) => Object.entries(references).map(([param, targets]) => ({ source, param, targets })));

/** Through at most so many references. */
function reaching(type: string, depth: number): fc.Arbitrary<Condition> {
  const here = conditions.get(type)!;
  if (depth === 0) return here;
  const forward = links.filter(({ source }) => source === type).map(({ param, targets }) => pick(...targets).chain((target) => fc.tuple(reaching(target, depth - 1), fc.boolean()).map(([[key, value], named]): Condition => [`${param}${named || targets.length > 1 ? `:${target}` : ""}.${key}`, value])));
  const backward = links.filter(({ targets }) => targets.includes(type)).map(({ source, param }) => reaching(source, depth - 1).map(([key, value]): Condition => [`_has:${source}:${param}:${key}`, value]));
  return fc.oneof({ weight: 3, arbitrary: here }, ...forward.length ? [{ weight: 2, arbitrary: fc.oneof(...forward) }] : [], ...backward.length ? [{ weight: 2, arbitrary: fc.oneof(...backward) }] : []);
}

/** Comparisons of `_filter` by kind. */
const quoted = (text: string) => JSON.stringify(text);
const comparisonOfKind: Readonly<Record<Kind, (name: string) => fc.Arbitrary<string>>> = {
  token: (name) => fc.oneof(fc.tuple(pick("eq", "ne"), pick(...codes, `${loinc}|8480-6`, `${snomed}|a b`)).map(([operator, value]) => `${name} ${operator} ${quoted(value)}`), pick("in", "ni").map((operator) => `${name} ${operator} http://vs.example/under`), pick("ss", "sb").map((operator) => `${name} ${operator} ${loinc}|8462-4`)),
  code: (name) => fc.tuple(pick("eq", "ne"), pick("final", "active", "male", "true", "AMB", "current")).map(([operator, value]) => `${name} ${operator} ${value}`),
  string: (name) => fc.tuple(pick("eq", "ne", "co", "sw", "ew"), pick(...names)).map(([operator, value]) => `${name} ${operator} ${quoted(value)}`),
  date: (name) => fc.tuple(pick("eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb", "po"), pick(...moments)).map(([operator, value]) => `${name} ${operator} ${value}`),
  number: (name) => fc.tuple(pick("eq", "ne", "gt", "le", "sa"), pick("1", "0.1", "0.5")).map(([operator, value]) => `${name} ${operator} ${value}`), quantity: (name) => fc.tuple(pick("eq", "ne", "gt", "le", "eb"), pick("1", `1.5|${ucum}|g`, "100||mg")).map(([operator, value]) => `${name} ${operator} ${value}`),
  uri: (name) => fc.tuple(pick("eq", "ne", "re"), uri).map(([operator, value]) => `${name} ${operator} ${value}`), identifier: (name) => fc.tuple(pick("eq", "ne"), pick("7", "s|7", "s|8")).map(([operator, value]) => `${name} ${operator} ${value}`),
};

function comparisonOf(type: string, depth: number): fc.Arbitrary<string> {
  const { references = {}, composites: _, others: __, ...byKind } = asked[type]!;
  const here = Object.entries(byKind).flatMap(([kind, params]) => params.map((name) => comparisonOfKind[kind as Kind](name)));
  const params = [...Object.values(byKind).flat(), ...Object.keys(references)];
  const refers = Object.entries(references).filter(([, targets]) => targets.includes("Patient")).map(([name]) => fc.tuple(pick("eq", "ne", "re"), pick("Patient/p0", "Patient/p1")).map(([operator, value]) => `${name} ${operator} ${value}`));
  const onward = depth === 0 ? [] : Object.entries(references).map(([name, targets]) => pick(...targets).chain((target) => fc.tuple(comparisonOf(target, depth - 1), fc.option(comparisonOf(target, 0), { nil: undefined })).map(([last, inner]) => `${name}:${target}${inner === undefined ? "" : `[${inner}]`}.${last}`)));
  return fc.oneof({ weight: 4, arbitrary: fc.oneof(...here, ...refers) }, { weight: 1, arbitrary: fc.tuple(pick(...params), fc.boolean()).map(([name, there]) => `${name} pr ${there}`) }, ...onward.length ? [{ weight: 2, arbitrary: fc.oneof(...onward) }] : []);
}

const expressionOf = (type: string): fc.Arbitrary<string> => fc.letrec<{ any: string; one: string; pair: string; not: string }>((tie) => ({
  any: fc.oneof({ depthSize: "small", withCrossShrink: true }, tie("one"), tie("pair"), tie("not")), one: comparisonOf(type, 1), pair: fc.tuple(tie("any"), pick("and", "or"), tie("any")).map(([a, both, b]) => `(${a} ${both} ${b})`), not: tie("any").map((inner) => `not (${inner})`),
})).any;

/** Conditions that a contained resource can be asked. */
export const plainConditions = (type: string): fc.Arbitrary<string> => conditions.get(type)!.map(([key, value]) => `${enc(key)}=${enc(value)}`);

/** The parameters of one search of the type. */
export function queryOf(type: string): fc.Arbitrary<string> {
  const condition = reaching(type, 3).map(([key, value]) => `${key}=${enc(value)}`), filter = expressionOf(type).map((text) => `_filter=${enc(text)}`);
  return fc.array(fc.oneof({ weight: 4, arbitrary: condition }, { weight: 1, arbitrary: filter }), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("&"));
}

export const queries = pick(...Object.keys(asked).filter((type) => type !== "Practitioner"), "Observation", "Observation", "Patient").chain((type) => queryOf(type).map((query) => ({ type, query })));
