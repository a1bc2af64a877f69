/**
 * Which fields a selection asks for, fragments unfolded. One response name is one field, and its selections are merged
 * (GraphQL, CollectFields); but a name that stands several times in the same braces with other things asked for is asked
 * for as often (docs/decisions/0023-repeated-fields.md).
 */
import { print, type FieldNode, type SelectionSetNode } from "graphql";
import { taken } from "./directives.ts";
import type { Request } from "./document.ts";
import { QueryFault } from "./fault.ts";
import { applies } from "./fields.ts";
import { fhirName } from "./names.ts";

/** `key`: name in the answer, which several may share. `nodes`: where it is asked for; all but their selections is the first one's. */
export type Selected = { key: string; nodes: readonly FieldNode[] };

export class Selection {
  private readonly request: Request;
  private readonly turns = new Map<SelectionSetNode, ReadonlyMap<FieldNode, number>>();

  constructor(request: Request) {
    this.request = request;
  }

  /** `type`: of the value that has the fields. Throws QueryFault when one name is asked for in two ways. */
  fields(sets: readonly SelectionSetNode[], type: string): Selected[] {
    const found = new Map<string, FieldNode[][]>();
    const visited = new Set<string>();
    const visit = (set: SelectionSetNode): void => {
      const turns = this.turnsOf(set);
      for (const node of set.selections) {
        if (node.kind === "Field") {
          const turn = turns.get(node);
          if (turn !== undefined) add(found, keyOf(node), turn, node);
          continue;
        }
        if (!taken(node, this.request.variables)) continue;
        if (node.kind === "FragmentSpread") {
          if (visited.has(node.name.value)) continue;
          visited.add(node.name.value);
        }
        const fragment = node.kind === "FragmentSpread" ? this.request.fragments.get(node.name.value)! : node;
        if (fragment.typeCondition === undefined || applies(fhirName(fragment.typeCondition.name.value) ?? "", type)) visit(fragment.selectionSet);
      }
    };
    for (const set of sets) visit(set);
    return [...found].flatMap(([key, fields]) => fields.map(nodes => ({ key, nodes })));
  }

  /** For every field of these braces that is not skipped, how many others of its name, and other than it, stand before it. */
  private turnsOf(set: SelectionSetNode): ReadonlyMap<FieldNode, number> {
    let turns = this.turns.get(set) as Map<FieldNode, number> | undefined;
    if (turns) return turns;
    this.turns.set(set, turns = new Map());
    const byKey = Map.groupBy(set.selections.filter(node => node.kind === "Field" && taken(node, this.request.variables)) as FieldNode[], keyOf);
    for (const nodes of byKey.values()) {
      const spellings: string[] = [];
      for (const node of nodes) {
        const spelling = nodes.length > 1 && node.selectionSet ? spelled(node) : "";
        const turn = spellings.indexOf(spelling);
        turns.set(node, turn >= 0 ? turn : spellings.push(spelling) - 1);
      }
    }
    return turns;
  }
}

function keyOf(node: FieldNode): string {
  return (node.alias ?? node.name).value;
}

/** What is asked of a field: its selection and what shapes it. */
function spelled({ kind, name, directives = [], selectionSet }: FieldNode): string {
  return print({ kind, name, directives: directives.filter(({ name: { value } }) => value !== "skip" && value !== "include"), selectionSet });
}

function add(found: Map<string, FieldNode[][]>, key: string, turn: number, node: FieldNode): void {
  const fields = found.get(key);
  if (!fields) {
    found.set(key, [[node]]);
    return;
  }
  if (!sameField(fields[0]![0]!, node)) throw new QueryFault(`"${key}" is asked for in two ways; give one of them an alias`, node);
  const nodes = fields[turn];
  if (nodes) nodes.push(node);
  else fields.push([node]);
}

function sameField(a: FieldNode, b: FieldNode): boolean {
  const given = ({ arguments: list }: FieldNode) => JSON.stringify((list ?? []).map(({ name, value }) => [name.value, literal(value)]).sort());
  return a.name.value === b.name.value && given(a) === given(b);
}

function literal(value: NonNullable<FieldNode["arguments"]>[number]["value"]): unknown {
  switch (value.kind) {
    case "Variable": return [value.kind, value.name.value];
    case "ListValue": return value.values.map(literal);
    case "ObjectValue": return value.fields.map(({ name, value: inner }) => [name.value, literal(inner)]);
    case "NullValue": return null;
    default: return [value.kind, value.value];
  }
}
