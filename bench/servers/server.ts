/** A FHIR server that runs already: how it is named, whether it is at rest, how fast it answers one kind of request. */
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import postgres from "postgres";
import type { Request, Work } from "./works.ts";

/** `database`, when known, is asked whether it still works on what was cancelled. */
export type Server = { name: string; base: string; headers: Record<string, string>; database?: string };
/** What the first request of a row brought, sent alone. `matches` is undefined where no Bundle came. */
export type Trial = { kind: "answered"; matches: number | undefined } | { kind: "refused"; said: string };
/** One turn; `perSecond` counts 2xx, p99 in ms. */
export type Turn = { perSecond: number; p99: number; failed: number };

const connections = 32;
/** Seconds that one request may take: what takes longer counts as failed. */
const patience = 30;
/** A server is at rest when a probe is answered within this many ms, three times in a row, with its database idle. */
const prompt = 100;
const restLimit = 120_000;

/** `name=base`, or `name=base database-url`, with commas between servers. */
export function namedServers(text: string): Server[] {
  return text.split(",").filter((one) => one.includes("=")).map((one) => {
    const at = one.indexOf("=");
    const [base = "", database] = one.slice(at + 1).trim().split(/\s+/);
    return { name: one.slice(0, at).trim(), base: base.replace(/\/$/, ""), headers: {}, ...(database === undefined ? {} : { database }) };
  });
}

const typed = (headers: Record<string, string>): Record<string, string> => ({ ...headers, accept: "application/fhir+json", "content-type": "application/fhir+json" });

/** The status and the text of one answer; status 0 and the reason when none came within the limit (ms). */
export async function ask({ base, headers }: Server, { method, path, body }: Request, limit = patience * 1000): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(`${base}${path}`, { method, headers: typed(headers), ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(limit) });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    return { status: 0, text: error instanceof Error ? error.message : String(error) };
  }
}

/** Sends the first request alone: a server that does not know it is not put under load, and what it found is compared. */
export async function trial(server: Server, { requests }: Work): Promise<Trial> {
  const [first] = requests(0);
  const { status, text } = await ask(server, first!);
  if (status < 200 || status > 299) return { kind: "refused", said: `${status || "no answer"}: ${text.replace(/\s+/g, " ").slice(0, 160)}` };
  if (first!.method !== "GET") return { kind: "answered", matches: undefined };
  const { resourceType, entry = [] } = JSON.parse(text) as { resourceType: string; entry?: { search?: { mode?: string } }[] };
  return { kind: "answered", matches: resourceType === "Bundle" ? entry.filter(({ search }) => (search?.mode ?? "match") === "match").length : undefined };
}

/** One turn of so many seconds; what is still open at the end is cancelled. */
export async function turn({ base, headers }: Server, { requests }: Work, seconds: number): Promise<Turn> {
  const { origin, pathname } = new URL(base);
  let connection = 0;
  const seen = await autocannon({
    url: origin, connections, duration: seconds, timeout: patience, headers: typed(headers),
    setupClient: (client) => client.setRequests(requests(connection++).map(({ path, ...request }) => ({ ...request, path: `${pathname === "/" ? "" : pathname}${path}` }))),
  });
  return { perSecond: seen["2xx"] / seen.duration, p99: seen.latency.p99, failed: seen.non2xx + seen.errors };
}

/** Waits until the server is done with what was cancelled: true when it came to rest in time. */
export async function rest(server: Server, probe: Request): Promise<boolean> {
  const until = performance.now() + restLimit;
  const sql = server.database === undefined ? undefined : postgres(server.database, { max: 1, onnotice: () => {} });
  try {
    for (let calm = 0; performance.now() < until;) {
      const start = performance.now();
      const { status } = await ask(server, probe, 10_000);
      const took = performance.now() - start;
      const busy = sql === undefined ? 0 : Number((await sql<{ busy: string }[]>`select count(*) as busy from pg_stat_activity where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()`)[0]!.busy);
      calm = status === 200 && took < prompt && busy === 0 ? calm + 1 : 0;
      if (calm === 3) return true;
      await sleep(200);
    }
    return false;
  } finally {
    await sql?.end();
  }
}
