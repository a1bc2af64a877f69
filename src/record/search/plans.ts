/**
 * First pages that were asked lately, as planned: the same question by the same caller is read and put into SQL once.
 * Screens and polling clients ask the same again and again. What is kept is the statement and never an answer; nothing
 * is kept of questions whose meaning hangs on the clock or on terminology, or whose order on counts of rows; those whose way
 * alone does (narrow.ts) are kept as long as the counts.
 */
import type { CustomSearch } from "#fhir/search/custom.ts";
import type { SearchScope } from "#fhir/search/scope.ts";
import { whoOf } from "../access.ts";
import type { Caller } from "../record.ts";
import type { Part } from "./page.ts";

type Kept = { parts: readonly Part[]; custom: CustomSearch | undefined; /** by `performance.now()` */ until: number };

const keptMax = 1_000;
const textLengthMax = 1_000;
/** What may say "approximately", however it is written: that is relative to the present moment. */
const relative = /ap[-+\d%]|%61|%70|_filter/i;

export class Plans {
  readonly #kept = new Map<string, Kept>();

  find(caller: Caller, scope: SearchScope, text: string, handling: string | undefined, custom: CustomSearch | undefined): readonly Part[] | undefined {
    const known = this.#kept.get(keyOf(caller, scope, text, handling));
    return known && known.custom === custom && performance.now() < known.until ? known.parts : undefined;
  }

  keep(caller: Caller, scope: SearchScope, text: string, handling: string | undefined, custom: CustomSearch | undefined, parts: readonly Part[], keptMs = Infinity): void {
    if (text.length > textLengthMax || relative.test(text)) return;
    if (this.#kept.size >= keptMax) this.#kept.clear();
    this.#kept.set(keyOf(caller, scope, text, handling), { parts, custom, until: performance.now() + keptMs });
  }
}

function keyOf({ filter }: Caller, scope: SearchScope, text: string, handling: string | undefined): string {
  return `${filter.kind} ${whoOf(filter)} ${handling ?? ""} ${JSON.stringify(scope)} ${text}`;
}
