/** From an account to what it may reach: the access filter that record/ applies in SQL on every read path. */
import type { AccessFilter, Caller } from "#record/record.ts";
import { unreachable } from "#platform/result.ts";
import type { Account } from "./trust.ts";

/** Patient: their own compartment, reading only. Practitioner: the people in their care. Administrator: all. Disabled: nothing. */
export function callerOf(account: Account): Caller {
  const filter: AccessFilter = account.disabled ? { kind: "none" } : filterOf(account);
  return { agent: account.agent, display: account.display.en, role: account.role, account: account.id, filter, canWrite: !account.disabled && account.role !== "patient" };
}

function filterOf({ role, agent }: Account): AccessFilter {
  const id = agent.slice(agent.indexOf("/") + 1);
  switch (role) {
    case "patient": return { kind: "patient", patient: id };
    case "practitioner": return { kind: "practitioner", practitioner: id };
    case "administrator": return { kind: "all" };
    default: return unreachable(role);
  }
}

/** Whoever may run commands on the node's machine: `salus token` without an account. */
export const localOperator: Caller = { agent: "Device/salus", display: "Local operator", role: "administrator", filter: { kind: "all" }, canWrite: true };
