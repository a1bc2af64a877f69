/** https://hl7.org/fhir/R4/http.html: history (3.1.0.12). */
import assert from "node:assert/strict";
import { bundleOf, created, issuesOf, nextOf, patient, type Bundle } from "../server.ts";
import { states, withServer } from "./states.ts";

/** In the middle of a year: none begins while a test runs. */
const year = 2026, begun = Date.now();
const { send, server } = withServer({ clock: { now: () => new Date(Date.UTC(year, 5, 15) + Date.now() - begun) } });

type Entry = NonNullable<Bundle["entry"]>[number] & { response: { lastModified: string } };
const entries = async (url: string): Promise<Entry[]> => (bundleOf(await send("GET", url)).entry ?? []) as Entry[];
const versions = async (url: string): Promise<string[]> => (await entries(url)).map(({ response }) => response.etag!.replace(/\D/g, ""));

/** A Patient that was created, changed, deleted and brought back. */
async function eventful(): Promise<{ id: string; url: string }> {
  const { id, url } = await created(server(), patient);
  await send("PUT", url, { body: { ...patient, id, active: true } });
  await send("DELETE", url);
  await send("PUT", url, { body: { ...patient, id } });
  return { id, url };
}

states("http 3.1.0.12-1", async () => {
  const { url } = await eventful();
  const bundle = bundleOf(await send("GET", `${url}/_history`));
  assert.equal(bundle.type, "history");
  assert.deepEqual(await versions(`${url}/_history`), ["4", "3", "2", "1"]);
  for (const at of ["_history?_count=100", "Patient/_history?_count=100", `${url}/_history`]) {
    const times = (await entries(at)).map(({ response }) => Date.parse(response.lastModified));
    assert.deepEqual(times, times.toSorted((a, b) => b - a), at);
    assert.ok((await entries(at)).some(({ request }) => request!.method === "DELETE"), at);
  }
});

states("http 3.1.0.12-2", async () => {
  await eventful();
  for (const { request } of await entries("_history?_count=100")) assert.ok(["POST", "PUT", "DELETE"].includes(request!.method));
});

states("http 3.1.0.12-3", async () => {
  await eventful();
  for (const { request, resource } of await entries("_history?_count=100")) assert.equal(resource === undefined, request!.method === "DELETE");
});

states("http 3.1.0.12-4", async () => {
  const { id, url } = await eventful();
  assert.deepEqual((await entries(`${url}/_history`)).map(({ request, fullUrl }) => [request!.method, request!.url, new URL(fullUrl!).pathname]), [["PUT", url], ["DELETE", url], ["PUT", url], ["POST", "Patient"]].map((one) => [...one, `/fhir/R4/Patient/${id}`]));
});

states("http 3.1.0.12-5", async () => {
  const { url } = await eventful();
  for (const { response, resource } of await entries(`${url}/_history`)) {
    assert.match(response.lastModified, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
    if (resource) assert.equal((resource.meta as { lastUpdated?: string }).lastUpdated, response.lastModified);
  }
});

states("http 3.1.0.12-6", async () => {
  for (const query of ["_count=1&_count=2", "_since=2026-01-01T00:00:00Z&_since=2026-01-02T00:00:00Z", "_at=2026&_at=2025", "_list=a&_list=b"]) {
    const answer = await send("GET", `Patient/_history?${query}`);
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"], query);
  }
});

states("http 3.1.0.12-7", async () => {
  await eventful();
  for (const count of [0, 1, 2, 3]) assert.equal((await entries(`Patient/_history?_count=${count}`)).length, count);
});

states("http 3.1.0.12-8", async () => {
  const { url } = await eventful();
  const [newest, , second] = await entries(`${url}/_history`);
  assert.ok((await versions(`${url}/_history?_since=${second!.response.lastModified}`)).length >= 3);
  assert.deepEqual(await versions(`${url}/_history?_since=${new Date(Date.parse(newest!.response.lastModified) + 1).toISOString()}`), []);
  assert.ok((await versions(`${url}/_history?_since=${second!.response.lastModified.replace("Z", "%2B00:00")}`)).length >= 3);
  assert.equal((await send("GET", `${url}/_history?_since=2026-01`)).statusCode, 400);
});

states("http 3.1.0.12-9", async () => {
  const { url } = await eventful();
  assert.deepEqual(await versions(`${url}/_history?_at=${year}`), ["4", "3", "2", "1"]);
  assert.deepEqual(await versions(`${url}/_history?_at=${year - 1}`), []);
  assert.deepEqual(await versions(`${url}/_history?_at=${year + 1}`), ["4"], "what is current stays so");
});

states("http 3.1.0.12-10", async () => {
  const { url } = await eventful();
  const { id } = await created(server(), { resourceType: "List", status: "current", mode: "working", entry: [{ item: { reference: url } }] });
  assert.deepEqual(await versions(`Patient/_history?_list=${id}`), ["4", "3", "2", "1"]);
});

states("http 3.1.0.12-11", async () => {
  const { url } = await eventful();
  const seen: string[] = [];
  for (let next: string | undefined = `${url}/_history?_count=1`; next !== undefined;) {
    const page = bundleOf(await send("GET", next));
    assert.equal(page.entry!.length, 1);
    seen.push(page.entry![0]!.response!.etag!);
    next = nextOf(page);
    if (next !== undefined) assert.match(next, /[?&]_count=1(&|$)/);
  }
  assert.deepEqual(seen, ["4", "3", "2", "1"].map((version) => `W/"${version}"`));
});

states("http 3.1.0.12-12", async () => {
  for (const url of ["Patient/none-such/_history", "Pacient/_history", "Pacient/1/_history"]) {
    const answer = await send("GET", url);
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.code], [404, "not-found"], url);
  }
});

