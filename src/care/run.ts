/** Runs every applicable Method on one person's facts. Pure: nothing is read or stored. */
import type { Finding } from "#findings/finding.ts";
import type { Facts, Method } from "#findings/method.ts";
import { methods as all } from "./methods.ts";

/** `failed` names methods that broke on these facts: a fault of ours, told without the person's data. */
export type RunResult = { findings: Finding[]; ran: Method[]; failed: { method: string; text: string }[] };

export function runMethods(facts: Facts, methods: readonly Method[] = all): RunResult {
  const result: RunResult = { findings: [], ran: [], failed: [] };
  for (const method of methods) {
    try {
      if (method.applicable(facts)) result.findings.push(...method.run(facts));
      result.ran.push(method);
    } catch (error) {
      result.failed.push({ method: method.id, text: error instanceof Error ? `${error.name} in ${method.id} ${method.version}` : `fault in ${method.id}` });
    }
  }
  return result;
}

