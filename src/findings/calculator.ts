/**
 * From a formula to a Method. A score states its inputs and one `compute` for each part; what is common stands here:
 * gathering, validity, abstaining with reasons, running on plain inputs.
 */
import { checkGiven, gather, gatherAll, isDeceased, trim, type Gathered, type Value } from "./facts.ts";
import type { Bilingual, Contribution, Evidence, Finding, FindingForm, FindingValue, Limit, Stage, Urgency } from "./finding.ts";
import type { Facts, InputSpec, Method, Source, Values } from "./method.ts";

/** What a formula says once its inputs are complete and within validity. */
export type Computed = {
  value?: FindingValue; probability?: number; horizonYears?: number; urgency: Urgency; statement: Bilingual;
  contributions: Contribution[]; limits?: Limit[];
} | { abstain: Limit[] };

/** Typed access to complete inputs. `recorded` is false where absence was taken for "no". */
export type Reading = {
  number(name: string): number;
  flag(name: string): boolean;
  choice(name: string): string;
  has(name: string): boolean;
  recorded(name: string): boolean;
};

export type Part = {
  part?: string; form: FindingForm; code: Finding["code"];
  /** Names of inputs this part cannot do without. */
  needs: readonly string[];
  compute(inputs: Reading): Computed;
};

export type Calculator = {
  id: string; version: string; title: Bilingual; stage: Stage; population: Bilingual;
  inputs: readonly InputSpec[]; sources: readonly Source[]; parts: readonly Part[];
  /** Beyond "alive": whether there is anything to say of this person. */
  applicable(facts: Facts): boolean;
};

export function calculator(def: Calculator): Method {
  const { parts, applicable, ...described } = def;
  return {
    ...described,
    applicable: (facts) => !isDeceased(facts) && applicable(facts),
    run(facts) {
      const gathered = gatherAll(facts, def.inputs);
      return together(parts.map((part) => {
        // What the part does not need and another part lacks is no limit of this one.
        const concerned = (name: string): boolean => part.needs.includes(name) || gathered.found.get(name)?.kind === "present" || !parts.some((other) => other.needs.includes(name));
        const own = gathered.limits.filter((limit) => concerned(limit.input));
        return finding(def, part, facts.subject, gathered.values, gathered.evidence, own, gathered.effective, gathered.found);
      }));
    },
    runInputs(inputs) {
      const values: Record<string, Value> = {};
      const limits: Limit[] = [];
      for (const spec of def.inputs) {
        const given = inputs[spec.name] ?? derived(spec, inputs);
        if (given === undefined) {
          if (spec.kind === "condition" || spec.kind === "medication") values[spec.name] = false;
          else limits.push({ kind: "missing", input: spec.name, label: spec.label, text: { en: `${spec.label.en} was not given`, zh: `未提供${spec.label.zh}` } });
          continue;
        }
        const checked = checkGiven(spec, given);
        if ("en" in checked) limits.push({ kind: "quality", input: spec.name, label: spec.label, text: checked });
        else values[spec.name] = checked.value;
      }
      return together(parts.map((part) => {
        const own = limits.filter((limit) => part.needs.includes(limit.input));
        return finding(def, part, "", values, [], own, undefined, undefined);
      }));
    },
  };
}

/** When no part can be computed, that is said once, without part. */
function together(findings: Finding[]): Finding[] {
  const [first] = findings;
  if (findings.length < 2 || !first || findings.some((one) => one.outcome === "computed")) return findings;
  const { part: _part, ...shared } = first;
  const limits = findings.flatMap((one) => one.limits).filter((limit, i, all) => all.findIndex((other) => other.input === limit.input && other.text.en === limit.text.en) === i);
  return [{ ...shared, limits }];
}

function derived(spec: InputSpec, inputs: Values): number | undefined {
  if (spec.kind !== "quantity" || !spec.derive) return undefined;
  return spec.derive.inputs.every((input) => inputs[input.name] !== undefined) ? spec.derive.compute(inputs) : undefined;
}

