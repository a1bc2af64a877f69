/** Who is signed in, and whether the session has ended behind the page. */
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Account, SessionView } from "#server/api/contract.ts";
import { ask, onSignedOut } from "../data/http.ts";
import { client, sessionQuery } from "../data/queries.ts";
import { forgetUnsaved } from "./unsaved.ts";

let expired = false;
const watchers = new Set<() => void>();
const set = (next: boolean) => { expired = next; for (const watcher of watchers) watcher(); };

onSignedOut(() => { if (client.getQueryData<SessionView>(["session"])?.account) set(true); });

export function useExpired(): boolean {
  return useSyncExternalStore((watcher) => { watchers.add(watcher); return () => watchers.delete(watcher); }, () => expired);
}

export function useAccount(): Account | undefined {
  return useQuery(sessionQuery).data?.account;
}

/** Signs in; the same person after an ended session finds everything as it was, another one starts afresh. */
export async function signIn(username: string, password: string): Promise<Account> {
  const before = client.getQueryData<SessionView>(["session"])?.account;
  const session = await ask<SessionView>("/api/session", { method: "POST", body: { username, password }, signingIn: true });
  const full = session.node ? session : await ask<SessionView>("/api/session");
  const account = full.account;
  if (!account) throw new Error("the server took the password but named no account");
  if (before && before.agent !== account.agent) { client.clear(); forgetUnsaved(); }
  client.setQueryData(["session"], full);
  set(false);
  void client.invalidateQueries({ predicate: (asked) => asked.queryKey[0] !== "session" });
  return account;
}

export async function signOut(): Promise<void> {
  await ask("/api/session", { method: "DELETE" }).catch(() => undefined); // already gone is as good
  client.clear();
  forgetUnsaved();
  set(false);
}

export function home(account: Account): string {
  return account.role === "patient" ? "/me" : account.role === "administrator" ? "/administration" : "/worklist";
}
