/**
 * Whose a subscription is: the caller who created it. A practitioner sees the own subscriptions and nobody else's; those of
 * administrators are for administrators. What a subscription tells is bounded by its owner's reach, asked anew each time.
 */
import { randomBytes } from "node:crypto";
import { ridOf } from "../keys.ts";
import type { Caller } from "../record.ts";
import { numbers, separator, type Queryable } from "../sql.ts";

export type Owner = Pick<Caller, "agent" | "display" | "role" | "account">;

export type NewSubscription = { rid: string; id: string; owner: Owner };

/** What stands as persons of a new Subscription: the practitioner, who is in the own care for it (see rows.ts). */
export function ownersOf({ filter }: Pick<Caller, "filter">): readonly string[] {
  return filter.kind === "practitioner" ? [ridOf("Practitioner", filter.practitioner)] : [];
}

export function ownerOf({ agent, display, role, account }: Caller): Owner {
  return { agent, display, role, ...(account === undefined ? {} : { account }) };
}

export function subscriptionParts(subscriptions: readonly NewSubscription[]): { name: string; text: string; values: string[] }[] {
  if (!subscriptions.length) return [];
  return [{
    name: "subscription_rows",
    text: `insert into subscription (rid, id, owner, secret)
      select * from unnest($1::bigint[], string_to_array($2, chr(30)), string_to_array($3, chr(30)), string_to_array($4, chr(30))) on conflict do nothing`,
    values: [
      numbers(subscriptions.map(({ rid }) => rid)), subscriptions.map(({ id }) => id).join(separator), subscriptions.map(({ owner }) => JSON.stringify(owner)).join(separator),
      subscriptions.map(() => `whsec_${randomBytes(32).toString("base64")}`).join(separator),
    ],
  }];
}

/** Persons of a stored Subscription, derived again; for verify. */
export async function storedOwners(db: Queryable, rid: string): Promise<readonly string[]> {
  const [row] = await db.unsafe<{ owner: string }[]>("select owner from subscription where rid = $1::bigint", [rid], { prepare: true });
  const owner = row && (JSON.parse(row.owner) as Owner);
  return owner?.role === "practitioner" ? [ridOf("Practitioner", owner.agent.slice(owner.agent.indexOf("/") + 1))] : [];
}
