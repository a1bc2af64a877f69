/**
 * A node as its clients meet it: routes, record and trust on an empty database of its own, asked without a socket.
 * Made-up people: Ann, in the care of Dr Wang; Bob, in nobody's care.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { pino } from "pino";
import { testDatabase } from "#platform/database/testing.ts";
import type { Clock } from "#platform/clock.ts";
import { leavesBetween } from "#record/ledger/pack.ts";
import { buildApp } from "#server/app.ts";
import { nodeFacts } from "#server/facts.ts";
import { openNode, operator, type OpenedNode } from "#server/node.ts";
import { assertNothingEmpty } from "./nothing-empty.ts";

export const base = "/fhir/R4";
export const password = "thistle under nine lanterns";
export type Who = "ann" | "wang" | "admin" | "nobody" | "operator";
export type Answer = LightMyRequestResponse;
type Sent = { as?: Who | undefined; body?: unknown; headers?: Record<string, string> };

export type TestServer = {
  app: FastifyInstance;
  node: OpenedNode;
  /** Every line of the log, at its most talkative. */
  log: string[];
  tokens: ReadonlyMap<Who, string>;
  /** A body that is no string or Buffer is sent as JSON. `as` is the operator unless said; `undefined` sends no token. */
  send(method: string, url: string, sent?: Sent): Promise<Answer>;
  close(): Promise<void>;
};

/** `none`: without an account. */
const accounts = { ann: ["patient", "Patient/ann"], wang: ["practitioner", "Practitioner/wang"], admin: ["administrator", "Device/salus"], nobody: ["patient", "Patient/nobody"] } as const;

export async function testServer(options: { clock?: Clock; people?: boolean; importFrom?: readonly URL[]; sharedWith?: readonly string[]; /** Where the node finds the database of this address. */ through?: (url: string) => Promise<string> } = {}): Promise<TestServer> {
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), "salus-http-"));
  const node = await openNode({ databaseUrl: await options.through?.(database.url) ?? database.url, folder, ...(options.clock ? { clock: options.clock } : {}) });
  const log: string[] = [];
  const app = await buildApp({
    record: node.record, trust: node.trust, clock: node.clock, log: pino({ level: "trace" }, { write: (line: string) => { log.push(line); } }),
    node: { nameEn: "Test", nameZh: "测试", demo: false }, population: () => undefined, isReady: async () => true,
    dataFolder: folder, facts: () => nodeFacts(node.sql, { embedded: false, started: node.clock.now().toISOString() }),
    ...(options.importFrom ? { importFrom: options.importFrom } : {}), ...(options.sharedWith ? { sharedWith: options.sharedWith } : {}),
  });
  const tokens = new Map<Who, string>();
  for (const [username, [role, agent]] of Object.entries(accounts)) {
    const made = await node.trust.createAccount({ username, password, role, agent, display: { en: username, zh: username } });
    if (!made.ok) throw new Error(made.failure.text);
    tokens.set(username as Who, await tokenOf(node, made.value.id));
  }
  tokens.set("operator", await tokenOf(node, undefined));
  const server: TestServer = {
    app, node, log, tokens,
    async send(method, url, sent = {}) {
      const as = "as" in sent ? sent.as : "operator";
      const { body } = sent;
      const headers: Record<string, string> = { ...(as === undefined ? {} : { authorization: `Bearer ${tokens.get(as)!}` }), ...(body === undefined ? {} : { "content-type": url.startsWith("/api/") ? "application/json" : "application/fhir+json" }), ...sent.headers };
      const payload = body === undefined ? {} : { payload: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body) };
      const address = url.startsWith("/") ? url : `${base}/${url}`;
      const answer = await app.inject({ method: method as NonNullable<InjectOptions["method"]>, url: address, headers, ...payload });
      if (address.startsWith(base)) assertNothingEmpty(`${method} ${url}`, answer);
      return answer;
    },
    async close() {
      await app.close();
      await node.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (options.people !== false) await addPeople(node);
  return server;
}

async function tokenOf(node: OpenedNode, account: string | undefined): Promise<string> {
  const issued = await node.trust.issueToken(account, 700);
  if (!issued.ok) throw new Error(issued.failure.text);
  return issued.value.token;
}

export const glucose = { coding: [{ system: "http://loinc.org", code: "2339-0" }] };

export function observation(patient: string, value: number, more: object = {}): { resourceType: string; [name: string]: unknown } {
  return { resourceType: "Observation", status: "final", code: glucose, subject: { reference: `Patient/${patient}` }, effectiveDateTime: "2026-01-05", valueQuantity: { value, unit: "mg/dL" }, ...more };
}

