import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { compile } from "./compile.ts";
import { exhaustion } from "./exhaustion.ts";

function textOf(expression: string, resource: Resource): string {
  const compiled = compile(expression);
  assert.ok(compiled.ok);
  const result = compiled.value.evaluate(resource);
  assert.ok(!result.ok);
  return result.failure.text;
}

/** Runs `work` where little of the stack is left. */
function nearTheEnd<T>(work: () => T): T {
  const descend = (): { value: T } | undefined => {
    let inner: { value: T } | undefined;
    try { inner = descend(); } catch (error) { if (!(error instanceof RangeError)) throw error; }
    return inner ?? attempt(work);
  };
  const found = descend();
  assert.ok(found);
  return found.value;
}

function attempt<T>(work: () => T): { value: T } | undefined {
  try { return { value: work() }; } catch (error) { if (error instanceof RangeError) return undefined; throw error; }
}

test("data of absurd depth are named as such", () => {
  const tower = (levels: number): object => Array.from({ length: levels }).reduce<object>((inner) => ({ url: "u", extension: [inner] }), {});
  const resource = { resourceType: "Patient", extension: [tower(50_000), tower(50_000)] } as Resource;
  assert.match(textOf("extension[0] = extension[1]", resource), /the data nest 10000\d levels deep; at most 500/);
});

test("a stack that the caller has used up is no fault of the data", () => {
  assert.match(nearTheEnd(() => exhaustion(new RangeError("Maximum call stack size exceeded"), { a: [1] })), /the expression nests too deep for where it is evaluated/);
});

test("what is too large is not called deep", () => {
  assert.throws(() => "x".repeat(2 ** 30), (fault: unknown) => fault instanceof RangeError && /larger than a text or list can be \(Invalid string length\)/.test(exhaustion(fault, {})));
});
