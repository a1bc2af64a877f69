/**
 * ViewDefinition to row writer. A view is compiled once into closures over two kinds of registers: frames (the
 * element a select stands on) and the cells of the one row that is being filled. Nothing is allocated per row
 * unless a path needs the general FHIRPath engine or a column is a collection.
 * Source: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html and its processing model.
 */
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import type { Resource } from "../resource.ts";
import { exhaustion } from "../fhirpath/exhaustion.ts";
import { system } from "../fhirpath/values.ts";
import type { Cell } from "./cell.ts";
import { compileColumn } from "./column.ts";
import { compileTest } from "./condition.ts";
import { readViewDefinition, refuse, type SelectDefinition, type ViewDefinition } from "./definition.ts";
import { readExpression } from "./expression.ts";
import { compileLoop } from "./iterate.ts";
import { newFrame, Scope, shown, ViewFault, type Column, type Frame, type Run } from "./scope.ts";

export type { Cell } from "./cell.ts";
export type { Kind } from "./kinds.ts";
export type { Column } from "./scope.ts";

/** Takes one row; the list is used again for the next one, so copy what is kept. */
export type RowSink = (cells: readonly Cell[]) => void;

export type View = {
  name?: string;
  /** Type of the resources that make rows. */
  resource: string;
  columns: readonly Column[];
  /** Some path depends on the digits of decimals: give resources read with `parseDigits` (read.ts). */
  digits: boolean;
  /**
   * Rows of one resource, in order; none for a resource of another type. Failure `processing` names resource,
   * column and reason; `too-costly` above `rowsMax` rows. Rows already given then stand.
   */
  each(resource: Resource, row: RowSink): Failure | undefined;
};

/** Most rows of one resource: sibling forEach multiply. */
export const rowsMax = 2_000_000;

/** Failure `invalid` (or `required`, `structure`, …) has one issue per fault, with the FHIRPath of its place. */
export function compileView(json: unknown): Result<View> {
  const definition = readViewDefinition(json);
  return definition.ok ? compileDefinition(definition.value) : definition;
}

function compileDefinition(definition: ViewDefinition): Result<View> {
  const { resource: type, selects, name } = definition;
  const scope = new Scope(definition.constants);
  scope.digits = readsDigits(definition);
  const { cells, columns, environment } = scope;
  const root = newFrame(type, true);
  let sink: RowSink | undefined;
  let rows = 0;
  const emit: Run = () => {
    if (++rows > rowsMax) throw new ViewFault(`more than ${rowsMax} rows from one resource; sibling forEach multiply their rows`, "too-costly");
    sink!(cells);
  };
  const filters = definition.where.map(({ path, at }) => compileFilter(path, at, root, scope));
  const places = new Map<SelectDefinition, number>();
  const width = selects.reduce((from, select) => place(select, from, places, scope), 0);
  for (let i = 0; i < width; i++) cells.push(null);
  if (scope.issues.length > 0) return refuse(scope.issues);
  const run = compileSelects(selects, places, root, emit, scope);
  if (width === 0) scope.fault("ViewDefinition.select", "gives no columns", "required");
  const twice = repeated(selects.flatMap(columnNames));
  if (twice !== undefined) scope.fault("ViewDefinition.select", `two columns are named ${JSON.stringify(twice)}`, "duplicate");
  if (scope.issues.length > 0) return refuse(scope.issues);
  return ok({
    ...(name === undefined ? {} : { name }), resource: type, columns, digits: scope.digits,
    each(resource, row) {
      if (resource.resourceType !== type) return undefined;
      root.value = resource;
      environment.resource = resource;
      sink = row;
      rows = 0;
      try {
        for (let i = 0; i < filters.length; i++) if (!filters[i]!()) return undefined;
        run();
        return undefined;
      } catch (fault) {
        const who = `${type}${typeof resource.id === "string" ? `/${resource.id}` : ""}`;
        if (fault instanceof RangeError) return fail("too-costly", `${who}: ${exhaustion(fault, resource)}`).failure;
        if (!(fault instanceof ViewFault)) throw fault;
        return fail(fault.code, `${who}: ${fault.message}`).failure;
      }
    },
  });
}

/** Whether any path needs the digits decimals are written with. */
function readsDigits({ selects, where, constants }: ViewDefinition): boolean {
  const reads = ({ path }: { path: string }): boolean => {
    const read = readExpression(path, constants);
    return read.ok && read.value.digits;
  };
  const inSelect = ({ iteration, columns, selects: inner, unionAll }: SelectDefinition): boolean =>
    columns.some(reads) || inner.some(inSelect) || unionAll.some(inSelect)
    || (iteration !== undefined && (iteration.kind === "repeat" ? iteration.paths : [iteration]).some(reads));
  return where.some(reads) || selects.some(inSelect);
}

