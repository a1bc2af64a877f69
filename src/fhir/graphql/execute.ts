/** Runs a checked query over data. Throws QueryFault on what the data forbid: a reference that leads nowhere, two values for @singleton. */
import type { FieldNode, SelectionSetNode } from "graphql";
import type { Result } from "#platform/result.ts";
import { compile, Node, type Evaluator } from "../fhirpath/compile.ts";
import { condition, EvaluationFault, system } from "../fhirpath/values.ts";
import type { Json, JsonObject, Resource } from "../resource.ts";
import { parameterName } from "./check.ts";
import { argumentsOf, countOf, type Limits, type Request } from "./document.ts";
import { shapeOf, type Shape } from "./directives.ts";
import { QueryFault, type Path } from "./fault.ts";
import { fieldOf, isAny, type Field } from "./fields.ts";
import { graphqlName } from "./names.ts";
import { Output } from "./output.ts";
import type { Reader, SearchPage } from "./reader.ts";
import { Selection } from "./selection.ts";

/** What fields are read from: a FHIR object, a page of a search, or the system itself. `resource` holds it. */
type Value = { type: string; object: JsonObject; resource: Resource | undefined };

type ElementField = Extract<Field, { kind: "element" }>;

export class Execution {
  private readonly request: Request;
  private readonly reader: Reader;
  private readonly limits: Limits;
  private values = 0;
  private resources = 0;
  private searches = 0;
  private readonly resolved = new Map<string, Resource | undefined>();
  private readonly compiled = new Map<string, Evaluator>();
  private readonly selection: Selection;

  constructor(request: Request, reader: Reader, limits: Limits) {
    this.request = request;
    this.reader = reader;
    this.limits = limits;
    this.selection = new Selection(request);
  }

  /** The `data` of the answer: of one resource, or of the system. */
  async run(resource: Resource | undefined): Promise<JsonObject> {
    const value: Value = resource ? { type: resource.resourceType, object: resource as JsonObject, resource } : { type: "Query", object: {}, resource: undefined };
    return this.object([this.request.operation.selectionSet], value, undefined);
  }

  private async object(sets: readonly SelectionSetNode[], value: Value, path: Path): Promise<JsonObject> {
    const output = new Output();
    await this.fill(sets, value, output, false, "", path);
    return output.finish(path);
  }

