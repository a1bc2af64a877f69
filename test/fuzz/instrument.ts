/**
 * Coverage for fuzzing: a module hook that puts a counter at every branch of the code under test as it is loaded.
 * A counter is read without asking the engine, after every run.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { parseAst } from "vite";
import { pointsMax } from "./counters.ts";

export type Points = {
  /** Points by module, in the order of loading. */
  modules: { file: string; from: number; to: number }[];
  /** Short text literals of the instrumented code: what the grammar is made of. */
  words: Set<string>;
};

type Syntax = { type: string; start: number; end: number } & Record<string, unknown>;

const root = fileURLToPath(new URL("../../", import.meta.url));
const countersUrl = new URL("./counters.ts", import.meta.url).href;
/** No name in the code it is put into. */
const counter = "__passed";

/** JavaScript with counters from `first` on, the number of its points, and its text literals. */
export function instrumented(source: string, first: number): { code: string; points: number; words: string[] } {
  const ast = parseAst(source) as unknown as Syntax;
  const before = new Map<number, string[]>(), after = new Map<number, string[]>();
  const words: string[] = [];
  let next = first;
  const put = (into: Map<number, string[]>, at: number, text: string): void => void into.set(at, [...(into.get(at) ?? []), text]);
  const expression = (node: Syntax): (() => void) => {
    put(before, node.start, `(${counter}[${next++}]++,`);
    return () => put(after, node.end, ")");
  };
  const statement = (node: Syntax): (() => void) | undefined => {
    if (node.type === "BlockStatement") { put(before, node.start + 1, `${counter}[${next++}]++;`); return undefined; }
    put(before, node.start, `{${counter}[${next++}]++;`);
    return () => put(after, node.end, "}");
  };

  function visit(node: Syntax, close?: () => void): void {
    if (node.type === "Literal" && typeof node.value === "string" && node.value.length > 0 && node.value.length <= 32) words.push(node.value);
    const closers = new Map<unknown, (() => void) | undefined>();
    switch (node.type) {
      case "IfStatement":
        closers.set(node.consequent, statement(node.consequent as Syntax));
        if (node.alternate) closers.set(node.alternate, statement(node.alternate as Syntax));
        break;
      case "ForStatement": case "ForInStatement": case "ForOfStatement": case "WhileStatement": case "DoWhileStatement":
      case "FunctionDeclaration": case "FunctionExpression": case "CatchClause":
        closers.set(node.body, statement(node.body as Syntax));
        break;
      case "ArrowFunctionExpression": {
        const body = node.body as Syntax;
        closers.set(body, body.type === "BlockStatement" ? statement(body) : expression(body));
        break;
      }
      case "ConditionalExpression":
        closers.set(node.consequent, expression(node.consequent as Syntax)).set(node.alternate, expression(node.alternate as Syntax));
        break;
      case "LogicalExpression":
        closers.set(node.right, expression(node.right as Syntax));
        break;
      case "SwitchCase": {
        const [head] = node.consequent as Syntax[];
        if (head) put(before, head.start, `${counter}[${next++}]++;`);
        break;
      }
    }
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value])
        if (typeof child === "object" && child !== null && typeof (child as Syntax).type === "string") visit(child as Syntax, closers.get(child));
    close?.();
  }
  visit(ast);
  let code = `import { counters as ${counter} } from ${JSON.stringify(countersUrl)};`, at = 0;
  for (const position of [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b)) {
    code += source.slice(at, position) + (after.get(position) ?? []).join("") + (before.get(position) ?? []).join("");
    at = position;
  }
  return { code: code + source.slice(at), points: next - first, words };
}

/** From now on modules under `rooms` are loaded with counters. */
export function instrument(rooms: readonly string[]): Points {
  const points: Points = { modules: [], words: new Set() };
  let next = 0;
  registerHooks({
    load(url, context, nextLoad) {
      const file = url.startsWith("file:") ? fileURLToPath(url).slice(root.length) : "";
      if (!file.endsWith(".ts") || !rooms.some((room) => file.startsWith(room))) return nextLoad(url, context);
      const found = instrumented(stripTypeScriptTypes(readFileSync(root + file, "utf8")), next);
      if (next + found.points > pointsMax) throw new Error(`more than ${pointsMax} branches under ${rooms.join(", ")}; name fewer rooms`);
      points.modules.push({ file, from: next, to: next + found.points });
      for (const word of found.words) points.words.add(word);
      next += found.points;
      return { format: "module", source: found.code, shortCircuit: true };
    },
  });
  return points;
}