/** A where: the resource stays for a known true only. */
function compileFilter(path: string, at: string, root: Frame, scope: Scope): () => boolean {
  const never = (): boolean => false;
  const expression = scope.expression(path, at);
  const evaluator = expression && scope.evaluator(expression, at, root.type);
  if (!expression || !evaluator) return never;
  const { types } = evaluator;
  if (types !== undefined && types.length > 0 && !types.some((type) => type === "boolean" || type === "System.Boolean" || type === "Any")) {
    scope.fault(at, `${shown(path)} gives ${types.join(" or ")}; where takes true or false: compare it, or end in .exists()`);
    return never;
  }
  const test = scope.digits ? undefined : compileTest(expression.ast, root.type!);
  if (test) return () => test(root.value) === true;
  const items = scope.items(evaluator, expression.rowIndex, root, at);
  return () => {
    const found = items();
    if (found.length === 0) return false;
    const value = found.length === 1 ? system(found[0]!) : undefined;
    if (found.length === 1 && value === undefined) return false;
    if (typeof value !== "boolean") throw new ViewFault(`${at}: ${shown(path)} gave ${found.length === 1 ? "a value that is neither true nor false" : `${found.length} values`}`);
    return value;
  };
}

/** Numbers the columns in the standard's order: own, nested selects, unionAll, whose branches share theirs. Answers the next number. */
function place(select: SelectDefinition, from: number, places: Map<SelectDefinition, number>, scope: Scope): number {
  places.set(select, from);
  const union = select.selects.reduce((next, inner) => place(inner, next, places, scope), from + select.columns.length);
  const [model] = select.unionAll;
  if (!model) return union;
  const wanted = columnNames(model);
  for (const branch of select.unionAll) {
    place(branch, union, places, scope);
    const own = columnNames(branch);
    if (own.join() !== wanted.join()) scope.fault(branch.at, `gives the columns ${own.join(", ") || "(none)"}; every branch of a unionAll gives what its first does, in that order: ${wanted.join(", ") || "(none)"}`);
  }
  return union + wanted.length;
}

function columnNames({ columns, selects, unionAll }: SelectDefinition): string[] {
  return [...columns.map(({ name }) => name), ...selects.flatMap(columnNames), ...(unionAll[0] ? columnNames(unionAll[0]) : [])];
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** Siblings are joined each with each: one runs inside the other. */
function compileSelects(selects: readonly SelectDefinition[], places: Map<SelectDefinition, number>, frame: Frame, next: Run, scope: Scope): Run {
  return selects.reduceRight((rest, select) => compileSelect(select, places, frame, rest, scope), next);
}

/** One select on its parent's frame; `next` fills the rest of the row. */
function compileSelect(select: SelectDefinition, places: Map<SelectDefinition, number>, parent: Frame, next: Run, scope: Scope): Run {
  const { iteration } = select;
  if (!iteration) return compileBody(select, places, parent, next, scope);
  const { frame, drive } = compileLoop(iteration, parent, scope);
  const iterate = drive(compileBody(select, places, frame, next, scope));
  if (iteration.kind !== "forEachOrNull") return iterate;
  const blank = compileBlank(select, places, scope);
  return () => { if (iterate() === 0) { blank(); next(); } };
}

function compileBody(select: SelectDefinition, places: Map<SelectDefinition, number>, frame: Frame, next: Run, scope: Scope): Run {
  const from = places.get(select)!;
  const readers = select.columns.map((column, i) => compileColumn(column, from + i, frame, scope));
  let rest = next;
  if (select.unionAll.length > 0) {
    const branches = select.unionAll.map((branch) => compileSelect(branch, places, frame, next, scope));
    rest = () => { for (let i = 0; i < branches.length; i++) branches[i]!(); };
  }
  rest = compileSelects(select.selects, places, frame, rest, scope);
  if (readers.length === 0) return rest;
  return () => {
    for (let i = 0; i < readers.length; i++) readers[i]!();
    rest();
  };
}

/** The row of a forEachOrNull that found nothing: null everywhere, except that %rowIndex is 0. */
function compileBlank(select: SelectDefinition, places: Map<SelectDefinition, number>, scope: Scope): Run {
  const { cells } = scope;
  const from = places.get(select)!;
  const count = columnNames(select).length;
  const indexes = new Set<number>();
  const visit = (inner: SelectDefinition): void => {
    inner.columns.forEach(({ path }, i) => { if (path.trim() === "%rowIndex") indexes.add(places.get(inner)! + i); });
    for (const deeper of [...inner.selects, ...inner.unionAll.slice(0, 1)]) if (!deeper.iteration) visit(deeper);
  };
  visit(select);
  return () => { for (let i = from; i < from + count; i++) cells[i] = indexes.has(i) ? 0 : null; };
}
