/**
 * Facts gathering: one input of a method, looked for in one person's resources at one moment. `usable.ts` says which
 * resources count; here the newest valid value is chosen, converted and explained.
 *
 * Of several values the one with the latest clinical time wins; at the same time a final one before a preliminary one,
 * then the later issued, the later stored, the lower id: the same record always gives the same answer. Values at the
 * same time that differ are named as a limit.
 */
import type { Coding, Quantity, Resource } from "#fhir/resource.ts";
import { parseReference } from "#fhir/resource.ts";
import type { Bilingual, Evidence, Limit } from "./finding.ts";
import type { Facts, InputSpec, Values } from "./method.ts";
import { ageYears, moment, span, wholeDays } from "./time.ts";
import { codings, conditionOnset, conditionStands, isMachine, matches, medicineTaken, objects, observationKnown, observationStatus, observedAt, text, unitOf } from "./usable.ts";
import { convertUnit } from "./units.ts";

export type Value = number | boolean | string;

/** `recorded: false` marks a problem or medicine that no resource names and that is therefore taken as absent. */
export type Gathered =
  | { kind: "present"; value: Value; recorded: boolean; evidence: Evidence[]; limits: Limit[]; at?: string; atMs?: number; ageDays?: number }
  | { kind: "missing"; limits: Limit[] };

type Candidate = { resource: Resource; holder: Record<string, unknown>; path: string };
type Index = {
  nowMs: number; patient: Resource | undefined;
  observations: Map<string, Candidate[]>; conditions: Resource[]; medicines: Resource[]; medications: Map<string, Resource>;
};

const indexes = new WeakMap<Facts, Index>();

function indexOf(facts: Facts): Index {
  const known = indexes.get(facts);
  if (known) return known;
  const index: Index = { nowMs: moment(facts.asOf), patient: undefined, observations: new Map(), conditions: [], medicines: [], medications: new Map() };
  for (const resource of facts.resources) {
    if (isMachine(resource)) continue;
    switch (resource.resourceType) {
      case "Patient": if (`Patient/${resource.id}` === facts.subject) index.patient = resource; break;
      case "Condition": index.conditions.push(resource); break;
      case "MedicationRequest": case "MedicationStatement": index.medicines.push(resource); break;
      case "Medication": if (resource.id) index.medications.set(`Medication/${resource.id}`, resource); break;
      case "Observation": indexObservation(index, resource); break;
    }
  }
  indexes.set(facts, index);
  return index;
}

function indexObservation(index: Index, resource: Resource): void {
  if (observationStatus(resource["status"]).kind !== "yes" || !observationKnown(resource, index.nowMs)) return;
  const add = (concept: unknown, candidate: Candidate): void => {
    for (const coding of codings(concept)) {
      const key = `${coding.system}|${coding.code}`;
      const list = index.observations.get(key);
      if (list) list.push(candidate); else index.observations.set(key, [candidate]);
    }
  };
  add(resource["code"], { resource, holder: resource, path: "" });
  for (const { item, i } of objects(resource["component"])) add(item["code"], { resource, holder: item, path: `component[${i}].` });
}

export function patientOf(facts: Facts): Resource | undefined {
  return indexOf(facts).patient;
}

/** Dead at the moment: no risk or score is computed for them. */
export function isDeceased(facts: Facts): boolean {
  const patient = indexOf(facts).patient;
  if (patient?.["deceasedBoolean"] === true) return true;
  const died = text(patient?.["deceasedDateTime"]);
  if (died === undefined) return false;
  const at = span(died); // a partial date counts from its begin: better no score than one for the dead
  return !at || at.first <= indexOf(facts).nowMs;
}

