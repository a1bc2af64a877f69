/** Links inside a narrative: "#x" leads to an id or name of the same text, or to the id of an element or contained resource. */
import { shown } from "./primitives.ts";
import type { ValueCheck } from "./profile/invariants.ts";
import { isObject, tell } from "./profile/run.ts";

const href = /\shref\s*=\s*(?:"#([^"]*)"|'#([^']*)')/g;
const anchor = /\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

export const checkNarrativeLinks: ValueCheck = (value, _twin, _type, run) => {
  if (!isObject(value) || typeof value.div !== "string" || !value.div.includes("#")) return;
  const { div } = value;
  let known: Set<string> | undefined;
  for (const [, double, single] of div.matchAll(href)) {
    const name = double ?? single ?? "";
    if (name === "") continue;
    if (!known) {
      known = idsOf(run.root);
      for (const [, a, b] of div.matchAll(anchor)) known.add(a ?? b ?? "");
    }
    if (!known.has(name)) tell(run, "error", "value", `the link ${shown(`#${name}`)} leads nowhere; give something that id`, "div");
  }
};

function idsOf(root: unknown): Set<string> {
  const found = new Set<string>();
  const open: unknown[] = [root];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (Array.isArray(at)) { for (const one of at) if (typeof one === "object" && one !== null) open.push(one); }
    else if (isObject(at)) {
      if (typeof at.id === "string") found.add(at.id);
      for (const inner of Object.values(at)) if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return found;
}
