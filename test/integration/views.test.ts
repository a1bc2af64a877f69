/**
 * Views over the record, SQL on FHIR v2: each test is named by what its pages say.
 * https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/OperationDefinition-ViewDefinitionRun.html and …-ViewDefinitionExport.html
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { parquetReadObjects } from "hyparquet";
import { until } from "#platform/testing.ts";
import { command as viewCommand } from "#cli/view.ts";
import { operator } from "#server/node.ts";
import { type Answer, base, issuesOf, leavesFrom, observation, testServer, type TestServer, type Who } from "./server.ts";

let server: TestServer, folder: string;
before(async () => {
  server = await testServer();
  folder = mkdtempSync(join(tmpdir(), "salus-views-"));
  await put({ resourceType: "Group", id: "cohort", type: "person", actual: true, member: [{ entity: { reference: "Patient/ann" } }, { entity: { reference: "Patient/bob" } }] });
});
after(async () => {
  await server.close();
  delete process.env.DATABASE_URL;
  rmSync(folder, { recursive: true, force: true });
});

async function put(resource: { resourceType: string; id: string; [member: string]: unknown }): Promise<void> {
  const answer = await server.send("PUT", `${resource.resourceType}/${resource.id}`, { body: resource });
  assert.ok(answer.statusCode < 300, answer.body);
}

const patientView = { resourceType: "ViewDefinition", name: "people", status: "active", resource: "Patient", select: [{ column: [{ name: "id", path: "getResourceKey()" }, { name: "family", path: "name.family.first()" }] }] };
const valueView = { resourceType: "ViewDefinition", name: "values", status: "active", resource: "Observation", select: [{ column: [{ name: "id", path: "getResourceKey()" }, { name: "of", path: "subject.getReferenceKey(Patient)" }, { name: "value", path: "value.ofType(Quantity).value" }] }] };

type Sent = { name: string; [value: string]: unknown };
const parametersOf = (...parameter: Sent[]) => ({ resourceType: "Parameters", parameter });
const ask = (parameter: Sent[], as: Who = "operator", headers: Record<string, string> = {}, url = "$viewdefinition-run"): Promise<Answer> => server.send("POST", url, { as, body: parametersOf(...parameter), headers });
const resource = (view: unknown): Sent => ({ name: "viewResource", resource: view });
const patient = (id: string): Sent => ({ name: "patient", valueReference: { reference: `Patient/${id}` } });
const group = (id: string): Sent => ({ name: "group", valueReference: { reference: `Group/${id}` } });
const rowsOf = (answer: Answer): Record<string, unknown>[] => {
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.body.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
};
const idsOf = (answer: Answer): unknown[] => rowsOf(answer).map(({ id }) => id).sort();

test("system and type level, $viewdefinition-run and $run, answer with the rows of an inline view", async () => {
  for (const url of ["$viewdefinition-run", "ViewDefinition/$viewdefinition-run", "ViewDefinition/$run"])
    assert.deepEqual(rowsOf(await ask([resource(patientView)], "operator", {}, url)).toSorted((a, b) => String(a.id) < String(b.id) ? -1 : 1), [{ id: "ann", family: "Andersen" }, { id: "bob", family: "Bobrowski" }], url);
  assert.deepEqual(idsOf(await server.send("POST", "ViewDefinition/$run", { body: patientView })), ["ann", "bob"], "the view as the body itself");
  assert.equal((await server.send("POST", "$viewdefinition-run", { as: undefined, body: patientView })).statusCode, 401);
});

test("rows are those within the caller's reach: a doctor's, a patient's, nobody's", async () => {
  for (const [who, people] of [["wang", ["ann"]], ["ann", ["ann"]], ["nobody", []], ["admin", ["ann", "bob"]]] as const) {
    assert.deepEqual(idsOf(await ask([resource(patientView)], who)), people, who);
    assert.deepEqual(idsOf(await ask([resource(valueView)], who)), people.map((id) => `${id}-glucose`), who);
    assert.deepEqual(idsOf(await ask([resource(valueView), group("cohort")], who === "wang" || who === "ann" ? "operator" : "admin")), ["ann-glucose", "bob-glucose"]);
  }
});

test("a Patient or Group that is not there is 404, and beyond reach looks the same", async () => {
  for (const who of ["wang", "ann"] as const) {
    const [real, none] = [await ask([resource(valueView), patient("bob")], who), await ask([resource(valueView), patient("bo0")], who)];
    assert.deepEqual([real.statusCode, real.body.replaceAll("bob", "bo0")], [404, none.body]);
  }
  assert.match(issuesOf(await ask([resource(valueView), group("none")]))[0]!.diagnostics, /group: Group\/none is not known/);
});

test("patient, group, _since and _limit choose", async () => {
  assert.deepEqual(idsOf(await ask([resource(valueView), patient("bob")])), ["bob-glucose"]);
  assert.deepEqual(idsOf(await ask([resource(valueView), patient("ann"), group("cohort")])), ["ann-glucose"]);
  assert.equal(rowsOf(await ask([resource(valueView), { name: "_limit", valueInteger: 1 }])).length, 1);
  assert.deepEqual(idsOf(await ask([resource(valueView), { name: "_since", valueInstant: new Date(Date.now() + 60_000).toISOString() }])), []);
  assert.deepEqual(idsOf(await ask([resource(valueView), { name: "_since", valueInstant: "2020-01-01T00:00:00Z" }])), ["ann-glucose", "bob-glucose"]);
  assert.deepEqual(idsOf(await server.send("POST", "$viewdefinition-run?patient=Patient/bob&_limit=3", { body: valueView })), ["bob-glucose"]);
  for (const [parameter, text] of [[{ name: "_limit", valueInteger: 0 }, /_limit/], [{ name: "source", valueString: "s3://x" }, /"source"/]] as const) {
    const answer = await ask([resource(valueView), parameter]);
    assert.equal(answer.statusCode, 400);
    assert.match(issuesOf(answer)[0]!.diagnostics, text);
  }
});

test("the format is _format's, else Accept's", async () => {
  const cases: [Sent[], string, RegExp, RegExp][] = [
    [[], "text/csv", /^text\/csv/, /^id,family\r\n/], [[{ name: "_format", valueCode: "json" }], "text/csv", /^application\/json/, /^\[\{/],
    [[], "application/json", /^application\/json/, /^\[\{/], [[], "application/x-ndjson", /ndjson/, /^\{"id"/],
    [[{ name: "_format", valueCode: "csv" }, { name: "header", valueBoolean: false }], "*/*", /^text\/csv/, /^ann|^bob/],
  ];
  for (const [more, accept, type, body] of cases) {
    const answer = await ask([resource(patientView), ...more], "operator", { accept });
    assert.equal(answer.statusCode, 200, answer.body);
    assert.match(String(answer.headers["content-type"]), type);
    assert.match(answer.body, body);
  }
  const parquet = await server.send("POST", "$viewdefinition-run?_format=parquet", { body: patientView });
  assert.deepEqual((await parquetReadObjects({ file: Uint8Array.from(parquet.rawPayload).buffer })).map(({ id }) => id as string).sort(), ["ann", "bob"]);
  const unknown = await ask([resource(patientView), { name: "_format", valueCode: "xlsx" }]);
  assert.equal(unknown.statusCode, 400);
  assert.match(issuesOf(unknown)[0]!.diagnostics, /_format: "xlsx".*parquet/);
});

