/**
 * The project's FHIRPath (2.0.0) on R4: `compile` once, evaluate often.
 * Source: http://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { JsonObject, Resource } from "../resource.ts";
import { isResourceType, typeDefinition } from "../definitions/load.ts";
import type { Ast } from "./ast.ts";
import { emit, emitChain, type Chain, type Context, type Eval } from "./emit.ts";
import { distinct } from "./distinct.ts";
import { isFixed } from "./fold.ts";
import { exhaustion } from "./exhaustion.ts";
import { parse } from "./parser.ts";
import { withOrigins } from "./path.ts";
import { plan, type Planned, type Static } from "./plan.ts";
import { condition, empty, EvaluationFault, Node, type Item, type Items } from "./values.ts";

export { Node, type Item, type Items } from "./values.ts";

export type CodedValue = { system?: string; version?: string; code: string };

/** What an evaluation may ask of the outside. Every port may answer undefined: not known here. */
export type Environment = {
  /** Finds the resource of a reference text; without it resolve() knows types and contained resources only. */
  resolve?: (reference: string) => Resource | undefined;
  /** `%name`, without the percent sign. */
  variables?: Readonly<Record<string, Items>>;
  /** `%resource` when the input is an element inside it. */
  resource?: Resource;
  /** `%rootResource` when %resource is contained in it. */
  rootResource?: Resource;
  now?: Date;
  /** conformsTo(): whether an element conforms to the profile with this url. */
  conformsTo?: (element: Node, profile: string) => boolean | undefined;
  /** elementDefinition(): R4's definition of the element with this path: "Patient", "Patient.contact", "HumanName.given". */
  elementDefinition?: (path: string) => JsonObject | undefined;
  /**
   * slice(): whether an element is in the slice of this name of a profile; undefined also when the profile has no such
   * slice. `path` is the element's defined path where it is known ("CodeableConcept.coding").
   */
  slice?: (element: Node, profile: string, name: string, path: string | undefined) => boolean | undefined;
  /** memberOf(): whether a code (without system: of any) is in the value set; value sets of R4's required bindings need no port. */
  memberOf?: (valueSet: string, value: CodedValue) => boolean | undefined;
  /** subsumes(): whether the first code, of the same system, is an ancestor of the second. */
  subsumes?: (ancestor: CodedValue, descendant: CodedValue) => boolean | undefined;
  /** trace(): told the name and the items, or their projection. They may hold health data: mind where they go. */
  trace?: (name: string, items: Items) => void;
};

export type CompileOptions = {
  /** Type the expression will be evaluated on, which lets misspelt members be found. */
  type?: string;
  /** Refuse also what can never fit, whatever the data: operands, narrowings, order, other roots, unknown variables. */
  strict?: boolean;
  /** Names of the variables evaluation will be given; in strict mode others are refused. */
  variables?: readonly string[];
};

export type Evaluator = {
  expression: string;
  /** Types the result can have; undefined: any. */
  types: Static;
  /** True when no resource of the declared type can give anything: a path of another type. */
  nothing: boolean;
  /** True when the answer hangs on neither data nor environment. */
  fixed: boolean;
  /** Items found. Failure `processing`: what FHIRPath calls an error, such as two items where one is allowed. */
  evaluate(input: Resource | Node, environment?: Environment): Result<Items>;
  /** The same for callers that hold many evaluators and cannot fail (indexing): an error gives nothing. */
  items(input: Resource | Node, environment?: Environment): Items;
  /** The result as a condition: true only for a known true. */
  holds(input: Resource | Node, environment?: Environment): boolean;
};

const noLocals: Items[] = [];

/** Compiles an expression. Failure `invalid` names line and column, what is expected and what was found. */
export function compile(expression: string, options: CompileOptions = {}): Result<Evaluator> {
  const parsed = parse(expression);
  return parsed.ok ? compileAst(parsed.value, expression, options) : parsed;
}

/** As `compile`, from a syntax tree or a part of one. */
export function compileAst(ast: Ast, expression: string, options: CompileOptions = {}): Result<Evaluator> {
  const { type } = options;
  if (type !== undefined && !typeDefinition(type)) return fail("invalid", `FHIRPath: there is no type ${type} in R4`);
  const planned = plan(ast, expression, options);
  if (!planned.ok) return planned;
  return ok(new Compiled(expression, planned.value));
}

/** A class, so that what an evaluation reads first stands in one place: hosts hold evaluators by the hundred. */
class Compiled implements Evaluator {
  /** Set once found for a fixed expression; a fault too. */
  #kept: Result<Items> | undefined;
  readonly fixed: boolean;
  readonly #chain: Chain | undefined;
  readonly #evaluate: Eval;
  readonly #slots: number;
  readonly #origins: boolean;
  readonly expression: string;
  readonly types: Static;
  readonly nothing: boolean;

  constructor(expression: string, { plan: root, slots, origins }: Planned) {
    this.fixed = isFixed(root);
    this.#chain = emitChain(root);
    this.#evaluate = emit(root);
    this.#slots = slots;
    this.#origins = origins;
    this.expression = expression;
    this.types = root.types;
    this.nothing = root.kind === "constant" && root.items.length === 0;
  }

  evaluate(input: Resource | Node, environment?: Environment): Result<Items> {
    if (this.#kept !== undefined) return this.#kept;
    try {
      const result = ok(this.#run(input, environment));
      if (this.fixed) this.#kept = result;
      return result;
    } catch (fault) {
      const result = fail("processing", `FHIRPath "${this.expression}": ${told(fault, input)}`);
      if (this.fixed && fault instanceof EvaluationFault) this.#kept = result;
      return result;
    }
  }

  items(input: Resource | Node, environment?: Environment): Items {
    if (this.fixed) {
      const result = this.evaluate(input, environment);
      return result.ok ? result.value : [];
    }
    try {
      return this.#run(input, environment);
    } catch (fault) {
      told(fault, input);
      return [];
    }
  }

  holds(input: Resource | Node, environment?: Environment): boolean {
    try {
      return condition(this.items(input, environment), this.expression) === true;
    } catch (fault) {
      told(fault, input);
      return false;
    }
  }

  #run(input: Resource | Node, environment: Environment | undefined): Items {
    if (this.#chain !== undefined && !(input instanceof Node)) {
      const out: Item[] = [];
      this.#chain.push(input as JsonObject, out);
      return this.#chain.distinct ? distinct(out) : out;
    }
    const start = input instanceof Node ? input : new Node(input, isResourceType(input.resourceType) ? input.resourceType : "Resource");
    const context: Context = {
      root: start,
      resource: environment?.resource ? new Node(environment.resource, environment.resource.resourceType) : start,
      environment,
      locals: this.#slots === 0 ? noLocals : [],
      now: environment?.now,
      index: 0,
      total: empty,
      entries: undefined,
      spent: 0,
    };
    return this.#origins ? withOrigins(() => this.#evaluate([start], context)) : this.#evaluate([start], context);
  }
}

/** Why an evaluation ended; what is no fault of expression or data is thrown on. */
function told(fault: unknown, input: Resource | Node): string {
  if (fault instanceof EvaluationFault) return fault.message;
  if (fault instanceof RangeError) return exhaustion(fault, input instanceof Node ? input.value : input);
  throw fault;
}
