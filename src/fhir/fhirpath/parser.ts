/**
 * FHIRPath parser: the full grammar of http://hl7.org/fhirpath/N1/grammar.html by precedence climbing.
 * Failures name line and column, what was expected and what stands there. Nesting is bounded by `depthMax`.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Ast, BinaryOperator, TypeName } from "./ast.ts";
import { SyntaxFault, tokenize, type Token } from "./lexer.ts";

/** Longest chain, and deepest nesting of brackets. */
export const depthMax = 400;
/** Deepest tree: what the recursive compiler behind takes without exhausting the stack. */
export const treeDepthMax = 800;

/** Higher binds tighter. `is`/`as` take a type on their right, so they stand apart at level 9. */
const precedence: Readonly<Record<string, number>> = {
  "*": 11, "/": 11, div: 11, mod: 11,
  "+": 10, "-": 10, "&": 10,
  is: 9, as: 9,
  "|": 8,
  "<": 7, "<=": 7, ">": 7, ">=": 7,
  "=": 6, "!=": 6, "~": 6, "!~": 6,
  in: 5, contains: 5,
  and: 4,
  or: 3, xor: 3,
  implies: 2,
};

const calendarUnits = new Set([
  "year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours",
  "minute", "minutes", "second", "seconds", "millisecond", "milliseconds",
]);

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Ast {
    const ast = this.#expression(0);
    if (this.#peek().kind !== "end") this.#refuse("an operator or the end of the expression");
    return ast;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    return this.#tokens[this.#next++]!;
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek();
    return token.kind === "symbol" && token.text === text;
  }

  #symbol(text: string, why: string): Token {
    if (!this.#isSymbol(text)) this.#refuse(`"${text}" ${why}`);
    return this.#take();
  }

  #refuse(expected: string): never {
    const token = this.#peek();
    throw new SyntaxFault(token.at, expected, token.kind === "end" ? "end of expression" : `"${token.text}"`);
  }

  #deeper<T>(build: () => T): T {
    if (++this.#depth > depthMax) this.#refuse(`an expression nested at most ${depthMax} deep`);
    const value = build();
    this.#depth -= 1;
    return value;
  }

  #expression(levelMin: number): Ast {
    return this.#deeper(() => {
      let left = this.#unary();
      for (let steps = 0; ; steps++) {
        if (steps > depthMax) this.#refuse(`at most ${depthMax} operators in a row`);
        const token = this.#peek();
        if (token.kind !== "symbol" && token.kind !== "identifier") return left;
        const level = Object.hasOwn(precedence, token.text) ? precedence[token.text]! : 0;
        if (level === 0 || level <= levelMin) return left;
        this.#take();
        left = level === 9
          ? { kind: "type", operator: token.text as "is" | "as", operand: left, type: this.#typeName(), at: token.at }
          : { kind: "binary", operator: token.text as BinaryOperator, left, right: this.#expression(level), at: token.at };
      }
    });
  }

  #typeName(): TypeName {
    const first = this.#identifier("a type name");
    if (!this.#isSymbol(".")) return { name: first };
    this.#take();
    return { namespace: first, name: this.#identifier("a type name after the namespace") };
  }

  #identifier(expected: string): string {
    const token = this.#peek();
    if (token.kind !== "identifier" && token.kind !== "delimited") this.#refuse(expected);
    this.#take();
    return token.text;
  }

  /** Polarity binds tighter than `*` but looser than `.`: `-1.abs()` is `-(1.abs())`. */
  #unary(): Ast {
    if (this.#isSymbol("-") || this.#isSymbol("+")) {
      const token = this.#take();
      return this.#deeper(() => ({ kind: "polarity", negative: token.text === "-", operand: this.#unary(), at: token.at }));
    }
    return this.#postfix(this.#term());
  }

  #postfix(start: Ast): Ast {
    let ast = start;
    for (let steps = 0; ; steps++) {
      if (steps > depthMax) this.#refuse(`at most ${depthMax} steps in a path`);
      if (this.#isSymbol(".")) {
        this.#take();
        const token = this.#peek();
        if (token.kind === "symbol" && token.text.startsWith("$")) {
          this.#take();
          ast = { kind: "focus", name: token.text as "$this", at: token.at };
        } else ast = this.#invocation(ast);
      } else if (this.#isSymbol("[")) {
        const open = this.#take();
        const index = this.#expression(0);
        this.#symbol("]", "to close the index");
        ast = { kind: "index", on: ast, index, at: open.at };
      } else return ast;
    }
  }

  #invocation(on: Ast | undefined): Ast {
    const token = this.#peek();
    const name = this.#identifier("a member or function name");
    if (token.kind === "delimited" || !this.#isSymbol("(")) return { kind: "member", on, name, at: token.at };
    this.#take();
    const args: Ast[] = [];
    if (!this.#isSymbol(")")) {
      args.push(this.#expression(0));
      while (this.#isSymbol(",")) {
        this.#take();
        args.push(this.#expression(0));
      }
    }
    this.#symbol(")", `or "," after an argument of ${name}()`);
    return { kind: "call", on, name, args, at: token.at };
  }

  #term(): Ast {
    const token = this.#peek();
    const at = token.at;
    switch (token.kind) {
      case "string": this.#take(); return { kind: "literal", literal: { type: "string", value: token.text }, at };
      case "date": case "dateTime": case "time":
        this.#take();
        return { kind: "literal", literal: { type: token.kind, text: token.text }, at };
      case "number": {
        this.#take();
        const unit = this.#peek();
        if (unit.kind === "string") {
          this.#take();
          return { kind: "literal", literal: { type: "quantity", text: token.text, unit: unit.text, calendar: false }, at };
        }
        if (unit.kind === "identifier" && calendarUnits.has(unit.text)) {
          this.#take();
          return { kind: "literal", literal: { type: "quantity", text: token.text, unit: unit.text.replace(/s$/, ""), calendar: true }, at };
        }
        return { kind: "literal", literal: { type: "number", text: token.text }, at };
      }
      case "external": this.#take(); return { kind: "external", name: token.text, at };
      case "delimited": return this.#invocation(undefined);
      case "identifier":
        if ((token.text === "true" || token.text === "false")) {
          this.#take();
          return { kind: "literal", literal: { type: "boolean", value: token.text === "true" }, at };
        }
        return this.#invocation(undefined);
      case "symbol":
        if (token.text === "(") {
          this.#take();
          const inner = this.#expression(0);
          this.#symbol(")", "to close the parenthesis");
          return inner;
        }
        if (token.text === "{") {
          this.#take();
          this.#symbol("}", "after { (the empty collection)");
          return { kind: "literal", literal: { type: "empty" }, at };
        }
        if (token.text === "$this" || token.text === "$index" || token.text === "$total") {
          this.#take();
          return { kind: "focus", name: token.text, at };
        }
        return this.#refuse("a path, function, literal or parenthesis");
      case "end": return this.#refuse("a path, function, literal or parenthesis");
    }
  }
}

