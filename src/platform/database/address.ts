/**
 * What a connection string says of TLS, as PostgreSQL's own clients read it
 * (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS): the driver knows half of these words and
 * sends the others to the server as settings, which refuses the connection.
 */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { fail, ok, type Result } from "../result.ts";

/** `optional`: without TLS where the server has none. `direct`: TLS from the first byte on, without asking. */
export type Tls = { optional: boolean; direct: boolean; options: ConnectionOptions };
/** `url`: for the driver, without the words that are read here. */
export type DatabaseAddress = { url: string; oneHost: boolean; tls: Tls | undefined };

const modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof modes)[number];
/** The driver's other names. */
const otherModes: Readonly<Record<string, Mode>> = { false: "disable", true: "verify-full", "1": "require", "no-verify": "require" };
const files = { sslrootcert: "ca", sslcert: "cert", sslkey: "key" } as const;
const versions = { ssl_min_protocol_version: "minVersion", ssl_max_protocol_version: "maxVersion" } as const;
const protocols = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
/** Words for libpq alone that change nothing here, unless they demand something. */
const passedOver = new Set(["gssencmode", "channel_binding", "sslcompression", "sslsni", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "fallback_application_name"]);

/** Several hosts are tried by the driver, one after the other. */
export function namesOneHost(url: string): boolean {
  return !/^[a-z]+:\/\/[^/?]*,/.test(url);
}

export function databaseAddress(given: string): Result<DatabaseAddress> {
  const [base = "", query = ""] = given.split(/\?(.*)/s);
  const words = new URLSearchParams(query), rest = new URLSearchParams();
  const own = new Map<string, string>();
  for (const [name, value] of words) {
    if (passedOver.has(name)) {
      if (value === "require") return fail("not-supported", `${name}=require cannot be kept by this client: leave it out${name === "channel_binding" ? ", and let sslmode=verify-full make sure of the server" : ""}`);
    } else if (/^ssl/.test(name)) own.set(name, value);
    else rest.append(name, value);
  }
  const oneHost = namesOneHost(base);
  const url = rest.size ? `${base}?${rest}` : base;
  const tls = tlsOf(own, oneHost ? hostOf(base) : undefined);
  return tls.ok ? ok({ url, oneHost, tls: tls.value }) : tls;
}

function tlsOf(words: ReadonlyMap<string, string>, host: string | undefined): Result<Tls | undefined> {
  const root = words.get("sslrootcert");
  const asked = words.get("sslmode") ?? words.get("ssl") ?? (root === "system" ? "verify-full" : words.size ? "prefer" : "disable");
  const mode = modes.find((one) => one === asked) ?? otherModes[asked];
  if (!mode) return fail("value", `sslmode=${asked.slice(0, 40)} is none of ${modes.join(", ")}`);
  if (mode === "disable") return ok(undefined);
  if (root === "system" && mode !== "verify-full") return fail("value", `sslrootcert=system goes with sslmode=verify-full only, not with ${mode}`);
  const options: ConnectionOptions = { ...(host === undefined ? {} : { host, ...(isIP(host) ? {} : { servername: host }) }) };
  for (const [word, option] of Object.entries(files)) {
    const path = words.get(word);
    if (path === undefined || path === "system") continue;
    try {
      options[option] = readFileSync(path);
    } catch (error) {
      return fail("not-found", `${word}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? "?"})`);
    }
  }
  const passphrase = words.get("sslpassword");
  if (passphrase !== undefined) options.passphrase = passphrase;
  for (const [word, option] of Object.entries(versions)) {
    const version = words.get(word);
    if (version === undefined) continue;
    const known = protocols.find((one) => one === version);
    if (!known) return fail("value", `${word}=${version.slice(0, 40)} is none of ${protocols.join(", ")}`);
    options[option] = known;
  }
  // A root certificate is there to be used: "require" with one asks for it, as libpq has it.
  const verified = mode === "verify-full" || mode === "verify-ca" || mode === "require" && options.ca !== undefined;
  options.rejectUnauthorized = verified;
  if (verified && mode !== "verify-full") options.checkServerIdentity = () => undefined;
  const negotiation = words.get("sslnegotiation") ?? "postgres";
  if (negotiation !== "postgres" && negotiation !== "direct") return fail("value", `sslnegotiation=${negotiation.slice(0, 40)} is neither postgres nor direct`);
  const optional = mode === "allow" || mode === "prefer";
  if (negotiation === "direct" && optional) return fail("value", `sslnegotiation=direct goes with sslmode=require, verify-ca or verify-full, not with ${mode}`);
  if (negotiation === "direct") options.ALPNProtocols = ["postgresql"];
  return ok({ optional, direct: negotiation === "direct", options });
}

function hostOf(base: string): string | undefined {
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/i.exec(base)?.[1];
  return host ? decodeURIComponent(host.replace(/^\[|\]$/g, "")) : undefined;
}
