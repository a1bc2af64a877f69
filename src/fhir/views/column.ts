/** One column: how its cell is read from the frame, and what type it has. */
import { typeDefinition } from "../definitions/load.ts";
import { cellOf, type Cell } from "./cell.ts";
import { compileTest, pathOf } from "./condition.ts";
import type { ColumnDefinition } from "./definition.ts";
import type { Expression } from "./expression.ts";
import { inferType, kindOf, typeName } from "./kinds.ts";
import { ViewFault, type Column, type Frame, type Run, type Scope } from "./scope.ts";
import { compileWalk } from "./walk.ts";

/** Fills cell `index`. A column seen before at this index is the same one in another branch of a unionAll. */
export function compileColumn(definition: ColumnDefinition, index: number, frame: Frame, scope: Scope): Run {
  const { name, path, at, collection } = definition;
  const idle: Run = () => {};
  const declared = definition.type === undefined ? undefined : typeName(definition.type);
  if (definition.type !== undefined && declared === undefined) scope.fault(`${at}.type`, `there is no type ${JSON.stringify(definition.type)} in R4`, "value");
  const expression = scope.expression(path, `${at}.path`);
  const evaluator = expression && scope.evaluator(expression, `${at}.path`, frame.type);
  if (!expression || !evaluator) return idle;
  const type = declared ?? (expression.ast.kind === "external" ? "integer" : inferType(evaluator.types));
  declare({ name, kind: type === undefined ? "text" : kindOf(type), collection, ...(type === undefined ? {} : { type }) }, index, at, scope);

  const { cells } = scope;
  const many = (count: number): never => {
    throw new ViewFault(`column ${name}: ${path} gave ${count === 2 ? "more than one value" : `${count} values`}; use first(), a narrower where(), forEach, or "collection": true`);
  };
  const fast = scope.digits ? undefined : compileFast(expression, index, frame, collection, cells, many);
  if (fast) return fast;
  const items = scope.items(evaluator, expression.rowIndex, frame, `column ${name}`);
  if (collection) return () => { cells[index] = items().map(cellOf); };
  return () => {
    const found = items();
    if (found.length > 1) many(found.length);
    cells[index] = found.length === 0 ? null : cellOf(found[0]!);
  };
}

function declare(column: Column, index: number, at: string, scope: Scope): void {
  const other = scope.columns[index];
  if (other && (other.collection !== column.collection || (other.type !== undefined && column.type !== undefined && other.kind !== column.kind)))
    return scope.fault(at, `column ${column.name} is ${described(column)} here and ${described(other)} in another branch of the unionAll`);
  if (!other || other.type === undefined) scope.columns[index] = column;
}

function described({ type, collection }: Column): string {
  return `${collection ? "a list of " : ""}${type ?? "of unknown type"}`;
}

function compileFast({ ast }: Expression, index: number, frame: Frame, collection: boolean, cells: Cell[], many: (count: number) => never): Run | undefined {
  if (ast.kind === "external" && ast.name === "rowIndex" && !collection) return () => { cells[index] = frame.index; };
  if (ast.kind === "literal" && !collection && (ast.literal.type === "string" || ast.literal.type === "boolean")) {
    const { value } = ast.literal;
    return () => { cells[index] = value; };
  }
  const { type } = frame;
  if (type === undefined || !typeDefinition(type)) return undefined;
  const path = pathOf(ast, type);
  if (!path) {
    const test = collection ? undefined : compileTest(ast, type);
    return test && (() => { cells[index] = test(frame.value) ?? null; });
  }
  if (collection) {
    let list: Cell[] = [];
    const walk = compileWalk(path, (value) => { list.push((value ?? null) as Cell); return false; });
    return () => { list = []; walk(frame.value); cells[index] = list; };
  }
  if (!path.many) {
    const walk = compileWalk(path, (value) => { cells[index] = (value ?? null) as Cell; return true; });
    return () => { cells[index] = null; walk(frame.value); };
  }
  let count = 0;
  const walk = compileWalk(path, (value) => {
    cells[index] = (value ?? null) as Cell;
    return ++count > 1;
  });
  return () => {
    cells[index] = null;
    count = 0;
    walk(frame.value);
    if (count > 1) many(count);
  };
}
