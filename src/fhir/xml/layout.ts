/** What XML needs to know of each type: members by name with their place in the definition's order. */
import { typeDefinition } from "../definitions/load.ts";

/** How a member's value stands in JSON: `number`s and `boolean`s bare, `text` in quotes. */
export type Shape = "text" | "decimal" | "integer" | "boolean" | "xhtml" | "object" | "resource";

export type Member = {
  name: string;
  /** `"name":` and `"_name":` */
  key: string;
  twinKey: string;
  /** Place of its element in the type; the types of one choice share it. */
  order: number;
  many: boolean;
  shape: Shape;
  type: string;
};

export type Layout = {
  type: string;
  members: ReadonlyMap<string, Member>;
  /** Names that stand as attributes: id of elements, url of Extension. */
  attributes: ReadonlySet<string>;
};

const layouts = new Map<string, Layout>();

export function layoutOf(type: string): Layout {
  const known = layouts.get(type);
  if (known) return known;
  const definition = typeDefinition(type);
  if (!definition) throw new Error(`there is no type ${type} in R4`);
  const members = new Map<string, Member>();
  const attributes = new Set(definition.kind === "resource" ? [] : ["id"]);
  if (type === "Extension") attributes.add("url");
  definition.elements.forEach((element, order) => {
    if (attributes.has(element.name)) return;
    for (const { name, type: memberType } of element.members)
      members.set(name, { name, key: `"${name}":`, twinKey: `"_${name}":`, order, many: element.max > 1, shape: shapeOf(memberType), type: memberType });
  });
  const layout = { type, members, attributes };
  layouts.set(type, layout);
  return layout;
}

function shapeOf(type: string): Shape {
  switch (type) {
    case "Resource": return "resource";
    case "xhtml": return "xhtml";
    case "boolean": return "boolean";
    case "decimal": return "decimal";
    case "integer": case "positiveInt": case "unsignedInt": return "integer";
    default: return typeDefinition(type)?.kind === "primitive" ? "text" : "object";
  }
}
