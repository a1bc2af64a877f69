/**
 * Whose a subscription is: the caller who created it. A practitioner sees the own subscriptions and nobody else's; those of
 * administrators are for administrators. What a subscription tells is bounded by its owner's reach, asked anew each time.
 */
import { randomBytes } from "node:crypto";
import { ridOf } from "../keys.ts";
import type { Caller } from "../record.ts";
import type { Queryable } from "../sql.ts";

export type Owner = Pick<Caller, "agent" | "display" | "role" | "account">;

export type NewSubscription = { rid: string; id: string; owner: Owner };

/** What stands as persons of a new Subscription: the practitioner, who is in the own care for it (see rows.ts). */
export function ownersOf({ filter }: Pick<Caller, "filter">): readonly string[] {
  return filter.kind === "practitioner" ? [ridOf("Practitioner", filter.practitioner)] : [];
}

export function ownerOf({ agent, display, role, account }: Caller): Owner {
  return { agent, display, role, ...(account === undefined ? {} : { account }) };
}

export async function insertSubscriptions(db: Queryable, subscriptions: readonly NewSubscription[]): Promise<void> {
  for (const { rid, id, owner } of subscriptions)
    await db.unsafe("insert into subscription (rid, id, owner, secret) values ($1::bigint, $2, $3, $4) on conflict do nothing", [rid, id, JSON.stringify(owner), `whsec_${randomBytes(32).toString("base64")}`], { prepare: true });
}

/** Persons of a stored Subscription, derived again; for verify. */
export async function storedOwners(db: Queryable, rid: string): Promise<readonly string[]> {
  const [row] = await db.unsafe<{ owner: string }[]>("select owner from subscription where rid = $1::bigint", [rid], { prepare: true });
  const owner = row && (JSON.parse(row.owner) as Owner);
  return owner?.role === "practitioner" ? [ridOf("Practitioner", owner.agent.slice(owner.agent.indexOf("/") + 1))] : [];
}
