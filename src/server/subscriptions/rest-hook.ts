/**
 * One HTTP request to a subscriber's endpoint. Signed as Standard Webhooks has it (https://www.standardwebhooks.com/):
 * webhook-signature is "v1," and the base64 of HMAC-SHA-256 over "id.timestamp.body" under the subscription's secret.
 */
import { createHmac } from "node:crypto";
import { lookup } from "node:dns";
import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { ok, type Result } from "#platform/result.ts";
import { endpointFault, isInward, meansInward, ruleFor, type EndpointRule } from "./endpoints.ts";

export type Hook = {
  method: "POST" | "PUT";
  url: string;
  headers: readonly (readonly [string, string])[];
  /** "" sends none. */
  body: string;
  contentType?: string;
  /** Names what is sent: the same when it is sent again. */
  messageId: string;
  secret: string;
  timeoutMs: number;
  /** Epoch ms. */
  at: number;
};

/** Why a request failed: `final` when trying again is no use. */
export type HookFailure = { text: string; final: boolean };

export async function sendHook(rules: readonly EndpointRule[], hook: Hook, signal?: AbortSignal): Promise<Result<number, HookFailure>> {
  const fault = endpointFault(rules, hook.url);
  if (fault !== undefined) return { ok: false, failure: { text: fault, final: true } };
  const inwardAllowed = meansInward(ruleFor(rules, hook.url)!);
  const url = new URL(hook.url);
  return await new Promise((resolve) => {
    const done = (text: string): void => resolve({ ok: false, failure: { text, final: false } });
    const timestamp = String(Math.floor(hook.at / 1000));
    const options: RequestOptions = {
      method: hook.method, agent: false, timeout: hook.timeoutMs, lookup: inwardAllowed ? lookup : outwardLookup, signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(hook.timeoutMs)]) : AbortSignal.timeout(hook.timeoutMs),
      headers: {
        ...Object.fromEntries(hook.headers), "content-length": Buffer.byteLength(hook.body), ...(hook.body !== "" && hook.contentType !== undefined ? { "content-type": hook.contentType } : {}),
        "webhook-id": hook.messageId, "webhook-timestamp": timestamp, "webhook-signature": signatureOf(hook.secret, hook.messageId, timestamp, hook.body),
      },
    };
    const sent = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, (response) => {
      const status = response.statusCode ?? 0;
      // What the endpoint says is no concern of ours, and may be endless.
      response.destroy();
      if (status >= 200 && status < 300) resolve(ok(status));
      else done(`the endpoint answered ${status}`);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => done(error.name === "TimeoutError" || error.name === "AbortError" ? `the endpoint did not answer within ${hook.timeoutMs / 1000} s` : `the endpoint could not be reached (${error.code ?? error.name})`));
    sent.end(hook.body);
  });
}

export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.slice(secret.indexOf("_") + 1), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** Names are looked up where the connection is made, so that the address that was looked at is the one that is called. */
const outwardLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const outward = error ? [] : addresses.filter(({ address }) => !isInward(address));
    const [first] = outward;
    if (!first) callback(error ?? Object.assign(new Error("address refused"), { code: "EADDRREFUSED" }), "", 4);
    else if (options.all) callback(null, outward);
    else callback(null, first.address, first.family);
  });
};
