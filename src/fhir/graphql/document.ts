/** A request's document, bounded and parsed; its operation; its variables with their defaults. */
import { GraphQLError, Lexer, parse, Source, type ASTNode, type DirectiveNode, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type OperationDefinitionNode, type Token, type TypeNode, type ValueNode } from "graphql";
import type { Json, JsonObject } from "../resource.ts";
import { QueryFault } from "./fault.ts";

export type Limits = {
  /** Characters and tokens of the query. */
  lengthMax: number;
  tokensMax: number;
  /** Levels of fields. */
  depthMax: number;
  /** Values that an answer may hold. */
  valuesMax: number;
  /** Resources read one by one, and searches run. */
  resourcesMax: number;
  searchesMax: number;
};

export const defaultLimits: Limits = { lengthMax: 100_000, tokensMax: 10_000, depthMax: 25, valuesMax: 500_000, resourcesMax: 2_000, searchesMax: 100 };

export type Variables = ReadonlyMap<string, Json>;
export type Request = { operation: OperationDefinitionNode; fragments: ReadonlyMap<string, FragmentDefinitionNode>; variables: Variables };

/** Throws QueryFault. */
export function readRequest(query: string, operationName: string | undefined, given: JsonObject, limits: Limits): Request {
  const document = readDocument(query, limits);
  const operations = document.definitions.filter(definition => definition.kind === "OperationDefinition");
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === "FragmentDefinition") {
      if (fragments.has(definition.name.value)) throw new QueryFault(`the fragment ${definition.name.value} is defined twice`, definition);
      fragments.set(definition.name.value, definition);
    } else if (definition.kind !== "OperationDefinition") throw new QueryFault("a request holds operations and fragments only", definition);
  }
  const operation = operationName === undefined ? operations[0] : operations.find(({ name }) => name?.value === operationName);
  if (!operation) throw new QueryFault(operationName === undefined ? "the query holds no operation" : `there is no operation "${operationName}"`);
  if (operationName === undefined && operations.length > 1) throw new QueryFault("the query holds several operations; say which with operationName");
  if (operation.operation !== "query") throw new QueryFault(`only queries are answered here, not a ${operation.operation}`, operation);
  return { operation, fragments, variables: variablesOf(operation, given) };
}

/** Parsed text. Throws QueryFault on what is not GraphQL. */
export function readDocument(query: string, limits: Limits): DocumentNode {
  if (query.length > limits.lengthMax) throw new QueryFault(`the query has ${query.length} characters; at most ${limits.lengthMax} are taken here`);
  if (!nestsAtMost(query, 4 * limits.depthMax + 100)) throw new QueryFault("the query is nested too deep");
  try {
    return parse(query, { maxLexicalTokens: limits.tokensMax, lexer: new QueryLexer(new Source(query)) });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [at] = error.locations ?? [];
    throw new QueryFault(`${error.message}${at ? ` (line ${at.line}, column ${at.column})` : ""}`);
  }
}

/**
 * Passes over an empty list of arguments, `name()`, which HL7's samples for FHIR servers hold. GraphQL's grammar wants one
 * argument at least, but lets implementations do more where nothing becomes ambiguous (Conforming Implementations).
 */
class QueryLexer extends Lexer {
  override lookahead(): Token {
    const name = this.token;
    const next = super.lookahead();
    if (name.kind !== "Name" || next.kind !== "(") return next;
    this.token = next;
    const closing = super.lookahead();
    this.token = closing;
    const after = closing.kind === ")" ? super.lookahead() : next;
    this.token = name;
    return after;
  }
}

/** The parser is recursive: brackets are counted before it sees them. Those within strings may count too many, never too few. */
function nestsAtMost(query: string, max: number): boolean {
  let depth = 0;
  for (let i = 0; i < query.length; i++) {
    const c = query.charCodeAt(i);
    if (c === 123 || c === 91 || c === 40) { if (++depth > max) return false; }
    else if ((c === 125 || c === 93 || c === 41) && depth > 0) depth--;
  }
  return true;
}

function variablesOf(operation: OperationDefinitionNode, given: JsonObject): Variables {
  const variables = new Map<string, Json>();
  for (const { variable, type, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = own === undefined && defaultValue ? valueOf(defaultValue, new Map()) : own;
    if (value === undefined || value === null) {
      if (type.kind === "NonNullType") throw new QueryFault(`the variable $${name} needs a value`, variable);
      if (value === null) variables.set(name, null);
      continue;
    }
    if (!fits(value, type)) throw new QueryFault(`the variable $${name} is no ${written(type)}`, variable);
    variables.set(name, value);
  }
  return variables;
}

function fits(value: Json, type: TypeNode): boolean {
  if (type.kind === "NonNullType") return value !== null && fits(value, type.type);
  if (value === null) return true;
  if (type.kind === "ListType") return Array.isArray(value) ? value.every(item => fits(item, type.type)) : fits(value, type.type);
  switch (type.name.value) {
    case "Boolean": return typeof value === "boolean";
    case "Int": case "integer": case "positiveInt": case "unsignedInt": return Number.isInteger(value);
    case "Float": case "decimal": return typeof value === "number";
    case "ID": return typeof value === "string" || Number.isInteger(value);
    default: return typeof value === "string" || typeof value === "boolean" || typeof value === "number";
  }
}

function written(type: TypeNode): string {
  return type.kind === "NonNullType" ? `${written(type.type)}!` : type.kind === "ListType" ? `[${written(type.type)}]` : type.name.value;
}

/** A literal or variable; undefined for a variable without a value. Enum values are their names. */
export function valueOf(node: ValueNode, variables: Variables): Json | undefined {
  switch (node.kind) {
    case "Variable": return variables.get(node.name.value);
    case "IntValue": case "FloatValue": return Number(node.value);
    case "StringValue": case "BooleanValue": case "EnumValue": return node.value;
    case "NullValue": return null;
    case "ListValue": return node.values.map(value => valueOf(value, variables) ?? null);
    case "ObjectValue": return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, valueOf(value, variables) ?? null]));
  }
}

/** Arguments by name, without those whose variable has no value. */
export function argumentsOf(node: FieldNode | DirectiveNode, variables: Variables): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>();
  for (const { name, value } of node.arguments ?? []) {
    const read = valueOf(value, variables);
    if (read !== undefined && read !== null) values.set(name.value, read);
  }
  return values;
}

/** An argument that must be a whole number from 0. */
export function countOf(values: ReadonlyMap<string, Json>, name: string, node: ASTNode): number | undefined {
  const value = values.get(name);
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 0) throw new QueryFault(`${name} is a whole number from 0`, node);
  return number;
}
