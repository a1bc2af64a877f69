/**
 * The whole validation: structure, then what base definitions and profiles ask. `validateResource` alone is the write
 * path's; this is for people, profiles and conformance. Pure: definitions, terminology and references come through ports.
 */
import type { Issue } from "#platform/result.ts";
import { isResourceType } from "../definitions/load.ts";
import type { Environment, Node } from "../fhirpath/compile.ts";
import { elementDefinition } from "../profiles/element-definition.ts";
import { createRegistry, type Registry } from "../profiles/registry.ts";
import type { Resource } from "../resource.ts";
import { terminologyPorts } from "../terminology/fhirpath-ports.ts";
import type { TerminologyPort } from "../terminology/port.ts";
import { checkResource } from "./check.ts";
import { push, type Container } from "./context.ts";
import { checkResourceRules } from "./profile/base.ts";
import { createDefinitions, type Definitions } from "./profile/definitions.ts";
import { inSlice } from "./profile/in-slice.ts";
import type { Occurrence } from "./profile/members.ts";
import { isObject, type Question, type Run } from "./profile/run.ts";
import { defaultSettings, type Settings } from "./profile/settings.ts";

export type { Question } from "./profile/run.ts";
export type { Settings } from "./profile/settings.ts";

export type ValidatorOptions = {
  /** Definitions beyond R4's own. */
  registry?: Registry;
  /** Without it every code is a question. */
  terminology?: TerminologyPort;
  settings?: Partial<Settings>;
};

export type Validation = {
  issues: Issue[];
  /** Codes whose system or value set is not known here. */
  questions: Question[];
};

export type ValidationRequest = {
  /** Canonical urls of profiles beside those in meta.profile. */
  profiles?: readonly string[];
  /** The resource a reference leads to, when the caller has it. */
  resolve?: (reference: string) => Resource | undefined;
  /** The type of the canonical resource with this url, when the caller knows it. */
  canonicalType?: (canonical: string) => string | undefined;
  /** Issues after which checking ends. Default 500. */
  issuesMax?: number;
};

export type Validator = {
  definitions: Definitions;
  validate(resource: unknown, request?: ValidationRequest): Validation;
  /** Whether an element holds what a profile asks beyond its type; undefined when the profile is not known. */
  conforms(occurrence: Occurrence, profile: string): boolean | undefined;
  /** Whether an element is in a slice of a profile; undefined when either is not known. */
  inSlice(occurrence: Occurrence, profile: string, slice: string, path: string | undefined): boolean | undefined;
};

const issuesMaxDefault = 500;

const noTerminology: TerminologyPort = {
  memberOf: (valueSet) => ({ kind: "unknown", text: `the value set ${valueSet} is not known here` }),
  inSystem: ({ system }) => ({ kind: "unknown", text: `the code system ${system ?? ""} is not known here` }),
  subsumes: () => undefined,
};

export function createValidator({ registry = createRegistry(), terminology = noTerminology, settings }: ValidatorOptions = {}): Validator {
  const definitions = createDefinitions(registry, terminology);
  const all: Settings = { ...defaultSettings, ...settings };
  const runOn = ({ value }: Occurrence): Run => startRun(definitions, all, isObject(value) ? value : {}, issuesMaxDefault, undefined);
  return {
    definitions,
    validate(resource, { profiles = [], resolve, canonicalType, issuesMax = issuesMaxDefault } = {}) {
      const container = isObject(resource) ? resource : {};
      const run = startRun(definitions, all, container, issuesMax, resolve);
      run.canonicalType = canonicalType;
      checkResource(resource, run);
      const { resourceType } = container;
      if (typeof resourceType === "string" && isResourceType(resourceType)) checkResourceRules(container, run, profiles);
      return { issues: distinct(run.issues), questions: run.questions };
    },
    conforms: (occurrence, profile) => definitions.conforms(occurrence, profile, runOn(occurrence)),
    inSlice: (occurrence, profile, slice, path) => inSlice(occurrence, profile, slice, path, runOn(occurrence)),
  };
}

function startRun(definitions: Definitions, settings: Settings, resource: Container, issuesMax: number, resolve: ValidationRequest["resolve"]): Run {
  const environment: Environment = { ...terminologyPorts(() => definitions.terminology), elementDefinition, trace: () => {} };
  const type = resource.resourceType;
  const run: Run = {
    issues: [], issuesMax, names: [], positions: [], depth: 0, container: resource,
    definitions, settings, resource, root: resource, bundle: undefined, environment, outside: resolve, questions: [], canonicalType: undefined,
    elementPath: "", elementType: "", extensionUrl: undefined, profile: undefined, quiet: false, trials: new Map(), open: new Map(),
  };
  environment.resolve = (reference) => definitions.resolve(reference, run) as Resource | undefined;
  const occurrence = ({ value, twin, type: of }: Node): Occurrence => ({ value, twin, type: of, position: -1 });
  environment.conformsTo = (node, url) => definitions.conforms(occurrence(node), url, run);
  environment.slice = (node, url, name, path) => inSlice(occurrence(node), url, name, path, run);
  push(run, typeof type === "string" && /^[A-Za-z]{1,64}$/.test(type) ? type : "Resource", -1);
  return run;
}

/** The same fault found on two ways is told once. */
function distinct(issues: readonly Issue[]): Issue[] {
  const seen = new Set<string>();
  return issues.filter(({ severity, text }) => {
    const key = `${severity} ${text}`;
    return !seen.has(key) && seen.add(key);
  });
}
