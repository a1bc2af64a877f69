/**
 * The schema in GraphQL's own language (SDL), generated from the definitions: for tools that complete and check
 * queries. Scalars that stand for filters take any literal (`name(use: official)`). Searches back from a resource
 * state only _reference and paging here, though they take all search parameters: with those it would be 8 MB.
 * Source: https://hl7.org/fhir/R4/graphql.html
 */
import { isSubtype, resourceTypes, searchParametersOf, typeDefinition, type TypeDefinition } from "../definitions/load.ts";
import { isPrimitive } from "../fhirpath/values.ts";
import { graphqlName, typesReached } from "./names.ts";

const builtIn: Readonly<Record<string, string>> = { string: "String", boolean: "Boolean", integer: "Int", decimal: "Float", id: "ID" };
const paging = "_count: Int, _offset: Int";

/** SDL of the whole of R4, about 3.5 MB, in some 0.2 s; made anew at each call. */
export function schemaText(): string {
  const types = typesReached().filter(type => typeDefinition(type)!.abstract === false || type === "Element" || type === "Resource");
  const scalars = new Set<string>();
  const out = [directives, "scalar FilterValue", "interface Resource { resourceType: code! id: ID meta: Meta implicitRules: uri language: code }"];
  const back = pointers();
  for (const type of types) if (type !== "Resource") out.push(typeText(typeDefinition(type)!, back, scalars));
  scalars.add("code").add("uri");
  out.push(...[...scalars].sort().map(name => `scalar ${name}`));
  for (const type of resourceTypes())
    out.push(`type ${type}Connection { count: Int offset: Int pagesize: Int edges: [${type}Edge!] first: ID previous: ID next: ID last: ID }`, `type ${type}Edge { mode: code score: Float resource: Resource }`);
  out.push(`type Query {\n${resourceTypes().map(type => `  ${type}(id: FilterValue, _id: FilterValue): ${type}\n  ${searchFields(type, "")}`).join("\n")}\n}`);
  return `${out.join("\n\n")}\n`;
}

const directives = `directive @flatten on FIELD
directive @first on FIELD
directive @singleton on FIELD
directive @slice(path: String!) on FIELD`;

function typeText(definition: TypeDefinition, back: ReadonlyMap<string, ReadonlySet<string>>, scalars: Set<string>): string {
  const { name, kind } = definition;
  const lines = kind === "resource" ? ["resourceType: code!"] : [];
  for (const element of definition.elements) for (const member of element.members) {
    const list = element.max > 1;
    const inner = isPrimitive(member.type) ? scalar(member.type, scalars) : graphqlName(member.type === "DomainResource" ? "Resource" : member.type);
    const type = list ? `[${inner}]` : inner;
    lines.push(`${member.name}${list ? filters(member.type) : ""}: ${type}`);
    if (isPrimitive(member.type) && member.type !== "xhtml") lines.push(`_${member.name}: ${list ? "[Element]" : "Element"}`);
  }
  if (name === "Reference") lines.push("resource(type: FilterValue, optional: Boolean): Resource");
  if (kind === "resource") for (const other of back.get(name) ?? []) lines.push(searchFields(other, "_reference: FilterValue!"));
  return `type ${graphqlName(name)}${kind === "resource" ? " implements Resource" : ""} {\n${lines.map(line => `  ${line}`).join("\n")}\n}`;
}

function scalar(type: string, scalars: Set<string>): string {
  const known = builtIn[type];
  if (known === undefined) scalars.add(type);
  return known ?? type;
}

/** Arguments of a list: its members with plain values. */
function filters(type: string): string {
  const own = [...typeDefinition(type)?.members ?? []].filter(([, member]) => isPrimitive(member.type)).map(([name]) => `${name}: [FilterValue]`);
  return `(${["fhirpath: String", paging, ...isPrimitive(type) ? [] : own].join(", ")})`;
}

function searchFields(type: string, first: string): string {
  const own = first === "" ? searchParametersOf(type).map(({ code }) => code.replaceAll("-", "_")) : [];
  const names = [...new Set(own)].filter(code => /^[A-Za-z]\w*$/.test(code)).map(code => `${code}: [FilterValue]`);
  const list = [...first === "" ? [] : [first], ...names, paging, "_sort: [FilterValue]", "_id: [FilterValue]", "_lastUpdated: [FilterValue]", "_cursor: ID"].join(", ");
  return `${type}List(${list}): [${type}]\n  ${type}Connection(${list}): ${type}Connection`;
}

/** For each resource type, the types with a search parameter that points to it. */
function pointers(): ReadonlyMap<string, ReadonlySet<string>> {
  const map = new Map<string, Set<string>>(resourceTypes().map(type => [type, new Set()]));
  for (const type of resourceTypes())
    for (const { type: kind, target } of searchParametersOf(type)) {
      if (kind !== "reference") continue;
      for (const to of target ?? []) for (const one of map.has(to) ? [to] : resourceTypes().filter(other => isSubtype(other, to))) map.get(one)!.add(type);
    }
  return map;
}
