/** Every Method of the node: the web, the API, the command line and evaluation run what stands here. */
import type { Method } from "#findings/method.ts";
import { scores } from "#knowledge/scores/registry.ts";
import { signalMethods } from "#signals/methods/registry.ts";

export const methods: readonly Method[] = [...scores, ...signalMethods];

for (const [i, method] of methods.entries())
  if (methods.findIndex((other) => other.id === method.id) !== i) throw new Error(`two methods are called ${method.id}`);
