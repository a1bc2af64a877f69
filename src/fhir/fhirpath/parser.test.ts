import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ast } from "./ast.ts";
import { expressionLengthMax } from "./lexer.ts";
import { depthMax, parse } from "./parser.ts";

/** A tree in brackets: (+ 1 (* 2 3)). */
function show(ast: Ast): string {
  switch (ast.kind) {
    case "literal": {
      const l = ast.literal;
      if (l.type === "empty") return "{}";
      if (l.type === "boolean") return String(l.value);
      if (l.type === "string") return `'${l.value}'`;
      return l.type === "quantity" ? `${l.text} ${l.calendar ? l.unit : `'${l.unit}'`}` : l.text;
    }
    case "focus": return ast.name;
    case "external": return `%${ast.name}`;
    case "member": return ast.on ? `(. ${show(ast.on)} ${ast.name})` : ast.name;
    case "call": return `(${ast.name} ${[ast.on ? show(ast.on) : "_", ...ast.args.map(show)].join(" ")})`;
    case "index": return `([] ${show(ast.on)} ${show(ast.index)})`;
    case "polarity": return `(${ast.negative ? "neg" : "pos"} ${show(ast.operand)})`;
    case "binary": return `(${ast.operator} ${show(ast.left)} ${show(ast.right)})`;
    case "type": return `(${ast.operator} ${show(ast.operand)} ${ast.type.namespace ? `${ast.type.namespace}.` : ""}${ast.type.name})`;
  }
}

function parsed(expression: string): string {
  const result = parse(expression);
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return show(result.value);
}

test("§6.8 operator precedence, left to right within a level", () => {
  const table: [string, string][] = [
    ["1 + 2 * 3", "(+ 1 (* 2 3))"],
    ["1 - 2 - 3", "(- (- 1 2) 3)"],
    ["a | b and c", "(and (| a b) c)"],
    ["a = b in c", "(in (= a b) c)"],
    ["a or b and c", "(or a (and b c))"],
    ["a implies b or c", "(implies a (or b c))"],
    ["1 > 2 is Boolean", "(> 1 (is 2 Boolean))"],
    ["a & b | c", "(| (& a b) c)"],
    ["-1.abs()", "(neg (abs 1))"],
    ["a.b[0].c", "(. ([] (. a b) 0) c)"],
    ["(a | b).c", "(. (| a b) c)"],
    ["a.where(b = 'x').c", "(. (where a (= b 'x')) c)"],
    ["x as FHIR.Quantity", "(as x FHIR.Quantity)"],
    ["contains.in.as", "(. (. contains in) as)"],
    ["a.select($this.b + $index)", "(select a (+ (. $this b) $index))"],
  ];
  for (const [expression, tree] of table) assert.equal(parsed(expression), tree, expression);
});

test("§4.1 literals", () => {
  const table: [string, string][] = [
    ["'a\\'b\\n\\u0041'", "'a'b\nA'"], ["`odd name`", "odd name"], ["{}", "{}"], ["1.50", "1.50"],
    ["@2020-02", "2020-02"], ["@2020-02-03T10:30Z", "2020-02-03T10:30Z"], ["@T10:30", "10:30"], ["@2020T", "2020T"],
    ["4 days", "4 day"], ["5.4 'mg'", "5.4 'mg'"], ["%resource", "%resource"], ["%`vs-x`", "%vs-x"], ["1 // rest\n+ 2 /* so */", "(+ 1 2)"],
  ];
  for (const [expression, tree] of table) assert.equal(parsed(expression), tree, expression);
});

test("a fault names line, column, what was expected and what was found", () => {
  const table: [string, RegExp][] = [
    ["name.", /1:6: expected a member or function name, found end of expression/],
    ["name.given[0", /1:13: expected "\]" to close the index, found end/],
    ["a +\n  * b", /2:3: expected a path, function, literal or parenthesis, found "\*"/],
    ["f(a b)", /1:5: expected "\)" or "," after an argument of f\(\), found "b"/],
    ["'open", /1:1: expected a closing ', found end/],
    ["a /* open", /1:3: expected \*\/ to close the comment/],
    ["a # b", /1:3: expected an expression, found "# b"/],
    ["@20", /1:1: expected a date, time or dateTime/],
    ["", /1:1: expected a path/],
    ["a b", /1:3: expected an operator or the end of the expression, found "b"/],
  ];
  for (const [expression, message] of table) {
    const result = parse(expression);
    assert.ok(!result.ok, `${expression} must not parse`);
    assert.equal(result.failure.code, "invalid");
    assert.match(result.failure.text, message);
  }
});

test("bounds: depth and length, both sides", () => {
  assert.ok(parse(`${"(".repeat(depthMax - 1)}a${")".repeat(depthMax - 1)}`).ok);
  assert.ok(!parse(`${"(".repeat(depthMax)}a${")".repeat(depthMax)}`).ok);
  assert.ok(parse(`a${" ".repeat(expressionLengthMax - 1)}`).ok);
  assert.ok(!parse(`a${" ".repeat(expressionLengthMax)}`).ok);
  assert.ok(!parse(`a${".b".repeat(30_000)}`).ok);
  assert.ok(!parse(Array.from({ length: 20_000 }, () => "a").join(" + ")).ok);
});
