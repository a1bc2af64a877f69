/** The caller that a subscription's owner is today: what a notification may hold. */
import type { Owner, Reach } from "#record/subscriptions/subscriptions.ts";
import type { Caller } from "#record/record.ts";
import { callerOf, localOperator } from "#trust/caller.ts";
import type { Trust } from "#trust/trust.ts";

/** Undefined: the account is disabled or gone. Without an account it was the local operator, who has no account to disable. */
export function ownerReach(trust: Pick<Trust, "accountById">): Reach {
  return async ({ agent, account }: Owner): Promise<Caller | undefined> => {
    if (account === undefined) return agent === localOperator.agent ? localOperator : undefined;
    const found = await trust.accountById(account);
    return found && !found.disabled ? callerOf(found) : undefined;
  };
}