const reference = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ""}`;

export function resourceEvidence(resource: Resource, path: string, value: string, at?: string, label?: Bilingual): Evidence {
  return {
    kind: "resource", reference: reference(resource), path, value,
    ...(resource.meta?.versionId === undefined ? {} : { version: resource.meta.versionId }), ...(at === undefined ? {} : { at }), ...(label === undefined ? {} : { label }),
  };
}

const limit = (kind: Limit["kind"], spec: InputSpec, en: string, zh: string): Limit => ({ kind, input: spec.name, label: spec.label, text: { en, zh } });
const missing = (spec: InputSpec, limits: Limit[], en = `${spec.label.en} is not in the record`, zh = `记录中没有${spec.label.zh}`): Gathered =>
  ({ kind: "missing", limits: [...limits, limit("missing", spec, en, zh)] });

/** Looks for one input. `on`: the date an age is wanted for, where not `asOf`. */
export function gather(facts: Facts, spec: InputSpec, on?: string): Gathered {
  const given = facts.given?.[spec.name];
  if (given !== undefined) {
    const checked = checkGiven(spec, given);
    return "en" in checked ? missing(spec, [], checked.en, checked.zh) : { kind: "present", value: checked.value, recorded: true, evidence: [], limits: [] };
  }
  switch (spec.kind) {
    case "quantity": return gatherQuantity(facts, spec);
    case "age": return gatherAge(facts, spec, on ?? facts.asOf);
    case "sex": return gatherSex(facts, spec);
    case "condition": return gatherCondition(facts, spec);
    case "medication": return gatherMedicine(facts, spec);
    case "observed-code": return gatherAnswer(facts, spec);
    case "choice": return gatherChoice(facts, spec);
    case "boolean": return missing(spec, []);
  }
}

/** Checks a plain value against its input; answers what is wrong as a sentence without its full stop, English by the input's name, Chinese by its label. */
export function checkGiven(spec: InputSpec, value: Value): { value: Value } | Bilingual {
  const { name, label } = spec;
  const wanted = (en: string, zh: string): Bilingual => ({ en: `${name} must be ${en}, not "${value}"`, zh: `${label.zh}须为${zh}，而不是“${value}”` });
  switch (spec.kind) {
    case "quantity": case "age": {
      if (typeof value !== "number" || !Number.isFinite(value)) return wanted("a number", "数值");
      const { low, high } = spec.range;
      return value < low || value > high ? { en: `${name} ${value} is not possible (${low} to ${high})`, zh: `${label.zh} ${value} 不可能（应在 ${low} 至 ${high} 之间）` } : { value };
    }
    case "sex": return value === "male" || value === "female" ? { value } : wanted("male or female", " male（男）或 female（女）");
    case "condition": case "medication": case "boolean": return typeof value === "boolean" ? { value } : wanted("true or false", " true（是）或 false（否）");
    case "observed-code": {
      const answers = Object.keys(spec.answers);
      return answers.includes(String(value)) ? { value: answerValue(String(value)) } : wanted(`one of ${answers.join(", ")}`, `以下之一：${answers.join("、")}`);
    }
    case "choice": return spec.options.includes(String(value)) ? { value: String(value) } : wanted(`one of ${spec.options.join(", ")}`, `以下之一：${spec.options.join("、")}`);
  }
}

const answerValue = (answer: string): Value => (answer === "true" ? true : answer === "false" ? false : answer);

function candidates(facts: Facts, codes: readonly Coding[]): Candidate[] {
  const index = indexOf(facts);
  const found = new Set<Candidate>();
  for (const code of codes) for (const candidate of index.observations.get(`${code.system}|${code.code}`) ?? []) found.add(candidate);
  return [...found].map((candidate) => ({ candidate, when: observedAt(candidate.resource)?.last ?? -Infinity })).sort((a, b) =>
    b.when - a.when || Number(a.candidate.resource["status"] === "preliminary") - Number(b.candidate.resource["status"] === "preliminary")
    || compare(text(b.candidate.resource["issued"]), text(a.candidate.resource["issued"]))
    || compare(b.candidate.resource.meta?.lastUpdated, a.candidate.resource.meta?.lastUpdated)
    || compare(a.candidate.resource.id, b.candidate.resource.id) || compare(a.candidate.path, b.candidate.path)).map((entry) => entry.candidate);
}

const compare = (a: string | undefined, b: string | undefined): number => ((a ?? "") < (b ?? "") ? -1 : (a ?? "") > (b ?? "") ? 1 : 0);

/** Limits for refused values are kept few: the newest three say enough. */
const refusedMax = 3;

function gatherQuantity(facts: Facts, spec: InputSpec & { kind: "quantity" }): Gathered {
  const { nowMs } = indexOf(facts);
  const refused: Limit[] = [];
  const refuse = (kind: Limit["kind"], en: string, zh: string): void => { if (refused.length < refusedMax) refused.push(limit(kind, spec, en, zh)); };
  let chosen: (Gathered & { kind: "present" }) | undefined;
  for (const { resource, holder, path } of candidates(facts, spec.codes)) {
    const when = observedAt(resource);
    const name = reference(resource);
    const quantity = holder["valueQuantity"] as Quantity | undefined;
    if (chosen) { // only to name a disagreement at the very same time
      if (when?.last !== chosen.atMs) break;
      const other = quantity?.value === undefined || quantity.comparator !== undefined ? undefined : convertUnit(quantity.value, unitOf(quantity) ?? "", spec.unit, spec.molarMass);
      if (other?.ok && Math.abs(other.value - (chosen.value as number)) > 1e-6 * Math.abs(other.value)) {
        chosen.limits.push(limit("quality", spec, `Another value for the same time, ${trim(other.value)} ${spec.unit} (${name}), was not used`, `同一时间另有数值 ${trim(other.value)} ${spec.unit}（${name}），未采用`));
        break;
      }
      continue;
    }
    if (holder["dataAbsentReason"] !== undefined || typeof quantity?.value !== "number") continue;
    if (!when) { refuse("quality", `${name} has no date and was not used`, `${name} 没有日期，未采用`); continue; }
    if (quantity.comparator !== undefined) { refuse("quality", `${quantity.comparator}${quantity.value} ${quantity.unit ?? ""} (${when.at.slice(0, 10)}) is a bound, not a value, and was not used`, `${quantity.comparator}${quantity.value} ${quantity.unit ?? ""}（${when.at.slice(0, 10)}）是界限而非确切值，未采用`); continue; }
    const unit = unitOf(quantity);
    if (unit === undefined) { refuse("quality", `${name}: ${quantity.value} has no unit and was not used`, `${name}：${quantity.value} 没有单位，未采用`); continue; }
    const converted = convertUnit(quantity.value, unit, spec.unit, spec.molarMass);
    if (!converted.ok) { refuse("quality", `${name}: ${quantity.value} ${unit} cannot be read as ${spec.unit} and was not used`, `${name}：${quantity.value} ${unit} 无法换算为 ${spec.unit}，未采用`); continue; }
    if (converted.value < spec.range.low || converted.value > spec.range.high) { refuse("quality", `${name}: ${quantity.value} ${unit} is not physiologically possible and was refused`, `${name}：${quantity.value} ${unit} 不符合生理可能，已拒绝`); continue; }
    const ageDays = wholeDays(when.last, nowMs);
    if (spec.maxAgeDays !== undefined && ageDays > spec.maxAgeDays) {
      refused.push(limit("stale", spec, `The newest value is of ${when.at.slice(0, 10)}, older than ${days(spec.maxAgeDays).en}`, `最新数值为 ${when.at.slice(0, 10)}，早于${days(spec.maxAgeDays).zh}前`));
      break; // sorted: the rest are older still
    }
    const limits = resource["status"] === "preliminary" ? [limit("quality", spec, "The value is preliminary", "该数值为初步结果")] : [];
    chosen = {
      kind: "present", value: converted.value, recorded: true, limits, at: when.at, atMs: when.last, ageDays,
      evidence: [resourceEvidence(resource, `${path}valueQuantity`, `${quantity.value} ${quantity.unit ?? unit}`, when.at, spec.label)],
    };
  }
  const derived = spec.derive ? gatherDerived(facts, spec, spec.derive) : undefined;
  if (derived && (!chosen || (derived.atMs ?? -Infinity) > (chosen.atMs ?? -Infinity))) return derived;
  if (chosen) return { ...chosen, limits: [...refused, ...chosen.limits] };
  if (spec.lesser) {
    const { lesser, derive: _derive, ...rest } = spec;
    const found = gatherQuantity(facts, { ...rest, codes: lesser.codes });
    if (found.kind === "present") return { ...found, limits: [limit("quality", spec, lesser.note.en, lesser.note.zh), ...refused, ...found.limits] };
  }
  return missing(spec, refused);
}

function days(count: number): Bilingual {
  return count >= 730 ? { en: `${Math.round(count / 365.25)} years`, zh: `${Math.round(count / 365.25)}年` } : { en: `${count} days`, zh: `${count}天` };
}

export function trim(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function gatherDerived(facts: Facts, spec: InputSpec & { kind: "quantity" }, derive: NonNullable<(InputSpec & { kind: "quantity" })["derive"]>): (Gathered & { kind: "present" }) | undefined {
  const set = gatherAll(facts, derive.inputs);
  if (set.missing.length > 0) return undefined;
  const value = derive.compute(set.values);
  if (value === undefined || value < spec.range.low || value > spec.range.high) return undefined;
  const times = derive.inputs.map((input) => set.found.get(input.name)).filter((found) => found?.kind === "present" && found.atMs !== undefined) as (Gathered & { kind: "present" })[];
  const newest = times.reduce<(Gathered & { kind: "present" }) | undefined>((best, found) => (!best || found.atMs! > best.atMs! ? found : best), undefined);
  return {
    kind: "present", value, recorded: true, evidence: set.evidence, limits: [...set.limits, limit("quality", spec, derive.note.en, derive.note.zh)],
    ...(newest ? { at: newest.at, atMs: newest.atMs, ageDays: newest.ageDays } : {}),
  };
}

function gatherAge(facts: Facts, spec: InputSpec & { kind: "age" }, on: string): Gathered {
  const { patient } = indexOf(facts);
  const birthDate = text(patient?.["birthDate"]);
  if (!patient || birthDate === undefined) return missing(spec, []);
  const age = ageYears(birthDate, on);
  if (!age) return missing(spec, [], `Birth date ${birthDate} gives no age on ${on.slice(0, 10)}`, `出生日期 ${birthDate} 无法得出 ${on.slice(0, 10)} 的年龄`);
  const value = Math.floor((age.least + age.greatest) / 2);
  if (value < spec.range.low || value > spec.range.high) return missing(spec, [], `Age ${value} is not possible`, `年龄 ${value} 不可能`);
  const limits = age.least === age.greatest ? [] : [limit("quality", spec, `Birth date known only as ${birthDate}: aged ${age.least} or ${age.greatest}, ${value} was used`, `出生日期仅知为 ${birthDate}：年龄 ${age.least} 或 ${age.greatest}，采用 ${value}`)];
  return { kind: "present", value, recorded: true, limits, evidence: [resourceEvidence(patient, "birthDate", birthDate, undefined, spec.label)] };
}

function gatherSex(facts: Facts, spec: InputSpec): Gathered {
  const { patient } = indexOf(facts);
  const gender = text(patient?.["gender"]);
  if (patient && (gender === "male" || gender === "female"))
    return { kind: "present", value: gender, recorded: true, limits: [], evidence: [resourceEvidence(patient, "gender", gender, undefined, spec.label)] };
  if (gender === undefined) return missing(spec, []);
  return missing(spec, [], `The equation exists for women and men only; the recorded gender is ${gender}`, `该公式仅适用于男性和女性；记录的性别为 ${gender}`);
}

const conceptText = (concept: unknown): string => {
  const given = (concept as { text?: string } | undefined)?.text;
  const coding = codings(concept)[0];
  return given ?? coding?.display ?? coding?.code ?? "";
};

function gatherCondition(facts: Facts, spec: InputSpec & { kind: "condition" }): Gathered {
  const index = indexOf(facts);
  const limits: Limit[] = [];
  const standing: Resource[] = [];
  for (const condition of index.conditions) {
    if (!codings(condition["code"]).some((coding) => spec.codes.some((wanted) => matches(coding, wanted)))) continue;
    const verdict = conditionStands(condition, index.nowMs, spec.history ?? false);
    if (verdict.kind === "yes") standing.push(condition);
    else if (verdict.kind === "named") limits.push(limit("quality", spec, `${conceptText(condition["code"])} is ${verdict.en} and was not counted (${reference(condition)})`, `${conceptText(condition["code"])} 为${verdict.zh}，未计入（${reference(condition)}）`));
  }
  standing.sort((a, b) => compare(conditionOnset(a), conditionOnset(b)) || compare(a.id, b.id));
  const first = standing[0];
  if (!first) return { kind: "present", value: false, recorded: false, evidence: [], limits };
  const at = conditionOnset(first) ?? text(first["recordedDate"]);
  const atMs = at === undefined ? undefined : span(at)?.first;
  return { kind: "present", value: true, recorded: true, evidence: [resourceEvidence(first, "code", conceptText(first["code"]), at, spec.label)], limits: [], ...(at === undefined || atMs === undefined ? {} : { at, atMs }) };
}

function gatherMedicine(facts: Facts, spec: InputSpec & { kind: "medication" }): Gathered {
  const index = indexOf(facts);
  const names = (spec.names ?? []).map((name) => new RegExp(`(?<![\\p{L}])${name}(?![\\p{L}])`, "iu"));
  const taken: { resource: Resource; path: string; value: string; byName: boolean }[] = [];
  for (const resource of index.medicines) {
    if (!medicineTaken(resource, index.nowMs)) continue;
    const [concept, path] = medicineConcept(resource, index.medications);
    const byCode = codings(concept).some((coding) => spec.codes.some((wanted) => matches(coding, wanted)));
    const words = [conceptText(concept), ...codings(concept).map((coding) => coding.display ?? "")].join(" ");
    const byName = !byCode && names.some((name) => name.test(words));
    if (byCode || byName) taken.push({ resource, path, value: conceptText(concept), byName });
  }
  taken.sort((a, b) => Number(a.byName) - Number(b.byName) || compare(text(b.resource["authoredOn"]), text(a.resource["authoredOn"])) || compare(a.resource.id, b.resource.id));
  const first = taken[0];
  if (!first) return { kind: "present", value: false, recorded: false, evidence: [], limits: [] };
  const at = text(first.resource["authoredOn"]) ?? (first.resource["effectivePeriod"] as { start?: string } | undefined)?.start;
  const limits = first.byName ? [limit("quality", spec, `Recognised by the name "${first.value}", not by a code of its class`, `依名称“${first.value}”识别，而非依药物类别编码`)] : [];
  return { kind: "present", value: true, recorded: true, evidence: [resourceEvidence(first.resource, first.path, first.value, at, spec.label)], limits };
}

function medicineConcept(resource: Resource, medications: Map<string, Resource>): [unknown, string] {
  if (resource["medicationCodeableConcept"] !== undefined) return [resource["medicationCodeableConcept"], "medicationCodeableConcept"];
  const target = (resource["medicationReference"] as { reference?: string } | undefined)?.reference;
  if (target?.startsWith("#")) {
    const contained = (resource["contained"] as Resource[] | undefined)?.find((inner) => inner.id === target.slice(1));
    return [contained?.["code"], "medicationReference"];
  }
  const key = target === undefined ? undefined : parseReference(target);
  return [key && medications.get(`${key.type}/${key.id}`)?.["code"], "medicationReference"];
}

function gatherAnswer(facts: Facts, spec: InputSpec & { kind: "observed-code" }): Gathered {
  const { nowMs } = indexOf(facts);
  const limits: Limit[] = [];
  for (const { resource, holder, path } of candidates(facts, spec.codes)) {
    const when = observedAt(resource);
    if (holder["dataAbsentReason"] !== undefined || !when) continue;
    const ageDays = wholeDays(when.last, nowMs);
    if (spec.maxAgeDays !== undefined && ageDays > spec.maxAgeDays) {
      limits.push(limit("stale", spec, `The newest answer is of ${when.at.slice(0, 10)}, older than ${days(spec.maxAgeDays).en}`, `最新记录为 ${when.at.slice(0, 10)}，早于${days(spec.maxAgeDays).zh}前`));
      break;
    }
    const concept = holder["valueCodeableConcept"];
    const answer = Object.entries(spec.answers).find(([, codes]) => codings(concept).some((coding) => codes.some((wanted) => matches(coding, wanted))));
    if (answer) return { kind: "present", value: answerValue(answer[0]), recorded: true, limits, at: when.at, atMs: when.last, ageDays, evidence: [resourceEvidence(resource, `${path}valueCodeableConcept`, conceptText(concept), when.at, spec.label)] };
    if (limits.length < refusedMax) limits.push(limit("quality", spec, `"${conceptText(concept)}" (${when.at.slice(0, 10)}) does not answer it`, `“${conceptText(concept)}”（${when.at.slice(0, 10)}）不能作答`));
  }
  return missing(spec, limits);
}

function gatherChoice(facts: Facts, spec: InputSpec & { kind: "choice" }): Gathered {
  const { patient } = indexOf(facts);
  if (patient && spec.byCountry)
    for (const { item, i } of objects(patient["address"])) {
      const country = text(item["country"]);
      const option = country === undefined || item["use"] === "old" ? undefined : spec.byCountry[country.toUpperCase()];
      if (country !== undefined && option !== undefined) return { kind: "present", value: option, recorded: true, limits: [], evidence: [resourceEvidence(patient, `address[${i}].country`, country, undefined, spec.label)] };
    }
  return missing(spec, []);
}

/** Every input of a method. `values` holds what was found; `missing` names required inputs that were not. */
export type Inputs = { found: Map<string, Gathered>; values: Record<string, Value>; evidence: Evidence[]; limits: Limit[]; missing: string[]; effective?: string };

export function gatherAll(facts: Facts, specs: readonly InputSpec[]): Inputs {
  const found = new Map<string, Gathered>();
  for (const spec of specs) if (!(spec.kind === "age" && spec.on !== undefined)) found.set(spec.name, gather(facts, spec));
  for (const spec of specs) if (spec.kind === "age" && spec.on !== undefined) {
    const dated = found.get(spec.on);
    found.set(spec.name, gather(facts, spec, dated?.kind === "present" ? dated.at : undefined));
  }
  const inputs: Inputs = { found, values: {}, evidence: [], limits: [], missing: [] };
  let newest = -Infinity;
  for (const spec of specs) {
    const one = found.get(spec.name)!;
    if (one.kind === "missing") {
      if (spec.required) inputs.missing.push(spec.name);
      inputs.limits.push(...one.limits);
      continue;
    }
    inputs.values[spec.name] = one.value;
    inputs.limits.push(...one.limits);
    for (const evidence of one.evidence) if (!inputs.evidence.some((other) => other.kind === "resource" && evidence.kind === "resource" && other.reference === evidence.reference && other.path === evidence.path)) inputs.evidence.push(evidence);
    // A problem of old does not date what is concluded today: measurements do.
    if (spec.kind !== "condition" && one.atMs !== undefined && one.atMs > newest) { newest = one.atMs; inputs.effective = one.at; }
  }
  return inputs;
}

/** Whether a changed resource could alter this input: the question `stale.ts` asks. */
export function concerns(spec: InputSpec, resource: Resource): boolean {
  if (isMachine(resource)) return false;
  const coded = (concept: unknown, wanted: readonly Coding[]): boolean => codings(concept).some((coding) => wanted.some((code) => matches(coding, code)));
  switch (spec.kind) {
    case "quantity":
      if (spec.derive?.inputs.some((input) => concerns(input, resource))) return true;
      return observes(resource, [...spec.codes, ...(spec.lesser?.codes ?? [])]);
    case "observed-code": return observes(resource, spec.codes);
    case "age": case "sex": return resource.resourceType === "Patient";
    case "choice": return spec.byCountry !== undefined && resource.resourceType === "Patient";
    case "condition": return resource.resourceType === "Condition" && coded(resource["code"], spec.codes);
    case "medication": return resource.resourceType === "MedicationRequest" || resource.resourceType === "MedicationStatement";
    case "boolean": return false;
  }
}

function observes(resource: Resource, codes: readonly Coding[]): boolean {
  if (resource.resourceType !== "Observation") return false;
  return [resource["code"], ...objects(resource["component"]).map(({ item }) => item["code"])].some((concept) => codings(concept).some((coding) => codes.some((wanted) => matches(coding, wanted))));
}

export type { Values };