states("bundle #history-1", async () => {
  const { url } = await eventful();
  assert.deepEqual((await entries(`${url}/_history`)).map(({ response }) => [response.status, response.location]), [["201", `${url}/_history/4`], ["204", undefined], ["200", `${url}/_history/2`], ["201", `${url}/_history/1`]]);
});

states("bundle #history-2", async () => {
  const { url } = await eventful();
  assert.equal(bundleOf(await send("GET", `${url}/_history`)).total, 4);
  assert.equal(bundleOf(await send("GET", `${url}/_history?_since=2990-01-01T00:00:00Z`)).total, 0);
  const first = bundleOf(await send("GET", `${url}/_history?_count=3`));
  assert.deepEqual([first.total, bundleOf(await send("GET", nextOf(first)!)).total], [undefined, undefined]);
});

states("http 3.1.0.14-6", async () => {
  const { url } = await eventful();
  for (const start of [`${url}/_history?_count=1`, `${url}/_history?_count=3`, "Patient/_history?_count=2"]) {
    const shown = (page: Bundle): string[] => page.entry!.map(({ request, response }) => `${request!.url} ${response!.etag}`);
    const [onward, back]: string[][] = [[], []];
    const first = bundleOf(await send("GET", start));
    for (let page: Bundle | undefined = first; page; page = nextOf(page) === undefined ? undefined : bundleOf(await send("GET", nextOf(page)!))) onward!.push(...shown(page));
    const last = bundleOf(await send("GET", nextOf(first, "last")!));
    assert.equal(nextOf(last), undefined, "nothing is older");
    for (let page: Bundle | undefined = last; page; page = nextOf(page, "previous") === undefined ? undefined : bundleOf(await send("GET", nextOf(page, "previous")!))) back!.unshift(...shown(page));
    assert.deepEqual(back, onward, start);
  }
  assert.equal(nextOf(bundleOf(await send("GET", `${url}/_history`)), "last"), undefined, "one page has no links to others");
});

states("http 3.1.0.14-4", async () => {
  const { url } = await eventful();
  for (const start of [`${url}/_history?_count=1`, `${url}/_history?_count=3`, "Patient/_history?_count=2", "_history?_count=7"]) {
    const onward: string[][] = [];
    const shown = (page: Bundle): string[] => page.entry!.map(({ request, response }) => `${request!.url} ${response!.etag}`);
    let last: Bundle | undefined;
    for (let next: string | undefined = start; next !== undefined; next = nextOf(last)) {
      last = bundleOf(await send("GET", next));
      onward.push(shown(last));
      assert.match(nextOf(last, "first")!, new RegExp(`/fhir/R4/${start.replace("?", "\\?")}$`));
    }
    const back: string[][] = [];
    for (let previous = nextOf(last!, "previous"); previous !== undefined;) {
      const page = bundleOf(await send("GET", previous));
      back.unshift(shown(page));
      assert.deepEqual(shown(bundleOf(await send("GET", nextOf(page)!))), onward[onward.length - back.length], "and forth again");
      previous = nextOf(page, "previous");
    }
    assert.deepEqual([...back, onward.at(-1)!].flat(), onward.flat(), start);
  }
});
