/**
 * $validate: a resource against base R4, the profiles it claims and those named, with definitions from the record. The
 * answer is an OperationOutcome, status 200 whatever it says. `mode` asks more: whether the resource could be created,
 * updated or deleted at this address. Source: https://hl7.org/fhir/R4/resource-operation-validate.html
 */
import { createRegistry } from "#fhir/profiles/registry.ts";
import { rewriteReferences } from "#fhir/json/references.ts";
import { parseReference, type Resource } from "#fhir/resource.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { TerminologyResource } from "#fhir/terminology/resources.ts";
import { createValidator } from "#fhir/validate/validator.ts";
import { fail, ok, type Issue, type Result } from "#platform/result.ts";
import { outcomeOf } from "../../http/outcome.ts";
import { baseValidator } from "../base-validator.ts";
import { definitionsFor } from "./definitions.ts";
import { answer, hl7, type Operation, type OperationAnswer, type OperationCall } from "./operation.ts";
import { readInstance } from "./terminology-source.ts";

/** References that are read so that profiles may ask about their targets. */
const referencesMax = 100;
const modes = ["create", "update", "delete", "profile"] as const;
type Mode = (typeof modes)[number];

export const validate: Operation = {
  definition: {
    url: hl7("Resource-validate"), code: "validate", resource: "any", levels: ["type", "instance"], affectsState: false,
    input: [{ name: "resource", type: "Resource" }, { name: "mode", type: "code" }, { name: "profile", type: "uri", max: 20 }],
  },
  async run(call) {
    const { level, type, id, given } = call;
    const text = given.text("mode");
    const mode = modes.find((one) => one === text);
    if (text !== undefined && !mode) return fail("value", `mode is ${modes.join(", ")}; found "${text.slice(0, 40)}"`);
    const sent = given.resource("resource");
    if (mode === "delete") return await mayDelete(call);
    if (!sent && level === "type") return fail("required", "$validate needs the resource");
    if (!sent || mode === "update") {
      // An unknown address is answered before anything is said of the resource.
      const stored = await readInstance(call);
      if (!stored.ok && (!sent || level === "instance")) return stored;
      if (!sent) return outcome(await issuesOf(call, (stored as { value: Resource }).value));
    }
    return outcome([...addressIssues(sent, type, id, mode), ...(await issuesOf(call, sent))]);
  },
};

/** What the address and the mode ask of a resource that is to be sent there. */
function addressIssues(resource: Resource, type: string, id: string, mode: Mode | undefined): Issue[] {
  const wrong = (text: string, expression: string): Issue[] => [{ severity: "error", code: "invalid", text, expression }];
  if (resource.resourceType !== type) return wrong(`The resource is a ${String(resource.resourceType).slice(0, 64)}, the address is of ${type}`, "resourceType");
  if (mode === "create" && id !== "") return wrong(`${type}/${id} is an address of something that exists; what is created is sent to ${type}`, "id");
  if (mode === "update" && id !== "" && resource.id !== id) return wrong(`An update of ${type}/${id} carries this id`, "id");
  return [];
}

async function mayDelete(call: OperationCall): Promise<Result<OperationAnswer>> {
  if (call.level === "type") return fail("required", "mode=delete is asked of an instance");
  const stored = await readInstance(call);
  if (!stored.ok) return stored;
  return outcome(call.caller.canWrite ? [] : [{ severity: "error", code: "forbidden", text: `${call.caller.display} may not delete from the record` }]);
}

function outcome(issues: readonly Issue[]): Result<OperationAnswer> {
  const [first] = issues;
  if (!first) return answer({ resourceType: "OperationOutcome", issue: [{ severity: "information", code: "informational", diagnostics: "Nothing is at fault" }] });
  return ok({ status: 200, text: outcomeOf({ ...first, issues }) });
}

async function issuesOf(call: OperationCall, resource: Resource): Promise<Issue[]> {
  const { deps: { record }, caller, given } = call;
  const profiles = given.texts("profile");
  const definitions = await definitionsFor(record, caller, resource, profiles);
  const terminology = definitions.filter((one): one is TerminologyResource => one.resourceType === "ValueSet" || one.resourceType === "CodeSystem");
  const validator = definitions.length === 0 ? baseValidator()
    : createValidator({ registry: createRegistry(definitions), terminology: r4Terminology().with(terminology) });
  const unknown = profiles.filter((profile) => !validator.definitions.profile(profile).ok)
    .map((profile): Issue => ({ severity: "error", code: "not-found", text: `The profile ${profile} is not known here: store its StructureDefinition first` }));
  const known = profiles.filter((profile) => validator.definitions.profile(profile).ok);
  const targets = await readTargets(call, resource);
  const { issues, questions } = validator.validate(resource, { profiles: known, resolve: (reference) => targets.get(reference) });
  const notChecked = [...new Set(questions.map(({ text }) => text))].map((text): Issue => ({ severity: "information", code: "not-supported", text: `Not checked: ${text}` }));
  return [...unknown, ...issues, ...notChecked];
}

async function readTargets({ deps: { record }, caller, base }: OperationCall, resource: Resource): Promise<Map<string, Resource>> {
  const links = new Set<string>();
  rewriteReferences(JSON.stringify(resource), (link) => {
    if (links.size < referencesMax && (!link.includes("://") || link.startsWith(`${base}/`)) && parseReference(link)) links.add(link);
    return undefined;
  });
  const found = new Map<string, Resource>();
  for (const link of links) {
    const { type, id } = parseReference(link)!;
    const target = await record.read(caller, { type, id });
    if (target.kind === "current") found.set(link, JSON.parse(target.stored.text) as Resource);
  }
  return found;
}