test("resource: what is sent is transformed instead of the record, its decimals as written", async () => {
  const sent = [{ resourceType: "Patient", id: "p1", name: [{ family: "Cole" }] }, { resourceType: "Observation", id: "o" }].map((one) => ({ name: "resource", resource: one }));
  assert.deepEqual(rowsOf(await ask([resource(patientView), ...sent], "nobody")), [{ id: "p1", family: "Cole" }]);
  const digits = { resourceType: "ViewDefinition", resource: "Observation", select: [{ column: [{ name: "low", path: "value.ofType(Quantity).value.lowBoundary()" }] }] };
  const body = JSON.stringify(parametersOf(resource(digits), { name: "resource", resource: observation("x", 1) })).replace('"value":1,', '"value":1.0,');
  assert.deepEqual(rowsOf(await server.send("POST", "$viewdefinition-run", { body })), [{ low: 0.95 }]);
  assert.equal((await ask([resource(patientView), ...sent, patient("ann")])).statusCode, 400);
});

test("an invalid view is 422, each fault with its place; none is 400", async () => {
  const wrong = { ...patientView, select: [{ column: [{ name: "id", path: "id" }, { name: "x", path: "nmae.family" }] }, { column: [{ name: "y", path: "id(" }] }] };
  const answer = await ask([resource(wrong)]);
  assert.equal(answer.statusCode, 422);
  assert.deepEqual(issuesOf(answer).map(({ expression }) => expression?.[0]).sort(), ["ViewDefinition.select[0].column[1].path", "ViewDefinition.select[1].column[0].path"]);
  for (const given of [[], [resource(patientView), { name: "viewReference", valueReference: { reference: "Library/x" } }]]) assert.equal((await ask(given)).statusCode, 400);
});

