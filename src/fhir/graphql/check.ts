/** Everything about a query that can be told without data: fields, arguments, fragments, depth. Throws QueryFault. */
import type { FieldNode, SelectionSetNode } from "graphql";
import { isResourceType, searchParametersOf, typeDefinition } from "../definitions/load.ts";
import { compile } from "../fhirpath/compile.ts";
import { nearNames } from "../fhirpath/near.ts";
import { argumentsOf, type Limits, type Request } from "./document.ts";
import { shapeOf } from "./directives.ts";
import { QueryFault } from "./fault.ts";
import { fhirName } from "./names.ts";
import { applies, fieldNames, fieldOf, isAny, type Field } from "./fields.ts";

export function check(request: Request, type: string, limits: Limits): void {
  const { fragments, variables, operation } = request;
  const declared = new Set((operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value));
  const seen = new Set<string>();
  let fields = 0;

  function walk(set: SelectionSetNode, on: string, depth: number, spread: readonly string[]): void {
    if (depth > limits.depthMax) throw new QueryFault(`the query is deeper than ${limits.depthMax} fields`, set);
    for (const node of set.selections) {
      if (++fields > limits.tokensMax) throw new QueryFault("the query's fragments unfold to too many fields", node);
      for (const directive of node.directives ?? []) variablesIn(directive.arguments ?? []);
      if (node.kind === "Field") {
        walkField(node, on, depth, spread);
        continue;
      }
      const fragment = node.kind === "FragmentSpread" ? fragments.get(node.name.value) : node;
      if (!fragment) throw new QueryFault(`there is no fragment ${node.kind === "FragmentSpread" ? node.name.value : ""}`, node);
      if (node.kind === "FragmentSpread" && spread.includes(node.name.value)) throw new QueryFault(`the fragment ${node.name.value} holds itself`, node);
      const named = fragment.typeCondition?.name.value;
      const condition = named === undefined ? on : fhirName(named);
      if (condition === undefined) throw new QueryFault(`there is no type ${named} in R4`, fragment.typeCondition);
      if (!applies(condition, on) && !applies(on, condition)) throw new QueryFault(`a fragment on ${condition} can never apply to ${on}`, node);
      const key = node.kind === "FragmentSpread" ? `${node.name.value} ${on} ${depth}` : undefined;
      if (key !== undefined) {
        if (seen.has(key)) continue;
        seen.add(key);
      }
      walk(fragment.selectionSet, isAny(on) ? condition : on, depth, node.kind === "FragmentSpread" ? [...spread, node.name.value] : spread);
    }
  }

  function walkField(node: FieldNode, on: string, depth: number, spread: readonly string[]): void {
    const name = node.name.value;
    if (name === "__schema" || name === "__type") throw new QueryFault("introspection is not answered here; see the schema of FHIR", node);
    const field = fieldOf(on, name);
    if (!field) {
      const near = nearNames(name, fieldNames(on));
      throw new QueryFault(`${on} has no field "${name}"${near.length > 0 ? `; did you mean ${near.map(other => `"${other}"`).join(" or ")}?` : ""}`, node);
    }
    variablesIn(node.arguments ?? []);
    const { slice } = shapeOf(node, variables);
    const inner = innerType(field);
    if (inner === undefined) {
      if (node.selectionSet) throw new QueryFault(`"${name}" is a plain value and has no fields`, node);
    } else if (!node.selectionSet || node.selectionSet.selections.length === 0) throw new QueryFault(`"${name}" has fields of its own; say which`, node);
    if (slice !== undefined && field.kind === "element") expression(slice, field, node);
    checkArguments(node, field);
    if (node.selectionSet && inner !== undefined) walk(node.selectionSet, inner, depth + 1, spread);
  }

  function checkArguments(node: FieldNode, field: Field): void {
    const values = argumentsOf(node, variables);
    for (const { name: { value: name } } of node.arguments ?? []) {
      const fault = argumentFault(field, name);
      if (fault !== undefined) throw new QueryFault(`"${node.name.value}" has no argument "${name}"${fault}`, node);
    }
    const names = (node.arguments ?? []).map(({ name }) => name.value);
    if (new Set(names).size < names.length) throw new QueryFault(`an argument of "${node.name.value}" stands twice`, node);
    const path = values.get("fhirpath");
    if (path !== undefined && field.kind === "element") {
      if (typeof path !== "string") throw new QueryFault("fhirpath is a text", node);
      expression(path, field, node);
    }
    if (field.kind === "read" && typeof (values.get("id") ?? values.get("_id")) !== "string" && typeof (values.get("id") ?? values.get("_id")) !== "number") throw new QueryFault(`"${node.name.value}" needs id`, node);
    if (field.kind === "search" && field.reverse && typeof values.get("_reference") !== "string") throw new QueryFault(`"${node.name.value}" of a resource needs _reference: the search parameter that points back to it`, node);
  }

  function expression(path: string, field: Extract<Field, { kind: "element" }>, node: FieldNode): void {
    const compiled = compile(path, { type: field.type === "Resource" ? "Resource" : field.type });
    if (!compiled.ok && path !== "$index") throw new QueryFault(compiled.failure.text, node);
  }

  function variablesIn(list: NonNullable<FieldNode["arguments"]>): void {
    for (const { value } of list) if (value.kind === "Variable" && !declared.has(value.name.value)) throw new QueryFault(`the variable $${value.name.value} is not declared`, value);
  }

  walk(operation.selectionSet, type, 1, []);
}

/** Type of a field's own fields; undefined for plain values. */
export function innerType(field: Field): string | undefined {
  switch (field.kind) {
    case "typename": case "resourceType": return undefined;
    case "element": case "page": return field.leaf ? undefined : field.type;
    case "search": return field.form === "List" ? field.type : `Connection:${field.type}`;
    default: return field.type;
  }
}

/** Search parameter of an argument: GraphQL names have no "-", so "_" stands for it. Names beginning with "_" are the reader's. */
export function parameterName(type: string, name: string): string | undefined {
  if (name.startsWith("_")) return name;
  const codes = searchParametersOf(type).map(({ code }) => code);
  return codes.includes(name) ? name : codes.find(code => code.replaceAll("-", "_") === name);
}

/** Undefined when the argument is known; else what to add to the message. */
function argumentFault(field: Field, name: string): string | undefined {
  switch (field.kind) {
    case "read": return name === "id" || name === "_id" ? undefined : "; it takes id";
    case "resource": return name === "type" || name === "optional" ? undefined : "; it takes type and optional";
    case "search": {
      if (parameterName(field.type, name) !== undefined) return undefined;
      return near(name, searchParametersOf(field.type).map(({ code }) => code.replaceAll("-", "_")));
    }
    case "element": {
      if (["fhirpath", "_offset", "_count"].includes(name)) return undefined;
      if (field.leaf) return "; it takes fhirpath, _offset and _count";
      const type = isAny(field.type) ? "DomainResource" : field.type;
      return typeDefinition(type)?.members.has(name) || isResourceType(type) && name === "resourceType" ? undefined : near(name, fieldNames(type));
    }
    default: return "";
  }
}

function near(name: string, names: readonly string[]): string {
  const found = nearNames(name, names);
  return found.length > 0 ? `; did you mean ${found.map(other => `"${other}"`).join(" or ")}?` : "";
}
