/** What an operation takes and gives, without HTTP: Parameters in, a status and a resource out. */
import type { Resource } from "../../resource.ts";
import { RegexFault } from "../../fhirpath/regex/regex.ts";
import { outcome, TxFault } from "../issues.ts";
import { layer } from "../layer.ts";
import { readOptions } from "../options.ts";
import { ParameterReader, type Parameter, type Parameters } from "../parameters.ts";
import type { TerminologySource, Work } from "../provider.ts";
import type { TerminologyResource } from "../resources.ts";
import { Session } from "../session.ts";
import { shapeFault } from "../shape.ts";
import { Terminology } from "../terminology.ts";

export type Answer = { status: number; body: Resource };

export type Request = {
  source: TerminologySource;
  parameters: Parameters;
  /** The Accept-Language header. */
  language?: string;
};

const resourcesMax = 1000;

/** A fault of the request becomes its outcome. */
export function* answered(work: Work<Resource>): Work<Answer> {
  try {
    return { status: 200, body: yield* work };
  } catch (fault) {
    if (fault instanceof TxFault) return { status: fault.status, body: outcome([fault.issue]) };
    if (fault instanceof RegexFault) return { status: 422, body: outcome([{ severity: "error", code: "too-costly", text: `A regular expression of the value set could not be run to its end: ${fault.message}` }]) };
    throw fault;
  }
}

/** The resource, or a fault that names the place. */
export function wellShaped<T extends Resource>(resource: T): T {
  const fault = shapeFault(resource);
  if (fault !== undefined) throw new TxFault(400, { code: "structure", text: `The ${resource.resourceType} of the request cannot be read: ${fault}` });
  return resource;
}

/** A run of its own for the request. `validating`: other languages do not stand in for those that are wanted. */
export function sessionOf(request: Request, { validating }: { validating: boolean }): Session {
  return new Session(sourceOf(request), readOptions(request.parameters, { validating, ...(request.language === undefined ? {} : { language: request.language }) }));
}

/** The source with the request's own resources (`tx-resource`) over it. */
export function sourceOf({ source, parameters }: Request): TerminologySource {
  const resources = new ParameterReader(parameters).resources("tx-resource").slice(0, resourcesMax);
  for (const resource of resources) wellShaped(resource);
  return resources.length === 0 ? source : layer(Terminology.of(resources as TerminologyResource[]), source);
}

export function withParameters({ parameter }: Parameters, more: readonly Parameter[]): Parameters {
  return { resourceType: "Parameters", parameter: [...(parameter ?? []), ...more] };
}
