/**
 * Invariants: FHIRPath conditions of types and profiles. Those that the structural check already holds every resource to
 * are not evaluated again. Source: https://hl7.org/fhir/R4/conformance-rules.html#constraints
 */
import { compile, Node, type Evaluator } from "../../fhirpath/compile.ts";
import { condition, EvaluationFault } from "../../fhirpath/values.ts";
import type { Constraint } from "../../profiles/structure.ts";
import { typeDefinition } from "../../definitions/load.ts";
import type { Container } from "../context.ts";
import { environmentOf, tell, type Run } from "./run.ts";

/** Held by the structural check, and dom-3 by contained-links.ts, with a better place. */
const elsewhere = new Set(["ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "ref-1", "txt-1", "txt-2", "sqty-1"]);

export type Invariant = { constraint: Constraint; evaluator: Evaluator };
export type ValueCheck = (value: unknown, twin: Container | undefined, type: string, run: Run) => void;

/** Expressions as published that say what their text does not, put right as the later releases do. */
const mended: ReadonlyMap<string, string> = new Map(Object.entries({
  // "more than one", published as > 2
  "que-12": "enableWhen.count() > 1 implies enableBehavior.exists()",
  // FHIR's boolean; System.Boolean is no type of an element
  "que-7": "operator = 'exists' implies (answer is boolean)",
  // ChargeItemDefinition has no name
  "cid-0": "true",
  // a parameter that is a resource names its profile in the same way; HL7's and Firely's validators put this right too
  "opd-3": "targetProfile.exists() implies (type = 'Reference' or type = 'canonical' or type.memberOf('http://hl7.org/fhir/ValueSet/resource-types'))",
}));

export function invariantChecks(constraints: readonly Constraint[], type: string, fault: (text: string) => void): ValueCheck[] {
  return constraints.flatMap((constraint) => {
    const { key, expression } = constraint;
    if (expression === undefined || elsewhere.has(key)) return [];
    const text = mended.get(key) ?? expression;
    const known = typeDefinition(type) && type !== "Element" && type !== "Resource" ? compile(text, { type }) : undefined;
    // What the type forbids may still stand in a constraint (a member of another choice): then the data decide.
    const compiled = known?.ok ? known : compile(text);
    if (!compiled.ok) { fault(`constraint ${key} is not checked: ${compiled.failure.text}`); return []; }
    return [invariantCheck(constraint, compiled.value)];
  });
}

function invariantCheck(constraint: Constraint, evaluator: Evaluator): ValueCheck {
  const { key, human } = constraint;
  const severity = constraint.severity;
  return (value, twin, type, run) => {
    if (run.quiet && severity !== "error") return;
    const result = evaluator.evaluate(new Node(value, type, twin as never), environmentOf(run));
    if (!result.ok) return tell(run, "warning", "processing", `${key} could not be evaluated: ${result.failure.text}`);
    if (!holds(result.value, evaluator.expression)) tell(run, severity, "invariant", `${key}: ${human === "" ? evaluator.expression : human}`);
  };
}

function holds(items: Parameters<typeof condition>[0], expression: string): boolean {
  try {
    return condition(items, expression) === true;
  } catch (fault) {
    if (fault instanceof EvaluationFault) return false; // several items are no condition
    throw fault;
  }
}
