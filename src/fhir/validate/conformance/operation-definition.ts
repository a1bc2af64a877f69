/**
 * The profiles on Parameters that an OperationDefinition names may narrow its parameters, not contradict them: some
 * Parameters must be able to meet both. Source: https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.inputProfile
 */
import { isSubtype } from "../../definitions/load.ts";
import { stepDown, type Branch } from "../../profiles/tree.ts";
import type { Container } from "../context.ts";
import { parameterPlace } from "../places.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { objects, tell, type Run } from "../profile/run.ts";

export const checkOperationDefinition: ValueCheck = (value, _twin, _type, run) => {
  const operation = value as Container;
  checkProfile(operation, "in", "inputProfile", run);
  checkProfile(operation, "out", "outputProfile", run);
};

function checkProfile(operation: Container, use: "in" | "out", member: "inputProfile" | "outputProfile", run: Run): void {
  const { registry } = run.definitions;
  const url = operation[member];
  const structure = typeof url === "string" ? registry.structure(url) : undefined;
  if (typeof url !== "string" || !structure) return;
  if (structure.type !== "Parameters") return tell(run, "error", "value", `${url} is a profile on ${structure.type}; name one on Parameters`, member);
  const tree = registry.tree(url);
  const slices = tree.ok ? slicesByName(tree.value) : new Map<unknown, Branch>();
  for (const [i, parameter] of objects(operation.parameter).entries()) {
    const slice = parameter.use === use ? slices.get(parameter.name) : undefined;
    if (slice) checkParameter(parameter, slice, url, parameterPlace(run, member, `parameter[${i}]`), run);
  }
}

/** Slices of Parameters.parameter by the name they fix. */
function slicesByName(root: Branch): Map<unknown, Branch> {
  return new Map([...stepDown(root, { name: "parameter" })?.slices?.values() ?? []].flatMap((slice) => {
    const name = stepDown(slice, { name: "name" })?.element;
    return name?.fixed || name?.pattern ? [[(name.fixed ?? name.pattern)!.value, slice] as const] : [];
  }));
}

function checkParameter(parameter: Container, slice: Branch, url: string, place: string, run: Run): void {
  const { min: least = 0, max: most = -1 } = slice.element;
  const { min, max } = parameter;
  const elements = ["resource", "value[x]"].flatMap((name) => stepDown(slice, { name })?.element ?? []).filter((element) => element.max !== 0);
  const inProfile = elements.flatMap((element) => element.types ?? []);
  const types = typesOf(parameter), allowed = inProfile.map(({ code }) => code);
  if (run.settings.operationProfiles === "equal") {
    const compare = (what: string, here: readonly unknown[], there: readonly unknown[]): void => {
      if (here.some((one) => !there.includes(one)) || there.some((one) => !here.includes(one)))
        tell(run, "error", "value", `${what} ${here.join(", ") || "not restricted"} here, ${there.join(", ") || "not restricted"} in ${url}; make them equal`, place);
    };
    compare("min is", [min], [least]);
    compare("max is", [max], [most < 0 ? "*" : String(most)]);
    compare("types are", types, allowed);
    compare("targets are", strings(parameter.targetProfile), inProfile.flatMap(({ targets }) => targets ?? []));
    return;
  }
  const stated = max === "*" ? Infinity : Number(max);
  if (least > stated) tell(run, "error", "value", `at most ${String(max)} here, and ${url} requires ${least}; make them fit`, place);
  if (most >= 0 && typeof min === "number" && most < min) tell(run, "error", "value", `at least ${min} here, and ${url} allows ${most}; make them fit`, place);
  if (types.length === 0 || most === 0) return;
  if (allowed.length > 0 && !allowed.some((code) => types.some((type) => overlap(code, type))))
    tell(run, "error", "value", `of type ${types.join(", ")} here, and ${url} allows ${allowed.join(", ")} alone; make them fit`, place);
}

const allowedType = "http://hl7.org/fhir/StructureDefinition/operationdefinition-allowed-type";

/** The parameter's type, or those that one of several types lists. */
function typesOf({ type, extension }: Container): string[] {
  const listed = objects(extension).flatMap(({ url, valueUri }) => url === allowedType && typeof valueUri === "string" ? [valueUri] : []);
  return listed.length > 0 ? listed : typeof type === "string" ? [type] : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** Whether a value can be of both types. "Any" and "Element" are the types of parameters that take all. */
function overlap(a: string, b: string): boolean {
  return [a, b].some((one) => one === "Any" || one === "Element") || isSubtype(a, b) || isSubtype(b, a);
}
