/**
 * The project's FHIRPath (2.0.0) on R4: `compile` once, evaluate often.
 * Source: http://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { JsonObject, Resource } from "../resource.ts";
import { isResourceType, typeDefinition } from "../definitions/load.ts";
import type { Ast } from "./ast.ts";
import { emit, emitChain, type Context } from "./emit.ts";
import { parse } from "./parser.ts";
import { plan, type Static } from "./plan.ts";
import { condition, EvaluationFault, Node, type Item, type Items } from "./values.ts";

export { Node, type Item, type Items } from "./values.ts";

export type Environment = {
  /** Finds the resource of a reference text; without it resolve() knows types only. */
  resolve?: (reference: string) => Resource | undefined;
  /** `%name`, without the percent sign. */
  variables?: Readonly<Record<string, Items>>;
  /** `%resource` and `%rootResource` when the input is an element inside it. */
  resource?: Resource;
  now?: Date;
};

export type Evaluator = {
  expression: string;
  /** Types the result can have; undefined: any. */
  types: Static;
  /** True when no resource of the declared type can give anything: a path of another type. */
  nothing: boolean;
  /** Items found. Failure `processing`: what FHIRPath calls an error, such as two items where one is allowed. */
  evaluate(input: Resource | Node, environment?: Environment): Result<Items>;
  /** The same for callers that hold many evaluators and cannot fail (indexing): an error gives nothing. */
  items(input: Resource | Node, environment?: Environment): Items;
  /** The result as a condition: true only for a known true. */
  holds(input: Resource | Node, environment?: Environment): boolean;
};

const noVariables: Readonly<Record<string, Items>> = Object.freeze({});

/** Compiles an expression; `type` is the type it will be evaluated on, which lets misspelt members be found. */
export function compile(expression: string, options: { type?: string } = {}): Result<Evaluator> {
  const parsed = parse(expression);
  return parsed.ok ? compileAst(parsed.value, expression, options) : parsed;
}

/** As `compile`, from a syntax tree or a part of one. */
export function compileAst(ast: Ast, expression: string, { type }: { type?: string } = {}): Result<Evaluator> {
  if (type !== undefined && !typeDefinition(type)) return fail("invalid", `FHIRPath: there is no type ${type} in R4`);
  const planned = plan(ast, expression, type);
  if (!planned.ok) return planned;
  const evaluateFrom = emit(planned.value);
  const chain = emitChain(planned.value);

  function run(input: Resource | Node, environment: Environment | undefined): Items {
    if (chain !== undefined && !(input instanceof Node)) {
      const out: Item[] = [];
      chain(input as JsonObject, out);
      return out;
    }
    const root = input instanceof Node ? input : new Node(input, isResourceType(input.resourceType) ? input.resourceType : "Resource");
    const context: Context = {
      root,
      resource: environment?.resource ? new Node(environment.resource, environment.resource.resourceType) : root,
      variables: environment?.variables ?? noVariables,
      resolve: environment?.resolve,
      now: environment?.now,
      index: 0,
      total: [],
    };
    return evaluateFrom([root], context);
  }

  return ok({
    expression,
    types: planned.value.types,
    nothing: planned.value.kind === "constant" && planned.value.items.length === 0,
    evaluate(input, environment) {
      try {
        return ok(run(input, environment));
      } catch (fault) {
        if (!(fault instanceof EvaluationFault)) throw fault;
        return fail("processing", `FHIRPath "${expression}": ${fault.message}`);
      }
    },
    items(input, environment) {
      try {
        return run(input, environment);
      } catch (fault) {
        if (!(fault instanceof EvaluationFault)) throw fault;
        return [];
      }
    },
    holds(input, environment) {
      try {
        return condition(run(input, environment), expression) === true;
      } catch (fault) {
        if (!(fault instanceof EvaluationFault)) throw fault;
        return false;
      }
    },
  });
}
