/**
 * Where an expression begins in a resource, so that indexing asks only those that can find something: of a type's 20 to 40
 * parameters, most resources have the members of a few.
 */
import { typeDefinition } from "../definitions/load.ts";
import type { Ast } from "../fhirpath/ast.ts";

/** What gives nothing of nothing; others may (exists, empty, count). */
const passing = new Set(["where", "as", "ofType", "resolve"]);

/** JSON members of which a resource of this type has one where the expression finds anything; undefined where that cannot be told. */
export function firstMembers(type: string, ast: Ast): readonly string[] | undefined {
  switch (ast.kind) {
    case "member":
      if (ast.on === undefined) return undefined;
      if (ast.on.kind !== "member" || ast.on.on !== undefined || ![type, "Resource", "DomainResource"].includes(ast.on.name)) return firstMembers(type, ast.on);
      return typeDefinition(type)?.byName.get(ast.name)?.members.flatMap(({ name }) => [name, `_${name}`]);
    case "call": return ast.on !== undefined && passing.has(ast.name) ? firstMembers(type, ast.on) : undefined;
    case "index": return firstMembers(type, ast.on);
    case "type": return ast.operator === "as" ? firstMembers(type, ast.operand) : undefined;
    case "literal": case "focus": case "external": case "polarity": case "binary": return undefined;
  }
}
