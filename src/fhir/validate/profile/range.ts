/** minValue[x] and maxValue[x]: numbers, dates and times as FHIRPath compares them, quantities with their units converted. */
import { compare } from "../../fhirpath/equality.ts";
import { EvaluationFault, Node } from "../../fhirpath/values.ts";

/** below: value < bound; above: value > bound; incomparable: their units or types do not go together, or precision leaves it open. */
export type Order = "below" | "equal" | "above" | "incomparable";

/** `type`: FHIR's name of the type of both. */
export function order(value: unknown, bound: unknown, type: string): Order {
  try {
    const found = compare(new Node(value, type), new Node(bound, type));
    return found === undefined ? "incomparable" : found < 0 ? "below" : found > 0 ? "above" : "equal";
  } catch (fault) {
    if (fault instanceof EvaluationFault) return "incomparable";
    throw fault;
  }
}
