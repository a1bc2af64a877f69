/** R4 expansions carry R5's properties in extensions; the pack expects them as members. */
import { definitionExtension, propertyExtension } from "#fhir/terminology/operations/r4-expansion.ts";
import type { Resource } from "#fhir/resource.ts";

type Node = { [member: string]: unknown; extension?: { url: string; extension?: { url: string; [value: string]: unknown }[] }[]; contains?: Node[] };

export function liftExpansion(resource: Resource): Resource {
  const expansion = resource.expansion as Node | undefined;
  return expansion ? { ...resource, expansion: lift(expansion, definitionExtension) } : resource;
}

function lift(node: Node, url: string): Node {
  const lifted: Node = { ...node };
  const own = (node.extension ?? []).filter((extension) => extension.url === url);
  if (own.length > 0) {
    lifted.property = own.map(({ extension }) => Object.assign({}, ...(extension ?? []).map(({ url: name, ...value }) => (name === "value" ? value : { [name]: Object.values(value)[0] }))) as object);
    lifted.extension = node.extension!.filter((extension) => extension.url !== url);
    if (lifted.extension.length === 0) delete lifted.extension;
  }
  if (node.contains) lifted.contains = node.contains.map((one) => lift(one, propertyExtension));
  return lifted;
}
