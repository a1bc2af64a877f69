/** sort(): by the items themselves or by keys, `-key` descending; an item without a key comes first either way. https://hl7.org/fhirpath/#sortkeyselector-- */
import { compare } from "../equality.ts";
import { single, type Items } from "../values.ts";
import type { Call, FunctionTable } from "./definition.ts";
import { eachItem } from "./filtering.ts";
import type { Eval } from "../emit.ts";

function sort({ on, args, descending = [] }: Call): Eval {
  const keys: readonly Eval[] = args.length ? args : [(focus) => focus];
  return (focus, context) => {
    const items = on(focus, context);
    const rows: { item: Items; keys: Items[] }[] = [];
    eachItem(items, context, (item) => { rows.push({ item, keys: keys.map((key) => key(item, context)) }); });
    rows.sort((a, b) => {
      for (let i = 0; i < keys.length; i++) {
        const x = single(a.keys[i]!, "sort()");
        const y = single(b.keys[i]!, "sort()");
        if (x === undefined && y === undefined) continue;
        if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
        const order = compare(x, y) ?? 0;
        if (order !== 0) return descending[i] ? -order : order;
      }
      return 0;
    });
    return rows.map(({ item }) => item[0]!);
  };
}

export const sorting: FunctionTable = { sort: { min: 0, max: Infinity, argument: "lambda", signedKeys: true, result: "same", emit: sort } };
