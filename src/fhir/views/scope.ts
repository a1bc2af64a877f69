/**
 * What the parts of one compiled view share: the cells of the row being filled, the frames selects stand on, the
 * issues found, and the way to the general FHIRPath engine.
 */
import type { Failure, Issue } from "#platform/result.ts";
import type { JsonObject, Resource } from "../resource.ts";
import { typeDefinition } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";
import { compileAst, type Environment, type Evaluator } from "../fhirpath/compile.ts";
import { Decimal } from "../fhirpath/decimal.ts";
import { Temporal } from "../fhirpath/temporal.ts";
import { Node, Quantity, type Item } from "../fhirpath/values.ts";
import { cellOf, type Cell } from "./cell.ts";
import { readExpression, type Expression } from "./expression.ts";
import type { Kind } from "./kinds.ts";

export type Column = {
  name: string;
  /** FHIR type declared or inferred; undefined when neither tells. */
  type?: string;
  kind: Kind;
  /** Cells are lists. */
  collection: boolean;
};

/** The element a select stands on; `type` is static, undefined when only the data tell. */
export type Frame = { readonly root: boolean; type: string | undefined; value: unknown; twin: unknown; node: Node | undefined; index: number };
export type Run = () => void;

/** Caught at the view's door. */
export class ViewFault extends Error {
  readonly code: Failure["code"];
  constructor(text: string, code: Failure["code"] = "processing") {
    super(text);
    this.code = code;
  }
}

export function newFrame(type: string | undefined, root = false): Frame {
  return { root, type, value: undefined, twin: undefined, node: undefined, index: 0 };
}

/** Puts an item under a frame. */
export function stand(frame: Frame, item: Item, index: number): void {
  const node = nodeOf(item);
  frame.node = node;
  // Walks read JSON; the engine reads the node, which keeps the decimal's digits.
  frame.value = node.value instanceof Decimal ? node.value.n : node.value;
  frame.twin = node.twin;
  frame.index = index;
}

/** System values stand as the FHIR primitive they are, so that paths go on from them. */
function nodeOf(item: Item): Node {
  if (item instanceof Node) return item;
  if (typeof item === "boolean") return new Node(item, "boolean");
  if (typeof item === "number") return new Node(item, "integer");
  if (item instanceof Decimal) return new Node(item, "decimal");
  if (item instanceof Temporal) return new Node(item.text, item.kind);
  if (item instanceof Quantity) return new Node(cellOf(item), "Quantity");
  return new Node(typeof item === "string" ? item : String(item), "string");
}

export class Scope {
  readonly issues: Issue[] = [];
  readonly columns: Column[] = [];
  readonly cells: Cell[] = [];
  /** True: some path depends on the digits of decimals, so numbers may come as Decimal and fast walks are off. */
  digits = false;
  readonly environment: Environment & { resource?: Resource };
  readonly #variables: Record<string, readonly Item[]> = Object.create(null) as Record<string, readonly Item[]>;
  readonly #constants: ReadonlyMap<string, Ast>;
  readonly #expressions = new Map<string, Expression | undefined>();

  constructor(constants: ReadonlyMap<string, Ast>) {
    this.#constants = constants;
    this.environment = { variables: this.#variables };
  }

  fault(at: string, text: string, code: Issue["code"] = "invalid"): void {
    if (this.issues.length < 100) this.issues.push({ severity: "error", code, text, expression: at });
  }

  /** The parsed path; undefined after a fault, which is told at its first place only. */
  expression(path: string, at: string): Expression | undefined {
    if (this.#expressions.has(path)) return this.#expressions.get(path);
    const read = readExpression(path, this.#constants);
    if (!read.ok) this.fault(at, `${shown(path)}: ${read.failure.text}`);
    const found = read.ok ? read.value : undefined;
    this.#expressions.set(path, found);
    return found;
  }

  /** The general engine for a path on elements of a type; a fault when the model forbids it. */
  evaluator({ ast, text }: Expression, at: string, type: string | undefined): Evaluator | undefined {
    const compiled = compileAst(ast, text, type === undefined || !typeDefinition(type) ? {} : { type });
    if (compiled.ok) return compiled.value;
    this.fault(at, `${shown(text)}: ${compiled.failure.text}`);
    return undefined;
  }

  /** Evaluates on what stands under the frame; `label` names the place in faults. */
  items(evaluator: Evaluator, rowIndex: boolean, frame: Frame, label: string): () => readonly Item[] {
    const { environment } = this;
    const variables = this.#variables;
    return () => {
      if (rowIndex) variables.rowIndex = [frame.index];
      const input = frame.root ? frame.value as Resource : frame.node ??= new Node(frame.value, frame.type!, frame.twin as JsonObject | undefined);
      const evaluated = evaluator.evaluate(input, environment);
      if (!evaluated.ok) throw new ViewFault(`${label}: ${evaluated.failure.text}`);
      return evaluated.value;
    };
  }
}

export function shown(path: string): string {
  return JSON.stringify(path.length > 120 ? `${path.slice(0, 119)}…` : path);
}
