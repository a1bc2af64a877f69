import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointFault, isInward, parseEndpointRules } from "./endpoints.ts";
import { sendHook } from "./rest-hook.ts";

const rules = parseEndpointRules("hooks.example.org, *.clinic.org, other.example.org:8443, http://127.0.0.1:9000, http://[::1]:*, 10.0.0.7");

test("only what is listed may be called, with the protocol and port it is listed with", () => {
  for (const url of ["https://hooks.example.org/a?b", "https://HOOKS.example.org:443/", "https://a.clinic.org/", "https://a.b.clinic.org/", "https://other.example.org:8443/", "http://127.0.0.1:9000/", "http://[::1]:1234/", "https://10.0.0.7/"])
    assert.equal(endpointFault(rules, url), undefined, url);
  for (const url of [
    "http://hooks.example.org/", "https://hooks.example.org:8443/", "https://example.org/", "https://xhooks.example.org/", "https://hooks.example.org.evil.net/", "https://clinic.org/", "https://evilclinic.org/", "https://other.example.org/",
    "https://127.0.0.1:9000/", "http://127.0.0.1:9001/", "http://localhost:9000/", "http://2130706433:9001/", "https://10.0.0.8/", "https://169.254.169.254/",
  ]) assert.notEqual(endpointFault(rules, url), undefined, url);
  assert.notEqual(endpointFault([], "https://hooks.example.org/"), undefined);
});

test("addresses of this machine and its link are known in every spelling", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "224.0.0.1", "::1", "::", "fe80::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "ff02::1"]) assert.ok(isInward(address), address);
  for (const address of ["10.0.0.1", "93.184.216.34", "2606:2800:220:1::1", "::ffff:10.0.0.1"]) assert.ok(!isInward(address), address);
});

test("a listed name that stands for this machine is not called", async () => {
  const done = await sendHook(parseEndpointRules("http://*.localhost:*,http://localhost.localdomain:*"), { method: "POST", url: "http://inside.localhost:9/", headers: [], body: "{}", messageId: "1", secret: "whsec_AAAA", timeoutMs: 3000, at: 0 });
  assert.ok(!done.ok && /could not be reached \((?:EADDRREFUSED|ENOTFOUND|EAI_AGAIN)\)/.test(done.failure.text), JSON.stringify(done));
});

test("rules that cannot be read are refused with the word", () => {
  for (const text of ["https://", "ftp://x", "a b", "hooks.example.org/path", "*"]) assert.throws(() => parseEndpointRules(text), /SALUS_SUBSCRIPTION_HOSTS/, text);
});
