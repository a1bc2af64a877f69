/** State of one validation beyond structure: the resource in hand, its container and bundle, what has been asked. */
import type { FailureCode, Issue } from "#platform/result.ts";
import type { Environment } from "../../fhirpath/compile.ts";
import type { Resource } from "../../resource.ts";
import type { CodingLike } from "../../terminology/port.ts";
import { expressionOf, isFull, type Container, type Context } from "../context.ts";
import type { BundleIndex } from "../bundle/index.ts";
import type { Definitions } from "./definitions.ts";
import type { Settings } from "./settings.ts";

/** What the terminology port does not know: an asynchronous one can answer all of them at once afterwards. */
export type Question = {
  kind: "value-set" | "system" | "maximum-value-set";
  /** Value set for `value-set`. */
  valueSet?: string;
  /** One of them is to be a member. */
  codings: readonly CodingLike[];
  strength: "required" | "extensible" | "preferred" | "example";
  expression: string;
  /** Why it is not known here. */
  text: string;
};

export type Run = Context & {
  definitions: Definitions;
  settings: Settings;
  /** %resource and %rootResource: they differ inside contained resources. */
  resource: Container;
  root: Container;
  bundle: BundleIndex | undefined;
  environment: Environment;
  /** The caller's way to resources that are neither contained nor in the Bundle. */
  outside: ((reference: string) => Resource | undefined) | undefined;
  questions: Question[];
  /** The type of the resource with this canonical url, where the caller knows it. */
  canonicalType: ((canonical: string) => string | undefined) | undefined;
  /** Defined path of the element in hand ("Patient.name"), and of those around it, for extension contexts. */
  elementPath: string;
  elementType: string;
  /** Url of the extension around the element in hand. */
  extensionUrl: string | undefined;
  /** The profile whose rules are being checked, for messages. */
  profile: string | undefined;
  /** Inside a trial: only whether there is an error counts. */
  quiet: boolean;
  /** Verdicts of trials; undefined while one is open. */
  trials: Map<object, Map<string, boolean | undefined>>;
  /** Objects being checked, by profile. */
  open: Map<string, Set<object>>;
};

export function tell(run: Run, severity: Issue["severity"], code: FailureCode, text: string, name?: string, position = -1): void {
  if (isFull(run) || (run.quiet && severity !== "error")) return;
  const here = expressionOf(run);
  tellAt(run, severity, code, text, name === undefined ? here : `${here}.${name}${position >= 0 ? `[${position}]` : ""}`);
}

/** As `tell`, at a place named from the root. */
export function tellAt(run: Run, severity: Issue["severity"], code: FailureCode, text: string, expression: string): void {
  if (isFull(run) || (run.quiet && severity !== "error")) return;
  run.issues.push({ severity, code, text: `${expression}: ${text}`, expression });
}

/** The environment of FHIRPath for the resource in hand. */
export function environmentOf(run: Run): Environment {
  const { environment } = run;
  environment.resource = run.resource as Resource;
  environment.rootResource = run.root as Resource;
  return environment;
}

export function isObject(value: unknown): value is Container {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; none of anything else. */
export function objects(value: unknown): Container[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
