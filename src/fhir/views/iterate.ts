/** forEach, forEachOrNull and repeat: put one element after another under a frame and run the body on each. */
import { typeDefinition } from "../definitions/load.ts";
import { compileAst } from "../fhirpath/compile.ts";
import type { Item } from "../fhirpath/values.ts";
import { pathOf } from "./condition.ts";
import type { Iteration } from "./definition.ts";
import { inferType } from "./kinds.ts";
import { newFrame, stand, ViewFault, type Frame, type Run, type Scope } from "./scope.ts";
import { compileWalk } from "./walk.ts";

/** `drive(body)` gives a function that runs the body on each element and answers how many there were. */
export type Loop = { frame: Frame; drive(body: Run): () => number };

const repeatItemsMax = 1_000_000;
const repeatDepthMax = 200;

export function compileLoop(iteration: Iteration, parent: Frame, scope: Scope): Loop {
  return iteration.kind === "repeat" ? repeat(iteration, parent, scope) : forEach(iteration, parent, scope);
}

function forEach({ path, at }: Extract<Iteration, { path: string }>, parent: Frame, scope: Scope): Loop {
  const expression = scope.expression(path, at);
  const evaluator = expression && scope.evaluator(expression, at, parent.type);
  if (!expression || !evaluator) return { frame: newFrame(undefined), drive: () => () => 0 };
  const fast = scope.digits || parent.type === undefined || !typeDefinition(parent.type) ? undefined : pathOf(expression.ast, parent.type);
  if (fast) {
    const frame = newFrame(fast.type === "System.String" ? "string" : fast.type);
    return {
      frame,
      drive(body) {
        let count = 0;
        const walk = compileWalk(fast, (value, twin) => {
          frame.value = value;
          frame.twin = twin;
          frame.node = undefined;
          frame.index = count++;
          body();
          return false;
        }, true);
        return () => { count = 0; walk(parent.value); return count; };
      },
    };
  }
  const frame = newFrame(inferType(evaluator.types));
  const items = scope.items(evaluator, expression.rowIndex, parent, at);
  return { frame, drive: (body) => () => each(items(), frame, body) };
}

function each(items: readonly Item[], frame: Frame, body: Run): number {
  for (let i = 0; i < items.length; i++) {
    stand(frame, items[i]!, i);
    body();
  }
  return items.length;
}

/**
 * Depth first, each element before what it holds, as rows and %rowIndex count them. A path need not exist on every
 * type met on the way: `answer.item` is one of items, not of the QuestionnaireResponse.
 */
function repeat({ paths, at }: Extract<Iteration, { kind: "repeat" }>, parent: Frame, scope: Scope): Loop {
  const expressions = paths.flatMap((path) => scope.expression(path.path, path.at) ?? []);
  const frame = newFrame(reachedType(expressions.map(({ ast, text }) => (type) => {
    const compiled = compileAst(ast, text, { type });
    return compiled.ok ? compiled.value.types : [];
  }), parent.type));
  const held = newFrame(undefined);
  const steps = expressions.flatMap((expression) => {
    const evaluator = scope.evaluator(expression, at, undefined);
    return evaluator ? [{ start: scope.items(evaluator, expression.rowIndex, parent, at), below: scope.items(evaluator, expression.rowIndex, held, at) }] : [];
  });

  function below(item: Item, depth: number, out: Item[]): void {
    if (out.length > repeatItemsMax) throw new ViewFault(`${at}: more than ${repeatItemsMax} elements`, "too-costly");
    if (depth > repeatDepthMax) throw new ViewFault(`${at}: more than ${repeatDepthMax} levels; does the path find the element itself?`, "too-costly");
    for (const { below: children } of steps) {
      stand(held, item, 0);
      for (const child of children()) { out.push(child); below(child, depth + 1, out); }
    }
  }

  return {
    frame,
    drive: (body) => () => {
      const found: Item[] = [];
      for (const { start } of steps) for (const item of start()) { found.push(item); below(item, 1, found); }
      return each(found, frame, body);
    },
  };
}

/** The one type all paths lead to from `start`; undefined when there are several, none, or one is unknown. */
function reachedType(typesFrom: readonly ((type: string) => readonly string[] | undefined)[], start: string | undefined): string | undefined {
  if (start === undefined || !typeDefinition(start)) return undefined;
  const reached = new Set<string>();
  const open = [start];
  for (let type = open.pop(); type !== undefined; type = open.pop())
    for (const from of typesFrom) {
      const types = from(type);
      if (types === undefined) return undefined;
      for (const next of types) if (!reached.has(next)) {
        if (!typeDefinition(next) || reached.size > 50) return undefined;
        reached.add(next);
        open.push(next);
      }
    }
  return reached.size === 1 ? [...reached][0] : undefined;
}