function finding(def: Calculator, part: Part, subject: string, values: Values, evidence: Evidence[], limits: Limit[], effective: string | undefined, found: ReadonlyMap<string, Gathered> | undefined): Finding {
  const outside = def.inputs.flatMap((spec) => (part.needs.includes(spec.name) ? outsideValidity(spec, values[spec.name]) : []));
  const absent = part.needs.filter((name) => values[name] === undefined);
  const common = {
    method: { id: def.id, version: def.version, title: def.title }, form: part.form, subject, stage: def.stage, code: part.code,
    ...(part.part === undefined ? {} : { part: part.part }), evidence: [...evidence, ...def.sources.map(cite)], ...(effective === undefined ? {} : { effective }),
  };
  const abstained = (reasons: Limit[], statement: Bilingual): Finding => ({ ...common, outcome: "abstained", urgency: "routine", statement, contributions: [], limits: reasons });
  if (absent.length > 0) {
    const names = absent.map((name) => def.inputs.find((spec) => spec.name === name)!.label);
    return abstained([...limits, ...outside], { en: `${def.title.en} cannot be computed: ${names.map((name) => name.en).join(", ")} missing or unusable.`, zh: `无法计算${def.title.zh}：缺少或无法使用${names.map((name) => name.zh).join("、")}。` });
  }
  if (outside.length > 0) return abstained([...outside, ...limits], { en: `${def.title.en} does not apply: ${outside.map((limit) => limit.text.en).join("; ")}.`, zh: `${def.title.zh}不适用：${outside.map((limit) => limit.text.zh).join("；")}。` });
  const computed = part.compute(reading(values, found));
  if ("abstain" in computed) return abstained([...computed.abstain, ...limits], { en: `${def.title.en} does not apply: ${computed.abstain.map((limit) => limit.text.en).join("; ")}.`, zh: `${def.title.zh}不适用：${computed.abstain.map((limit) => limit.text.zh).join("；")}。` });
  const { limits: more, ...result } = computed;
  return { ...common, outcome: "computed", ...result, limits: [...(more ?? []), ...limits] };
}

function cite(source: Source): Evidence {
  const url = source.url ?? (source.doi === undefined ? undefined : `https://doi.org/${source.doi}`);
  return { kind: "source", citation: source.citation, ...(source.section === undefined ? {} : { section: source.section }), ...(url === undefined ? {} : { url }) };
}

function outsideValidity(spec: InputSpec, value: Value | undefined): Limit[] {
  if ((spec.kind !== "quantity" && spec.kind !== "age") || !spec.valid || typeof value !== "number") return [];
  const { low, high } = spec.valid;
  if (value >= low && value <= high) return [];
  const unit = spec.kind === "age" ? { en: " years", zh: "岁" } : { en: ` ${spec.unit}`, zh: ` ${spec.unit}` };
  return [{ kind: "outside-validity", input: spec.name, label: spec.label, text: {
    en: `${spec.label.en} ${trim(value)}${unit.en} is outside ${trim(low)} to ${trim(high)}${unit.en}`, zh: `${spec.label.zh} ${trim(value)}${unit.zh}超出 ${trim(low)} 至 ${trim(high)}${unit.zh}`,
  } }];
}

function reading(values: Values, found: ReadonlyMap<string, Gathered> | undefined): Reading {
  const wrong = (name: string): never => { throw new Error(`input ${name} is not declared as read`); };
  return {
    number: (name) => { const value = values[name]; return typeof value === "number" ? value : wrong(name); },
    flag: (name) => { const value = values[name]; return typeof value === "boolean" ? value : wrong(name); },
    choice: (name) => { const value = values[name]; return typeof value === "string" ? value : wrong(name); },
    has: (name) => values[name] !== undefined,
    recorded: (name) => { const one = found?.get(name); return one === undefined || (one.kind === "present" && one.recorded); },
  };
}

/** Whether an input is at hand, for `applicable`. */
export function known(facts: Facts, spec: InputSpec): boolean {
  const one = gather(facts, spec);
  return one.kind === "present" && one.recorded;
}

/** Age in years when known. */
export function ageOf(facts: Facts, spec: InputSpec): number | undefined {
  const one = gather(facts, spec);
  return one.kind === "present" && typeof one.value === "number" ? one.value : undefined;
}