/** Parses one expression. Failure `invalid`: `FHIRPath 1:7: expected …, found …`. */
export function parse(expression: string): Result<Ast> {
  try {
    const ast = new Parser(tokenize(expression)).whole();
    const depth = depthOf(ast);
    if (depth > treeDepthMax) return fail("too-costly", `FHIRPath: the expression nests ${depth} deep; at most ${treeDepthMax} is allowed`);
    return ok(ast);
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    return fail("invalid", `FHIRPath ${position(expression, fault.at)}: ${fault.message}`);
  }
}

/** `line:column`, both from 1. */
export function position(expression: string, at: number): string {
  const before = expression.slice(0, at).split("\n");
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

function depthOf(root: Ast): number {
  let deepest = 0;
  const open: { ast: Ast; depth: number }[] = [{ ast: root, depth: 1 }];
  for (let top = open.pop(); top; top = open.pop()) {
    const { ast, depth } = top;
    deepest = Math.max(deepest, depth);
    for (const child of children(ast)) open.push({ ast: child, depth: depth + 1 });
  }
  return deepest;
}

function children(ast: Ast): readonly Ast[] {
  switch (ast.kind) {
    case "literal": case "focus": case "external": return [];
    case "member": return ast.on ? [ast.on] : [];
    case "call": return ast.on ? [ast.on, ...ast.args] : ast.args;
    case "index": return [ast.on, ast.index];
    case "polarity": case "type": return [ast.operand];
    case "binary": return [ast.left, ast.right];
  }
}
