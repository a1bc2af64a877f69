/** A server in a process of its own and a load of requests on it, for groups that measure over HTTP. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import type { ServerKind } from "./server-kind.ts";

export const connections = 32;

/** `body`: what each request posts; without it requests are GET. */
export type Load = { address: string; paths: string[]; token?: string; body?: string };
/** p99 in ms. `count`: of requests answered. */
export type Seen = { perSecond: number; p99: number; count: number };

export function serve(kind: ServerKind, url: string, folder: string): Promise<{ address: string; child: ChildProcess }> {
  const child = fork(fileURLToPath(new URL("server.ts", import.meta.url)), [kind, url, folder], { execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=64"] });
  return new Promise((done, failed) => {
    child.once("message", (address) => done({ address: String(address), child }));
    child.once("exit", (code) => failed(new Error(`the ${kind} server ended with ${code}`)));
  });
}

/** The client lays out every request for every connection beforehand: with many more it takes minutes. */
const laidOutMax = 5_000;

export async function load({ address, paths, token, body }: Load, seconds: number): Promise<Seen> {
  const method = body === undefined ? "GET" : "POST";
  let next = 0;
  const result = await autocannon({
    url: address, connections, duration: seconds, timeout: 60,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { "content-type": "application/fhir+json" }) },
    requests: paths.length > laidOutMax ? [{ method, setupRequest: (request) => ({ ...request, path: paths[next++ % paths.length]! }) }]
      : paths.map((path) => ({ method, path, ...(body === undefined ? {} : { body }) })),
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} errors`);
  return { perSecond: result["2xx"] / result.duration, p99: result.latency.p99, count: result["2xx"] };
}

export function shuffled<T>(list: readonly T[]): T[] {
  let seed = 1;
  return list.map((value) => ({ value, key: (seed = (seed * 48_271) % 2_147_483_647) })).sort((a, b) => a.key - b.key).map(({ value }) => value);
}
