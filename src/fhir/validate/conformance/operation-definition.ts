/**
 * The profiles on Parameters that an OperationDefinition names may narrow its parameters, not contradict them: some
 * Parameters must be able to meet both. Source: https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.inputProfile
 */
import { isSubtype } from "../../definitions/load.ts";
import { stepDown, type Branch } from "../../profiles/tree.ts";
import type { Container } from "../context.ts";
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
    if (slice) checkParameter(parameter, slice, url, `parameter[${i}]`, run);
  }
}

/** Slices of Parameters.parameter by the name they fix. */
function slicesByName(root: Branch): Map<unknown, Branch> {
  return new Map([...stepDown(root, { name: "parameter" })?.slices?.values() ?? []].flatMap((slice) => {
    const name = stepDown(slice, { name: "name" })?.element;
    return name?.fixed || name?.pattern ? [[(name.fixed ?? name.pattern)!.value, slice] as const] : [];
  }));
}

function checkParameter({ min, max, type }: Container, slice: Branch, url: string, place: string, run: Run): void {
  const { min: least = 0, max: most = -1 } = slice.element;
  const stated = max === "*" ? Infinity : Number(max);
  if (least > stated) tell(run, "error", "value", `at most ${String(max)} here, and ${url} requires ${least}; make them fit`, place);
  if (most >= 0 && typeof min === "number" && most < min) tell(run, "error", "value", `at least ${min} here, and ${url} allows ${most}; make them fit`, place);
  if (typeof type !== "string" || most === 0) return;
  const allowed = ["resource", "value[x]"].map((name) => stepDown(slice, { name })?.element).flatMap((element) => element && element.max !== 0 ? element.types ?? [] : []).map(({ code }) => code);
  if (allowed.length > 0 && !allowed.some((code) => overlap(code, type)))
    tell(run, "error", "value", `of type ${type} here, and ${url} allows ${allowed.join(", ")} alone; make them fit`, place);
}

/** Whether a value can be of both types. "Any" is the type of parameters that take all. */
function overlap(a: string, b: string): boolean {
  return [a, b].some((one) => one === "Any") || isSubtype(a, b) || isSubtype(b, a);
}