test("a view that fails on a resource is 422 and names it", async () => {
  await put({ resourceType: "Patient", id: "twice", name: [{ family: "A" }, { family: "B" }] });
  const answer = await ask([resource({ ...patientView, select: [{ column: [{ name: "family", path: "name.family" }] }] })]);
  assert.equal(answer.statusCode, 422);
  assert.match(issuesOf(answer)[0]!.diagnostics, /Patient\/twice.*more than one value/);
  await server.send("DELETE", "Patient/twice");
});

test("viewReference: a stored view by relative, absolute and canonical reference; GET takes it too", async () => {
  const library = { resourceType: "Library", id: "people", status: "active", url: "https://example.org/views/people", version: "1", type: { text: "view" }, content: [{ contentType: "application/json", data: Buffer.from(JSON.stringify(patientView)).toString("base64") }] };
  await put(library);
  const host = (await server.send("GET", "metadata", { as: undefined })).json<{ implementation: { url: string } }>().implementation.url;
  for (const reference of ["Library/people", `${host}/Library/people`, library.url, `${library.url}|1`])
    assert.deepEqual(idsOf(await server.send("GET", `$viewdefinition-run?viewReference=${encodeURIComponent(reference)}&patient=Patient/ann`, { as: "wang" })), ["ann"], reference);
  for (const reference of ["Library/none", "ViewDefinition/people", `${library.url}|2`, "urn:x"]) {
    const answer = await ask([{ name: "viewReference", valueReference: { reference } }]);
    assert.equal(answer.statusCode, 404, reference);
    assert.match(issuesOf(answer)[0]!.diagnostics, /Library/);
  }
});

test("a run leaves a leaf of what was read, and each person an access that they can see", async () => {
  const { record } = server.node;
  const from = (await record.ledgerState()).size;
  await ask([resource(valueView)], "wang");
  await record.settleLedger();
  assert.equal((await record.leaves(from, 100)).filter(({ kind }) => kind === "export").length, 1);
  const seen = await record.accesses({ ...operator, agent: "Patient/ann", role: "patient", filter: { kind: "patient", patient: "ann" } }, "ann", 1);
  assert.deepEqual([seen[0]?.kind, seen[0]?.agent], ["export", "Practitioner/wang"]);
});

const later = { prefer: "respond-async" };
const pathOf = (url: unknown): string => new URL(String(url)).pathname;
type Status = { resourceType: string; parameter: { name: string; valueCode?: string; valueString?: string; part?: { name: string; valueString?: string; valueUri?: string }[] }[] };

async function completed(url: string, as: Who = "operator"): Promise<Answer> {
  return await until(async () => {
    const answer = await server.send("GET", url, { as });
    if (answer.statusCode !== 202) return answer;
    assert.match((answer.json<Status>()).parameter.find(({ name }) => name === "status")!.valueCode!, /^(accepted|in-progress)$/);
    return undefined;
  }, "the end of the export");
}

test("$viewdefinition-export: 202 with Content-Location and Parameters, then 200 with an output for each view and its file", async () => {
  const views = [{ name: "view", part: [{ name: "name", valueString: "mine" }, resource(patientView)] }, { name: "view", part: [resource(valueView)] }];
  for (const [format, type] of [["csv", /^text\/csv/], ["parquet", /parquet/], ["ndjson", /ndjson/]] as const) {
    const kicked = await ask([...views, { name: "clientTrackingId", valueString: "t1" }, { name: "_format", valueCode: format }], "wang", later, "ViewDefinition/$viewdefinition-export");
    assert.equal(kicked.statusCode, 202, kicked.body);
    assert.equal(kicked.json<Status>().parameter.find(({ name }) => name === "clientTrackingId")!.valueString, "t1");
    const at = pathOf(kicked.headers["content-location"]);
    const done = await completed(at, "wang");
    assert.equal(done.statusCode, 200, done.body);
    const { parameter } = done.json<Status>();
    assert.equal(parameter.find(({ name }) => name === "status")!.valueCode, "completed");
    const outputs = parameter.filter(({ name }) => name === "output").map(({ part }) => part!);
    assert.deepEqual(outputs.map(([name]) => name!.valueString), ["mine", "values"]);
    const file = await server.send("GET", pathOf(outputs[1]![1]!.valueUri), { as: "wang" });
    assert.match(String(file.headers["content-type"]), type);
    const rows = format === "parquet" ? await parquetReadObjects({ file: Uint8Array.from(file.rawPayload).buffer }) : format === "csv" ? file.body.trim().split("\r\n").slice(1).map((line) => ({ id: line.split(",")[0] })) : rowsOf(file);
    assert.deepEqual(rows.map(({ id }) => id), ["ann-glucose"], format);
    assert.equal((await server.send("GET", at, { as: "ann" })).statusCode, 404);
    assert.equal((await server.send("DELETE", at, { as: "wang" })).statusCode, 202);
    assert.equal((await server.send("GET", at, { as: "wang" })).statusCode, 404);
  }
});

