/** A leaf as rows of its table. */
import { unreachable } from "#platform/result.ts";
import type { Leaf } from "#fhir/search/query-model.ts";
import { dateSource } from "./date.ts";
import { numberSource } from "./number.ts";
import { quantitySource } from "./quantity.ts";
import { referenceSource } from "./reference.ts";
import { stringSource } from "./string.ts";
import { tokenSource, tokenTextSource } from "./token.ts";
import type { Source } from "./source.ts";
import { uriSource } from "./uri.ts";

/** `:not` is not said here: it is that no such row is there. */
export function sourceOf(type: string, leaf: Leaf): Source {
  switch (leaf.kind) {
    case "token": return tokenSource(type, leaf);
    case "token-text": return tokenTextSource(type, leaf);
    case "string": return stringSource(type, leaf);
    case "date": return dateSource(type, leaf);
    case "number": return numberSource(type, leaf);
    case "quantity": return quantitySource(type, leaf);
    case "reference": return referenceSource(type, leaf);
    case "uri": return uriSource(type, leaf);
    default: return unreachable(leaf);
  }
}
