/** @skip and @include of GraphQL; @flatten, @first, @singleton and @slice of FHIR (https://hl7.org/fhir/R4/graphql.html#flattening). */
import type { FieldNode, SelectionNode } from "graphql";
import { argumentsOf, type Variables } from "./document.ts";
import { QueryFault } from "./fault.ts";

/** Whether a selection takes part. */
export function taken(node: SelectionNode, variables: Variables): boolean {
  for (const directive of node.directives ?? []) {
    const name = directive.name.value;
    if (name !== "skip" && name !== "include") continue;
    const condition = argumentsOf(directive, variables).get("if");
    if (typeof condition !== "boolean") throw new QueryFault(`@${name} needs if: true or false`, directive);
    if (condition === (name === "skip")) return false;
  }
  return true;
}

export type Shape = { flatten: boolean; first: boolean; singleton: boolean; slice: string | undefined };

const plain: Shape = { flatten: false, first: false, singleton: false, slice: undefined };

/** How a field's values are put into the answer. */
export function shapeOf(node: FieldNode, variables: Variables): Shape {
  if (!node.directives || node.directives.length === 0) return plain;
  const shape = { ...plain };
  for (const directive of node.directives) {
    switch (directive.name.value) {
      case "flatten": shape.flatten = true; break;
      case "first": shape.first = true; break;
      case "singleton": shape.singleton = true; break;
      case "slice": {
        const path = argumentsOf(directive, variables).get("path");
        if (typeof path !== "string") throw new QueryFault("@slice needs path: a FHIRPath", directive);
        shape.slice = path;
        break;
      }
      case "skip": case "include": break;
      default: throw new QueryFault(`there is no directive @${directive.name.value}; known are @skip, @include, @flatten, @first, @singleton, @slice`, directive);
    }
  }
  if (shape.flatten && !node.selectionSet) throw new QueryFault("@flatten is for fields that have fields", node);
  return shape;
}