async function addPeople(node: OpenedNode): Promise<void> {
  const resources: { resourceType: string; id: string }[] = [
    { resourceType: "Organization", id: "clinic", name: "Clinic" } as never,
    { resourceType: "Practitioner", id: "wang", name: [{ family: "Wang" }] } as never,
  ];
  for (const [id, family, care] of [["ann", "Andersen", true], ["bob", "Bobrowski", false]] as const) {
    const of = { reference: `Patient/${id}` };
    resources.push(
      { resourceType: "Patient", id, name: [{ family }], birthDate: "1961-04-03", identifier: [{ system: "urn:mrn", value: `mrn-${id}` }], managingOrganization: { reference: "Organization/clinic" }, ...(care ? { generalPractitioner: [{ reference: "Practitioner/wang" }] } : {}) } as never,
      { ...observation(id, 99), id: `${id}-glucose`, performer: [{ reference: "Practitioner/wang" }] } as never,
      { resourceType: "Condition", id: `${id}-asthma`, subject: of, code: { text: "Asthma" }, asserter: { reference: "Practitioner/wang" } } as never,
      { resourceType: "Provenance", id: `${id}-origin`, target: [{ reference: `Observation/${id}-glucose` }], recorded: "2026-01-05T08:00:00Z", agent: [{ who: { reference: "Organization/clinic" } }] } as never,
      { resourceType: "Observation", id: `${id}-gone`, status: "final", code: glucose, subject: of } as never,
    );
  }
  const put = await node.record.commit(operator, resources.map((resource) => ({ kind: "update", type: resource.resourceType, id: resource.id, text: JSON.stringify(resource) })));
  if (!put.ok) throw new Error(put.failure.text);
  const gone = await node.record.commit(operator, ["ann", "bob"].map((id) => ({ kind: "delete", type: "Observation", id: `${id}-gone` })));
  if (!gone.ok) throw new Error(gone.failure.text);
}

export const patient = { resourceType: "Patient", name: [{ family: "Zhou" }] };

/** Creates a resource; throws when it was not. */
export async function created({ send }: TestServer, body: object): Promise<{ id: string; url: string }> {
  const { resourceType } = body as { resourceType: string };
  const answer = await send("POST", resourceType, { body });
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answer.body}`);
  const { id } = answer.json() as { id: string };
  return { id, url: `${resourceType}/${id}` };
}

type Issue = { severity: string; code: string; diagnostics: string; expression?: string[] };

/** The issues of an OperationOutcome; throws when the answer is none. */
export function issuesOf(answer: Answer): Issue[] {
  const body = answer.json() as { resourceType: string; issue: Issue[] };
  if (body.resourceType !== "OperationOutcome") throw new Error(`no OperationOutcome: ${answer.body.slice(0, 200)}`);
  return body.issue;
}

export type Bundle = { resourceType: "Bundle"; type: string; total?: number; link: { relation: string; url: string }[]; entry?: { fullUrl?: string; resource?: { resourceType: string; id: string; meta: { versionId: string }; [name: string]: unknown }; search?: { mode: string }; request?: { method: string; url: string }; response?: { status: string; location?: string; etag?: string; outcome?: { issue: Issue[] } } }[] };

export function bundleOf(answer: Answer): Bundle {
  const body = answer.json() as Bundle;
  if (body.resourceType !== "Bundle") throw new Error(`no Bundle: ${answer.statusCode} ${answer.body.slice(0, 300)}`);
  return body;
}

export function nextOf(bundle: Bundle, link: "next" | "previous" | "first" | "last" = "next"): string | undefined {
  const url = bundle.link.find(({ relation }) => relation === link)?.url;
  if (url === undefined) return undefined;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** Status, headers and body, with the name asked for taken out: Bob is real, "bo0" is nobody. */
export function shape(answer: Answer): { status: number; headers: object; body: string } {
  const { date: _date, ...headers } = answer.headers;
  const plain = (text: string): string => text.replaceAll(/bob|bo0/g, "<id>");
  return { status: answer.statusCode, headers: JSON.parse(plain(JSON.stringify(headers))) as object, body: plain(answer.body) };
}

/** Rows that a write would add to, for "nothing is half-written". */
export async function rowCounts(node: OpenedNode): Promise<Record<string, number>> {
  const tables = ["resource", "version", "directory", "compartment", "token", "string", "date", "reference", "leaf", "change"];
  // What waits for the sequencer is brought to its place, so that two counts can be compared.
  await node.record.settleLedger();
  const counts: Record<string, number> = {};
  for (const table of tables) counts[table] = Number((await node.sql.unsafe(`select count(*) from ${table}`))[0]!.count);
  counts.leaf! += Number((await node.sql.unsafe("select coalesce(sum(count), 0) as count from leaf_write"))[0]!.count);
  return counts;
}

/** What the leaves of the ledger from index `from` on say, in order. */
export async function leavesFrom(node: OpenedNode, from: number): Promise<{ kind: string; count?: number }[]> {
  await node.record.settleLedger();
  const rows = await node.sql.unsafe<{ payload: string }[]>(`${leavesBetween("$1::bigint", "1000000000")} order by idx`, [from]);
  return rows.map(({ payload }) => JSON.parse(payload) as { kind: string; count?: number });
}
