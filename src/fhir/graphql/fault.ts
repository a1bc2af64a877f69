/** Errors as the GraphQL specification words them (§7.1.2): message, places in the query, path in the answer. */
import { getLocation, type ASTNode } from "graphql";

export type GraphqlError = { message: string; locations?: { line: number; column: number }[]; path?: (string | number)[] };

export type Path = { up: Path; key: string | number } | undefined;

/** Stops a request; never leaves this folder. */
export class QueryFault extends Error {
  readonly node: ASTNode | undefined;
  readonly path: Path;
  constructor(message: string, node?: ASTNode, path?: Path) {
    super(message);
    this.node = node;
    this.path = path;
  }
}

export function errorOf({ message, node, path }: QueryFault): GraphqlError {
  const error: GraphqlError = { message };
  if (node?.loc) error.locations = [getLocation(node.loc.source, node.loc.start)].map(({ line, column }) => ({ line, column }));
  const keys: (string | number)[] = [];
  for (let at = path; at; at = at.up) keys.unshift(at.key);
  if (keys.length > 0) error.path = keys;
  return error;
}
