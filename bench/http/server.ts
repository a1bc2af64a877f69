/**
 * The servers of group `http`, each in a process of its own: "salus" (authorisation, validation, ledger on) and
 * "bare" (Fastify with one driver statement; nothing else). Says its address to its parent.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import { pino } from "pino";
import postgres from "postgres";
import { openPool } from "#platform/database/pool.ts";
import { systemClock } from "#platform/clock.ts";
import { buildApp } from "#server/app.ts";
import { nodeFacts } from "#server/facts.ts";
import { openNode } from "#server/node.ts";
import { statementsFile, type Statement } from "./server-kind.ts";

const [kind, databaseUrl = "", folder = ""] = process.argv.slice(2);

async function salus(): Promise<string> {
  const node = await openNode({ databaseUrl, folder });
  const app = await buildApp({
    record: node.record, trust: node.trust, log: pino({ level: "silent" }), clock: systemClock,
    node: { nameEn: "bench", nameZh: "bench", demo: false }, population: () => undefined, isReady: async () => true,
    facts: () => nodeFacts(node.sql, { embedded: false, started: node.clock.now().toISOString() }),
  });
  return app.listen({ port: 0, host: "127.0.0.1" });
}

async function bare(): Promise<string> {
  const quiet = { onnotice: () => {} };
  const sql = kind === "bare" ? postgres(databaseUrl, { max: 8, ...quiet }) : openPool(databaseUrl, quiet, 8);
  const app = Fastify();
  app.get<{ Params: { id: string } }>("/read/:id", async (request, reply) => {
    const [row] = await sql<{ content: string }[]>`select content from bench_floor where id = ${request.params.id}`;
    return row ? reply.header("content-type", "application/fhir+json").send(row.content) : reply.code(404).send();
  });
  app.get<{ Querystring: { patient: string; code: string; count: string } }>("/search", async (request, reply) => {
    const rows = await sql<{ content: string }[]>`select content from bench_floor where patient = ${request.query.patient} and code = ${request.query.code} order by at desc limit ${Number(request.query.count)}`;
    return reply.header("content-type", "application/fhir+json").send(`{"resourceType":"Bundle","type":"searchset","entry":[${rows.map(({ content }) => `{"resource":${content}}`).join(",")}]}`);
  });
  // Salus's statements are written for fixed plans.
  const fixed = postgres(databaseUrl, { max: 8, ...quiet, connection: { plan_cache_mode: "force_generic_plan", enable_seqscan: "off", enable_mergejoin: "off", jit: "off" } });
  let statements: Statement[] | undefined;
  app.get<{ Params: { n: string } }>("/statement/:n", async (request, reply) => {
    statements ??= JSON.parse(readFileSync(statementsFile(folder), "utf8")) as Statement[];
    const { sql: text, values } = statements[Number(request.params.n)]!;
    const rows = await fixed.unsafe<{ content: string }[]>(text, [...values], { prepare: true });
    return reply.header("content-type", "application/fhir+json").send(`{"resourceType":"Bundle","type":"searchset","entry":[${rows.map(({ content }) => `{"resource":${content}}`).join(",")}]}`);
  });
  app.addContentTypeParser("application/fhir+json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.post("/create", async (request, reply) => {
    const id = randomUUID();
    await sql`insert into bench_created (id, content) values (${id}, ${request.body as string})`;
    return reply.code(201).header("content-type", "application/fhir+json").header("location", `/read/${id}`).send(request.body);
  });
  return app.listen({ port: 0, host: "127.0.0.1" });
}

process.on("disconnect", () => process.exit(0));
process.send!(await (kind === "salus" ? salus() : bare()));
