/**
 * Trust: who is asking, what they may reach, and what they sign. The server opens one `Trust` on the record's
 * database and calls it for every request; the access filter it supplies is applied by record/ in SQL.
 *
 * Tokens and passwords are never stored, only their hashes. Instants are ISO 8601 in UTC.
 */
import type { Bilingual } from "#findings/finding.ts";
import type { Failure, Result } from "#platform/result.ts";
import type { NoteSigner } from "#ledger/note.ts";
import type { Caller } from "#record/record.ts";

export type Role = "patient" | "practitioner" | "administrator";

/** `agent` is "Patient/1", "Practitioner/2" or, for an administrator without a resource, "Device/salus". */
export type Account = { id: string; username: string; display: Bilingual; role: Role; agent: string; demo: boolean; disabled: boolean };

export type NewAccount = { username: string; password: string; display: Bilingual; role: Role; agent: string; demo?: boolean };

/** Why a sign-in was refused. `throttled` carries the seconds to wait, for the Retry-After header. */
export type SignInFailure = Failure & { retryAfterSeconds?: number };

/** `token` goes to the client once (cookie value or bearer) and is not kept. */
export type Issued = { token: string; expires: string };

/** Who stands behind a token. `account` is absent for the local operator's token of `salus token`. */
export type Principal = { kind: "session" | "bearer"; account?: Account; caller: Caller; expires: string };

/** A detached JWS (RFC 7515 appendix F) over the exact bytes; `signature` is ready for Provenance.signature[]. */
export type Signed = { jws: string; keyId: string; when: string; signature: FhirSignature };

/** FHIR R4 Signature (https://hl7.org/fhir/R4/datatypes.html#Signature). `data` is the base64 of the compact JWS. */
export type FhirSignature = {
  type: { system: string; code: string; display: string }[];
  when: string; who: { reference: string; display?: string };
  targetFormat: string; sigFormat: "application/jose"; data: string;
};

export type VerifiedSignature = { keyId: string; accountId: string; agent: string; when: string; /** the key was retired after it signed */ retired: boolean };

/** Public signing keys, RFC 7517 with RFC 8037 (OKP, Ed25519). */
export type Jwks = { keys: { kty: "OKP"; crv: "Ed25519"; x: string; kid: string; alg: "EdDSA"; use: "sig"; "salus:agent": string; "salus:retired"?: string }[] };

export type Trust = {
  /** Codes: "value" (username, password too weak, agent), "duplicate". */
  createAccount(account: NewAccount): Promise<Result<Account>>;
  account(username: string): Promise<Account | undefined>;
  accounts(): Promise<Account[]>;
  accountById(id: string): Promise<Account | undefined>;
  /** Ends every session and token of the account. `current` is asked for unless an administrator resets it (undefined); wrong ones count as sign-in attempts. */
  changePassword(accountId: string, current: string | undefined, next: string): Promise<Result<void, SignInFailure>>;
  /** Ends every session and token of the account too. */
  setDisabled(accountId: string, disabled: boolean): Promise<Result<void>>;
  accountCount(): Promise<number>;

  /** Checks the password at equal cost whether or not the account exists. `address` is the client's IP. A token already held (`previous`) ends. */
  signIn(username: string, password: string, address: string, previous?: string): Promise<Result<Issued & { account: Account }, SignInFailure>>;
  signOut(token: string): Promise<void>;
  /** For a session cookie or a bearer token. Codes: "login" (unknown, revoked, disabled), "expired". */
  principal(token: string): Promise<Result<Principal>>;
  /** Bearer token for local use. Without an account: the local operator, with an administrator's reach. At most 720 hours. */
  issueToken(accountId: string | undefined, hours: number): Promise<Result<Issued>>;

  /** One-time link for the first administrator; refused ("conflict") once an administrator exists. Earlier links end. */
  createFirstAdministratorLink(hours?: number): Promise<Result<Issued>>;
  redeemFirstAdministratorLink(token: string, account: { username: string; password: string; display: Bilingual }): Promise<Result<Account>>;
  /** Demo sign-ins, only ever made by this call. Idempotent; answers what a sign-in page of a demo node may print. */
  createDemoAccounts(people: DemoPeople): Promise<Result<DemoAccount[]>>;
  /** The demo sign-ins that exist, with their printed passwords; empty on a node without. */
  demoAccounts(): Promise<DemoAccount[]>;

  /** Signs with the account's own key (made at first use). `when` defaults to now; `contentType` is the MIME type of the signed bytes. */
  signDetached(accountId: string, bytes: Uint8Array, options?: { contentType?: string; when?: Date }): Promise<Result<Signed>>;
  /** `jws`: compact detached JWS. Codes: "invalid" (with what is wrong), "not-found" (unknown key). */
  verifyDetached(jws: string, bytes: Uint8Array): Promise<Result<VerifiedSignature>>;
  /** The next signature uses a new key; old public keys stay published. */
  rotateKey(accountId: string): Promise<Result<{ keyId: string }>>;
  jwks(): Promise<Jwks>;
  /**
   * The node's key for signing checkpoints of its log (made at first use); `name` of the signer is the log's origin.
   * Without `origin`: `SALUS_LEDGER_ORIGIN`, else the origin this node has used so far, else a new one of its own.
   */
  checkpointSigner(origin?: string): Promise<NoteSigner>;
};

/** Ids of the resources the demo doctor and patient are, and their names. */
export type DemoPeople = { practitioner: string; patient: string; display?: { practitioner: Bilingual; patient: Bilingual } };

export type DemoAccount = { username: string; password: string; role: Role; display: Bilingual };