test("$viewdefinition-export validates all views before it starts; without Prefer it is refused", async () => {
  const bad = (path: string): Sent => ({ name: "view", part: [resource({ ...patientView, select: [{ column: [{ name: "a", path }] }] })] });
  const answer = await ask([bad("nmae"), bad("id"), bad("id(")], "operator", later, "$viewdefinition-export");
  assert.equal(answer.statusCode, 422);
  assert.deepEqual(issuesOf(answer).map(({ diagnostics }) => /^view\[\d\]/.exec(diagnostics)?.[0]), ["view[0]", "view[2]"]);
  assert.equal((await ask([bad("id")], "operator", {}, "$viewdefinition-export")).statusCode, 400);
});

test("a client that goes away stops the work; the leaf tells what it was given", async () => {
  const { record } = server.node;
  const text = "x".repeat(20_000);
  const done = await record.commit(operator, Array.from({ length: 2000 }, (_, i) => ({ kind: "create" as const, type: "Observation", text: JSON.stringify(observation("bob", i, { note: [{ text }] })) })), { validate: false });
  assert.ok(done.ok);
  await server.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = server.app.server.address() as AddressInfo;
  const wide = { ...valueView, select: [{ column: [{ name: "text", path: "note.text.first()" }] }] };
  const from = (await record.ledgerState()).size;
  const run = (signal: AbortSignal): Promise<Response> => fetch(`http://127.0.0.1:${port}${base}/$viewdefinition-run`, { method: "POST", signal, headers: { authorization: `Bearer ${server.tokens.get("operator")!}`, "content-type": "application/fhir+json" }, body: JSON.stringify(wide) });
  const aborts = [new AbortController(), new AbortController()];
  for (const { signal } of aborts) {
    const answer = await run(signal);
    assert.equal(answer.status, 200);
    await answer.body!.getReader().read();
  }
  assert.equal((await run(AbortSignal.timeout(300_000))).status, 429, "two run, a third waits");
  for (const abort of aborts) abort.abort();
  const counts = await until(async () => {
    const told = (await leavesFrom(server.node, from)).filter(({ kind }) => kind === "export").map(({ count }) => count!);
    return told.length >= 2 && told;
  }, "the leaves of both");
  assert.equal(counts.length, 2);
  for (const count of counts) assert.ok(count > 0 && count < 2000, `${count} of 2002 were read`);
  // The leaf is written before the place is given up.
  const whole = await until(async () => { const one = await run(AbortSignal.timeout(300_000)); return one.status !== 429 && one; }, "room again");
  assert.equal((await whole.text()).trim().split("\n").length, 2002);
});

test("salus view --record writes the rows of the record; words that do not fit are refused", async () => {
  process.env.DATABASE_URL = server.node.databaseUrl;
  const [view, out] = [join(folder, "view.json"), join(folder, "out.csv")];
  writeFileSync(view, JSON.stringify(patientView));
  const run = async (...args: string[]): Promise<{ code: number; out: string; said: string }> => {
    const stdout = new PassThrough(), stderr = new PassThrough();
    const code = await viewCommand.run([view, ...args], { stdout, stderr, stdin: process.stdin });
    return { code, out: String(stdout.read() ?? ""), said: String(stderr.read() ?? "") };
  };
  const data = ["--data", join(folder, "node")];
  const all = await run("--record", "--json", ...data);
  assert.equal(all.code, 0, all.said);
  assert.deepEqual((JSON.parse(all.out) as { id: string }[]).map(({ id }) => id).sort(), ["ann", "bob"]);
  assert.equal((await run("--record", "--patient", "bob", "--out", out, ...data)).code, 0);
  assert.equal(readFileSync(out, "utf8"), "id,family\r\nbob,Bobrowski\r\n");
  const missing = await run("--record", "--patient", "none", ...data);
  assert.deepEqual([missing.code, /Patient\/none is not known/.test(missing.said)], [1, true]);
  for (const words of [["--record", "file.ndjson"], ["--patient", "ann", "-"], ["--record", "--limit", "0"], ["--record", "--since", "soon"]]) assert.equal((await run(...words, ...words.includes("--record") ? data : [])).code, 2, words.join(" "));
});
