/** State of one validation: where it stands, what it found, what contained resources there are. */
import type { FailureCode, Issue } from "#platform/result.ts";

export type Container = Record<string, unknown>;

export type Context = {
  issues: Issue[];
  issuesMax: number;
  /** Path from the root: element names (without [x] types) and positions (-1 for none). */
  names: string[];
  positions: number[];
  depth: number;
  /** The resource whose `contained` "#id" refers to. */
  container: Container | undefined;
};

export function push(context: Context, name: string, position: number): void {
  context.names[context.depth] = name;
  context.positions[context.depth++] = position;
}

export function pop(context: Context): void {
  context.depth--;
}

/** FHIRPath of the present place: "Observation.component[2].value". */
export function expressionOf(context: Context): string {
  let path = "";
  for (let i = 0; i < context.depth; i++) {
    path += i === 0 ? context.names[i]! : `.${context.names[i]!}`;
    if (context.positions[i]! >= 0) path += `[${context.positions[i]!}]`;
  }
  return path;
}

/** True when nothing more will be reported: checks end early, so that a hostile document costs no messages. */
export function isFull(context: Context): boolean {
  return context.issues.length >= context.issuesMax;
}

/** Reports an error at the present place, or at its child `name`. */
export function report(context: Context, code: FailureCode, text: string, name?: string, position = -1): void {
  if (isFull(context)) return;
  const here = expressionOf(context);
  const expression = name === undefined ? here : `${here}.${name}${position >= 0 ? `[${position}]` : ""}`;
  context.issues.push({ severity: "error", code, text: `${expression}: ${text}`, expression });
}
