/**
 * Where notifications may go. Whoever may create a Subscription names a url that this server will call from inside its
 * network, so only hosts that the node's keeper lists are called (SALUS_SUBSCRIPTION_HOSTS); without a list none are.
 *
 *   hooks.example.org            https, port 443
 *   hooks.example.org:8443       https, that port; ":*" any
 *   *.example.org                any host below it
 *   http://127.0.0.1:9000        without encryption, for this entry alone
 *
 * A listed name that turns out to stand for this machine or for link-local addresses (where clouds keep credentials) is
 * refused when it is called, unless the entry names such an address itself. Redirects are not followed.
 */
import { BlockList, isIP } from "node:net";

export type EndpointRule = { protocol: "http:" | "https:"; host: string; /** of any host below it */ below: boolean; port: string };

/** Throws with a message for people. */
export function parseEndpointRules(text: string): EndpointRule[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const match = /^(?:(https?):\/\/)?(\*\.)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}|\*))?$/.exec(part);
    if (!match) throw new Error(`SALUS_SUBSCRIPTION_HOSTS: "${part}" is no host; write hooks.example.org, *.example.org, hooks.example.org:8443 or http://127.0.0.1:9000`);
    const protocol = match[1] === "http" ? "http:" : "https:";
    return { protocol, host: match[3]!.toLowerCase(), below: match[2] !== undefined, port: match[4] ?? (protocol === "https:" ? "443" : "80") };
  });
}

/** Why a url may not be called, in words; undefined: it may. Names are looked at again when they are looked up. */
export function endpointFault(rules: readonly EndpointRule[], endpoint: string): string | undefined {
  const rule = ruleFor(rules, endpoint);
  const { protocol, host, hostname } = new URL(endpoint);
  if (!rule) return `${protocol}//${host} is not among the hosts that this node may notify (SALUS_SUBSCRIPTION_HOSTS)`;
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) !== 0 && isInward(bare) && !meansInward(rule) ? `${host} is an address of this machine` : undefined;
}

/** The rule that lets a url be called; undefined: none does. */
export function ruleFor(rules: readonly EndpointRule[], endpoint: string): EndpointRule | undefined {
  const { protocol, hostname, port } = new URL(endpoint);
  const actual = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  const host = hostname.toLowerCase();
  return rules.find((rule) => rule.protocol === protocol && (rule.port === "*" || rule.port === actual) && (rule.below ? host.endsWith(`.${rule.host}`) && isIP(host) === 0 : host === rule.host));
}

const inward = new BlockList();
for (const [address, prefix] of [["127.0.0.0", 8], ["0.0.0.0", 8], ["169.254.0.0", 16], ["224.0.0.0", 4]] as const) inward.addSubnet(address, prefix, "ipv4");
for (const [address, prefix] of [["::1", 128], ["::", 128], ["fe80::", 10], ["ff00::", 8]] as const) inward.addSubnet(address, prefix, "ipv6");

/** Whether an address stands for this machine or its link. IPv4 written as IPv6 counts as IPv4. */
export function isInward(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped !== undefined ? inward.check(mapped, "ipv4") : inward.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Whether the rule itself names this machine, so that its keeper means it. */
export function meansInward({ host, below }: EndpointRule): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return !below && (bare === "localhost" || (isIP(bare) !== 0 && isInward(bare)));
}
