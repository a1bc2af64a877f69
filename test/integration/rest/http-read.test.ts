/** https://hl7.org/fhir/R4/http.html: read (3.1.0.2), vread (3.1.0.3). */
import assert from "node:assert/strict";
import { created, issuesOf, patient } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer();

type Resource = { id: string; meta: { versionId: string; lastUpdated: string; tag?: { system: string; code: string }[] }; [name: string]: unknown };

/** A Patient of two versions that was deleted with the third. */
async function mortal(): Promise<string> {
  const { id, url } = await created(server(), patient);
  await send("PUT", url, { body: { ...patient, id, birthDate: "1970-01-01" } });
  await send("DELETE", url);
  return url;
}

states("http 3.1.0.2-1", async () => {
  for (const url of ["Patient/ann", "Observation/ann-glucose", "Organization/clinic"]) assert.equal(((await send("GET", url)).json() as Resource).id, url.split("/")[1]);
});

states("http 3.1.0.2-2", async () => {
  const answer = await send("GET", "Patient/ann");
  assert.equal(answer.headers.etag, 'W/"1"');
  assert.equal(answer.headers["last-modified"], new Date((answer.json() as Resource).meta.lastUpdated).toUTCString());
});

states("http 3.1.0.2-3", async () => {
  const gone = await send("GET", await mortal());
  assert.deepEqual([gone.statusCode, issuesOf(gone)[0]!.code, gone.headers.etag], [410, "deleted", 'W/"3"']);
  const unknown = await send("GET", "Patient/none-such");
  assert.deepEqual([unknown.statusCode, issuesOf(unknown)[0]!.code], [404, "not-found"]);
});

states("http 3.1.0.2-4", async () => {
  const { url } = await created(server(), { ...patient, text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">Z</div>' }, photo: [{ title: "p" }], gender: "male" });
  for (const [word, gone, there] of [["_summary=true", ["photo", "text"], ["name", "gender"]], ["_summary=text", ["name", "photo"], ["text"]], ["_summary=data", ["text"], ["name", "photo"]], ["_elements=gender", ["name", "text", "photo"], ["gender"]]] as const) {
    const part = (await send("GET", `${url}?${word}`)).json() as Resource;
    assert.deepEqual([...gone.filter((name) => name in part), ...there.filter((name) => !(name in part))], [], word);
    assert.deepEqual(part.meta.tag!.map(({ system, code }) => [system, code]), [["http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED"]]);
  }
  const whole = (await send("GET", `${url}?_summary=false`)).json() as Resource;
  assert.ok("photo" in whole && whole.meta.tag === undefined);
});

states("http 3.1.0.3-1", async () => {
  const url = await mortal();
  for (const version of ["1", "2"]) {
    const { id, meta } = (await send("GET", `${url}/_history/${version}`)).json() as Resource;
    assert.deepEqual([`Patient/${id}`, meta.versionId], [url, version]);
  }
});

states("http 3.1.0.3-2", async () => {
  const answer = await send("GET", `${await mortal()}/_history/1`);
  const { birthDate, meta } = answer.json() as Resource;
  assert.deepEqual([birthDate, answer.headers.etag], [undefined, 'W/"1"']);
  assert.equal(answer.headers["last-modified"], new Date(meta.lastUpdated).toUTCString());
});

states("http 3.1.0.3-3", async () => {
  const answer = await send("GET", `${await mortal()}/_history/3`);
  assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.code], [410, "deleted"]);
});

states("http 3.1.0.3-4", async () => {
  const url = await mortal();
  for (const version of ["4", "0", "x", "1.0", "99999999999", "a-b"]) assert.equal((await send("GET", `${url}/_history/${version}`)).statusCode, 404, version);
  assert.equal((await send("GET", "Patient/none-such/_history/1")).statusCode, 404);
});
