/**
 * Reading one named member. A keyed read shared by all closures (`object[name]`) serves every name and shape from one
 * inline cache, 40 to 60 ns each; a function per name has a cache of its own, under 10 ns. The names are elements of
 * R4's definitions, never text from a view or resource; where code from strings is disallowed the keyed read serves.
 */
import type { JsonObject } from "../resource.ts";

export type Read = (object: JsonObject) => unknown;

const known = new Map<string, Read>();
const elementName = /^_?[A-Za-z][A-Za-z0-9]*$/;

export function reader(name: string): Read {
  let read = known.get(name);
  if (read === undefined) known.set(name, read = build(name));
  return read;
}

function build(name: string): Read {
  if (elementName.test(name)) {
    try {
      return new Function("object", `return object.${name}`) as Read;
    } catch { /* disallowed here: below */ }
  }
  return (object) => object[name];
}
