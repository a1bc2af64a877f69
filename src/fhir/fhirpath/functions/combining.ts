/** http://hl7.org/fhirpath/N1/index.html#combining */
import { distinct } from "../equality.ts";
import type { FunctionTable } from "./definition.ts";

export const combining: FunctionTable = {
  union: { min: 1, max: 1, result: "joined", emit: ({ on, args }) => (focus, context) => distinct([...on(focus, context), ...args[0]!(focus, context)]) },
  combine: { min: 1, max: 1, result: "joined", emit: ({ on, args }) => (focus, context) => [...on(focus, context), ...args[0]!(focus, context)] },
};