  /** `inList`: a flattened list around makes every name a list. `suffix`: of a slice around. */
  private async fill(sets: readonly SelectionSetNode[], value: Value, output: Output, inList: boolean, suffix: string, path: Path): Promise<void> {
    for (const { key, nodes } of this.selection.fields(sets, value.type)) {
      const node = nodes[0]!;
      const field = fieldOf(value.type, node.name.value);
      if (!field) continue; // a field of another resource type, asked of "Resource"
      const shape = shapeOf(node, this.request.variables);
      const name = key + suffix;
      const at: Path = { up: path, key };
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ? [selectionSet] : []);
      const place = { name, suffix, key, node, shape, inner, output, inList, path: at };
      switch (field.kind) {
        case "typename": this.put(place, graphqlName(value.type), false); break;
        case "resourceType": this.put(place, value.type, false); break;
        case "element": await this.element(field, value, place); break;
        case "page": {
          const found = value.object[field.member];
          if (field.leaf) { if (found !== undefined) this.put(place, found, false); break; }
          const list = (field.list ? found as Json[] : [found]).filter(item => item !== undefined);
          await this.objects(place, list.map(item => ({ type: field.type, object: item as JsonObject, resource: field.member === "resource" ? item as Resource : undefined })), field.list);
          break;
        }
        case "resource": {
          const target = await this.target(value, node, at);
          await this.objects(place, target ? [target] : [], false);
          break;
        }
        case "read": {
          const values = argumentsOf(node, this.request.variables);
          this.count("resources", node, at);
          const found = must(await this.reader.read(field.type, String(values.get("id") ?? values.get("_id"))), node, at);
          if (!found) throw new QueryFault(`there is no ${field.type}/${String(values.get("id") ?? values.get("_id"))}`, node, at);
          await this.objects(place, [whole(found)], false);
          break;
        }
        case "search": {
          const page = await this.search(field, value, node, at);
          if (field.form === "List") await this.objects(place, page.edges.filter(({ mode }) => mode === undefined || mode === "match").map(({ resource }) => whole(resource)), true);
          else await this.objects(place, [{ type: `Connection:${field.type}`, object: page as unknown as JsonObject, resource: undefined }], false);
        }
      }
    }
  }

  private put({ name, output, inList, shape, node, path }: Place, value: Json, list: boolean): void {
    this.counted(node, path);
    output.put(name, value, list || inList, shape.singleton, node);
  }

  private counted(node: FieldNode, path: Path): void {
    if (++this.values > this.limits.valuesMax) throw new QueryFault(`the answer has more than ${this.limits.valuesMax} values`, node, path);
  }

  private async element(field: ElementField, value: Value, place: Place): Promise<void> {
    const found = value.object[field.member];
    if (found === undefined || found === null) return;
    const list = (Array.isArray(found) ? found : [found]).map((item, index) => ({ item, index })).filter(({ item }) => item !== null);
    const chosen = this.filtered(field, value, list, place);
    if (field.leaf) {
      for (const { item, index } of chosen) this.put({ ...place, name: place.name + this.slice(field, value, item, index, place) }, item, field.list && !place.shape.first);
      return;
    }
    const items = chosen.map(({ item, index }) => ({ value: typed(field.type, item as JsonObject, value.resource), slice: this.slice(field, value, item, index, place) }));
    for (const [index, { value: inner, slice }] of items.entries()) await this.one({ ...place, name: place.name + slice, suffix: place.suffix + slice }, inner, field.list, index);
  }

  private async objects(place: Place, values: readonly Value[], list: boolean): Promise<void> {
    const chosen = place.shape.first ? values.slice(0, 1) : values;
    for (const [index, value] of chosen.entries()) await this.one(place, value, list, index);
  }

  private async one(place: Place, value: Value, list: boolean, index: number): Promise<void> {
    const { shape, inner, output, inList, suffix, node, path } = place;
    if (shape.flatten) {
      this.counted(node, path); // it gives no value of its own, but fields asked for again and again multiply
      return this.fill(inner, value, output, inList || list && !shape.first, suffix, path?.up);
    }
    const at: Path = list ? { up: path, key: index } : path;
    this.put(place, await this.object(inner, value, at), list && !shape.first);
  }

  /** The items that the field's arguments and @first leave. */
  private filtered(field: ElementField, value: Value, list: Item[], { node, shape, path }: Place): Item[] {
    let rest = list;
    if (node.arguments && node.arguments.length > 0) {
      const values = argumentsOf(node, this.request.variables);
      for (const [name, wanted] of values) {
        if (name === "_offset" || name === "_count") continue;
        if (name === "fhirpath") {
          const evaluator = this.evaluator(wanted as string, field.type, node, path);
          rest = rest.filter(({ item }) => this.holds(evaluator, nodeOf(field, item), value, node, path));
        } else rest = rest.filter(({ item }) => hasValue((item as JsonObject)[name], wanted));
      }
      const offset = countOf(values, "_offset", node) ?? 0, count = countOf(values, "_count", node);
      rest = rest.slice(offset, count === undefined ? undefined : offset + count);
    }
    return shape.first ? rest.slice(0, 1) : rest;
  }

  private evaluator(expression: string, type: string, node: FieldNode, path: Path): Evaluator {
    const key = `${type} ${expression}`;
    let evaluator = this.compiled.get(key);
    if (!evaluator) {
      const compiled = compile(expression, { type });
      if (!compiled.ok) throw new QueryFault(compiled.failure.text, node, path);
      this.compiled.set(key, evaluator = compiled.value);
    }
    return evaluator;
  }

  private holds(evaluator: Evaluator, input: Node, { resource }: Value, node: FieldNode, path: Path): boolean {
    const result = evaluator.evaluate(input, resource ? { resource } : {});
    if (!result.ok) throw new QueryFault(result.failure.text, node, path);
    try {
      return condition(result.value, "fhirpath") === true;
    } catch (fault) {
      if (fault instanceof EvaluationFault) throw new QueryFault(fault.message, node, path);
      throw fault;
    }
  }

  /** ".official" of @slice(path: "use"). */
  private slice(field: ElementField, { resource }: Value, item: Json, index: number, { shape, node, path }: Place): string {
    if (shape.slice === undefined) return "";
    if (shape.slice.trim() === "$index") return `.${index}`;
    const result = this.evaluator(shape.slice, field.type, node, path).evaluate(nodeOf(field, item), resource ? { resource } : {});
    if (!result.ok) throw new QueryFault(result.failure.text, node, path);
    return result.value.map(found => { const plain = system(found); return plain instanceof Node || plain === undefined ? "" : `.${String(plain)}`; }).join("");
  }

  private async target({ object, resource }: Value, node: FieldNode, path: Path): Promise<Value | undefined> {
    const values = argumentsOf(node, this.request.variables);
    const { reference } = object;
    const found = typeof reference === "string" && resource ? await this.resolve(reference, resource, node, path) : undefined;
    if (!found) {
      if (values.get("optional") === true || reference === undefined) return undefined;
      throw new QueryFault(`the reference ${JSON.stringify(reference).slice(0, 120)} leads to no resource; ask with optional: true where that may be`, node, path);
    }
    const type = values.get("type");
    if (type !== undefined && found.resourceType !== type) return undefined;
    // The resource of a contained one is its container, where its own "#" references lead.
    return { ...whole(found), resource: typeof reference === "string" && reference.startsWith("#") ? resource : found };
  }

  private async resolve(reference: string, from: Resource, node: FieldNode, path: Path): Promise<Resource | undefined> {
    if (reference.startsWith("#")) {
      if (reference === "#") return from;
      const contained = Array.isArray(from.contained) ? from.contained as Resource[] : [];
      return contained.find(({ id }) => id === reference.slice(1));
    }
    if (this.resolved.has(reference)) return this.resolved.get(reference);
    this.count("resources", node, path);
    const found = must(await this.reader.resolve(reference, from), node, path);
    if (!reference.startsWith("urn:")) this.resolved.set(reference, found);
    return found;
  }

  private async search(field: Extract<Field, { kind: "search" }>, { type, resource }: Value, node: FieldNode, path: Path): Promise<SearchPage> {
    this.count("searches", node, path);
    const parameters: [string, string][] = [];
    for (const [name, value] of argumentsOf(node, this.request.variables)) {
      if (name === "_reference" && field.reverse) {
        const back = parameterName(field.type, String(value));
        if (back === undefined || back.startsWith("_")) throw new QueryFault(`${field.type} has no search parameter "${String(value)}"`, node, path);
        parameters.push([back, `${type}/${String(resource?.id ?? "")}`]);
        continue;
      }
      const parameter = parameterName(field.type, name) ?? name;
      for (const one of Array.isArray(value) ? value : [value]) parameters.push([parameter, String(one)]);
    }
    return must(await this.reader.search(field.type, parameters), node, path);
  }

  private count(what: "resources" | "searches", node: FieldNode, path: Path): void {
    const max = what === "resources" ? this.limits.resourcesMax : this.limits.searchesMax;
    if (++this[what] > max) throw new QueryFault(`the query needs more than ${max} ${what}`, node, path);
  }
}

type Item = { item: Json; index: number };
type Place = { name: string; suffix: string; key: string; node: FieldNode; shape: Shape; inner: readonly SelectionSetNode[]; output: Output; inList: boolean; path: Path };

function must<T>(result: Result<T>, node: FieldNode, path: Path): T {
  if (!result.ok) throw new QueryFault(result.failure.text, node, path);
  return result.value;
}

function whole(resource: Resource): Value {
  return { type: resource.resourceType, object: resource as JsonObject, resource };
}

function typed(type: string, object: JsonObject, resource: Resource | undefined): Value {
  if (isAny(type) && typeof object.resourceType === "string") return { type: object.resourceType, object, resource };
  return { type, object, resource };
}

function nodeOf({ type, leaf }: ElementField, item: Json): Node {
  const own = !leaf && isAny(type) ? (item as JsonObject).resourceType : undefined;
  return new Node(item, typeof own === "string" ? own : type);
}

function hasValue(found: Json | undefined, wanted: Json): boolean {
  if (found === undefined || found === null) return false;
  if (Array.isArray(found)) return found.some(item => hasValue(item, wanted));
  const texts = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
  return typeof found !== "object" && texts.includes(String(found));
}
