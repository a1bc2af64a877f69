/** Opens trust on a database whose migrations have run: every operation bound to its connection, clock and key custody. */
import type { Sql } from "postgres";
import { isKeyName, noteSigner, signatureType } from "#ledger/note.ts";
import { systemClock, type Clock } from "#platform/clock.ts";
import { fail, ok } from "#platform/result.ts";
import { accountOf, changePassword, createAccount, rowById, rowByUsername, setDisabled, type AccountRow } from "./identity/accounts.ts";
import { createDemoAccounts, demoAccounts } from "./identity/demo.ts";
import { createLink, redeemLink } from "./identity/first-administrator.ts";
import type { PasswordCost } from "./identity/password.ts";
import { signIn } from "./identity/sign-in.ts";
import { sweepAttempts } from "./identity/throttle.ts";
import { bearerHoursMax, issue, lookUp, Remembered, revoke, sweepTokens } from "./identity/tokens.ts";
import type { Custody } from "./signing/custody.ts";
import { activeKey, jwks, logOrigin, rotate } from "./signing/keys.ts";
import { signDetached, verifyDetached } from "./signing/sign.ts";
import type { Trust } from "./trust.ts";

const sweepEveryMs = 3_600_000;

/** `passwordCost` is lowered in tests only. */
export function openTrust(sql: Sql, custody: Custody, options: { clock?: Clock; passwordCost?: PasswordCost } = {}): Trust {
  const clock = options.clock ?? systemClock, cost = options.passwordCost;
  const remembered = new Remembered();
  let sweptAt = 0;
  /** Ends what is remembered when the work is done, whatever came of it. */
  const forgetting = async <T>(work: Promise<T>): Promise<T> => work.finally(() => remembered.forget());
  async function sweep(now: Date): Promise<void> {
    if (now.getTime() - sweptAt < sweepEveryMs) return;
    sweptAt = now.getTime();
    await sweepTokens(sql, now);
    await sweepAttempts(sql, now);
  }
  return {
    createAccount: (account) => createAccount(sql, account, clock.now(), cost),
    account: async (username) => optional(await rowByUsername(sql, username)),
    accountById: async (id) => optional(await rowById(sql, id)),
    accounts: async () => (await sql<AccountRow[]>`select * from trust.account order by username`).map(accountOf),
    changePassword: (id, current, next) => forgetting(changePassword(sql, id, current, next, clock.now(), cost)),
    setDisabled: (id, disabled) => forgetting(setDisabled(sql, id, disabled)),
    accountCount: async () => (await sql<{ count: number }[]>`select count(*)::int as count from trust.account`)[0]!.count,

    async signIn(username, password, address, previous) {
      const now = clock.now();
      await sweep(now);
      const signedIn = await signIn(sql, { username, password, address, previous }, now, cost);
      if (previous && signedIn.ok) remembered.forget();
      return signedIn;
    },
    signOut: (token) => forgetting(revoke(sql, token)),
    principal: (token) => {
      const now = clock.now();
      return remembered.get(token, now, () => lookUp(sql, token, now));
    },
    async issueToken(accountId, hours) {
      if (!(hours > 0 && hours <= bearerHoursMax)) return fail("value", `a token lasts up to ${bearerHoursMax} hours, not ${hours}`);
      if (accountId !== undefined) {
        const row = await rowById(sql, accountId);
        if (!row || row.disabled) return fail("not-found", "there is no such account that may sign in");
      }
      return ok(await issue(sql, "bearer", accountId ?? null, clock.now(), hours));
    },

    createFirstAdministratorLink: (hours = 24) => createLink(sql, clock.now(), hours),
    redeemFirstAdministratorLink: (token, account) => redeemLink(sql, token, account, clock.now(), cost),
    createDemoAccounts: (people) => forgetting(createDemoAccounts(sql, people, clock.now(), cost)),
    demoAccounts: () => demoAccounts(sql),

    signDetached: (id, bytes, { contentType = "application/fhir+json", when = clock.now() } = {}) => signDetached(sql, custody, id, bytes, contentType, when),
    verifyDetached: (jws, bytes) => verifyDetached(sql, jws, bytes),
    async rotateKey(accountId) {
      const row = await rowById(sql, accountId);
      return row ? ok({ keyId: await rotate(sql, custody, `account:${row.id}`, row.agent, clock.now()) }) : fail("not-found", "there is no such account");
    },
    jwks: () => jwks(sql),
    async checkpointSigner(given = process.env.SALUS_LEDGER_ORIGIN || undefined) {
      const origin = given ?? await logOrigin(sql, custody, clock.now());
      if (!isKeyName(origin)) throw new Error(`the origin of a log is a name without spaces or plus, such as salus.example.org/log, not "${origin}"`);
      const key = await activeKey(sql, custody, `log:${origin}`, "Device/salus", clock.now());
      if (!key.ok) throw new Error(key.failure.text);
      return noteSigner(origin, signatureType.ed25519, key.value.privateKey);
    },
  };
}

function optional(row: AccountRow | undefined): ReturnType<typeof accountOf> | undefined {
  return row && accountOf(row);
}
